/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/check/causes.h"
#include "core/check/notes.h"
#include "core/check/tables.h"
#include "core/diagnose/case_text.h"
#include "core/diagnose/diagnose.h"
#include "core/diagnose/follows.h"
#include "core/diagnose/only.h"
#include "core/diagnose/own_fix.h"

/*
 * What follows from what. A row lists what was found, as "severity ID place", and how it is told:
 * "ID" for a cause, "ID<CAUSE" for what follows from it.
 */

struct row {
	const char *name;
	const char *found, *told;
	const char *only; /* ids; NULL: all are told */
};

static const struct row rows[] = {
	{ "nothing is wrong", "", "", NULL },
	{ "a warning stands by itself", "w BOOT_NOAUTO /a", "BOOT_NOAUTO", NULL },
	{ "a failure comes before a warning", "w BOOT_UNIT /a, f EXPORT_STALE /a",
	  "EXPORT_STALE BOOT_UNIT", NULL },
	{ "what is not served since the server is down",
	  "f NOT_ACTIVE /a, f SERVER_DOWN -, f NOT_ACTIVE /b",
	  "SERVER_DOWN NOT_ACTIVE<SERVER_DOWN NOT_ACTIVE<SERVER_DOWN", NULL },
	{ "and that is down since it is not installed",
	  "f NOT_ACTIVE /a, f SERVER_DOWN -, f SERVER_MISSING -",
	  "SERVER_MISSING NOT_ACTIVE<SERVER_MISSING SERVER_DOWN<SERVER_MISSING", NULL },
	{ "two causes are both told, the one that explains more first",
	  "f DATA_OPEN /a, f NOT_MOUNTED /b, f PORT_FILTERED /b",
	  "PORT_FILTERED NOT_MOUNTED<PORT_FILTERED DATA_OPEN", NULL },
	{ "a share that is not there has other fixes refused: it comes before them",
	  "f NOT_IN_FILE -, f VERIFY_LESS /a, f DIR_NOT_WRITABLE /a, f ID_MISSING -",
	  "ID_MISSING DIR_NOT_WRITABLE VERIFY_LESS<DIR_NOT_WRITABLE NOT_IN_FILE", NULL },
	{ "and so has another export that is the root", "f NOT_ACTIVE -, f PSEUDO_ROOT -",
	  "PSEUDO_ROOT NOT_ACTIVE", NULL },
	{ "a test file stays where the export is closed under it",
	  "f PROBE_LEFT /a, f EXPORT_STALE /a", "EXPORT_STALE PROBE_LEFT<EXPORT_STALE", NULL },
	{ "another mount's cause explains nothing here",
	  "f NOT_MOUNTED /a, f PORT_FILTERED /b, f NOT_MOUNTED /b",
	  "PORT_FILTERED NOT_MOUNTED<PORT_FILTERED NOT_MOUNTED", NULL },
	{ "what is found at the place itself explains before what is found for the node",
	  "f NOT_MOUNTED /a, f CLIENT_MISSING -, f PORT_FILTERED /a",
	  "PORT_FILTERED NOT_MOUNTED<PORT_FILTERED CLIENT_MISSING", NULL },
	{ "PostgreSQL is silent since its host is",
	  "f POSTGRES_SILENT /a, f NOT_MOUNTED /a, f HOST_NOT_RESPONDING /a",
	  "HOST_NOT_RESPONDING POSTGRES_SILENT<HOST_NOT_RESPONDING "
	  "NOT_MOUNTED<HOST_NOT_RESPONDING",
	  NULL },
	{ "a warning does not explain a failure", "w BOOT_NOAUTO /a, f NOT_MOUNTED /a",
	  "NOT_MOUNTED BOOT_NOAUTO", NULL },
	{ "files where the mount belongs keep gshare from mounting",
	  "f NOT_MOUNTED /a, f TARGET_NOT_EMPTY /a",
	  "TARGET_NOT_EMPTY NOT_MOUNTED<TARGET_NOT_EMPTY", NULL },
	{ "the test's file cannot be removed where its directory is gone",
	  "f PROBE_LEFT /a, f EXPORT_STALE /a", "EXPORT_STALE PROBE_LEFT<EXPORT_STALE", NULL },
	{ "the same finding twice is one", "f SERVER_DOWN -, f SERVER_DOWN -", "SERVER_DOWN",
	  NULL },
	{ "nor of a place, and of the node that has it", "f PATH_MISSING -, f PATH_MISSING /a",
	  "PATH_MISSING", NULL },
	{ "at two places it is two", "f NOT_MOUNTED /a, f NOT_MOUNTED /b",
	  "NOT_MOUNTED NOT_MOUNTED", NULL },
	{ "only what was asked for", "f DATA_OPEN /a, w BOOT_UNIT /a, f EXPORT_STALE /b",
	  "EXPORT_STALE BOOT_UNIT", "BOOT_UNIT,EXPORT_STALE" },
	{ "a cause stays with what follows from it",
	  "f NOT_MOUNTED /a, f PORT_FILTERED /a, f DATA_OPEN /b",
	  "PORT_FILTERED NOT_MOUNTED<PORT_FILTERED", "NOT_MOUNTED,PORT_FILTERED" },
	{ "what follows from a cause that was not asked for stands by itself",
	  "f DATA_OPEN /b, f NOT_MOUNTED /a, f PORT_FILTERED /a", "NOT_MOUNTED", "NOT_MOUNTED" },
	{ "what could not be looked at is told all the same",
	  "e LOOK_FAILED /a, f PORT_FILTERED /b", "LOOK_FAILED", "NOT_MOUNTED" },
	{ "nothing that was asked for", "f NOT_MOUNTED /a", "ok", "SERVER_DOWN" },
};

