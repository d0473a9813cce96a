/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/verify/access_report.h"

const char *gs_answer_name(enum gs_answer answer)
{
	static const char *const name[] = {
		[GS_ANSWER_UNTRIED] = "-", [GS_ANSWER_YES] = "yes", [GS_ANSWER_NO] = "no"
	};

	return name[answer];
}
