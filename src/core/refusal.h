/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/str.h"

/* What an errno says of a share beyond owner, mode and ACL. Pure. */

/** struct gs_refusal - a cause of its own, and what helps */
struct gs_refusal {
	int error;
	const char *id;
	const char *mend;
};

/** gs_refusal_of - what this errno tells; NULL for one that has no cause of its own */
const struct gs_refusal *gs_refusal_of(int error);
