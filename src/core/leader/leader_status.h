/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/check/top.h"
#include "core/exports/docs.h"
#include "core/leader/status.h"

/* leader status: configured and active entries, connected clients, files open for write. */

/**
 * gs_status_paths - the shares to show: the one given, else every marked one
 * Errors: -GS_E_FOUND, cause NO_SHARE.
 */
int gs_status_paths(const struct gs_files *exports, const char *asked, struct gs_strs *ret,
		    struct gs_err *err);

/** gs_status_judge - fill shares and findings from the facts, one share for each of facts.roots */
int gs_status_judge(struct gs_leader_status *status, struct gs_err *err);

/**
 * gs_status_tops - call each for every mapping of followers in a share, configured and active
 * @i: index of facts.roots; @each: called for one entry; false stops
 */
void gs_status_tops(const struct gs_status_facts *facts, size_t i, const struct gs_docs *docs,
		    const struct gs_exports *etab, bool (*each)(void *, const struct gs_top *),
		    void *arg);

/**
 * gs_status_tell_dangers - warn of what leader init would refuse in those shares; EXPORT_ESCAPE too
 * @docs: the files as they are or will be; the active entries are taken to match them
 */
void gs_status_tell_dangers(const struct gs_status_facts *facts, const struct gs_docs *docs,
			    struct gs_findings *findings);

/** gs_status_best - the client to show for a follower: the one last seen; NULL if none */
const struct gs_nfs_client *gs_status_best(const struct gs_leader_status *status,
					   const struct gs_follower_status *follower);
/**
 * gs_status_writing - number of files that the follower has open for writing
 * Returns false where the number is unknown: not all of its clients or of their states were read.
 */
bool gs_status_writing(const struct gs_leader_status *status,
		       const struct gs_follower_status *follower, size_t *ret);

void gs_status_facts_done(struct gs_status_facts *facts);
void gs_leader_status_done(struct gs_leader_status *status);
