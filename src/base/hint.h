/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "base/err.h"

/** struct gs_blame - the fix for a cause, to be done on the server or on this node */
struct gs_blame {
	const char *id, *there, *here; /* one of the last two is NULL */
	const char *why;	       /* of a command there; NULL: there is advice */
};

/**
 * gs_blame_fix - set err's cause, and the fix where the table has one
 * @id: the pointer that is in the table, to static storage
 * @server: the name that the administrator uses for it
 * Returns err->code.
 */
int gs_blame_fix(const struct gs_blame *fixes, size_t n, const char *id, const char *server,
		 struct gs_err *err);
