/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/follower/request.h"
#include "core/plan/model.h"

/** gs_plan_follower - as gs_plan_leader(), for follower mount */
int gs_plan_follower(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
		     struct gs_plan *plan, struct gs_err *err);
