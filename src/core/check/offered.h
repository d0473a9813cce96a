/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/exports/nfsd_offer.h"
#include "core/plan/finding.h"

/**
 * struct gs_offered_fact - what nfsd offers; borrowed
 * @host: a follower; NULL: every client
 * @face: this node's address towards it
 * @is_idle: nobody is connected, as far as all clients were seen
 * @threads: of nfsd, @clients: that are connected, as far as they were seen
 */
struct gs_offered_fact {
	const struct gs_nfsd_offer *offer;
	const char *host, *face;
	bool is_idle;
	size_t threads, clients;
};
