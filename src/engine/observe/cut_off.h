/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/plan/model.h"
#include "core/share/names.h"
#include "sys/sys.h"

/**
 * gs_observe_cut_off - the followers that are connected, and lose the share by the plan, or write
 *	as others from then on
 * Those whom only NFSv3 serves do not show. What nfsd does not show in time, or not to this user,
 * is left out: nothing is asked about followers that nobody saw.
 * @plan: gets FOLLOWER_CUT_OFF or FOLLOWER_REMAPPED for each
 * @ret: those that lose it: "192.168.18.8 (gpu-1)", safe for a terminal; free with gs_strs_done()
 */
int gs_observe_cut_off(struct gs_sys *sys, const struct gs_names *names, struct gs_plan *plan,
		       struct gs_strs *ret, struct gs_err *err);
