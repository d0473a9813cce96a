/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/hint.h"

int gs_mend_blame(const struct gs_mend *mends, size_t n, const char *id, const char *server,
		  struct gs_err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (mends[i].id != id)
			continue;
		if (mends[i].there)
			gs_err_mend(err, "on %s %s", server, mends[i].there);
		else
			gs_err_mend(err, "%s", mends[i].here);
	}
	return gs_err_cause(err, id);
}
