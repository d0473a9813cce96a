/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/args.h"
#include "cmd/output/emit.h"
#include "cmd/verbs.h"
#include "sys/proc/privs.h"

/* If descriptor 0, 1 or 2 is closed, the next file that is opened would get it. */
static void hold_standard_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

static int run(int argc, char **argv, struct gs_call *call, struct gs_err *err)
{
	if (gs_privs_init(err) < 0)
		return err->code;
	if (argc < 1 || !argv[0][0]) /* the kernel gives a caller's empty argv an empty word */
		return gs_err_set(err, GS_E_USAGE, "called without a name");
	if (gs_args_parse(argc, argv, &gs_cmd_tree, call, err) < 0)
		return err->code;
	return call->cmd ? call->cmd->run(call, err) : 0;
}

int main(int argc, char **argv)
{
	GS_AUTO(gs_call_done) struct gs_call call = { 0 };
	struct gs_err err = { 0 };
	int status;

	hold_standard_descriptors();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a write over the limit fails then, and can be rolled back */
	umask(022);
	status = gs_exit_status(run(argc, argv, &call, &err));
	if (status)
		gs_emit_error(&call, &err, status);
	if (fflush(stdout) != 0 && errno != EPIPE && !status)
		status = 1;
	return status;
}
