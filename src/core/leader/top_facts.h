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
