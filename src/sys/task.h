/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

struct gs_sys;

/**
 * struct gs_task - one of several looks that are made at once
 * @fn: adds what it saw to ret, without NULs; in a child, whose sys has a deadline of its own
 * @arg: its
 * @ret: what it saw; free with gs_str_done()
 * @err: why it did not end; code 0: it did
 */
struct gs_task {
	void (*fn)(struct gs_sys *, const void *arg, struct gs_str *ret);
	const void *arg;
	struct gs_str ret;
	struct gs_err err;
};

enum { GS_TASK_BYTES = 256 << 10 }; /* of an answer */

/** struct gs_task_ops - work in processes of its own; see sys.h */
struct gs_task_ops {
	/**
	 * carry them out, each in a child; more than width of them in parts, one after the other,
	 * each of which takes at most half of the time that is left. All have ended at the
	 * deadline: what they started ends with them
	 */
	void (*at_once)(struct gs_sys *, struct gs_task *task, size_t n, size_t width);
};

extern const struct gs_task_ops gs_task_host;
