/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/trust.h"

/* What gshare works on: this host or a tree, how it is reached, and the deadlines. */

/** enum gs_progress - how a line of progress is shown */
enum gs_progress {
	GS_PROGRESS_STEP, /* on a terminal; elsewhere only where the command lasts over a second */
	GS_PROGRESS_LONG, /* everywhere: it may last */
	GS_PROGRESS_TICK, /* on a terminal only: the same step, later */
};

/** struct gs_who - who runs what, for the journal, and who is told about progress */
struct gs_who {
	const char *by;		       /* a name */
	const struct gs_strs *command; /* the words after "gshare" */
	const char *again; /* the command with --allow-user-path; NULL: it has no such option */
	/* Gets one line about what is waited for, safe to show; NULL: not wanted. */
	void (*tell)(void *arg, const char *line);
	/* Gets what the command does now, safe to show; NULL: not wanted. */
	void (*progress)(void *arg, enum gs_progress kind, const char *line);
	void *tell_arg;	    /* of both */
	unsigned wait_ms;   /* for another gshare to end */
	unsigned extend_ms; /* the command's time, which begins again after that; 0: it goes on */
};

/** struct gs_sys - all zero is the empty one, which gs_sys_done() accepts */
struct gs_sys {
	const struct gs_sys_ops *ops;
	int root_fd;
	bool owns_root;	     /* gs_sys_done() closes it */
	const char *root;    /* "/" or the directory of --root */
	int64_t deadline_ns; /* CLOCK_MONOTONIC, absolute: the end of the current work */
	int64_t end_ns;	     /* the end of the whole command */
	int64_t aside_ns;    /* the most that gs_sys_aside() leaves between the two */
	bool has_lock;	     /* from lock() on */
	int lock_fd;	     /* where has_lock */
	bool offline;
	bool may_spend; /* the current work removes access: on a full file system it may use spares
			 */
	const struct gs_who *who;     /* NULL: runs are not recorded */
	struct gs_trust trust;	      /* whose links and directories may lead to written files */
	struct gs_outgoing *outgoing; /* files that were replaced: outgoing.h; NULL: none */
	struct gs_stage *stage;	      /* mounted and not attached yet: stage.h; NULL: none */
	struct gs_pin *held;	      /* the pinned path to a mount point: pin_path.h; NULL: none */
	struct gs_users *users;	      /* cached accounts: accounts.h; NULL: none */
	struct gs_nfs_ahead *ahead; /* what a server shows: browse.h; NULL: nothing was looked at */
	struct gs_silent *silent;   /* servers that do not respond: nfs_ops.h; NULL: none known */
	uint64_t mountd_pid;	    /* of rpc.mountd when last seen; 0: not yet. A hint */
};

/** gs_sys_within - ms milliseconds from now, but no later than the deadline */
int64_t gs_sys_within(const struct gs_sys *sys, unsigned ms);
