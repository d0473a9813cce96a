/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/cluster.h"

#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "core/check/row.h"
#include "core/format/clusterenv.h"

static const char *const names[GS_CLUSTER_KEYS] = {
	[GS_CLUSTER_MODE] = "ENABLE_CLUSTER_MODE",
	[GS_CLUSTER_NODE] = "NODE_TYPE",
	[GS_CLUSTER_DIR] = "LOCAL_DATASET_CACHE_DIR",
	[GS_CLUSTER_POSTGRES] = "POSTGRES_HOST",
};

/* ---- the file -------------------------------------------------------------------------------- */

static struct gs_span unquoted(struct gs_span raw)
{
	if (raw.len >= 2 && (raw.ptr[0] == '"' || raw.ptr[0] == '\'') &&
	    raw.ptr[raw.len - 1] == raw.ptr[0])
		return gs_span(raw.ptr + 1, raw.len - 2);
	return raw;
}

/* @line: from 0 */
static void take(struct gs_cluster_value *value, struct gs_span text, size_t line)
{
	if (value->text && !gs_span_is_text(text, value->text)) {
		free(value->earlier);
		value->earlier = value->text;
		value->earlier_line = value->line;
		value->text = NULL;
	}
	if (!value->text)
		value->text = gs_span_dup(text);
	value->line = line + 1;
}

void gs_cluster_read(struct gs_span text, struct gs_cluster_values *ret)
{
	GS_AUTO(gs_clusterenv_done) struct gs_clusterenv env = { 0 };
	struct gs_assignment a;
	struct gs_err unread = { 0 };

	*ret = (struct gs_cluster_values){ 0 };
	if (gs_clusterenv_parse(text, &env, &unread) < 0)
		return;
	for (size_t i = 0; gs_clusterenv_next(&env, &i, &a);)
		for (size_t k = 0; k < GS_CLUSTER_KEYS; k++)
			if (gs_span_is_text(a.key, names[k]))
				take(&ret->of[k], unquoted(a.raw), a.line);
}

void gs_cluster_values_done(struct gs_cluster_values *values)
{
	for (size_t k = 0; k < GS_CLUSTER_KEYS; k++) {
		free(values->of[k].text);
		free(values->of[k].earlier);
	}
}

/* ---- what it means here ---------------------------------------------------------------------- */

static bool has_dir(const struct gs_strs *places, const char *dir)
{
	for (size_t i = 0; i < places->n; i++)
		if (gs_path_is_within(dir, places->v[i]))
			return true;
	return false;
}

enum gs_side gs_cluster_side(const char *dir, const struct gs_strs *shared,
			     const struct gs_strs *mounted)
{
	return has_dir(mounted, dir)  ? GS_SIDE_FOLLOWER
	       : has_dir(shared, dir) ? GS_SIDE_LEADER
				      : GS_SIDE_ANY;
}

static const char *value(const struct gs_cluster_values *values, enum gs_cluster_key key)
{
	return values->of[key].text ? values->of[key].text : "";
}

bool gs_cluster_is_follower(const struct gs_cluster_values *values)
{
	return !strcmp(value(values, GS_CLUSTER_NODE), "follower");
}

bool gs_cluster_is_here(const char *host)
{
	return !strcmp(host, "postgres") || !strcmp(host, "localhost") || !strcmp(host, "::1") ||
	       !strncmp(host, "127.", strlen("127."));
}

static bool is_absent(const struct gs_facts *facts)
{
	return !facts->cluster->is_there;
}

static void say_absent(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "%s does not exist", facts->cluster->file);
}

static void fix_env(const struct gs_facts *facts, struct gs_fixes *out)
{
	if (facts->cluster->env)
		gs_command(gs_fix_here(out, ""), "sudo", "gshare", "env", facts->cluster->env,
			   "--write", facts->cluster->file);
}

static bool lacks_key(const struct gs_facts *facts)
{
	for (size_t k = 0; k < GS_CLUSTER_KEYS; k++)
		if (!facts->cluster->values->of[k].text)
			return true;
	return false;
}

