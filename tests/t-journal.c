/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/exports/etab.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/report/report.h"
#include "core/step/step.h"
#include "core/step/step_state.h"
#include "core/step/steps.h"
#include "engine/run/journal_codec.h"
#include "engine/step/base64.h"
#include "engine/step/steps.h"

/* ---- base64: RFC 4648 section 10, and what is not base64 --------------------------------- */

static const struct code_row {
	const char *name, *text;
	size_t n;
	const char *bytes; /* NULL: refused */
} codes[] = {
	{ "nothing", "", 0, "" },
	{ "one byte", "Zg==", 1, "f" },
	{ "two bytes", "Zm8=", 2, "fo" },
	{ "three bytes", "Zm9v", 3, "foo" },
	{ "six bytes", "Zm9vYmFy", 6, "foobar" },
	{ "NUL and 255", "AP8=", 2, "\0\377" },
	{ "cut short", "Zm8", 0, NULL },
	{ "padding in the middle", "Zg==Zm9v", 0, NULL },
	{ "padding alone", "====", 0, NULL },
	{ "three paddings", "Z===", 0, NULL },
	{ "left-over bits", "Zh==", 0, NULL },
	{ "a blank", "Zm 8", 0, NULL },
};

static void test_code(void **state)
{
	const struct code_row *row = *state;
	gs_autostr struct gs_str bytes = { 0 }, text = { 0 };

	assert_int_equal(gs_base64_parse(gs_span_of(row->text), &bytes), row->bytes != NULL);
	if (!row->bytes)
		return;
	assert_int_equal(bytes.len, row->n);
	if (row->n)
		assert_memory_equal(bytes.ptr, row->bytes, row->n);
	gs_base64_add(&text, gs_str_span(&bytes));
	assert_true(gs_span_is_text(gs_str_span(&text), row->text));
}

/* ---- records ----------------------------------------------------------------------------- */

static struct gs_span nul_text(void)
{
	return gs_span("a\0b\377\n", 5);
}

/* One step of every kind. */
static void make_run(struct gs_run *run)
{
	struct gs_plan *plan = &run->plan;
	struct gs_step *step;

	*run = (struct gs_run){ .id = 7, .plan.undoes = 3, .plan.exports.etab_known = true };
	run->time = gs_strdup("2026-11-22T19:06:14Z");
	run->by = gs_strdup("r\303\266\377");
	gs_strs_add(&run->command, "leader");
	gs_strs_add(&run->command, "add");
	gs_str_adds(&plan->exports.etab_before, "/srv\t10.0.0.1(ro)\n");
	for (int kind = 0; kind < GS_STEP_KINDS; kind++) {
		step = gs_plan_step(plan, (enum gs_step_kind)kind, "/etc/a \"b\"", "because");
		if (kind == GS_STEP_MAKE_DIR || kind == GS_STEP_REMOVE_DIR)
			step->dir = (struct gs_dir_spec){ 03775, 1, UINT32_MAX, "u::rwx", NULL };
		else if (kind == GS_STEP_SET_DIR)
			step->set_dir.from = (struct gs_dir_spec){ 0755, 0, 0, NULL, NULL },
			step->set_dir.to = (struct gs_dir_spec){ 0770, 1, 1, "u::rwx", "u::rwx" };
		else if (kind == GS_STEP_INSTALL)
			step->install = (struct gs_install){ &gs_manager_apt, GS_ROLE_FOLLOWER, 9 };
		else if (kind == GS_STEP_ADD_ACCOUNT)
			step->account.id = 997;
		else if (kind == GS_STEP_WRITE_FILE)
			step->write.old_exists = true, step->write.old = nul_text(),
			step->write.text = gs_span_of("new\n"), step->write.mode = 0644;
		else if (kind == GS_STEP_START_SERVER || kind == GS_STEP_STOP_SERVER)
			step->server.was_enabled = true;
		else if (kind == GS_STEP_STAGE || kind == GS_STEP_MOUNT)
			step->mount.source = "h:/x", step->mount.type = "nfs4",
			step->mount.options = "rw";
		else if (kind == GS_STEP_REMOUNT)
			step->remount.was = "rw,nosuid", step->remount.flags = "ro";
		else if (kind == GS_STEP_UMOUNT || kind == GS_STEP_RENEW)
			step->umount.source = "h:/x", step->umount.type = "nfs4",
			step->umount.options = "rw", step->umount.lazy = true,
			step->umount.ahead_kib = 15360;
		else if (kind == GS_STEP_GUARD)
			step->guard.on = true;
		else if (kind == GS_STEP_OPEN_PORT || kind == GS_STEP_CLOSE_PORT)
			step->opening = (struct gs_opening){ .kind = &gs_firewall_firewalld,
							     .host = step->path,
							     .tag = "gshare /srv",
							     .zone = "public",
							     .port = 2049,
							     .before = true,
							     .level = -7,
							     .place = 3 };
		else if (kind == GS_STEP_READ_AHEAD)
			step->ahead.kib = 15360, step->ahead.was_kib = 128;
	}
	gs_exports_predict(&plan->exports, "/srv", "10.0.0.1");
}

