/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/str.h"

/* Options of an NFS mount: differences, those that a remount can change, values negotiated. */

/**
 * struct gs_mount_diff - how a mount differs from what is specified: "rw (expected ro); suid
 * (expected nosuid)"
 * @live:  what a remount changes
 * @fixed: what needs a new mount, and makes this one another mount
 * @tuned: what needs a new mount, and only makes this one slower or faster: nfs_options.h
 */
struct gs_mount_diff {
	struct gs_str live, fixed, tuned;
};
void gs_mount_diff_done(struct gs_mount_diff *diff);

/**
 * gs_mount_differs - find the differences; false: none
 * @mounted, @specified: options; of @fixed one with a value is compared only if both have it
 */
bool gs_mount_differs(const char *mounted, const char *specified, struct gs_mount_diff *ret);

/** gs_mount_diff_add - all differences as one text */
void gs_mount_diff_add(const struct gs_mount_diff *diff, struct gs_str *out);

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
