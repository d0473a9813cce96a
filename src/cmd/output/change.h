/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "core/plan/model.h"
#include "core/verify/plan_env.h"
#include "engine/step/outcome.h"

/** struct gs_change - a plan and its outcome, which every JSON object has; all is borrowed */
struct gs_change {
	const struct gs_plan *plan; /* NULL: nothing was to be changed */
	const struct gs_done *done; /* NULL: a dry run */
	const struct gs_env *env;   /* lines of cluster.env to show; NULL: none */
	const struct gs_fs *fs;	    /* of the share, for the text; NULL: the text leaves it out */
	bool offline;
};
