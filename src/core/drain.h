/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/leader.h"

/*
 * Who loses write access by a run, whatever the verb: what is in force before against what is
 * predicted for after it. Their open files are waited for.
 */

/** struct gs_drain_wish - all of it borrowed */
struct gs_drain_wish {
	const char *path;	      /* the share's */
	struct gs_span etab;	      /* in force before */
	const struct gs_names *names; /* of clients, as they resolve now */
	bool others_stay;	      /* entries of the share without a prediction; else they go */
	unsigned seconds;
	bool force;
};

/**
 * gs_plan_drain - the DRAIN step and plan->drain but for its mend, where anybody loses
 * After predicting.
 * @ret_own: all of them have an entry of their own in etab that a switch to ro could name
 * Returns whether anybody does.
 */
bool gs_plan_drain(struct gs_plan *plan, const struct gs_drain_wish *wish, bool *ret_own);
