/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/verify/access_report.h"

/* What verify has seen, in the pieces that the checks take. Borrowed. */

/** struct gs_row_fact - what one user can do, and where */
struct gs_row_fact {
	const struct gs_access_report *report;
	const struct gs_row *row;
};

/** struct gs_denial_fact - the denials of one user that have one cause */
struct gs_denial_fact {
	const struct gs_row *row;
	const struct gs_denial *of; /* the first of them; with cause, why and fix */
	const char *dirs;	    /* "uploads and files" */
	const char *fix;	    /* of all of them; NULL: none is known */
};
