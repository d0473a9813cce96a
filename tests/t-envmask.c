/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <string.h>

#include "core/format/clusterenv.h"
#include "core/format/envmask.h"
#include "core/format/merge3.h"

/*
 * What the journal keeps of a cluster.env, and that it is enough: for a file before a run and what
 * others made of it after, undo gives what it gives with the whole texts.
 */

static const struct mask_row {
	const char *name, *text;
	const char *mask; /* '@' for a line of others */
} masks[] = {
	{ "empty", "", "" },
	{ "a password", "POSTGRES_PASSWORD=x\nNODE_TYPE=leader\n", "@\nNODE_TYPE=leader\n" },
	{ "no end", "NODE_TYPE=leader\nPOSTGRES_PASSWORD=x", "NODE_TYPE=leader\n@" },
	{ "ours without an end", "# x\nNODE_TYPE=leader", "@\nNODE_TYPE=leader" },
	{ "export, Compose, a comment behind",
	  "export NODE_TYPE='a b'\nPOSTGRES_HOST: x\nNODE_TYPE=leader # mine\n",
	  "export NODE_TYPE='a b'\nPOSTGRES_HOST: x\nNODE_TYPE=leader # mine\n" },
	{ "a key that only begins so", "NODE_TYPES=x\n#NODE_TYPE=y\n", "@\n@\n" },
	{ "inside somebody's quotes", "SECRET='a\nNODE_TYPE=x\nb'\nNODE_TYPE=y\n",
	  "@\n@\n@\nNODE_TYPE=y\n" },
	{ "a quote left open by the key itself", "NODE_TYPE=\"x\nA=1\n", "NODE_TYPE=\"x\n@\n" },
	{ "over several lines", "NODE_TYPE='a\nb'\n", "@\n@\n" },
	{ "blank lines", "A=1\n\n \nB=2\n", "@\n\n \n@\n" },
	{ "carriage returns", "A=1\r\nNODE_TYPE=x\r\n", "@\nNODE_TYPE=x\r\n" },
};

static void test_mask(void **state)
{
	const struct mask_row *row = *state;
	gs_autostr struct gs_str mask = { 0 }, again = { 0 };

	gs_envmask(gs_span_of(row->text), &mask);
	gs_envmask(gs_str_span(&mask), &again);
	assert_true(gs_span_is(gs_str_span(&mask), gs_str_span(&again)));
	for (size_t i = 0; i < mask.len; i++)
		if (!mask.ptr[i])
			mask.ptr[i] = '@';
	assert_true(gs_span_is_text(gs_str_span(&mask), row->mask));
}

static const struct fill_row {
	const char *name, *old;
	const char *cut, *put; /* in what the run left: this gives way to that */
} fills[] = {
	{ "as the run left it", "POSTGRES_PASSWORD=x\n", .cut = NULL },
	{ "from nothing", "", .cut = NULL },
	{ "from blank lines", "\n\n", .cut = NULL },
	{ "a last line without an end", "A=1\nPOSTGRES_PASSWORD=x", .cut = NULL },
	{ "a backslash at the end", "A=1\nB=2\\", .cut = NULL },
	{ "a backslash and an end", "A=1\nB=2\\\n", .cut = NULL },
	{ "values that were there", "NODE_TYPE=x\nA=1\nPOSTGRES_HOST='b'\nB=2\n", .cut = NULL },
	{ "all of them, the last without an end",
	  "A=1\nENABLE_CLUSTER_MODE=n\nNODE_TYPE=x\nLOCAL_DATASET_CACHE_DIR=/a/\nB=2\n"
	  "POSTGRES_HOST=b",
	  .cut = NULL },
	{ "carriage returns", "A=1\r\nNODE_TYPE=x\r\nB=2\r\n", .cut = NULL },
	{ "a quote left open by the key itself",
	  "ENABLE_CLUSTER_MODE=n\nPOSTGRES_HOST=b\nA=1\nLOCAL_DATASET_CACHE_DIR=/a/\n"
	  "NODE_TYPE=\"x\nB=2\n",
	  .cut = NULL },
	{ "twice the same key", "NODE_TYPE=x\nA=1\nNODE_TYPE=y\n", .cut = NULL },
	{ "a rotated password", "A=1\nNODE_TYPE=x\nPASSWORD=old\nB=2\n", .cut = "PASSWORD=old",
	  .put = "PASSWORD=new" },
	{ "a line more at the front", "A=1\nNODE_TYPE=x\nB=2\n", .cut = "A=1\n",
	  .put = "ZERO=0\nA=1\n" },
	{ "a line more behind", "A=1\nNODE_TYPE=x\nB=2\n", .cut = "HOST=postgres\n",
	  .put = "HOST=postgres\nLAST=9\n" },
	{ "a line more behind, where there was no end", "A=1", .cut = "HOST=postgres\n",
	  .put = "HOST=postgres\nLAST=9\n" },
	{ "a line less", "A=1\nNODE_TYPE=x\nB=2\nC=3\n", .cut = "B=2\n", .put = "" },
	{ "all others gone", "A=1\nB=2\n", .cut = "A=1\nB=2\n", .put = "" },
	{ "others between ours", "A=1\n", .cut = "NODE_TYPE=leader\n",
	  .put = "NODE_TYPE=leader\nB=2\n" },
	{ "one less before, one more behind", "A=1\nNODE_TYPE=x\nB=2\n", .cut = "A=1\nNODE",
	  .put = "NODE" },
	{ "our line changed", "A=1\nNODE_TYPE=x\nB=2\n", .cut = "NODE_TYPE=leader",
	  .put = "NODE_TYPE=mine" },
	{ "our line undone by hand", "A=1\nNODE_TYPE=x\nB=2\n", .cut = "NODE_TYPE=leader",
	  .put = "NODE_TYPE=x" },
	{ "our line gone", "A=1\nNODE_TYPE=x\nB=2\n", .cut = "NODE_TYPE=leader\n", .put = "" },
};

