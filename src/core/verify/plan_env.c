/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/verify/plan_env.h"

#include <errno.h>
#include <string.h>

#include "core/format/clusterenv.h"
#include "core/format/envcompose.h"
#include "core/format/envmask.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"

enum { ROOM_LINES = 8 }; /* lines that gs_clusterenv_apply() may add */

/* What is written is of no use where a line of others makes Compose refuse or replace it. */
static int check_compose(const struct gs_file *file, const struct gs_clusterenv *doc,
			 struct gs_span text, struct gs_err *err)
{
	struct gs_assignment a;

	for (size_t i = 0; gs_clusterenv_next(doc, &i, &a);) {
		const char *key = gs_clusterenv_key(a.key), *why;
		struct gs_span meant, is;
		size_t line;

		if (!key || !gs_clusterenv_get(doc, key, &meant))
			continue;
		line = gs_envcompose_find(text, key, &is, &why);
		if (line)
			return gs_err_set(err, EINVAL,
					  "'%s' line %zu: Docker Compose refuses the file: %s",
					  file->path, line, why);
		if (!gs_span_is(is, meant))
			return gs_err_set(err, EINVAL,
					  "'%s': Docker Compose would read '%.*s' for %s, since "
					  "a line sets it after a quoted value",
					  file->path, (int)is.len, is.ptr, key);
	}
	return 0;
}

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
	if (env->canonical)
		gs_clusterenv_canonical(&doc);
	gs_clusterenv_render(&doc, &text);
	if (check_compose(file, &doc, gs_str_span(&text), err) < 0)
		return err->code;
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
