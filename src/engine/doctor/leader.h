/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/check/mount.h"
#include "core/diagnose/diagnose.h"
#include "core/follower/request.h"
#include "sys/sys.h"

/** gs_look_leader_of - could what is asked for be mounted from here? Nothing is changed. */
void gs_look_leader_of(struct gs_sys *sys, const struct gs_follower_req *req, const char *place,
		       struct gs_cases *cases);

/** gs_look_absent - why is it not mounted? Its entry of fstab says what would be */
void gs_look_absent(struct gs_sys *sys, struct gs_health *health, struct gs_cases *cases);
