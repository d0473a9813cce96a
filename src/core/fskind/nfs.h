/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/str.h"

/* Options of an NFS mount: differences, those that a remount can change, values negotiated. */

/**
 * gs_mountpoint_differs - how a mount differs from what is specified: "rw, not ro; suid, not
 * nosuid"
 * @mounted, @specified: options; one with a value is compared only if both have it
 * @live: differences that a remount changes; @fixed: those that need a new mount
 */
bool gs_mountpoint_differs(const char *mounted, const char *specified, struct gs_str *live,
			   struct gs_str *fixed);

/** struct gs_transfer - transfer sizes of one mount, in bytes; 0: not known */
struct gs_transfer {
	unsigned rsize, wsize;		   /* active */
	unsigned asked_rsize, asked_wsize; /* by option, else the kernel's default */
	unsigned asked_connections;	   /* nconnect; 0: not given */
};

/**
 * gs_mountpoint_transfer - the sizes that are active and those that were requested
 * @mounted: options as the kernel shows them; @asked: fstab's or the request's, NULL for none
 */
void gs_mountpoint_transfer(const char *mounted, const char *asked, struct gs_transfer *ret);

/** gs_mountpoint_is_capped - does the server accept less in one request than was requested? */
bool gs_mountpoint_is_capped(const struct gs_transfer *transfer);

/** gs_size_add - "1 MiB", "128 KiB" */
void gs_size_add(unsigned bytes, struct gs_str *out);

/** gs_mountpoint_flags - the flags that a remount changes, in one spelling: "rw,nosuid,nodev" */
void gs_mountpoint_flags(const char *options, struct gs_str *out);
