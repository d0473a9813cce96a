/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "sys/access/access_result.h"

/*
 * What the probe of access.c does in a directory, once it is the user. It runs in a child that may
 * be killed, or outlive its parent, at any moment.
 *
 * Others write in that directory: whoever may rename there can put any file in the place of ours
 * between two calls, and a follower even a hard link to one of root's, since nfsd knows no
 * fs.protected_hardlinks. So no name is believed twice: the descriptor of O_EXCL is kept, whatever
 * is opened later is compared with it before a byte is read or written, and owners are changed by
 * that descriptor. What goes by name all the same, rename and unlink, acts on a name in this
 * directory and not on the file: it can undo a link that the intruder has made, no more.
 */

#define GS_PROBE_PREFIX ".gshare-probe-"

enum {
	GS_PROBE_DIGITS = 16,
	GS_PROBE_NAME_BYTES = sizeof((struct gs_access_result *)0)->left,
	GS_PROBE_BYTES = 4096, /* a page: more than what travels inside the metadata */
};

/**
 * struct gs_probe_board - what worker and parent both see, in shared memory: when the worker is
 * killed, what it had found out and whether its file may exist is still there
 */
struct gs_probe_board {
	struct gs_access_result result;
	bool begun; /* from the instant before the file can exist */
	bool clean; /* and from the instant it is known not to */
	bool known; /* from the instant the worker has its file open: which one it is */
	dev_t dev;
	ino_t ino;
};

struct gs_probe {
	const struct gs_access_req *req;
	struct gs_probe_board *board;
	pid_t parent;
	int dir;
	bool restrained;		 /* root without its powers: struct gs_access_result */
	int fd;				 /* what O_EXCL gave, until the file is removed; -1: none */
	char name[GS_PROBE_NAME_BYTES];	 /* as created */
	char moved[GS_PROBE_NAME_BYTES]; /* as renamed */
	const char *now;		 /* which of the two it has */
	bool made;			 /* the worker has seen it come to be */
	bool refused;			 /* there was no file, and none will come to be */
	time_t made_at; /* by the clock of the file system, which may be a server's */
	char bytes[GS_PROBE_BYTES];
};

/** gs_probe_work - every act in probe->dir, each told on the board; its file is gone at the end */
void gs_probe_work(struct gs_probe *probe);

/** gs_probe_remove - the file under both its names; the board says whether that is sure */
void gs_probe_remove(struct gs_probe *probe);
