/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* The statistics of a mount, and whether its server responds. */

/**
 * gs_mountstats_read - /proc/self/mountstats whole; the kernel answers from memory, no server is
 * asked. Errors: of open and read; -EFBIG over 16 MiB (some 4 KiB per NFS mount).
 */
int gs_mountstats_read(struct gs_str *ret, struct gs_err *err);

/**
 * gs_ask_mount - one request to the server behind path, by statfs(2) in a child
 * statfs is never answered from a cache or a delegation, as open and read may be: the result is the
 * server's current answer (fs/nfs/super.c nfs_statfs).
 * Errors: of statfs, such as -ESTALE and -EACCES; -ETIMEDOUT.
 */
int gs_ask_mount(const char *path, int64_t deadline_ns, struct gs_err *err);
