/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/str.h"

/* Options of an NFS mount: what differs, what may change while it is mounted, what was granted. */

/**
 * gs_mountpoint_differs - how a mount differs from what is specified: "rw, not ro; suid, not
 * nosuid"
 * @mounted, @specified: options; of those with a value, what only one of them names does not count
 * @live: what the kernel changes in place; @fixed: what takes a new mount
 */
bool gs_mountpoint_differs(const char *mounted, const char *specified, struct gs_str *live,
			   struct gs_str *fixed);

/** struct gs_transfer - of one mount, in bytes; 0: not known */
struct gs_transfer {
	unsigned rsize, wsize;		   /* active */
	unsigned asked_rsize, asked_wsize; /* by name, or else what the kernel always asks for */
	unsigned asked_connections;	   /* nconnect; 0: nothing was asked */
};

/**
 * gs_mountpoint_transfer - what is active beside what was asked
 * @mounted: options as the kernel shows them; @asked: fstab's or the request's, NULL for none
 */
void gs_mountpoint_transfer(const char *mounted, const char *asked, struct gs_transfer *ret);

/** gs_mountpoint_is_capped - the server takes less in one request than it was asked to */
bool gs_mountpoint_is_capped(const struct gs_transfer *transfer);

/** gs_size_add - "1 MiB", "128 KiB" */
void gs_size_add(unsigned bytes, struct gs_str *out);

/** gs_mountpoint_flags - those that are changed in place, in one spelling: "rw,nosuid,nodev" */
void gs_mountpoint_flags(const char *options, struct gs_str *out);
