/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "base/types.h"
#include "sys/fs/root.h"

/* nfsd and its clients; struct gs_nfsd_ops documents each function. */

/**
 * struct gs_client_sink - receives what nfsd reports about its NFSv4 clients, as it is read
 * Every info comes before the first states.
 */
struct gs_client_sink {
	/** a client's complete info; returns whether its states are wanted too */
	bool (*info)(void *arg, struct gs_span text);
	/**
	 * a piece of a client's states; client: the number of its info, from 0; the last piece is
	 * empty
	 */
	void (*states)(void *arg, size_t client, struct gs_span piece);
	void *arg;
};

int gs_nfsd_look(struct gs_sys *sys, struct gs_server *ret, struct gs_err *err);
int gs_nfsd_serving(struct gs_sys *sys, struct gs_server *ret, struct gs_err *err);
int gs_nfsd_clients(struct gs_sys *sys, const struct gs_client_sink *sink, struct gs_err *err);
int gs_nfsd_start(struct gs_sys *sys, struct gs_err *err);
int gs_nfsd_stop(struct gs_sys *sys, bool was_running, bool was_enabled, struct gs_err *err);
