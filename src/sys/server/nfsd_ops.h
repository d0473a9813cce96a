/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "base/types.h"
#include "sys/server/knfsd.h"

struct gs_sys;

/** struct gs_nfsd_ops - this host's NFS server; see sys.h */
struct gs_nfsd_ops {
	int (*look)(struct gs_sys *, struct gs_server *ret, struct gs_err *);
	/** look() without asking systemd, which takes longer than all else: enabled stays false */
	int (*serving)(struct gs_sys *, struct gs_server *ret, struct gs_err *);
	/** the content of /var/lib/nfs/etab */
	int (*active_exports)(struct gs_sys *, struct gs_str *ret_etab, struct gs_err *);
	/**
	 * what nfsd has cached: /proc/net/rpc/nfsd.export/content, whose paths are those of the
	 * directories that it holds; nothing where nfsd is not loaded. Users other than root may
	 * not read it: they get /proc/fs/nfsd/exports, with what a flush has ended
	 */
	int (*held_exports)(struct gs_sys *, struct gs_str *ret, struct gs_err *);
	/**
	 * check candidates, all the files that exportfs would read, with the system's exportfs
	 * @hosts: hosts(5) lines put before this host's own; @ret_output: exportfs' messages
	 */
	int (*check_exports)(struct gs_sys *, const struct gs_files *candidates,
			     struct gs_span hosts, struct gs_str *ret_etab,
			     struct gs_str *ret_output, struct gs_err *);
	/**
	 * is there room for an etab of so many bytes? exportfs would install a truncated one; cause
	 * STATE_FULL
	 * @files: how many files are written before it, and may take the room there is
	 */
	int (*room_for_etab)(struct gs_sys *, size_t bytes, unsigned files, struct gs_err *);
	/**
	 * exportfs -ra; its status is not reliable, its messages are in ret_output
	 * @bytes: of the resulting etab; 0: not known. Without room for it exportfs is not run;
	 *       cause STATE_FULL
	 */
	int (*apply_exports)(struct gs_sys *, size_t bytes, struct gs_str *ret_output,
			     struct gs_err *);
	/**
	 * start the server now if it does not run, and at every boot; no restart of a running one
	 */
	int (*start)(struct gs_sys *, struct gs_err *);
	/** undo start(): stop the server unless was_running, disable it unless was_enabled */
	int (*stop)(struct gs_sys *, bool was_running, bool was_enabled, struct gs_err *);
	/**
	 * all NFSv4 clients of nfsd; none where it does not run
	 * After a failure the sink has received only a part, and wanted states may lack their end.
	 * Errors: -GS_E_PRIVILEGE, -ETIMEDOUT (cause CLIENTS_SLOW).
	 */
	int (*clients)(struct gs_sys *, const struct gs_client_sink *, struct gs_err *);
};

extern const struct gs_nfsd_ops gs_nfsd_host;
