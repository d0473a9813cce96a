/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/exports/nfsd_clients.h"
#include "sys/sys.h"

/**
 * struct gs_clients_req - which states of nfsd's clients to read, and for how long
 * @wants: shall this client's states be read? NULL: every client's
 * @part: reading takes at most 1/part of the time until the deadline
 */
struct gs_clients_req {
	bool (*wants)(void *arg, const struct gs_nfs_client *client);
	void *arg;
	unsigned part;
};

/** gs_look_peers - who has a connection to nfsd; nobody where that cannot be read */
void gs_look_peers(struct gs_sys *sys, struct gs_strs *ret);

/**
 * gs_look_clients - who is connected, and what they have open for writing
 * The clients decide how much there is to read: reading ends in time, however much that is.
 * @ret: on failure what was seen until then; is_read tells whose states are known
 */
int gs_look_clients(struct gs_sys *sys, const struct gs_clients_req *req,
		    struct gs_nfs_clients *ret, struct gs_err *err);
