/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/str.h"

/* Causes of errors other than owner, mode and ACL, by errno. Pure. */

/** struct gs_errno_cause - the cause of an errno */
struct gs_errno_cause {
	int error;
	const char *id;
};

/** gs_errno_cause_of - the cause of this errno; NULL: it has no cause of its own */
const struct gs_errno_cause *gs_errno_cause_of(int error);

/**
 * gs_errno_fix - the command for an errno that has a cause; nothing is added for another
 * @host, @dir: the node that has the directory, and its path there; NULL: this node, not known
 * @target: where it is mounted on this node; NULL: it is not
 */
void gs_errno_fix(int error, const char *host, const char *dir, const char *target,
		  struct gs_str *out);