static void test_round_trip(void **state)
{
	GS_AUTO(gs_run_done) struct gs_run run, back = { 0 };
	gs_autostr struct gs_str text = { 0 }, again = { 0 };
	struct gs_err err = { 0 };
	const struct gs_step *write;

	(void)state;
	make_run(&run);
	gs_record_encode(&run, &text);
	assert_int_equal(gs_record_decode(gs_str_span(&text), "f", &back, &err), 0);
	assert_int_equal(back.state, GS_RUN_UNFINISHED);
	assert_int_equal(back.head_bytes, text.len);
	assert_string_equal(back.by, run.by);
	assert_int_equal(back.plan.n, run.plan.n);
	write = &back.plan.v[GS_STEP_WRITE_FILE];
	assert_true(gs_span_is(write->write.old, nul_text()));
	assert_int_equal(back.plan.v[GS_STEP_MAKE_DIR].dir.gid, UINT32_MAX);
	assert_true(back.plan.v[GS_STEP_UMOUNT].umount.lazy);
	assert_int_equal(back.plan.v[GS_STEP_UMOUNT].umount.ahead_kib, 15360);
	assert_ptr_equal(back.plan.v[GS_STEP_INSTALL].install.manager, &gs_manager_apt);
	assert_int_equal(back.plan.v[GS_STEP_INSTALL].install.role, GS_ROLE_FOLLOWER);
	assert_int_equal(back.plan.v[GS_STEP_INSTALL].install.timeout_s, 9);
	assert_ptr_equal(back.plan.v[GS_STEP_OPEN_PORT].opening.kind, &gs_firewall_firewalld);
	assert_string_equal(back.plan.v[GS_STEP_OPEN_PORT].opening.host, "/etc/a \"b\"");
	assert_int_equal(back.plan.v[GS_STEP_OPEN_PORT].opening.level, -7);
	assert_null(back.plan.v[GS_STEP_OPEN_PORT].opening.was);
	assert_true(back.plan.v[GS_STEP_GUARD].guard.on);
	assert_string_equal(back.plan.v[GS_STEP_REMOUNT].remount.was, "rw,nosuid");
	assert_int_equal(back.plan.v[GS_STEP_READ_AHEAD].ahead.was_kib, 128);
	assert_true(back.plan.v[GS_STEP_STOP_SERVER].server.was_enabled);
	gs_record_encode(&back, &again);
	assert_string_equal(text.ptr, again.ptr);
}

/* What an older gshare wrote: of every kind that there was, and read for ever. */
static const struct old_row {
	const char *name;
	enum gs_run_state state;
	const char *end;
} olds[] = {
	{ "every-kind-unfinished", GS_RUN_UNFINISHED, "" },
	{ "every-kind-done", GS_RUN_DONE, "{\"end\":\"DONE\",\"left\":[]}\n" },
	{ "every-kind-left", GS_RUN_LEFT, "{\"end\":\"LEFT\",\"left\":[\"/etc/a \\\"b\\\"\"]}\n" },
	{ "every-kind-taken-back", GS_RUN_ROLLED_BACK, "{\"end\":\"TAKEN_BACK\",\"left\":[]}\n" },
};

/* Kinds and states that have another name by now. */
static const char *const renamed[][2] = {
	{ "\"PROVE\"", "\"VERIFY\"" },
	{ "\"DRESS_DIR\"", "\"SET_DIR\"" },
	{ "\"TAKEN_BACK\"", "\"ROLLED_BACK\"" },
};

/* An old record as it is written today. */
static void add_renamed(const char *old, struct gs_str *out)
{
	const char *from = old;

	while (*from) {
		size_t i = 0;

		while (i < GS_COUNT(renamed) &&
		       strncmp(from, renamed[i][0], strlen(renamed[i][0])) != 0)
			i++;
		if (i == GS_COUNT(renamed)) {
			gs_str_addc(out, *from++);
			continue;
		}
		gs_str_adds(out, renamed[i][1]);
		from += strlen(renamed[i][0]);
	}
}

