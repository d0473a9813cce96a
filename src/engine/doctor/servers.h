/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/peer/node.h"
#include "engine/doctor/entries.h"

/** struct gs_servers - those of NFS mounts, and of entries with a numeric address */
struct gs_asked;
struct gs_servers {
	struct gs_asked *v;
	size_t n, room;
};

/**
 * gs_list_servers - whose answers may be awaited at once
 * @mounts: those of mounts, too
 * @ret: free with gs_servers_done()
 */
void gs_list_servers(struct gs_sys *sys, const struct gs_entries *entries, bool mounts,
		     struct gs_servers *ret);

/** gs_servers_are_few - so that each is rather asked where its mount is looked at */
bool gs_servers_are_few(const struct gs_servers *servers);

/** gs_servers_add_peer - the address of the other node that is nearest, if an nfsd runs there */
void gs_servers_add_peer(struct gs_sys *sys, const struct gs_node *peer, struct gs_servers *ret);

/** gs_servers_ask - add a look for each; servers must live as long as they */
void gs_servers_ask(struct gs_servers *servers, struct gs_looks *looks);

/** gs_servers_hold - hold those silent that were: what is mounted from them costs no more time */
void gs_servers_hold(struct gs_sys *sys, const struct gs_servers *servers);

/** gs_servers_knocks - what each has answered, as facts of this node */
void gs_servers_knocks(const struct gs_servers *servers, struct gs_node *node);

void gs_servers_done(struct gs_servers *servers);
