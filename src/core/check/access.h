/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/verify/access_report.h"

/* What verify has seen, in the pieces that are judged. Borrowed. */

/** struct gs_row_fact - what one user can do, and where */
struct gs_row_fact {
	const struct gs_access_report *report;
	const struct gs_row *row;
};

/** struct gs_denial_fact - what one user is refused for one reason */
struct gs_denial_fact {
	const struct gs_row *row;
	const struct gs_denial *of; /* the first of them; reason, why and fix are found */
	const char *dirs;	    /* "uploads and files" */
};
