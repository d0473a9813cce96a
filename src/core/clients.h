/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/types.h"
#include "core/hostspec.h"

/*
 * What nfsd tells of its NFSv4 clients, as text of two files per client in
 * /proc/fs/nfsd/clients: info and states. NFSv3 clients do not appear there.
 * Source: Linux fs/nfsd/nfs4state.c client_info_show(), nfs4_show_open(), nfs4_show_deleg().
 */

/**
 * struct gs_nfs_client - one client of the server
 * @confirmed: false while it has not confirmed itself, and once its lease has run out ("courtesy")
 * @host:      as the client calls itself, "gpu-1"; NULL where it is no Linux kernel that says so
 * @has_renewed: Linux 5.15 does not tell renewed_s, the seconds since the lease was renewed
 * @writing:   names of files open for writing, with their directory: "files/a"; not made safe
 */
struct gs_nfs_client {
	char *clientid, *addr, *name, *host; /* owned; NULL where the text does not say */
	unsigned minor;			     /* of NFS 4 */
	bool confirmed, is_probe;	     /* is_probe: libnfs, so no mount */
	bool has_renewed;
	uint64_t renewed_s;
	struct gs_strs writing;
};

struct gs_nfs_clients {
	struct gs_nfs_client *v;
	size_t n, room;
};

/**
 * gs_nfs_clients_parse - raw texts to clients; never fails, what cannot be read stays empty
 * The kernel writes file names raw: one with a newline can look like a file that is open, and so
 * can only make a drain wait, never hide a file.
 */
void gs_nfs_clients_parse(const struct gs_client_texts *texts, struct gs_nfs_clients *ret);
void gs_nfs_clients_done(struct gs_nfs_clients *clients);

/** gs_nfs_client_is_of - does the client come from this host or network? */
bool gs_nfs_client_is_of(const struct gs_nfs_client *client, const struct gs_hostspec *host);
