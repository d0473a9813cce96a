/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

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
 * gs_read_small - the same without a child of its own: for use in one; 0 or the error's code
 * @dir: where name is looked up
 */
int gs_read_small(int dir, const char *name, size_t max_bytes, struct gs_str *ret);

/** gs_read_small_err - describe such a code, of reading path; returns it */
int gs_read_small_err(const char *path, size_t max_bytes, int code, struct gs_err *err);
