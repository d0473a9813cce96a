/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct gs_sys;

/**
 * struct gs_package_run - a package manager to run
 * @argv: its first word is the program, absolute; @env: both NULL at the end
 * @said: gets the output, of both streams, as it comes
 */
struct gs_package_run {
	const char *const *argv, *const *env;
	int64_t deadline_ns;
	void (*said)(void *arg, struct gs_span piece);
	void *arg;
};

/** struct gs_package_end - how that went; @output: owned, its messages last */
struct gs_package_end {
	bool done; /* exit status 0 */
	bool timed_out;
	struct gs_str output;
};

enum { GS_HOLDER_BYTES = 32 }; /* linux/sched.h TASK_COMM_LEN is 16 */

/** struct gs_package_ops - programs and packages of this host; see sys.h */
struct gs_package_ops {
	/** is there a file of that name? */
	bool (*has)(struct gs_sys *, const char *path);
	/** errors: where the program cannot be started */
	int (*run)(struct gs_sys *, const struct gs_package_run *, struct gs_package_end *ret,
		   struct gs_err *);
	/**
	 * the process that holds a lock on the file; 0: none does
	 * @ret_name: what that process is called, untrusted
	 */
	unsigned long (*holder)(struct gs_sys *, const char *path, char ret_name[GS_HOLDER_BYTES]);
};

extern const struct gs_package_ops gs_package_host;
