/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/exports/nfsd_clients.h"
#include "sys/sys.h"

/**
 * struct gs_clients_req - what a look at the server's clients is after
 * @wants: are this one's states of interest? NULL: everyone's
 * @part: of the time that is left until the deadline, one part in so many
 */
struct gs_clients_req {
	bool (*wants)(void *arg, const struct gs_nfs_client *client);
	void *arg;
	unsigned part;
};

/**
 * gs_look_clients - who is connected, and what they have open for writing
 * What there is to see is for those to choose who are looked at: it ends in time, whatever that is.
 * @ret: on failure what was seen until then; is_read tells whose states are known
 */
int gs_look_clients(struct gs_sys *sys, const struct gs_clients_req *req,
		    struct gs_nfs_clients *ret, struct gs_err *err);
