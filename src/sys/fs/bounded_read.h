/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/**
 * gs_read_bounded - read a small regular file in a child, since its server may not respond
 * @at: as in struct gs_access_req, NULL: path
 * The last component is not followed. Errors: -ENOENT, -EACCES, ... of open and read; -EFBIG over
 * max_bytes; -EINVAL for anything but a regular file; -ETIMEDOUT.
 */
int gs_read_bounded(const char *path, const char *at, size_t max_bytes, int64_t deadline_ns,
		    struct gs_str *ret, struct gs_err *err);

/**
 * gs_is_refused_ro - does the server refuse to open a regular file for writing because it is ro?
 * Nothing is written, and the file is not truncated. nfsd looks at the export and at the file
 * system before it looks at the file's mode, and answers EROFS for either: fs/nfsd/vfs.c
 * nfsd_permission(). NFSv4 alone asks the server. Errors: as gs_read_bounded().
 */
int gs_is_refused_ro(const char *path, int64_t deadline_ns, bool *ret, struct gs_err *err);

/**
 * gs_bounded_mode - mode bits (07777) and owner of what is at path, in a child as gs_read_bounded()
 * The last component is not followed. Errors: of stat; -ETIMEDOUT.
 */
int gs_bounded_mode(const char *path, int64_t deadline_ns, unsigned *ret_mode, unsigned *ret_uid,
		    struct gs_err *err);