static enum gs_severity severity_of(char letter)
{
	return letter == 'f' ? GS_FAIL : letter == 'w' ? GS_WARN : GS_NOTE;
}

static void add(struct gs_cases *cases, enum gs_severity severity, const char *id,
		const char *place)
{
	GS_AUTO(gs_findings_done) struct gs_findings one = { 0 };

	gs_findings_add(&one, severity, id, NULL, "%s", "text");
	gs_cases_add(cases, GS_SIDE_ANY, place, &one.v[0]);
}

static void add_unseen(struct gs_cases *cases, const char *id, const char *place)
{
	struct gs_err err = { 0 };

	gs_err_set(&err, EIO, "text");
	gs_err_cause(&err, id);
	gs_cases_add_error(cases, GS_SIDE_ANY, place, &err);
}

/* The ids live as long as the row. */
static void find(struct gs_strs *ids, const char *found, struct gs_cases *cases)
{
	struct gs_span rest = gs_span_of(found), one;

	while (gs_span_cut(&rest, ',', &one)) {
		gs_autofree char *text = gs_span_dup(gs_span_trim(one));
		char *id = text + 2, *place = strchr(id, ' ');

		*place++ = '\0';
		gs_strs_add(ids, id);
		place = strcmp(place, "-") != 0 ? place : NULL;
		if (text[0] == 'e')
			add_unseen(cases, ids->v[ids->n - 1], place);
		else
			add(cases, severity_of(text[0]), ids->v[ids->n - 1], place);
	}
}

static void narrow(const char *only, struct gs_cases *cases)
{
	GS_AUTO(gs_strs_done) struct gs_strs ids = { 0 };
	struct gs_span rest = gs_span_of(only), id;

	while (gs_span_cut(&rest, ',', &id)) {
		gs_autofree char *text = gs_span_dup(id);

		gs_strs_add(&ids, text);
	}
	gs_cases_only(cases, &ids);
}

/* A cause that goes is named by what follows from it, which has its fix then. */
static void a_dropped_cause_is_named(void **state)
{
	GS_AUTO(gs_cases_done) struct gs_cases cases = { 0 };
	GS_AUTO(gs_findings_done) struct gs_findings found = { 0 };

	(void)state;
	gs_findings_add(&found, GS_FAIL, "PORT_FILTERED", "the right fix", "%s", "dropped");
	gs_findings_add(&found, GS_FAIL, "NOT_MOUNTED", "another fix", "%s", "not mounted");
	gs_cases_add_all(&cases, GS_SIDE_FOLLOWER, "/a", &found);
	gs_diagnose(&cases);
	narrow("NOT_MOUNTED", &cases);
	assert_int_equal(cases.n, 1);
	assert_string_equal(cases.v[0].finding.text, "because of PORT_FILTERED: not mounted");
	assert_string_equal(cases.v[0].finding.fix, "the right fix");
	assert_ptr_equal(gs_cases_cause(&cases), &cases.v[0]);
}

