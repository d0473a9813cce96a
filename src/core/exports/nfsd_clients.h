/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "core/exports/host.h"
#include "core/exports/nfsd_states.h"

/*
 * What nfsd shows of its NFSv4 clients, as text of two files per client in
 * /proc/fs/nfsd/clients: info and states. NFSv3 clients do not appear there.
 * Source: Linux fs/nfsd/nfs4state.c client_info_show().
 */

/**
 * struct gs_nfs_client - one client of the server
 * @confirmed: false while it has not confirmed itself, and once its lease has run out ("courtesy")
 * @name:      the client id, by which nfsd tells clients apart
 * @host:      the host name in it, "gpu-1"; NULL where that is not a Linux kernel's
 * @is_libnfs: the client id is that of libnfs, a client in user space; any client can send it
 * @lapsed:    its lease has run out, and nothing has taken it away yet ("courtesy", "expirable")
 * @has_renewed: Linux 5.15 does not tell renewed_s, the seconds since the lease was renewed
 * @is_read:   its states were read completely; else writing has only a part
 */
struct gs_nfs_client {
	char *addr, *name, *host; /* owned; NULL where the text has none */
	unsigned minor;		  /* of NFS 4 */
	bool confirmed, lapsed, is_libnfs, is_read;
	bool has_renewed;
	uint64_t renewed_s;
	struct gs_states states;
	struct gs_writing writing;
};

struct gs_nfs_clients {
	struct gs_nfs_client *v;
	size_t n, room;
	const struct gs_writing *known; /* files that need no name: gs_writing_add(); NULL: none */
};

/** gs_nfs_clients_add - add a client from its info file; what cannot be read stays empty */
struct gs_nfs_client *gs_nfs_clients_add(struct gs_nfs_clients *clients, struct gs_span info);

/** gs_nfs_client_read - read a piece of its states file; an empty piece ends it */
void gs_nfs_client_read(struct gs_nfs_client *client, struct gs_span piece);
void gs_nfs_clients_done(struct gs_nfs_clients *clients);

/** gs_nfs_client_is_of - does the client come from this host or network? */
bool gs_nfs_client_is_of(const struct gs_nfs_client *client, const struct gs_hostspec *host);
