/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/str.h"

/* What an errno says of a share beyond owner, mode and ACL. Pure. */

/** struct gs_errno_cause - a cause of its own, and what helps */
struct gs_errno_cause {
	int error;
	const char *id;
	const char *fix;
};

/** gs_errno_cause_of - what this errno tells; NULL for one that has no cause of its own */
const struct gs_errno_cause *gs_errno_cause_of(int error);
