/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "base/err.h"

/** struct gs_blame - what helps against a cause: a thing to do on the server, or here */
struct gs_blame {
	const char *id, *there, *here; /* one of the last two is NULL */
};

/**
 * gs_blame_fix - give err its cause, and the fix where the table has one
 * @id: the very string of the table, and in static storage
 * @server: as the administrator knows it
 * Returns err->code.
 */
int gs_blame_fix(const struct gs_blame *fixes, size_t n, const char *id, const char *server,
		 struct gs_err *err);
