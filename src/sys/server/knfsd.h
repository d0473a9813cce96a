/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "base/types.h"
#include "sys/fs/root.h"

/* nfsd and its clients. The contracts stand in nfsd_ops.h. */

/**
 * struct gs_client_sink - who is given what nfsd tells of its NFSv4 clients, as it is read
 * Every info comes before the first states.
 */
struct gs_client_sink {
	/** a client's info, whole; are its states wanted too? */
	bool (*info)(void *arg, struct gs_span text);
	/** a piece of the states of the client whose info came as that, from 0; the last is empty
	 */
	void (*states)(void *arg, size_t client, struct gs_span piece);
	void *arg;
};

int gs_nfsd_look(struct gs_sys *sys, struct gs_server *ret, struct gs_err *err);
int gs_nfsd_serving(struct gs_sys *sys, struct gs_server *ret, struct gs_err *err);
int gs_nfsd_clients(struct gs_sys *sys, const struct gs_client_sink *sink, struct gs_err *err);
int gs_nfsd_start(struct gs_sys *sys, struct gs_err *err);
int gs_nfsd_stop(struct gs_sys *sys, bool was_running, bool was_enabled, struct gs_err *err);
