/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as cluster.env: what is parsed is rendered as it was; a second edit changes
 * nothing; the four keys read back as set; lines that set other keys keep their bytes.
 */
#include "fuzz.h"

#include <errno.h>
#include <string.h>

#include "core/check/cluster.h"
#include "core/format/clusterenv.h"
#include "core/format/envcompose.h"
#include "core/format/envmask.h"
#include "core/format/envreaders.h"

static const struct {
	const char *key;
	const char *value;
} wanted[] = {
	{ "ENABLE_CLUSTER_MODE", "true" },
	{ "NODE_TYPE", "follower" },
	{ "LOCAL_DATASET_CACHE_DIR", "/mnt/data/" },
	{ "POSTGRES_HOST", "fd00::1" },
};

/* Written without the parser: does the line hold one of our keys at all? */
static bool names_our_key(struct gs_span line)
{
	for (size_t i = 0; i < GS_COUNT(wanted); i++)
		if (memmem(line.ptr, line.len, wanted[i].key, strlen(wanted[i].key)))
			return true;
	return false;
}

static void check_confined(const struct gs_clusterenv *before, const struct gs_clusterenv *after)
{
	LAW(after->text.n >= before->text.n);
	for (size_t i = 0; i < before->text.n; i++) {
		struct gs_span a = before->text.line[i].bytes, b = after->text.line[i].bytes;

		if (names_our_key(a))
			continue;
		if (i + 1 == before->text.n && b.len == a.len + 1 && b.ptr[a.len] == '\n')
			b.len--;
		LAW(gs_span_is(a, b));
	}
	for (size_t i = before->text.n; i < after->text.n; i++)
		LAW(names_our_key(after->text.line[i].bytes) ||
		    gs_span_is_text(after->text.line[i].bytes, "\n"));
}

/* What the journal keeps is enough, as long as the file is as the run left it or found it. */
static void check_mask(struct gs_span old, struct gs_span new)
{
	const struct gs_span now[] = { new, old };
	gs_autostr struct gs_str old_mask = { 0 }, new_mask = { 0 };

	gs_envmask(old, &old_mask);
	gs_envmask(new, &new_mask);
	LAW(gs_envmask_fits(gs_str_span(&old_mask), gs_str_span(&new_mask)));
	for (size_t i = 0; i < GS_COUNT(now); i++) {
		gs_autostr struct gs_str old_text = { 0 }, new_text = { 0 };

		gs_envmask_fill(gs_str_span(&old_mask), gs_str_span(&new_mask), now[i], &old_text,
				&new_text);
		LAW(gs_span_is(gs_str_span(&old_text), old));
		LAW(gs_span_is(gs_str_span(&new_text), new));
	}
}

static void check_values(const struct gs_clusterenv *env)
{
	for (size_t i = 0; i < GS_COUNT(wanted); i++) {
		struct gs_span value;

		LAW(gs_clusterenv_get(env, wanted[i].key, &value));
		LAW(gs_span_is_text(value, wanted[i].value));
	}
}

/* What doctor reads: of any text what is there, and of a written one what was written, once. */
static void check_judged(struct gs_span text, bool is_written)
{
	GS_AUTO(gs_cluster_values_done) struct gs_cluster_values values = { 0 };

	gs_cluster_read(text, &values);
	for (size_t k = 0; k < GS_CLUSTER_KEYS; k++) {
		const struct gs_cluster_value *value = &values.of[k];

		LAW(!value->text == !value->line && !value->earlier == !value->earlier_line);
		LAW(!value->earlier || value->earlier_line < value->line);
		LAW(!is_written ||
		    (value->text && !strcmp(value->text, wanted[k].value) && !value->earlier));
	}
}

static void ignore(void *arg, const struct gs_env_flaw *flaw)
{
	LAW(flaw->lines > 0 && flaw->number[0] > 0);
	(void)arg;
}

/* Canonical lines keep the values, are no longer changed, and no reader sees another value there.
 */
static void check_canonical(struct gs_clusterenv *env, struct gs_span old)
{
	gs_autostr struct gs_str out = { 0 };
	struct gs_span value;
	const char *why;
	size_t line;

	gs_env_flaws(env, ignore, NULL);
	gs_clusterenv_canonical(env);
	check_values(env);
	LAW(!gs_clusterenv_canonical(env));
	gs_env_flaws(env, ignore, NULL);
	gs_clusterenv_render(env, &out);
	check_mask(old, gs_str_span(&out));
	gs_envcompose_find(gs_str_span(&out), wanted[0].key, &value, &line, &why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct gs_clusterenv_values values = { GS_NODE_FOLLOWER, "/mnt/data", "fd00::1" };
	GS_AUTO(gs_clusterenv_done) struct gs_clusterenv before = { 0 };
	GS_AUTO(gs_clusterenv_done) struct gs_clusterenv env = { 0 };
	GS_AUTO(gs_clusterenv_done) struct gs_clusterenv again = { 0 };
	struct gs_span text = gs_span((const char *)data, size);
	gs_autostr struct gs_str same = { 0 };
	gs_autostr struct gs_str out = { 0 };
	bool changed = false, more = true;
	struct gs_err err = { 0 };
	int code;

	check_judged(text, false);
	LAW(gs_clusterenv_parse(text, &before, &err) == 0);
	LAW(gs_clusterenv_parse(text, &env, &err) == 0);
	gs_clusterenv_render(&before, &same);
	LAW(gs_span_is(gs_str_span(&same), text));
	code = gs_clusterenv_apply(&env, &values, &changed, &err);
	gs_clusterenv_render(&env, &out);
	LAW(changed != gs_span_is(gs_str_span(&out), text));
	if (code < 0) {
		LAW(code == -EINVAL || code == -EILSEQ);
		return 0;
	}
	check_confined(&before, &env);
	check_mask(text, gs_str_span(&out));
	LAW(gs_clusterenv_parse(gs_str_span(&out), &again, &err) == 0);
	check_values(&again);
	check_judged(gs_str_span(&out), true);
	LAW(gs_clusterenv_apply(&again, &values, &more, &err) == 0 && !more);
	check_canonical(&again, text);
	return 0;
}
