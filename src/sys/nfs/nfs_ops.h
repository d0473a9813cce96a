/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "base/shareid.h"
#include "base/types.h"
#include "sys/nfs/browse.h"

struct gs_sys;

/** struct gs_nfs_ops - another host's NFS server; see sys.h */
struct gs_nfs_ops {
	/** from now on reach() and reach_ahead() fail with this error, without asking again */
	void (*hold_silent)(struct gs_sys *, const char *addr, unsigned port,
			    const struct gs_err *);
	/** 0, or the error that is held */
	int (*held)(const struct gs_sys *, const char *addr, unsigned port, struct gs_err *);
	/** connect to the port and call NULL; the cause is in err->id */
	int (*reach)(struct gs_sys *, const char *addr, unsigned port, unsigned *ret_connect_us,
		     struct gs_err *);
	/**
	 * the same, and in the same child what comes next: find_exports(), or read_export_id() of
	 * path where that is given; they take what it saw
	 */
	int (*reach_ahead)(struct gs_sys *, const char *addr, unsigned port, const char *path,
			   unsigned *ret_connect_us, struct gs_err *);
	/** are large packets to it lost, and small ones are not? ping.h */
	bool (*loses_large)(struct gs_sys *, const char *addr, unsigned port);
	int (*find_exports)(struct gs_sys *, const char *addr, unsigned port,
			    struct gs_nfs_exports *ret, struct gs_err *);
	/** is path exported to us, and which share is it? */
	int (*read_export_id)(struct gs_sys *, const char *addr, unsigned port, const char *path,
			      struct gs_nfs_seen *ret, struct gs_err *);
	/** mountd's list of clients, in at most a second; often it cannot be reached: mountd.h */
	int (*list_grants)(struct gs_sys *, const char *addr, struct gs_grants *ret,
			   struct gs_err *);
};

extern const struct gs_nfs_ops gs_nfs_host;

/** gs_nfs_forget - what reach_ahead() saw, and who is held to be silent */
void gs_nfs_forget(struct gs_sys *sys);
