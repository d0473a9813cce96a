/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "base/types.h"
#include "sys/server/knfsd.h"

struct gs_sys;

/** struct gs_nfsd_ops - this machine's NFS server. What every table is: sys.h */
struct gs_nfsd_ops {
	int (*look)(struct gs_sys *, struct gs_server *ret, struct gs_err *);
	/** the same without asking systemd, which takes longer than all else: never enabled */
	int (*serving)(struct gs_sys *, struct gs_server *ret, struct gs_err *);
	/** /var/lib/nfs/etab as it is */
	int (*active_exports)(struct gs_sys *, struct gs_str *ret_etab, struct gs_err *);
	/**
	 * what the system's exportfs makes of candidates: all the files that it would read
	 * @hosts: hosts(5) lines put before the machine's own; @ret_output: exportfs' messages
	 */
	int (*check_exports)(struct gs_sys *, const struct gs_files *candidates,
			     struct gs_span hosts, struct gs_str *ret_etab,
			     struct gs_str *ret_output, struct gs_err *);
	/**
	 * room for an etab of so many bytes? exportfs puts a cut one in place; cause STATE_FULL
	 * @files: that are written before it, and may take what room there is
	 */
	int (*room_for_etab)(struct gs_sys *, size_t bytes, unsigned files, struct gs_err *);
	/**
	 * exportfs -ra; its status is not to be trusted, its messages are in ret_said
	 * @bytes: of the etab that comes of it; 0: not known. Without room for it exportfs does
	 * not run; cause STATE_FULL
	 */
	int (*apply_exports)(struct gs_sys *, size_t bytes, struct gs_str *ret_output,
			     struct gs_err *);
	/** start it now if it does not run, and at every boot; a running one is not restarted */
	int (*start)(struct gs_sys *, struct gs_err *);
	/** the reverse, as far as was_running and was_enabled allow */
	int (*stop)(struct gs_sys *, bool was_running, bool was_enabled, struct gs_err *);
	/**
	 * NFSv4 clients of nfsd, as many as there are; none where it does not run
	 * After a failure the sink has had a part of them, states that are wanted without an end.
	 * Errors: -GS_E_PRIVILEGE, -ETIMEDOUT (cause CLIENTS_SLOW).
	 */
	int (*clients)(struct gs_sys *, const struct gs_client_sink *, struct gs_err *);
};

extern const struct gs_nfsd_ops gs_nfsd_host;
