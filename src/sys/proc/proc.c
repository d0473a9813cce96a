/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/proc/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/proc/fd.h"
#include "sys/proc/privs.h"

enum { NS_PER_MS = 1000000 };

int64_t gs_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 * NS_PER_MS + now.tv_nsec;
}

int64_t gs_deadline_in(unsigned ms)
{
	return gs_now_ns() + (int64_t)ms * NS_PER_MS;
}

int gs_poll_ms(int64_t deadline_ns)
{
	enum { LONGEST_MS = 24 * 3600 * 1000 };
	int64_t now = gs_now_ns();

	if (deadline_ns <= now)
		return 0;
	if ((deadline_ns - now) / NS_PER_MS >= LONGEST_MS)
		return LONGEST_MS;
	return (int)((deadline_ns - now + NS_PER_MS - 1) / NS_PER_MS);
}

int gs_proc_pipe(int ret_fds[2])
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	for (int i = 0; i < 2; i++) {
		int above = fds[i] > STDERR_FILENO ? fds[i] : fcntl(fds[i], F_DUPFD_CLOEXEC, 3);
		int saved = errno;

		if (above != fds[i])
			close(fds[i]);
		if (above < 0) {
			close(fds[!i]);
			return -saved;
		}
		fds[i] = above;
	}
	ret_fds[0] = fds[0];
	ret_fds[1] = fds[1];
	return 0;
}

/* Runs between fork and the child's own work; it can report a failure only by exiting. */
static void settle_in_child(pid_t parent, int death_signal)
{
	struct sigaction plain = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		sigaction(i, &plain, NULL);
	setsid();
	/* Where the parent died before prctl(2), nobody will send the signal. */
	if (death_signal && (prctl(PR_SET_PDEATHSIG, death_signal) < 0 || getppid() != parent))
		_exit(127);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void restore_sigchld(bool ignored)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	if (ignored)
		sigaction(SIGCHLD, &ignore, NULL);
}

int gs_proc_fork(struct gs_proc *ret, bool apart, int death_signal, struct gs_err *err)
{
	struct sigaction plain = { .sa_handler = SIG_DFL }, old;
	struct gs_proc proc = { .pidfd = -1 };
	pid_t parent = getpid();
	sigset_t all, mask;
	int code;

	sigaction(SIGCHLD, NULL, &old);
	proc.ignored = old.sa_handler == SIG_IGN;
	if (proc.ignored)
		sigaction(SIGCHLD, &plain, NULL);
	/* Our handlers must not run in the child before it has reset them. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &mask);
	proc.pid = gs_privs_fork(&apart, &proc.pidfd);
	code = -errno;
	if (!proc.pid) {
		/* In a new pid namespace getppid(2) returns 0. */
		settle_in_child(apart ? 0 : parent, death_signal);
		*ret = proc;
		return 0;
	}
	sigprocmask(SIG_SETMASK, &mask, NULL);
	if (proc.pid < 0) {
		restore_sigchld(proc.ignored);
		return gs_err_set(err, code, "cannot start a process: %s", strerror(-code));
	}
	if (proc.pidfd < 0) {
		gs_privs_kill(proc.pid, SIGKILL);
		waitpid(proc.pid, NULL, 0);
		restore_sigchld(proc.ignored);
		return gs_err_set(err, -ENOSYS, "cannot watch a process: this needs Linux 5.2");
	}
	*ret = proc;
	return 0;
}

static int compare_fds(const void *a, const void *b)
{
	int x, y;

	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return x < y ? -1 : x > y;
}

void gs_proc_close_all_but(const int *keep, size_t n)
{
	gs_autofree int *sorted = gs_dup(keep, n * sizeof *keep);
	unsigned next = STDERR_FILENO + 1;

	qsort(sorted, n, sizeof *sorted, compare_fds);
	for (size_t i = 0; i < n; i++) {
		if (sorted[i] < (int)next)
			continue;
		if (sorted[i] > (int)next)
			close_range(next, (unsigned)sorted[i] - 1, 0);
		next = (unsigned)sorted[i] + 1;
	}
	close_range(next, ~0U, 0);
}

void gs_proc_signal_group(const struct gs_proc *proc, int signal)
{
	gs_privs_kill(-proc->pid, signal);
	/* A child that has not called setsid() yet has no group of its own. */
	gs_privs_kill(proc->pid, signal);
}

bool gs_proc_wait(const struct gs_proc *proc, int64_t deadline_ns)
{
	struct pollfd watch = { .fd = proc->pidfd, .events = POLLIN };
	int n;

	do {
		n = poll(&watch, 1, gs_poll_ms(deadline_ns));
	} while (n < 0 && errno == EINTR);
	return n > 0;
}

int gs_proc_end(struct gs_proc *proc, int64_t deadline_ns, int *ret_status, bool *ret_killed)
{
	bool killed = false, ended = gs_proc_wait(proc, deadline_ns);
	int status = SIGKILL; /* the wait status of a killed process is the signal's number */

	if (!ended) {
		killed = true;
		gs_proc_signal_group(proc, SIGKILL);
		ended = gs_proc_wait(proc, gs_deadline_in(GS_REAP_GRACE_MS));
	}
	if (ended)
		waitpid(proc->pid, &status, 0);
	close(proc->pidfd);
	restore_sigchld(proc->ignored);
	*proc = (struct gs_proc){ .pidfd = -1 };
	*ret_status = status;
	*ret_killed = killed;
	return ended ? 0 : -EBUSY;
}
