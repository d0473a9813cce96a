/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/trust.h"

/* What is being worked on: this machine or a tree, how it is reached, and until when. */

/** struct gs_who - who runs what, for the journal, and is told what goes on */
struct gs_who {
	const char *by;		       /* a name */
	const struct gs_strs *command; /* the words after "gshare" */
	const char *again; /* the command with --allow-user-path; NULL: it takes no such option */
	/* One line of what is waited for, safe to show; NULL: nobody wants to know. */
	void (*tell)(void *arg, const char *line);
	void *tell_arg;
};

/** struct gs_sys - all zero is the empty one, which gs_sys_done() accepts */
struct gs_sys {
	const struct gs_sys_ops *ops;
	int root_fd;
	bool owns_root;	     /* gs_sys_done() closes it */
	const char *root;    /* "/" or the directory of --root */
	int64_t deadline_ns; /* CLOCK_MONOTONIC, absolute: the end of what goes on now */
	int64_t end_ns;	     /* the end of the whole command */
	int64_t aside_ns;    /* the most that gs_sys_aside() leaves between the two */
	bool has_lock;	     /* from lock() on */
	int lock_fd;	     /* where has_lock */
	bool offline;
	bool may_spend; /* what goes on takes rights away: where there is no room, from the spares
			 */
	const struct gs_who *who; /* NULL: runs are not recorded */
	struct gs_trust trust;	  /* whose links and directories lead to files that are written */
	struct gs_stage *stage;	  /* mounted and not attached yet: stage.h; NULL: none */
	struct gs_pin *held;	  /* the way to a mount point: pin_path.h; NULL: none */
	struct gs_users *users;	  /* looked up already: accounts.h; NULL: none */
	uint64_t mountd_pid;	  /* of rpc.mountd when last seen; 0: not yet. A hint: knfsd.c */
};

/** gs_sys_within - ms milliseconds from now, but no later than the deadline */
int64_t gs_sys_within(const struct gs_sys *sys, unsigned ms);
