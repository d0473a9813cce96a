/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "sys/access.h"

/*
 * What the probe of access.c does in a directory, once it is the user. It runs in a child that may
 * be killed, or outlive its parent, at any moment.
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
};

struct gs_probe {
	const struct gs_access_req *req;
	struct gs_probe_board *board;
	pid_t parent;
	int dir;
	char name[GS_PROBE_NAME_BYTES];	 /* as created */
	char moved[GS_PROBE_NAME_BYTES]; /* as renamed */
	const char *now;		 /* which of the two it has */
	bool made;			 /* the worker has seen it come to be */
	time_t made_at; /* by the clock of the file system, which may be a server's */
	char bytes[GS_PROBE_BYTES];
};

/** gs_probe_work - every act in probe->dir, each told on the board; its file is gone at the end */
void gs_probe_work(struct gs_probe *probe);

/** gs_probe_remove - the file under both its names; the board says whether that is sure */
void gs_probe_remove(struct gs_probe *probe);
