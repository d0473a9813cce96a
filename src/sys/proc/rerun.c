/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/proc/rerun.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

static int start(char *const *argv, bool to_stderr, const sigset_t *mask, pid_t *ret)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int e = posix_spawn_file_actions_init(&files);

	if (e)
		return e;
	e = posix_spawnattr_init(&attr);
	if (!e) {
		e = posix_spawnattr_setsigmask(&attr, mask);
		if (!e)
			e = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
		if (!e && to_stderr)
			e = posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
		if (!e)
			e = posix_spawn(ret, "/proc/self/exe", &files, &attr, argv, environ);
		posix_spawnattr_destroy(&attr);
	}
	posix_spawn_file_actions_destroy(&files);
	return e;
}

static int await(pid_t pid, int *ret_status)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return errno;
	*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return 0;
}

int gs_rerun(const struct gs_strs *words, bool to_stderr, int *ret_status, struct gs_err *err)
{
	gs_autofree char **argv = gs_alloc((words->n + 2) * sizeof *argv);
	static char name[] = "gshare";
	sigset_t ends, before;
	pid_t pid;
	int e;

	argv[0] = name;
	for (size_t i = 0; i < words->n; i++)
		argv[i + 1] = words->v[i];
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGQUIT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	sigprocmask(SIG_BLOCK, &ends, &before);
	e = start(argv, to_stderr, &before, &pid);
	if (!e)
		e = await(pid, ret_status);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return e ? gs_err_set(err, e, "cannot run gshare again: %s", gs_errno_text(e)) : 0;
}
