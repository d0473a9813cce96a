/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/exports/nfsd_offer.h"
#include "core/plan/finding.h"

/** struct gs_offered_fact - what nfsd offers, to every client; borrowed */
struct gs_offered_fact {
	const struct gs_nfsd_offer *offer;
};

/** struct gs_reaching_fact - the same for one follower; borrowed */
struct gs_reaching_fact {
	const struct gs_nfsd_offer *offer;
	const char *host; /* the follower */
	const char *face; /* this node's address towards it */
};
