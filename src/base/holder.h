/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Who keeps a mount busy: sys finds them, core tells of them.
 */

enum gs_hold {
	GS_HOLD_CWD,   /* it works there */
	GS_HOLD_ROOT,  /* its root directory is there */
	GS_HOLD_FILE,  /* a file is open */
	GS_HOLD_EXE,   /* the program lies there */
	GS_HOLD_MAP,   /* a file is mapped */
	GS_HOLD_MOUNT, /* not a process: something is mounted below */
};

/** struct gs_holder - one process (or mount) that keeps a mount busy; strings owned */
struct gs_holder {
	pid_t pid; /* 0 for a mount */
	enum gs_hold hold;
	char *name; /* of the process, as /proc/PID/comm has it; "" for a mount */
	char *path; /* what it holds, as the kernel names it */
};

struct gs_holders {
	struct gs_holder *v;
	size_t n, room;
	bool cut; /* not all processes were looked through in time: there may be more */
};

void gs_holders_done(struct gs_holders *holders);
