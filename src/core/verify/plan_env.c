/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/verify/plan_env.h"

#include <errno.h>
#include <string.h>

#include "core/format/clusterenv.h"
#include "core/format/envmask.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"

enum { ROOM_LINES = 8 }; /* lines that gs_clusterenv_apply() may add */

int gs_plan_env(const struct gs_file *file, const struct gs_env *env, struct gs_plan *plan,
		struct gs_err *err)
{
	struct gs_clusterenv_values values = {
		.node_type = env->is_leader ? GS_NODE_LEADER : GS_NODE_FOLLOWER,
		.dataset_dir = env->dataset_dir,
		.postgres_host = env->postgres_host,
	};
	GS_AUTO(gs_clusterenv_done) struct gs_clusterenv doc = { 0 };
	gs_autostr struct gs_str text = { 0 };
	bool changed = false;

	if (gs_clusterenv_parse(gs_str_span(&file->text), &doc, err) < 0 ||
	    gs_clusterenv_apply(&doc, &values, &changed, err) < 0)
		return gs_err_prefix(err, "'%s'", file->path);
	gs_clusterenv_render(&doc, &text);
	if (doc.text.n > GS_ENVMASK_LINES_MAX - ROOM_LINES)
		return gs_err_set(err, EFBIG, "'%s' has %zu lines: it is not a cluster.env",
				  file->path, doc.text.n);
	gs_plan_write(plan, file, gs_str_span(&text), 0644,
		      "specify where the datasets of this "
		      "node are");
	if (plan->n && plan->v[plan->n - 1].kind == GS_STEP_WRITE_FILE)
		plan->v[plan->n - 1].write.secret = true;
	gs_plan_item(plan, changed ? '+' : '=', "write", "%s", file->path);
	return 0;
}
