/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/str.h"

/* Causes of errors other than owner, mode and ACL, by errno. Pure. */

/** struct gs_errno_cause - the cause of an errno, and its fix */
struct gs_errno_cause {
	int error;
	const char *id;
	const char *fix;
};

/** gs_errno_cause_of - the cause of this errno; NULL: it has no cause of its own */
const struct gs_errno_cause *gs_errno_cause_of(int error);
