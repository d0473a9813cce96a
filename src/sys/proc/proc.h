/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/*
 * A child process and its end: what spawn (programs) and child (functions) have in common.
 * Deadlines are absolute, in nanoseconds of CLOCK_MONOTONIC.
 */

enum {
	GS_REAP_GRACE_MS = 200, /* for a killed child; one in state D may never be reaped */
};

/** gs_now_ns - CLOCK_MONOTONIC */
int64_t gs_now_ns(void);

/** gs_deadline_in - the moment ms milliseconds from now */
int64_t gs_deadline_in(unsigned ms);

/** gs_poll_ms - the time until the deadline, for poll(2): rounded up, 0 when past */
int gs_poll_ms(int64_t deadline_ns);

/**
 * struct gs_proc - a child of ours that leads a session of its own
 * @pid:   until reaped it cannot be reused, so signals reach the right process
 * @pidfd: readable once the child has ended
 */
struct gs_proc {
	pid_t pid;
	int pidfd;
	bool ignored; /* gshare inherited SIGCHLD as ignored, which exec passes on */
};

/**
 * gs_proc_fork - fork; both sides return
 * @apart: into a pid namespace of its own where possible: gs_privs_fork()
 * @ret: in the parent the child; in the child pid is 0
 * @death_signal: the signal that the child gets when gshare dies (PR_SET_PDEATHSIG), 0 for none
 * The child has a session of its own, default dispositions and an empty signal mask. SIGCHLD is at
 * its default until gs_proc_end() of the first of several: if it is ignored, the kernel reaps the
 * children itself.
 * Errors: -EAGAIN, -ENOMEM, -ENOSYS (Linux before 5.2).
 */
int gs_proc_fork(struct gs_proc *ret, bool apart, int death_signal, struct gs_err *err);

/** gs_proc_pipe - pipe2(2) with O_CLOEXEC, both ends above 2 even where 0 to 2 are closed; -errno
 */
int gs_proc_pipe(int ret_fds[2]);

/** gs_proc_close_all_but - in a child: close every descriptor above 2 that is not in keep[] */
void gs_proc_close_all_but(const int *keep, size_t n);

/** gs_proc_signal_group - signal the child and its group; raises CAP_KILL where that is needed */
void gs_proc_signal_group(const struct gs_proc *proc, int signal);

/** gs_proc_wait - has the child ended by the deadline? It is not reaped: its pid stays valid. */
bool gs_proc_wait(const struct gs_proc *proc, int64_t deadline_ns);

/**
 * gs_proc_end - wait for the child until the deadline, then kill its group; frees *proc
 * @ret_status: wait status; SIGKILL's where the child could not be reaped in time
 * @ret_killed: the deadline passed
 * Returns within GS_REAP_GRACE_MS after the deadline. -EBUSY where the killed child is still
 * there (uninterruptible); it is then left to the kernel and to init.
 */
int gs_proc_end(struct gs_proc *proc, int64_t deadline_ns, int *ret_status, bool *ret_killed);
