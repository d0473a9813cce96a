/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Processes and mounts that keep a mount busy: sys finds them, core reports them.
 */

enum gs_use {
	GS_USE_CWD,   /* its working directory is on the mount */
	GS_USE_ROOT,  /* its root directory is on the mount */
	GS_USE_FILE,  /* a file is open */
	GS_USE_EXE,   /* its executable is on the mount */
	GS_USE_MAP,   /* a file is mapped */
	GS_USE_MOUNT, /* not a process: something is mounted below */
};

/** struct gs_mount_user - one process (or mount) that keeps a mount busy; strings owned */
struct gs_mount_user {
	pid_t pid; /* 0 for a mount */
	enum gs_use hold;
	char *name; /* of the process, as /proc/PID/comm has it; "" for a mount */
	char *path; /* the path in use, as the kernel names it */
};

struct gs_mount_users {
	struct gs_mount_user *v;
	size_t n, room;
	bool cut; /* time ran out before all processes were examined: there may be more */
};

void gs_mount_users_done(struct gs_mount_users *users);
