/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/follower/request.h"
#include "engine/run/apply.h"

/**
 * gs_apply_mount - gs_apply() of follower mount
 * Where the server refuses NFS 4.2, which only trying tells, the plan is made again for 4.1:
 * nothing was changed by then, since STAGE comes first.
 * @req: its minor is then the one that was taken; @plan: the one that was carried out
 */
int gs_apply_mount(struct gs_sys *sys, struct gs_follower_req *req,
		   const struct gs_follower_facts *facts, struct gs_plan *plan,
		   struct gs_done *done, struct gs_err *err);
