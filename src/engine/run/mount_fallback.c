/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/run/mount_fallback.h"

#include <string.h>

#include "core/follower/plan_mount.h"
#include "core/follower/request.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"

int gs_apply_mount(struct gs_sys *sys, struct gs_follower_req *req,
		   const struct gs_follower_facts *facts, struct gs_plan *plan,
		   struct gs_done *done, struct gs_err *err)
{
	GS_AUTO(gs_plan_done) struct gs_plan second = { 0 };

	if (gs_apply(sys, plan, done, err) == 0)
		return 0;
	if (!err->id || strcmp(err->id, "VERSION_REFUSED") != 0 || facts->is_mounted || req->minor)
		return err->code;
	req->minor = 1;
	*err = (struct gs_err){ 0 };
	if (gs_plan_follower(req, facts, &second, err) < 0)
		return err->code;
	gs_plan_done(plan);
	*plan = second;
	second = (struct gs_plan){ 0 };
	gs_done_done(done);
	return gs_apply(sys, plan, done, err);
}
