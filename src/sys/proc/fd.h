/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <errno.h>
#include <unistd.h>

#include "base/str.h"

/*
 * For sys only (core and engine have no descriptors): closes a descriptor at the end of its scope.
 */
#define gs_autoclose GS_AUTO(gs_close_indirect)

static inline void gs_close_indirect(const int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}