static void say_lacking(const struct gs_facts *facts, struct gs_str *out)
{
	const char *separator = " does not set ";

	gs_str_adds(out, facts->cluster->file);
	for (size_t k = 0; k < GS_CLUSTER_KEYS; k++) {
		if (facts->cluster->values->of[k].text)
			continue;
		gs_str_addf(out, "%s%s", separator, names[k]);
		separator = ", ";
	}
	gs_str_adds(out, ": what else is set, or a default, counts");
}

static const struct gs_cluster_value *twice(const struct gs_facts *facts, size_t *ret_key)
{
	for (size_t k = 0; k < GS_CLUSTER_KEYS; k++)
		if (facts->cluster->values->of[k].earlier) {
			*ret_key = k;
			return &facts->cluster->values->of[k];
		}
	return NULL;
}

static bool is_twice(const struct gs_facts *facts)
{
	size_t key;

	return twice(facts, &key);
}

static void say_twice(const struct gs_facts *facts, struct gs_str *out)
{
	size_t key;
	const struct gs_cluster_value *found = twice(facts, &key);

	if (!found)
		return;
	gs_str_addf(out, "%s: %s is '", facts->cluster->file, names[key]);
	gs_str_add_safe(out, gs_span_of(found->earlier));
	gs_str_addf(out, "' in line %zu and '", found->earlier_line);
	gs_str_add_safe(out, gs_span_of(found->text));
	gs_str_addf(out, "' in line %zu, which counts", found->line);
}

static void add_setting(const struct gs_cluster_fact *cluster, enum gs_cluster_key key,
			struct gs_str *out)
{
	gs_str_addf(out, "%s:%zu sets %s to '", cluster->file, cluster->values->of[key].line,
		    names[key]);
	gs_str_add_safe(out, gs_span_of(value(cluster->values, key)));
	gs_str_addc(out, '\'');
}

static bool is_off(const struct gs_facts *facts)
{
	const char *mode = facts->cluster->values->of[GS_CLUSTER_MODE].text;

	return mode && strcmp(mode, "true") != 0;
}

static void say_off(const struct gs_facts *facts, struct gs_str *out)
{
	add_setting(facts->cluster, GS_CLUSTER_MODE, out);
	gs_str_adds(out, ", not to 'true': this node works by itself, as no part of a cluster");
}

static bool is_elsewhere(const struct gs_facts *facts)
{
	return facts->cluster->values->of[GS_CLUSTER_DIR].text &&
	       facts->cluster->side == GS_SIDE_ANY;
}

static void say_elsewhere(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_strs *shared = facts->cluster->shared, *mounted = facts->cluster->mounted;

	add_setting(facts->cluster, GS_CLUSTER_DIR, out);
	if (!shared->n && !mounted->n)
		gs_str_adds(out, ", and this node neither shares nor mounts anything by NFS");
	else
		gs_str_addf(out, ", which is not in what this node %s: %s",
			    mounted->n ? "mounts" : "shares",
			    mounted->n ? mounted->v[0] : shared->v[0]);
	if (mounted->n + (mounted->n ? 0 : shared->n) > 1)
		gs_str_adds(out, " and others");
}

static bool is_other_type(const struct gs_facts *facts)
{
	const struct gs_cluster_fact *cluster = facts->cluster;
	const char *type = cluster->values->of[GS_CLUSTER_NODE].text;

	if (!type)
		return false;
	if (strcmp(type, "leader") != 0 && strcmp(type, "follower") != 0)
		return true;
	return cluster->side == GS_SIDE_LEADER
		       ? strcmp(type, "leader") != 0
		       : cluster->side == GS_SIDE_FOLLOWER && cluster->is_known &&
				 strcmp(type, "follower") != 0;
}

static void say_other_type(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_cluster_fact *cluster = facts->cluster;

	add_setting(cluster, GS_CLUSTER_NODE, out);
	if (cluster->side == GS_SIDE_ANY)
		gs_str_adds(out, ", which is neither leader nor follower");
	else
		gs_str_addf(out, ", and this node %s %s",
			    cluster->side == GS_SIDE_LEADER ? "shares" : "mounts",
			    value(cluster->values, GS_CLUSTER_DIR));
}

