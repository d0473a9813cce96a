/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/hint.h"

#include "base/command.h"

int gs_blame_fix(const struct gs_blame *fixes, size_t n, const char *id, const char *server,
		 struct gs_err *err)
{
	for (size_t i = 0; i < n; i++) {
		gs_autostr struct gs_str fix = { 0 };

		if (fixes[i].id != id)
			continue;
		if (fixes[i].why) {
			gs_str_addf(&fix, "%s: ", fixes[i].why);
			gs_command_on(&fix, server);
			gs_str_adds(&fix, fixes[i].there);
			gs_err_fix_text(err, &fix);
		} else if (fixes[i].there)
			gs_err_advise(err, "on %s %s", server, fixes[i].there);
		else
			gs_err_advise(err, "%s", fixes[i].here);
	}
	return gs_err_cause(err, id);
}