/* What is listed has a meaning, once; what needs a run of a verb is not listed. */
static void what_doctor_names(void **state)
{
	static const struct {
		const char *id, *side;
	} sides[] = {
		{ "SERVER_DOWN", "leader" },	     { "NOT_MOUNTED", "follower" },
		{ "CLIENT_ID_SHARED", "node" },	     { "PORT_FILTERED", "follower" },
		{ "SERVER_IN_CONTAINER", "leader" },
	};
	GS_AUTO(gs_strs_done) struct gs_strs ids = { 0 };

	(void)state;
	gs_doctor_ids(&ids);
	for (size_t i = 0; i < ids.n; i++) {
		assert_non_null(gs_meaning(ids.v[i]));
		assert_true(!i || strcmp(ids.v[i - 1], ids.v[i]) < 0);
	}
	for (size_t i = 0; i < sizeof sides / sizeof *sides; i++) {
		assert_true(gs_strs_has(&ids, sides[i].id));
		assert_string_equal(gs_doctor_side(sides[i].id), sides[i].side);
	}
	assert_false(gs_strs_has(&ids, "FOLLOWER_CUT_OFF"));
	assert_false(gs_strs_has(&ids, "UNDO_CONFLICT"));
}

static void test_row(void **state)
{
	const struct row *row = *state;
	GS_AUTO(gs_cases_done) struct gs_cases cases = { 0 };
	GS_AUTO(gs_strs_done) struct gs_strs ids = { 0 };
	gs_autostr struct gs_str told = { 0 };

	if (row->found[0])
		find(&ids, row->found, &cases);
	gs_diagnose(&cases);
	if (row->only)
		narrow(row->only, &cases);
	for (size_t i = 0; i < cases.n; i++) {
		const struct gs_case *c = &cases.v[i];

		gs_str_addf(&told, "%s%s", i ? " " : "", c->finding.id ? c->finding.id : "ok");
		if (c->because != GS_NO_CASE)
			gs_str_addf(&told, "<%s", cases.v[c->because].finding.id);
	}
	assert_string_equal(told.len ? told.ptr : "", row->told);
}

/* ---- at the end of other verbs ---- */

/* @more: is there anything that follows from it, and nothing beside? */
static const struct cause_row {
	const char *name, *found, *cause;
	bool more;
} cause_rows[] = {
	{ "no failure has no cause", "w BOOT_UNIT -", NULL, false },
	{ "a failure is told by itself", "f SERVER_DOWN -, w BOOT_UNIT -", "SERVER_DOWN", false },
	{ "one explains the other", "f NOT_ACTIVE -, f SERVER_DOWN -", "SERVER_DOWN", true },
	{ "a third stands by itself", "f NOT_ACTIVE -, f SERVER_DOWN -, f DATA_OPEN -",
	  "SERVER_DOWN", false },
};

static void test_cause(void **state)
{
	const struct cause_row *row = *state;
	GS_AUTO(gs_cases_done) struct gs_cases cases = { 0 };
	GS_AUTO(gs_findings_done) struct gs_findings found = { 0 };
	const struct gs_findings *const list[] = { &found };
	GS_AUTO(gs_strs_done) struct gs_strs ids = { 0 };
	const char *cause;
	bool more;

	find(&ids, row->found, &cases);
	for (size_t i = 0; i < cases.n; i++) {
		const struct gs_finding *f = &cases.v[i].finding;

		gs_findings_add(&found, f->severity, f->id, NULL, "%s", f->text);
	}
	cause = gs_findings_cause(list, GS_COUNT(list), &more);
	assert_string_equal(cause ? cause : "", row->cause ? row->cause : "");
	assert_int_equal(more, row->more);
}

/* ---- the fixes that are gshare's own -------------------------------------------------------- */

/* @words: separated by '|'; NULL: somebody else has to run it */
static const struct fix_row {
	const char *name, *text, *words;
} fix_rows[] = {
	{ "a whole command", "sudo gshare leader add 192.168.18.8", "leader|add|192.168.18.8" },
	{ "quoted words", "sudo gshare leader repair --path '/srv/a b/it'\\''s'",
	  "leader|repair|--path|/srv/a b/it's" },
	{ "an empty word", "sudo gshare leader add ''", "leader|add|" },
	{ "a verb alone", "sudo gshare leader init", "leader|init" },
	{ "of cluster.env", "sudo gshare env follower --write /opt/g/cluster.env",
	  "env|follower|--write|/opt/g/cluster.env" },
	{ "lines that nobody has proved", "sudo gshare env follower --write /c --unverified",
	  NULL },
	{ "the end of options", "sudo gshare leader add -- 192.168.18.8",
	  "leader|add|--|192.168.18.8" },
	{ "of another node", "on 192.168.18.13 run: sudo gshare leader add 192.168.18.8", NULL },
	{ "under a condition", "if that is not meant: sudo gshare leader init /a", NULL },
	{ "of another program", "sudo systemctl start nfs-server", NULL },
	{ "and another", "sudo gshare leader ro 192.168.18.8 && mount /a", NULL },
	{ "and another, near", "sudo gshare leader ro 192.168.18.8;reboot", NULL },
	{ "and a word on it", "sudo gshare leader init /a; containers go on", NULL },
	{ "with a variable", "sudo gshare leader init $HOME", NULL },
	{ "bytes that no terminal shows", "sudo gshare leader init $'/a\\012'", NULL },
	{ "a quote that stays open", "sudo gshare leader init '/a", NULL },
	{ "two blanks", "sudo gshare leader  add 192.168.18.8", NULL },
	{ "a blank at the end", "sudo gshare leader add 192.168.18.8 ", NULL },
	{ "it only looks", "sudo gshare leader status", NULL },
	{ "it interrupts", "sudo gshare follower unmount /a", NULL },
	{ "it takes back", "sudo gshare undo 3", NULL },
	{ "with a consent", "sudo gshare leader add --allow-wide 10.0.0.0/8", NULL },
	{ "with another", "sudo gshare leader ro 192.168.18.8 --force", NULL },
	{ "no verb", "sudo gshare leader", NULL },
	{ "nothing", "sudo gshare ", NULL },
};

