/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/output/result.h"

#include <errno.h>

int gs_exit_status(int code)
{
	static const struct {
		int code, status;
	} table[] = {
		{ 0, 0 },
		{ -GS_E_USAGE, 2 },
		{ -GS_E_FOUND, 3 },
		{ -GS_E_PRIVILEGE, 4 },
		{ -GS_E_LOCKED, 5 },
		{ -GS_E_LEFT, 6 },
	};

	for (size_t i = 0; i < GS_COUNT(table); i++)
		if (table[i].code == code)
			return table[i].status;
	return 1;
}

static bool has_failure(const struct gs_findings *findings)
{
	for (size_t i = 0; i < findings->n; i++)
		if (findings->v[i].severity == GS_FAIL)
			return true;
	return false;
}

bool gs_result_has_failure(const struct gs_result *result)
{
	return (result->plan && has_failure(&result->plan->findings)) ||
	       (result->done && has_failure(&result->done->findings)) ||
	       (result->survey && has_failure(&result->survey->findings)) ||
	       (result->health && has_failure(&result->health->findings)) ||
	       (result->status && has_failure(&result->status->findings));
}
