/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "sys/proc/proc.h"

/*
 * Runs a function in a forked child, so that a call that blocks or crashes there does not affect
 * gshare. The child may have parsed network data: nothing it returns is trusted beyond its form.
 */

/**
 * struct gs_child_req - what to run
 * @fn: runs in the child; returns 0 with the answer, or a negative code with err set
 * @ids: the causes (err->id) that fn may name, NULL-terminated; others come back as NULL
 * @keep: descriptors above 2 that fn needs; all others are closed, so that a stuck child holds no
 *       lock and no pipe of gshare; @n_keep of them
 * @deadline_ns: when the child's process group gets SIGKILL
 * @max_answer: bytes; a longer answer is -EMSGSIZE
 * @fd: for gs_child_hold() only: fn stores a descriptor here in the child; the parent's copy of it
 *       arrives here, close-on-exec
 * @confined: the child parses network data: its stderr is /dev/null, too, so that it has no
 *       terminal; it has a pid namespace of its own where root may make one; fn continues as seal.h
 *       says
 * @survive: the child is not killed when gshare dies (it has to tidy up); it still ends by itself
 *       one second after the deadline
 */
struct gs_child_req {
	int (*fn)(void *arg, struct gs_str *ret_answer, struct gs_err *err);
	void *arg;
	const char *const *ids;
	const int *keep;
	size_t n_keep;
	int64_t deadline_ns;
	size_t max_answer;
	int *fd;
	bool confined;
	bool survive;
};

/**
 * gs_child_run - call fn in a child
 * @ret_answer: what fn answered; free with gs_str_done()
 * The child has default signals, a session of its own, stdin and stdout at /dev/null. fn's error
 * comes back whole, made safe for a terminal.
 * Errors: fn's; -ETIMEDOUT; -GS_E_CHILD for one that crashed; -EPROTO for a malformed answer;
 * -EMSGSIZE. Returns within GS_REAP_GRACE_MS after the deadline even where the child is in
 * uninterruptible sleep; the message then says so.
 */
int gs_child_run(const struct gs_child_req *req, struct gs_str *ret_answer, struct gs_err *err);

/**
 * struct gs_child - a child that works beside gshare; between gs_child_start() and _finish() alone
 * @in: its answer arrives here
 */
struct gs_child {
	struct gs_child_req req;
	struct gs_proc proc;
	int in;
	int64_t begin_ns;
};

/**
 * gs_child_start - gs_child_run(), but return while fn runs
 * Several may run at once: they are finished in reverse order, as gs_proc_fork() asks for where
 * SIGCHLD is ignored. What req points to must live until then.
 */
int gs_child_start(const struct gs_child_req *req, struct gs_child *ret, struct gs_err *err);

/** gs_child_finish - wait for its answer, as gs_child_run() does; the child has ended then */
int gs_child_finish(struct gs_child *child, struct gs_str *ret_answer, struct gs_err *err);

/** gs_child_limit_memory - in a child: limit what a peer can make it allocate (RLIMIT_DATA) */
void gs_child_limit_memory(size_t bytes);

/** struct gs_child_held - a child that lives on, and the line that ends it when closed */
struct gs_child_held {
	struct gs_proc proc;
	int line;
};

/**
 * gs_child_hold - call fn in a child that lives on and holds what fn opened or made
 * The child ends at gs_child_let_go() or when gshare ends. So gshare itself never drops the last
 * reference to what it holds, which could block on a server that does not respond.
 * Errors: as gs_child_run(); the child has ended then.
 */
int gs_child_hold(const struct gs_child_req *req, struct gs_child_held *ret, struct gs_err *err);

/** gs_child_let_go - end the child; one that is stuck in the kernel is not waited for */
void gs_child_let_go(struct gs_child_held *held);

/**
 * gs_child_open - open(2) in a child, of a path or of one below an inherited descriptor
 * @path: absolute; "/proc/self/fd/N/REST" means REST below N, without opening /proc, which another
 *       user may not access
 */
int gs_child_open(const char *path, int flags);

/** gs_child_at - where such a path begins: N, or AT_FDCWD; *path becomes the rest */
int gs_child_at(const char **path);

/** gs_child_keep - the N of such a path, for @keep; -1 for a plain path */
int gs_child_keep(const char *path);
