/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/exports/nfsd_clients.h"

/** struct gs_peer_fact - an address that is connected to nfsd, and may use the share */
struct gs_peer_fact {
	const char *addr;
	bool is_hidden;			  /* it has no confirmed client */
	const struct gs_nfs_client *twin; /* another node's, of the same name; NULL: none */
};

/**
 * gs_client_id_command - the commands that give a node an NFSv4 client identity of its own
 * @id: unique among the followers
 * The kernel takes the new identity once no share of the server is mounted: another command
 * follows. Source: Documentation/filesystems/nfs/client-identifier.rst
 */
void gs_client_id_command(const char *id, struct gs_str *out);
