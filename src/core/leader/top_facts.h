/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/check/top.h"
#include "core/leader/request.h"

/**
 * gs_top_of - the top of a leader's share, with the owner of its facts
 * @docs: of facts or plan; @share: what its entries get: squash and crossmnt count
 */
void gs_top_of(const struct gs_leader_facts *facts, const struct gs_docs *docs,
	       const struct gs_exportspec *share, struct gs_top *ret);

/** gs_typed_of - leader init as it was typed; borrows from the request; free its words */
void gs_typed_of(const struct gs_leader_req *req, struct gs_typed *ret);

/**
 * gs_leader_fix_id - the command for a .gshare-id that holds no id; returns err->code
 * The command renames the file, and init gives the share a new id.
 */
int gs_leader_fix_id(const struct gs_leader_req *req, const struct gs_leader_facts *facts,
		     struct gs_err *err);

/**
 * gs_id_is_put_away - was the id that is missing renamed by root, that init gives a new one?
 * Only a .gshare-id.old that no follower can have put there tells: root's, in a directory where
 * root alone replaces its entries, unless root of a follower is root in the share.
 */
bool gs_id_is_put_away(const struct gs_served *served, enum gs_squash squash);
