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

enum {
	GS_TASKS_MAX = 128,	   /* processes at once */
	GS_TASK_BYTES = 256 << 10, /* of an answer */
};

/** struct gs_task_ops - work in processes of its own; see sys.h */
struct gs_task_ops {
	/**
	 * carry them out, each in a child; more than GS_TASKS_MAX in parts that share the time.
	 * Each has ended at the deadline: what it started ends with it
	 */
	void (*at_once)(struct gs_sys *, struct gs_task *task, size_t n);
};

extern const struct gs_task_ops gs_task_host;
