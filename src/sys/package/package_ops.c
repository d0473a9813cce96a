/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/package/package_ops.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/fs/root.h"
#include "sys/proc/fd.h"
#include "sys/proc/spawn.h"

static bool has(struct gs_sys *sys, const char *path)
{
	struct stat st;

	(void)sys;
	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

static int run(struct gs_sys *sys, const struct gs_package_run *what, struct gs_package_end *ret,
	       struct gs_err *err)
{
	const struct gs_spawn_req req = {
		.path = what->argv[0],
		.argv = what->argv,
		.env = what->env,
		.deadline_ns = what->deadline_ns,
		.said = what->said,
		.arg = what->arg,
	};
	struct gs_spawn_result result = { 0 };
	int r = gs_spawn(&req, &result, err);

	(void)sys;
	if (r < 0)
		return r;
	*ret = (struct gs_package_end){ .done = WIFEXITED(result.status) &&
						!WEXITSTATUS(result.status) && !result.timed_out,
					.timed_out = result.timed_out };
	gs_str_add(&ret->output, gs_str_span(&result.out));
	gs_str_addc(&ret->output, '\n');
	gs_str_add(&ret->output, gs_str_span(&result.errs));
	gs_spawn_result_done(&result);
	return 0;
}

static void read_name(unsigned long pid, char ret[GS_HOLDER_BYTES])
{
	gs_autofree char *path = gs_printf("/proc/%lu/comm", pid);
	gs_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, ret, GS_HOLDER_BYTES - 1);

	ret[n > 0 ? n : 0] = '\0';
	ret[strcspn(ret, "\n")] = '\0';
}

/* Only asked with F_GETLK: taking the lock would let go of it at close(2), and hinder others. */
static unsigned long holder(struct gs_sys *sys, const char *path, char ret_name[GS_HOLDER_BYTES])
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	gs_autoclose int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	(void)sys;
	ret_name[0] = '\0';
	if (fd < 0 || fcntl(fd, F_GETLK, &whole) < 0 || whole.l_type == F_UNLCK || whole.l_pid <= 0)
		return 0;
	read_name((unsigned long)whole.l_pid, ret_name);
	return (unsigned long)whole.l_pid;
}

const struct gs_package_ops gs_package_host = {
	.has = has,
	.run = run,
	.holder = holder,
};
