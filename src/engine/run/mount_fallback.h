/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/follower/request.h"
#include "engine/run/apply.h"

/**
 * gs_apply_mount - gs_apply() of follower mount
 * Where the server refuses NFS 4.2, which only an attempt shows, it plans again for 4.1: nothing
 * has changed by then, since STAGE comes first.
 * @req: its minor becomes that of the mount; @plan: becomes the plan that was carried out
 */
int gs_apply_mount(struct gs_sys *sys, struct gs_follower_req *req,
		   const struct gs_follower_facts *facts, struct gs_plan *plan,
		   struct gs_done *done, struct gs_err *err);
