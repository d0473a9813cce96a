/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "sys/access/access_result.h"
#include "sys/proc/privs.h"

/*
 * The acts of gs_access_probe() in a directory, run as the user, in a child that may be killed, or
 * outlive its parent, at any moment.
 *
 * Others may write in that directory: whoever may rename there can replace the probe's file between
 * two calls, and a follower can even put a hard link to a file of root's there, since nfsd has no
 * fs.protected_hardlinks. So a name is never trusted twice: the descriptor from O_EXCL is kept,
 * every file opened later is compared with it before a byte is read or written, and the owner is
 * changed through that descriptor. rename and unlink take a name, but they act on the name in this
 * directory and not on the file: at most they undo a link that the intruder has made.
 */

#define GS_PROBE_PREFIX ".gshare-probe-"

enum {
	GS_PROBE_DIGITS = 16,
	GS_PROBE_NAME_BYTES = sizeof((struct gs_access_result *)0)->left,
	GS_PROBE_BYTES = 4096, /* a page: too much to travel inline with the metadata */
};

/**
 * struct gs_probe_board - memory that worker and parent share: when the worker is killed, its
 * results and whether its file may exist are still known
 */
struct gs_probe_board {
	struct gs_access_result result;
	bool begun; /* set just before the file can exist */
	bool clean; /* set once the file is known to be gone */
	bool known; /* set once the worker has its file open: dev and ino are valid */
	dev_t dev;
	ino_t ino;
};

struct gs_probe {
	const struct gs_access_req *req;
	struct gs_probe_board *board;
	pid_t parent;
	int dir;
	int dir_error;			 /* why it could not be opened; 0 */
	enum gs_keep keep;		 /* the capabilities to work there with */
	bool restrained;		 /* root without capabilities: struct gs_access_result */
	int fd;				 /* from O_EXCL, until the file is removed; -1: none */
	char name[GS_PROBE_NAME_BYTES];	 /* as created */
	char moved[GS_PROBE_NAME_BYTES]; /* as renamed */
	const char *now;		 /* the current one of the two */
	bool made;			 /* the worker has seen the file created */
	bool refused;			 /* no file was created, and none will be */
	time_t made_at; /* by the clock of the file system, which may be a server's */
	char bytes[GS_PROBE_BYTES];
};

/**
 * gs_probe_number - the number in the name of a test file: random, and its last two digits are the
 * minutes that its probe may last, so that others can tell when it was left behind
 */
uint64_t gs_probe_number(int64_t deadline_ns);

/** gs_probe_work - run every act in probe->dir, record each on the board, then remove the file */
void gs_probe_work(struct gs_probe *probe);

/** gs_probe_remove - remove the file under both its names; board->clean says whether it is gone */
void gs_probe_remove(struct gs_probe *probe);