static bool looks_here(const struct gs_facts *facts)
{
	const struct gs_cluster_fact *cluster = facts->cluster;
	const char *host = cluster->values->of[GS_CLUSTER_POSTGRES].text;

	return host && cluster->side != GS_SIDE_LEADER && gs_cluster_is_follower(cluster->values) &&
	       gs_cluster_is_here(host);
}

static void say_here(const struct gs_facts *facts, struct gs_str *out)
{
	add_setting(facts->cluster, GS_CLUSTER_POSTGRES, out);
	gs_str_adds(out, ", this node: a follower runs no PostgreSQL, the leader's is meant");
}

static size_t overridden(const struct gs_cluster_fact *cluster)
{
	size_t k = 0;

	while (k < GS_CLUSTER_KEYS &&
	       (!cluster->values->of[k].text || !cluster->customs->of[k].text ||
		!strcmp(cluster->values->of[k].text, cluster->customs->of[k].text)))
		k++;
	return k;
}

static bool is_overridden(const struct gs_facts *facts)
{
	return facts->cluster->custom && overridden(facts->cluster) < GS_CLUSTER_KEYS;
}

static void say_overridden(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_cluster_fact *cluster = facts->cluster;
	size_t key = overridden(cluster);

	if (key == GS_CLUSTER_KEYS)
		return;
	gs_str_addf(out, "%s:%zu sets %s to '", cluster->custom, cluster->customs->of[key].line,
		    names[key]);
	gs_str_add_safe(out, gs_span_of(cluster->customs->of[key].text));
	gs_str_addf(out, "' without effect: %s counts, with '", cluster->file);
	gs_str_add_safe(out, gs_span_of(cluster->values->of[key].text));
	gs_str_addc(out, '\'');
}

const struct gs_check gs_checks_cluster[] = {
	{ "ENV_ABSENT", "There is no such cluster.env.", GS_ON_ANY, GS_GIVEN(CLUSTER), GS_FAIL,
	  is_absent, .message = say_absent, .fix = fix_env, .ends = true },
	{ "ENV_DIR_ELSEWHERE", "LOCAL_DATASET_CACHE_DIR is in no share or NFS mount of this node.",
	  GS_ON_ANY, GS_GIVEN(CLUSTER), GS_FAIL, is_elsewhere, .message = say_elsewhere,
	  .command = "share it with gshare leader init, or mount it with gshare follower mount",
	  .fix = fix_env },
	{ "ENV_KEY_MISSING", "A cluster.env does not set all of its four keys.", GS_ON_ANY,
	  GS_GIVEN(CLUSTER), GS_FAIL, lacks_key, .message = say_lacking, .fix = fix_env },
	{ "ENV_MODE_OFF", "ENABLE_CLUSTER_MODE of a cluster.env is not true.", GS_ON_ANY,
	  GS_GIVEN(CLUSTER), GS_FAIL, is_off, .message = say_off, .fix = fix_env },
	{ "ENV_NODE_DIFFERS", "NODE_TYPE of a cluster.env is not what this node is.", GS_ON_ANY,
	  GS_GIVEN(CLUSTER), GS_FAIL, is_other_type, .message = say_other_type, .fix = fix_env },
	{ "ENV_POSTGRES_HERE", "A follower's POSTGRES_HOST is the follower itself.", GS_ON_ANY,
	  GS_GIVEN(CLUSTER), GS_FAIL, looks_here, .message = say_here, .fix = fix_env },
	{ "ENV_KEY_TWICE", "A cluster.env sets a key to two values.", GS_ON_ANY, GS_GIVEN(CLUSTER),
	  GS_WARN, is_twice, .message = say_twice, .fix = fix_env },
	{ "ENV_CUSTOM_IGNORED", "cluster.env overrides what custom.env sets.", GS_ON_ANY,
	  GS_GIVEN(CLUSTER), GS_WARN, is_overridden, .message = say_overridden,
	  .command = "take it out of custom.env, so that nobody trusts it" },
	{ 0 },
};
