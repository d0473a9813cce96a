/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Who keeps a mount busy: sys finds them, core tells of them.
 */

enum gs_use {
	GS_USE_CWD,   /* it works there */
	GS_USE_ROOT,  /* its root directory is there */
	GS_USE_FILE,  /* a file is open */
	GS_USE_EXE,   /* the program lies there */
	GS_USE_MAP,   /* a file is mapped */
	GS_USE_MOUNT, /* not a process: something is mounted below */
};

/** struct gs_mount_user - one process (or mount) that keeps a mount busy; strings owned */
struct gs_mount_user {
	pid_t pid; /* 0 for a mount */
	enum gs_use hold;
	char *name; /* of the process, as /proc/PID/comm has it; "" for a mount */
	char *path; /* what it holds, as the kernel names it */
};

struct gs_mount_users {
	struct gs_mount_user *v;
	size_t n, room;
	bool cut; /* not all processes were looked through in time: there may be more */
};

void gs_mount_users_done(struct gs_mount_users *users);