static void test_fix(void **state)
{
	const struct fix_row *row = *state;
	GS_AUTO(gs_strs_done) struct gs_strs words = { 0 };
	gs_autostr struct gs_str told = { 0 };
	bool is_own = gs_own_fix_words(row->text, &words);

	for (size_t i = 0; i < words.n; i++)
		gs_str_addf(&told, "%s%s", i ? "|" : "", words.v[i]);
	assert_int_equal(is_own, row->words != NULL);
	if (row->words)
		assert_string_equal(told.ptr, row->words);
	else
		assert_int_equal(words.n, 0);
}

/* Of what fails and stands by itself, each once. */
static void fixes_of_causes(void **state)
{
	static const char add[] = "sudo gshare leader add 192.168.18.8";
	static const struct {
		enum gs_severity severity;
		const char *id, *fix;
	} found[] = {
		{ GS_FAIL, "PORT_REFUSED", "sudo systemctl start nfs-server" },
		{ GS_FAIL, "NOT_MOUNTED", "sudo gshare follower mount 192.168.18.13" },
		{ GS_FAIL, "NOT_ACTIVE", add },
		{ GS_FAIL, "NOT_IN_FILE", add },
		{ GS_WARN, "EXPORT_ESCAPE", "sudo gshare leader init /a --subtree-check" },
	};
	GS_AUTO(gs_cases_done) struct gs_cases cases = { 0 };
	GS_AUTO(gs_own_fixes_done) struct gs_own_fixes fixes = { 0 };

	(void)state;
	for (size_t i = 0; i < GS_COUNT(found); i++) {
		GS_AUTO(gs_findings_done) struct gs_findings one = { 0 };

		gs_findings_add(&one, found[i].severity, found[i].id, found[i].fix, "%s", "said");
		gs_cases_add_all(&cases, GS_SIDE_ANY, NULL, &one);
	}
	gs_diagnose(&cases);
	gs_own_fixes_of(&cases, &fixes);
	assert_int_equal(fixes.n, 1);
	assert_string_equal(fixes.v[0].command, add);
	assert_int_equal(fixes.v[0].status, GS_NOT_RUN);
}

/* ---- the table ------------------------------------------------------------------------------- */

static void no_id_is_its_own_cause(void **state)
{
	(void)state;
	for (const struct gs_effect *effect = gs_effects; effect->id; effect++) {
		assert_false(gs_follows(effect->id, effect->id));
		for (const struct gs_effect *other = effect + 1; other->id; other++)
			assert_string_not_equal(effect->id, other->id);
	}
}

/* ---- any findings at all --------------------------------------------------------------------- */

enum { RUNS = 2000, MOST = 40 };

static const char *any_id(void)
{
	const char *ids[512];
	size_t n = 0;

	for (const struct gs_check_table *t = gs_checks; t->checks; t++)
		for (const struct gs_check *check = t->checks; check->id; check++)
			ids[n++] = check->id;
	for (const struct gs_effect *effect = gs_effects; effect->id; effect++)
		ids[n++] = effect->causes[0];
	return ids[(size_t)rand() % n];
}

/* Each case is there once; what follows comes after its cause, which stands by itself. */
static void check_order(const struct gs_cases *cases, size_t n)
{
	assert_int_equal(cases->n, n);
	for (size_t i = 0; i < n; i++) {
		const struct gs_case *c = &cases->v[i];
		const struct gs_case *cause;

		if (c->because == GS_NO_CASE)
			continue;
		cause = &cases->v[c->because];
		assert_true(c->because < i);
		assert_int_equal(cause->because, GS_NO_CASE);
		assert_true(gs_follows(c->finding.id, cause->finding.id));
		assert_true(cause->finding.severity >= c->finding.severity);
	}
}

