/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/verify/plan_env.h"

#include <errno.h>
#include <string.h>

#include "base/command.h"
#include "core/format/clusterenv.h"
#include "core/format/envcompose.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"

enum {
	KEYS = 4,
	LINES_MAX = 10000, /* far above any real file */
	SHOWN_BYTES = 64,  /* of a value of others, which may be anything */
};

/* struct set_key - one of gshare's keys, and its last line: from 1 */
struct set_key {
	const char *key;
	size_t line;
};

static size_t list_keys(const struct gs_clusterenv *doc, struct set_key ret[KEYS])
{
	struct gs_assignment a;
	size_t n = 0;

	for (size_t i = 0; gs_clusterenv_next(doc, &i, &a);) {
		const char *key = gs_clusterenv_key(a.key);
		size_t k = 0;

		while (k < n && ret[k].key != key)
			k++;
		if (!key || k == KEYS)
			continue;
		ret[k] = (struct set_key){ key, a.line + 1 };
		n += k == n;
	}
	return n;
}

static int add_look(const struct gs_file *file, size_t line, struct gs_err *err)
{
	gs_autofree char *script = gs_printf("%zup", line);

	return gs_err_fix(err, "see that line, and correct it: ", "sudo", "sed", "-n", script,
			  file->path);
}

static int refuse_other(const struct gs_file *file, const struct set_key *own, size_t line,
			struct gs_span is, struct gs_err *err)
{
	gs_autostr struct gs_str shown = { 0 };

	if (!line) {
		gs_err_set(err, EINVAL, "'%s' line %zu: Docker Compose does not see %s", file->path,
			   own->line, own->key);
	} else {
		gs_str_add_safe(&shown,
				gs_span(is.ptr, is.len < SHOWN_BYTES ? is.len : SHOWN_BYTES));
		gs_err_set(err, EINVAL,
			   "'%s' line %zu: Docker Compose would read '%s%s' for %s there",
			   file->path, line, shown.ptr ? shown.ptr : "",
			   is.len > SHOWN_BYTES ? "..." : "", own->key);
	}
	gs_err_cause(err, "ENV_COMPOSE_DIFFERS");
	return add_look(file, line ? line : own->line, err);
}

/* What is written is of no use where a line of others makes Compose refuse or replace it. */
static int check_compose(const struct gs_file *file, const struct gs_clusterenv *doc,
			 struct gs_span text, struct gs_err *err)
{
	struct set_key own[KEYS] = { 0 };
	size_t n = list_keys(doc, own);

	for (size_t i = 0; i < n; i++) {
		struct gs_span meant, is;
		size_t line, bad;
		const char *why;

		if (!gs_clusterenv_get(doc, own[i].key, &meant))
			continue;
		bad = gs_envcompose_find(text, own[i].key, &is, &line, &why);
		if (bad) {
			gs_err_set(err, EINVAL,
				   "'%s' line %zu: Docker Compose refuses the file: %s", file->path,
				   bad, why);
			gs_err_cause(err, "ENV_COMPOSE_REFUSES");
			return add_look(file, bad, err);
		}
		if (!line || !gs_span_is(is, meant))
			return refuse_other(file, &own[i], line, is, err);
	}
	return 0;
}

static int check_size(const struct gs_file *file, const struct gs_clusterenv *doc,
		      struct gs_err *err)
{
	if (doc->text.n <= LINES_MAX)
		return 0;
	gs_err_set(err, EFBIG, "'%s' has %zu lines: it is not a cluster.env", file->path,
		   doc->text.n);
	gs_err_cause(err, "ENV_TOO_LONG");
	return gs_err_advise(err, "specify the cluster.env with --write");
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

	if (gs_clusterenv_parse(gs_str_span(&file->text), &doc, err) < 0)
		return gs_err_prefix(err, "'%s'", file->path);
	if (check_size(file, &doc, err) < 0)
		return err->code;
	if (gs_clusterenv_apply(&doc, &values, &changed, err) < 0)
		return gs_err_prefix(err, "'%s'", file->path);
	if (env->canonical)
		gs_clusterenv_canonical(&doc);
	gs_clusterenv_render(&doc, &text);
	if (check_compose(file, &doc, gs_str_span(&text), err) < 0)
		return err->code;
	gs_plan_write(plan, file, gs_str_span(&text), 0644,
		      "specify where the datasets of this "
		      "node are");
	if (plan->n && plan->v[plan->n - 1].kind == GS_STEP_WRITE_FILE)
		plan->v[plan->n - 1].write.secret = true;
	gs_plan_item(plan, changed ? '+' : '=', "write", "%s", file->path);
	return 0;
}
