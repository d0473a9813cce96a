/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "core/exports/nfsd_clients.h"

/*
 * Who has a connection to nfsd, by the kernel's list of sockets, beside nfsd's own list of clients.
 * A client of NFS 4 has one client there for all its connections, told from others by the name that
 * it gives itself: RFC 8881, 2.4. Two nodes of one name have one client together, and each takes
 * the other's session and open files away. So a node may be connected that has no client.
 */

/**
 * gs_nfs_peers_read - add the addresses with an established connection to nfsd's port
 * @text: /proc/net/tcp or /proc/net/tcp6: proc(5)
 */
void gs_nfs_peers_read(struct gs_span text, unsigned port, struct gs_strs *ret);

/**
 * gs_nfs_client_of - the client with this address, confirmed or lapsed; NULL: none
 * A node that went down keeps its connection here for some minutes, as a lapsed client.
 */
const struct gs_nfs_client *gs_nfs_client_of(const struct gs_nfs_clients *clients,
					     const char *addr);

/** gs_nfs_hidden_tell - what it means that a connected node has no client */
void gs_nfs_hidden_tell(const char *addr, struct gs_str *out);

/**
 * gs_nfs_client_twin - the client, at another address, that gives itself the name of one here
 * Both must be connected: of a node that moved, or was started again, the old client stays a while.
 * NULL: none, or nobody at this address has a client at all.
 */
const struct gs_nfs_client *gs_nfs_client_twin(const struct gs_nfs_clients *clients,
					       const struct gs_strs *peers, const char *addr);