enum { OLD_KINDS = 19, OLD_MAX_BYTES = 64 * 1024 };

static void test_old(void **state)
{
	const struct old_row *row = *state;
	const char *top = getenv("abs_top_srcdir");
	gs_autofree char *path = gs_printf("%s/tests/corpus/journal/%s", top ? top : ".",
					   row->name);
	GS_AUTO(gs_run_done) struct gs_run back = { 0 };
	gs_autostr struct gs_str again = { 0 }, expected = { 0 };
	char text[OLD_MAX_BYTES] = "";
	struct gs_err err = { 0 };
	FILE *file = fopen(path, "r");
	size_t n;

	assert_non_null(file);
	n = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	assert_int_equal(gs_record_decode(gs_span(text, n), path, &back, &err), 0);
	assert_int_equal(back.state, row->state);
	assert_int_equal(back.plan.n, OLD_KINDS);
	gs_record_encode(&back, &again);
	if (back.state != GS_RUN_UNFINISHED)
		gs_record_encode_end(back.state, &back.left, &again);
	add_renamed(text, &expected);
	assert_string_equal(again.ptr, expected.ptr);
	assert_string_equal(text + n - strlen(row->end), row->end);
}

#define ENV_OLD "POSTGRES_PASSWORD=hunter2\nNODE_TYPE=x\n# hunter2"
#define ENV_NEW "POSTGRES_PASSWORD=hunter2\nNODE_TYPE=leader\n# hunter2\nPOSTGRES_HOST=a\n"

/* What others keep in a cluster.env is not the journal's; with the file, the record is whole. */
static void test_secret(void **state)
{
	GS_AUTO(gs_run_done) struct gs_run run = { .id = 7 }, back = { 0 };
	struct gs_file now = { .exists = true };
	gs_autostr struct gs_str text = { 0 }, again = { 0 };
	struct gs_err err = { 0 };
	struct gs_step *step;

	(void)state;
	run.time = gs_strdup("t");
	run.by = gs_strdup("b");
	step = gs_plan_step(&run.plan, GS_STEP_WRITE_FILE, "/srv/cluster.env", "w");
	step->write.old_exists = step->write.secret = true;
	step->write.old = gs_span_of(ENV_OLD);
	step->write.text = gs_span_of(ENV_NEW);
	gs_record_encode(&run, &text);
	assert_null(strstr(text.ptr, "hunter2"));
	assert_non_null(strstr(text.ptr, "NODE_TYPE=leader"));
	assert_int_equal(gs_record_decode(gs_str_span(&text), "f", &back, &err), 0);
	gs_record_encode(&back, &again);
	assert_string_equal(text.ptr, again.ptr);
	gs_str_adds(&now.text, ENV_NEW);
	gs_step_unmask(&back.plan, &back.plan.v[0], &now);
	assert_true(gs_span_is_text(back.plan.v[0].write.old, ENV_OLD));
	assert_true(gs_span_is_text(back.plan.v[0].write.text, ENV_NEW));
	assert_true(back.plan.v[0].write.secret && !back.plan.v[0].write.masked);
	gs_str_done(&now.text);
}

/* A kind without a row, or with half of one, would be a crash of --dry-run or of a recovery. */
static void test_rows(void **state)
{
	GS_AUTO(gs_run_done) struct gs_run run;

	(void)state;
	for (int i = 0; i < GS_STEP_KINDS; i++) {
		const enum gs_step_kind kind = (enum gs_step_kind)i;
		const struct gs_step_info *info = gs_step_info_of(kind);
		const struct gs_step_ops *ops = gs_step_ops_of(kind);
		enum gs_step_kind found = GS_STEP_VERIFY;

		assert_non_null(info);
		assert_true(gs_step_kind_find(info->name, &found));
		assert_int_equal(found, kind);
		assert_true(!info->was || (gs_step_kind_find(info->was, &found) && found == kind));
		assert_true(!info->words != !info->add);
		assert_non_null(ops);
		assert_true(ops->run && ops->back);
		assert_true(!ops->put == !ops->get);
		assert_true(ops->look || (!ops->back_after_crash && !ops->must));
	}
	make_run(&run);
	for (size_t i = 0; i < run.plan.n; i++) {
		gs_autostr struct gs_str out = { 0 };

		gs_step_command(&run.plan.v[i], &out);
		assert_true(out.len > 0);
	}
}