static void any_findings_have_an_order(void **state)
{
	static const char *const places[] = { "/a", "/b", NULL };

	(void)state;
	srand(1);
	for (int run = 0; run < RUNS; run++) {
		GS_AUTO(gs_cases_done) struct gs_cases cases = { 0 };
		bool fails = false;
		size_t n;

		for (int i = rand() % MOST; i > 0; i--)
			add(&cases, rand() % 2 ? GS_WARN : GS_FAIL, any_id(), places[rand() % 3]);
		n = cases.n;
		for (size_t i = 0; i < n; i++)
			fails |= cases.v[i].finding.severity == GS_FAIL;
		gs_diagnose(&cases);
		check_order(&cases, n);
		assert_int_equal(gs_cases_cause(&cases) != NULL, fails);
	}
}

static bool is_same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static void assert_same(const struct gs_cases *a, const struct gs_cases *b)
{
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++) {
		const struct gs_case *one = &a->v[i], *other = &b->v[i];

		assert_int_equal(one->side, other->side);
		assert_int_equal(one->is_unseen, other->is_unseen);
		assert_int_equal(one->finding.severity, other->finding.severity);
		assert_true(is_same(one->finding.id, other->finding.id));
		assert_true(is_same(one->place, other->place));
		assert_string_equal(one->finding.text, other->finding.text);
		assert_true(is_same(one->finding.fix, other->finding.fix));
	}
}

/* As they come from a process that looked at one of several places. */
static void cases_are_read_as_written(void **state)
{
	const struct gs_finding odd = { .severity = GS_FAIL,
					.id = gs_own_id("PORT_FILTERED"),
					.text = (char[]){ "3:=a,\n 0:,\303\244" },
					.fix = (char[]){ "" } };
	GS_AUTO(gs_cases_done) struct gs_cases cases = { 0 }, read = { 0 }, part = { 0 };
	struct gs_err err = { 0 }, silent = { 0 };
	gs_autostr struct gs_str text = { 0 };

	(void)state;
	gs_cases_add(&cases, GS_SIDE_FOLLOWER, "/a b", &odd);
	add(&cases, GS_WARN, "EXPORT_STALE", NULL);
	gs_cases_add_well(&cases, GS_SIDE_LEADER, "/srv/\377", "shared with %d", 3);
	gs_err_set(&silent, ETIMEDOUT, "timed out");
	gs_cases_add_error(&cases, GS_SIDE_ANY, "/c", &silent);
	gs_cases_write(&cases, &text);
	assert_int_equal(gs_cases_read(gs_str_span(&text), &read, &err), 0);
	assert_same(&cases, &read);
	/* Cut anywhere it is not what was written, nor is one with a length that wraps. */
	for (size_t n = 0; n < text.len; n++) {
		GS_AUTO(gs_cases_done) struct gs_cases some = { 0 };
		int r = gs_cases_read(gs_span(text.ptr, n), &some, &err);

		assert_true(r == -EPROTO || (r == 0 && some.n < cases.n));
	}
	assert_int_equal(gs_cases_read(gs_span_of("18446744073709551615:="), &part, &err), -EPROTO);
	assert_int_equal(gs_cases_read(gs_span_of("2:=9,0:,2:=2,3:=ab,0:,0:,2:=0,"), &part, &err),
			 -EPROTO);
}

static void an_id_of_others_is_none(void **state)
{
	GS_AUTO(gs_cases_done) struct gs_cases cases = { 0 };
	struct gs_err err = { 0 };

	(void)state;
	assert_int_equal(
		gs_cases_read(gs_span_of("2:=0,0:,2:=2,5:=OWND,2:=x,0:,2:=0,"), &cases, &err), 0);
	assert_string_equal(cases.v[0].finding.id, "LOOK_FAILED");
}

int main(void)
{
	static struct table table;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cases_are_read_as_written),
		cmocka_unit_test(an_id_of_others_is_none),
		cmocka_unit_test(no_id_is_its_own_cause),
		cmocka_unit_test(any_findings_have_an_order),
		cmocka_unit_test(a_dropped_cause_is_named),
		cmocka_unit_test(what_doctor_names),
		cmocka_unit_test(fixes_of_causes),
	};

	TABLE_ADD(&table, rows, test_row);
	TABLE_ADD(&table, cause_rows, test_cause);
	TABLE_ADD(&table, fix_rows, test_fix);
	for (size_t i = 0; i < GS_COUNT(tests); i++)
		table.test[table.n++] = tests[i];
	return table_run("diagnose", &table);
}
