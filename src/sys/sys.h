/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "sys/access/access_ops.h"
#include "sys/accounts.h"
#include "sys/clock.h"
#include "sys/firewall/firewall_ops.h"
#include "sys/fs/fs_ops.h"
#include "sys/fs/root.h"
#include "sys/journal.h"
#include "sys/mount/mount_ops.h"
#include "sys/net/net_ops.h"
#include "sys/nfs/nfs_ops.h"
#include "sys/package/package_ops.h"
#include "sys/proc/privs.h"
#include "sys/server/nfsd_ops.h"
#include "sys/service/service_ops.h"
#include "sys/task.h"

/*
 * The port: everything gshare does to or learns from a host goes through one table, called from
 * engine only. It holds a table for each subject, which is declared, and filled for this host,
 * beside the code that does the work. Entries are verbs of this program, not system calls. Three
 * tables exist: gs_sys_host (this host), gs_sys_offline (a tree below --root: files, and account
 * lookups; every other entry, or its whole subject, is NULL and its step is skipped) and the fake
 * of the tests.
 *
 * Every entry returns 0 or a negative code with err set; ret_ outputs are untouched on failure.
 * Paths are absolute and lie below root_fd. Nothing here blocks past deadline_ns.
 */

struct gs_sys_ops {
	const struct gs_fs_ops *fs;
	const struct gs_journal_ops *journal; /* NULL offline */
	const struct gs_account_ops *accounts;
	const struct gs_nfsd_ops *server;	/* NULL offline */
	const struct gs_mount_ops *mount;	/* NULL offline */
	const struct gs_net_ops *net;		/* NULL offline */
	const struct gs_nfs_ops *nfs;		/* NULL offline */
	const struct gs_access_ops *access;	/* NULL offline */
	const struct gs_package_ops *package;	/* NULL offline */
	const struct gs_firewall_ops *firewall; /* NULL offline */
	const struct gs_service_ops *service;	/* NULL offline */
	const struct gs_task_ops *task;		/* NULL offline */
	const struct gs_privs_ops *privs;
	const struct gs_clock_ops *clock;
};

extern const struct gs_sys_ops gs_sys_host;
extern const struct gs_sys_ops gs_sys_offline;

/**
 * gs_sys_init - for this host, or for offline work on a tree
 * @root: NULL for the host table, else a directory; @timeout_ms: the command's deadline from now
 * Errors: -GS_E_USAGE, cause ROOT_IS_THIS_HOST, where the tree is this host's own root.
 */
int gs_sys_init(struct gs_sys *sys, const char *root, unsigned timeout_ms, struct gs_err *err);
void gs_sys_done(struct gs_sys *sys);

/** gs_sys_extend - the command ends no sooner than ms milliseconds from now */
void gs_sys_extend(struct gs_sys *sys, unsigned ms);

enum { GS_ASIDE_PART = 4 }; /* a quarter of the time is set aside for later work */

/**
 * gs_sys_aside - end the current work before end_ns, so that later work has time
 * Sets aside a quarter of the time until then, or of the command's whole time where that is less.
 */
void gs_sys_aside(struct gs_sys *sys, int64_t end_ns);

/** gs_tell_progress - say what the command does now, to whoever wants to know */
static inline void gs_tell_progress(const struct gs_sys *sys, enum gs_progress kind,
				    const char *line)
{
	if (sys->who && sys->who->progress)
		sys->who->progress(sys->who->tell_arg, kind, line);
}