#define HEAD                                                                                       \
	"{\"schema\":\"gshare-journal/1\",\"id\":7,\"time\":\"t\",\"by\":\"b\",\"command\":[],"    \
	"\"undoes\":0,\"etab\":null,\"exports\":[],\"steps\":["
#define WHOLE HEAD "]}\n"

static const struct record_row {
	const char *name, *text;
	int state;	   /* -1: refused */
	const char *error; /* in the message */
} records[] = {
	{ "no end", WHOLE, GS_RUN_UNFINISHED, NULL },
	{ "done", WHOLE "{\"end\":\"DONE\",\"left\":[]}\n", GS_RUN_DONE, NULL },
	{ "left", WHOLE "{\"end\":\"LEFT\",\"left\":[\"/x\"]}\n", GS_RUN_LEFT, NULL },
	{ "an end that is torn", WHOLE "{\"end\":\"DO", GS_RUN_UNFINISHED, NULL },
	{ "an end without its newline", WHOLE "{\"end\":\"DONE\",\"left\":[]}", GS_RUN_UNFINISHED,
	  NULL },
	{ "an end that says nothing", WHOLE "{}\n", -1,
	  "f:2: not a record: it has no usable "
	  "'end'" },
	{ "unfinished is no end", WHOLE "{\"end\":\"UNFINISHED\",\"left\":[]}\n", -1, "'end'" },
	{ "two ends", WHOLE "{\"end\":\"DONE\",\"left\":[]}\n{\"end\":\"DONE\",\"left\":[]}\n", -1,
	  "f:2:" },
	{ "empty", "", -1, "f:1: no JSON" },
	{ "no object", "[]\n", -1, "'schema'" },
	{ "another version", "{\"schema\":\"gshare-journal/2\"}\n", -1, "'schema'" },
	{ "a head cut short", HEAD, -1, "f:1: no JSON" },
	{ "a key twice", "{\"id\":1,\"id\":2}\n", -1, "f:1: no JSON" },
	{ "an unknown step", HEAD "{\"step\":\"FORMAT\",\"path\":\"/\",\"why\":\"\"}]}\n", -1,
	  "'steps'" },
	{ "a step without its fields",
	  HEAD "{\"step\":\"WRITE_FILE\",\"path\":\"/\",\"why\":\"\"}]}\n", -1, "'steps'" },
	{ "a path with a NUL",
	  HEAD "{\"step\":\"PROVE\",\"path\":{\"base64\":\"AP8=\"},\"why\":\"\"}]}\n", -1,
	  "'steps'" },
	{ "a mode that is none",
	  HEAD "{\"step\":\"WRITE_FILE\",\"path\":\"/\",\"why\":\"\",\"old\":null,\"new\":\"\","
	       "\"mode\":65536}]}\n",
	  -1, "'steps'" },
	{ "a file from nothing to nothing",
	  HEAD "{\"step\":\"WRITE_FILE\",\"path\":\"/\",\"why\":\"\",\"old\":null,\"new\":null,"
	       "\"mode\":420}]}\n",
	  -1, "'steps'" },
	{ "a step that is a number", HEAD "7]}\n", -1, "'steps'" },
};

static void test_record(void **state)
{
	const struct record_row *row = *state;
	GS_AUTO(gs_run_done) struct gs_run run = { 0 };
	struct gs_err err = { 0 };
	int r = gs_record_decode(gs_span_of(row->text), "f", &run, &err);
	enum gs_run_state seen = GS_RUN_UNFINISHED;
	bool over = r == 0 && row->state == GS_RUN_DONE;

	assert_int_equal(gs_record_is_over(gs_span_of(row->text), 7, &seen), over);
	assert_int_equal(seen, over ? GS_RUN_DONE : GS_RUN_UNFINISHED);
	assert_false(gs_record_is_over(gs_span_of(row->text), 70, &seen));
	if (row->state >= 0) {
		assert_int_equal(r, 0);
		assert_int_equal(run.state, row->state);
		return;
	}
	assert_true(r < 0);
	assert_string_equal(err.id, "RUN_UNREADABLE");
	if (!strstr(err.msg, row->error))
		fail_msg("%s", err.msg);
	assert_int_equal(run.id, 0);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, codes, test_code);
	TABLE_ADD(&table, records, test_record);
	TABLE_ADD(&table, olds, test_old);
	table_add(&table, "what is written is read again", test_round_trip, NULL);
	table_add(&table, "no password of a cluster.env is kept", test_secret, NULL);
	table_add(&table, "every kind of step has its rows", test_rows, NULL);
	return table_run("journal", &table);
}