static void run(const char *old, struct gs_str *ret)
{
	const struct gs_clusterenv_values values = { GS_NODE_LEADER, "/srv/a", "postgres" };
	GS_AUTO(gs_clusterenv_done) struct gs_clusterenv env = { 0 };
	struct gs_err err = { 0 };
	bool changed = false;

	assert_int_equal(gs_clusterenv_parse(gs_span_of(old), &env, &err), 0);
	assert_int_equal(gs_clusterenv_apply(&env, &values, &changed, &err), 0);
	gs_clusterenv_render(&env, ret);
}

static void edit(const struct gs_str *text, const struct fill_row *row, struct gs_str *ret)
{
	const char *at = row->cut ? strstr(text->ptr, row->cut) : NULL;

	if (!row->cut) {
		gs_str_add(ret, gs_str_span(text));
		return;
	}
	assert_non_null(at);
	gs_str_add(ret, gs_span(text->ptr, (size_t)(at - text->ptr)));
	gs_str_adds(ret, row->put);
	gs_str_adds(ret, at + strlen(row->cut));
}

/* Undo by masks and undo by whole texts: the same text, or both a conflict. */
static void compare(struct gs_span old, struct gs_span new, struct gs_span now)
{
	gs_autostr struct gs_str old_mask = { 0 }, new_mask = { 0 }, old_text = { 0 };
	gs_autostr struct gs_str new_text = { 0 }, by_text = { 0 }, by_mask = { 0 };
	struct gs_undo_conflict where = { 0 };
	bool undone;

	gs_envmask(old, &old_mask);
	gs_envmask(new, &new_mask);
	assert_true(gs_envmask_fits(gs_str_span(&old_mask), gs_str_span(&new_mask)));
	gs_envmask_fill(gs_str_span(&old_mask), gs_str_span(&new_mask), now, &old_text, &new_text);
	if (gs_span_is(now, new) || gs_span_is(now, old)) {
		assert_true(gs_span_is(gs_str_span(&old_text), old));
		assert_true(gs_span_is(gs_str_span(&new_text), new));
	}
	undone = gs_undo_text(old, new, now, &by_text, &where);
	assert_int_equal(
		gs_undo_text(gs_str_span(&old_text), gs_str_span(&new_text), now, &by_mask, &where),
		undone);
	if (undone && !gs_span_is(gs_str_span(&by_mask), gs_str_span(&by_text)))
		fail_msg("'%s', not '%s'", by_mask.ptr, by_text.ptr);
}

static void test_fill(void **state)
{
	const struct fill_row *row = *state;
	gs_autostr struct gs_str new = { 0 }, now = { 0 };

	run(row->old, &new);
	edit(&new, row, &now);
	compare(gs_span_of(row->old), gs_str_span(&new), gs_str_span(&now));
	/* The undo of the undo, and a run that was killed before it wrote. */
	compare(gs_str_span(&new), gs_span_of(row->old), gs_span_of(row->old));
	compare(gs_span_of(row->old), gs_str_span(&new), gs_span_of(row->old));
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, masks, test_mask);
	TABLE_ADD(&table, fills, test_fill);
	return table_run("envmask", &table);
}
