/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "sys/proc/proc.h"

/*
 * Run a program: fixed argv and environment, no shell, bounded in time and in output.
 */

enum {
	GS_SPAWN_MAX_OUTPUT = 1 << 20, /* per stream; exportfs, systemctl, apt-get say far less */
	GS_SPAWN_TAIL_MS = 50, /* for output still in flight when the program has ended; a daemon
				  it left behind may hold the pipe for ever */
};

/**
 * struct gs_spawn_req - what to run
 * @path: absolute
 * @argv: NULL-terminated, argv[0] included
 * @env: NULL-terminated "K=V"; NULL: PATH=/usr/sbin:/usr/bin:/sbin:/bin and LC_ALL=C
 * @input: the program's stdin; empty: /dev/null
 * @deadline_ns: when the program's whole process group gets SIGKILL
 * @max_output: bytes kept of each stream, 0 for GS_SPAWN_MAX_OUTPUT; the rest is read and dropped
 * @in_child: NULL, or what to do between fork and exec (namespaces, mounts). Its failure ends the
 *       child, and gs_spawn() returns it with err whole; descriptors above 2 are still open in it.
 * @said: NULL, or gets the output of both streams as it comes, also what is dropped; untrusted
 */
struct gs_spawn_req {
	const char *path;
	const char *const *argv;
	const char *const *env;
	struct gs_span input;
	int64_t deadline_ns;
	size_t max_output;
	int (*in_child)(void *arg, struct gs_err *err);
	void (*said)(void *arg, struct gs_span piece);
	void *arg;
};

/**
 * struct gs_spawn_result - how it went; free with gs_spawn_result_done()
 * @status: wait status (WIFEXITED and so on)
 * @timed_out: killed at the deadline; out and errs hold what came before
 * @truncated: a stream was longer than max_output
 * @ms: from fork to end
 */
struct gs_spawn_result {
	int status;
	bool timed_out;
	bool truncated;
	struct gs_str out;
	struct gs_str errs;
	unsigned ms;
};

/**
 * gs_spawn - run a program to its end
 * Returns 0 whenever the program was started, whatever came of it: read the result or hand it to
 * gs_spawn_check(). The program has a session of its own, cwd /, umask 022, default signals,
 * no descriptor above 2, and is killed when gshare dies (its own children are not).
 * Errors: of fork and pipe; of exec (-ENOENT, -EACCES, -ENOEXEC ..., the path named); in_child's.
 */
int gs_spawn(const struct gs_spawn_req *req, struct gs_spawn_result *ret, struct gs_err *err);

/**
 * gs_spawn_check - anything but exit status 0 is an error
 * -ETIMEDOUT, or -GS_E_CHILD with the last line of the program's output, made safe for a terminal.
 */
int gs_spawn_check(const struct gs_spawn_req *req, const struct gs_spawn_result *result,
		   struct gs_err *err);

void gs_spawn_result_done(struct gs_spawn_result *result);
