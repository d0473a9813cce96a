/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/strmap.h"
#include "core/exports/nfsd_clients.h"
#include "core/plan/model.h"
#include "core/share/names.h"
#include "core/step/step.h"

/*
 * The clients that lose write access in a run of any verb, found by comparing the active exports
 * with the predicted ones. The DRAIN step waits until they have closed their files.
 */

/** struct gs_drain_spec - all of it borrowed */
struct gs_drain_spec {
	const char *path;	      /* the share's */
	struct gs_span etab;	      /* before the run */
	const struct gs_names *names; /* of clients, with their present addresses */
	bool others_stay; /* the share's entries without a prediction stay; else they go */
	unsigned seconds;
	bool force;
};

/**
 * gs_plan_drain - add the DRAIN step, without its fix, if a client loses access
 * Call it after predicting. Returns the step's data, to be completed; NULL: no step was needed.
 */
struct gs_drain *gs_plan_drain(struct gs_plan *plan, const struct gs_drain_spec *spec);

/**
 * gs_plan_cut_off - the hosts whom the plan leaves without the share that they have until now
 * @ret_remapped: those that keep it, and write as another user from then on
 * @ret, @ret_remapped: only hosts and spared are added to; free with gs_drain_done()
 */
void gs_plan_cut_off(const struct gs_plan *plan, const struct gs_names *names, struct gs_drain *ret,
		     struct gs_drain *ret_remapped);

/** struct gs_drain_hosts - the hosts of a drain, prepared for gs_drain_concerns(); borrows it */
struct gs_drain_hosts {
	struct gs_keymap hosts, spared;
	struct gs_hostspec *wide; /* those that are not a single host */
	size_t n, room;
};

void gs_drain_hosts_init(struct gs_drain_hosts *hosts, const struct gs_drain *drain);
void gs_drain_hosts_done(struct gs_drain_hosts *hosts);

/** gs_drain_concerns - does this client lose its write access? */
bool gs_drain_concerns(const struct gs_drain_hosts *hosts, const struct gs_nfs_client *client);

/**
 * gs_drain_hidden - one that loses its write access, is connected, and has no client
 * Only hosts with an entry of their own: of those in a network it is not known whether they use the
 * share or another one. @peers: see gs_nfs_peers_read(). What it has open is not known. NULL: there
 * is none.
 */
const char *gs_drain_hidden(const struct gs_drain_hosts *hosts,
			    const struct gs_nfs_clients *clients, const struct gs_strs *peers);
