/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/strmap.h"
#include "core/exports/nfsd_clients.h"
#include "core/plan/model.h"
#include "core/share/names.h"
#include "core/step/step.h"

/*
 * Who loses write access by a run, whatever the verb: what is active before against what is
 * predicted for after it. Their open files are waited for.
 */

/** struct gs_drain_spec - all of it borrowed */
struct gs_drain_spec {
	const char *path;	      /* the share's */
	struct gs_span etab;	      /* active before */
	const struct gs_names *names; /* of clients, as they resolve now */
	bool others_stay;	      /* entries of the share without a prediction; else they go */
	unsigned seconds;
	bool force;
};

/**
 * gs_plan_drain - the DRAIN step but for its fix, where anybody loses
 * After predicting. Returns what it waits for, to be completed; NULL: for nobody, there is no step.
 */
struct gs_drain *gs_plan_drain(struct gs_plan *plan, const struct gs_drain_spec *spec);

/** struct gs_drain_hosts - whose clients a drain is about, to ask for each of many; borrows it */
struct gs_drain_hosts {
	struct gs_keymap hosts, spared;
	struct gs_hostspec *wide; /* of the hosts those that are no single one */
	size_t n, room;
};

void gs_drain_hosts_init(struct gs_drain_hosts *hosts, const struct gs_drain *drain);
void gs_drain_hosts_done(struct gs_drain_hosts *hosts);

/** gs_drain_concerns - does this client lose its write access? */
bool gs_drain_concerns(const struct gs_drain_hosts *hosts, const struct gs_nfs_client *client);
