/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any findings, in any order: each has one root, which stands by itself, fails no less, and is what
 * it may follow from; where something fails, a cause is named. The order of the looks changes no
 * root, and all of it survives the way through a pipe.
 */
#include "fuzz.h"

#include <string.h>

#include "core/check/causes.h"
#include "core/diagnose/case_text.h"
#include "core/diagnose/diagnose.h"
#include "core/diagnose/follows.h"

enum { IDS = 512, CASES = 64, BYTES = 2 }; /* BYTES: of a case */

static const char *ids[IDS];
static size_t n_ids;

static void add_id(const char *id)
{
	for (size_t i = 0; i < n_ids; i++)
		if (!strcmp(ids[i], id))
			return;
	LAW(n_ids < IDS);
	ids[n_ids++] = id;
}

static void list_ids(void)
{
	for (const struct gs_effect *effect = gs_effects; effect->id; effect++) {
		add_id(effect->id);
		for (size_t i = 0; effect->causes[i]; i++)
			add_id(effect->causes[i]);
	}
	for (const struct gs_cause_row *row = gs_causes; row->id; row++)
		add_id(row->id);
}

/* Two bytes: the id, and severity, place, side and text. */
static void add_case(struct gs_cases *cases, const uint8_t *byte)
{
	static const char *const places[] = { NULL, "/mnt/a", "/mnt/b", "/mnt/a b\n" };
	const char *place = places[byte[1] & 3];
	enum gs_side side = byte[1] & 4 ? GS_SIDE_LEADER : GS_SIDE_FOLLOWER;
	char text[] = { 't', (char)('0' + (byte[1] >> 6)), '\0' };
	const struct gs_finding finding = {
		.severity = byte[1] & 8 ? GS_FAIL : GS_WARN,
		.id = ids[byte[0] % n_ids],
		.text = text,
		.fix = byte[1] & 16 ? text : NULL,
	};

	if (byte[1] & 32)
		gs_cases_add_well(cases, side, place, "%s", text);
	else
		gs_cases_add(cases, side, place, &finding);
}

static bool is_root(const struct gs_case *c)
{
	return c->because == GS_NO_CASE;
}

static void check(const struct gs_cases *cases)
{
	bool fails = false;

	for (size_t i = 0; i < cases->n; i++) {
		const struct gs_case *c = &cases->v[i];
		const struct gs_case *root = is_root(c) ? c : &cases->v[c->because];

		fails |= c->finding.id && c->finding.severity == GS_FAIL;
		LAW(is_root(root));
		LAW(is_root(c) || (c->because < i && gs_follows(c->finding.id, root->finding.id)));
		LAW(is_root(c) || root->finding.severity >= c->finding.severity);
	}
	LAW(fails == (gs_cases_cause(cases) != NULL));
}

static bool same_finding(const struct gs_case *a, const struct gs_case *b)
{
	const char *at = a->place ? a->place : "", *bt = b->place ? b->place : "";

	if (!a->finding.id != !b->finding.id || strcmp(at, bt) != 0 ||
	    strcmp(a->finding.text, b->finding.text) != 0)
		return false;
	return !a->finding.id || !strcmp(a->finding.id, b->finding.id);
}

static void check_same_roots(const struct gs_cases *one, const struct gs_cases *other)
{
	LAW(one->n == other->n);
	for (size_t i = 0; i < one->n; i++) {
		bool found = false;

		for (size_t k = 0; k < other->n && !found; k++)
			found = same_finding(&one->v[i], &other->v[k]) &&
				is_root(&one->v[i]) == is_root(&other->v[k]);
		LAW(found);
	}
}

/* Through a pipe, and from the other end. */
static void check_ways(const struct gs_cases *cases)
{
	GS_AUTO(gs_cases_done) struct gs_cases again = { 0 }, back = { 0 };
	gs_autostr struct gs_str text = { 0 };
	struct gs_err err = { 0 };

	gs_cases_write(cases, &text);
	LAW(gs_cases_read(gs_str_span(&text), &again, &err) == 0 && again.n == cases->n);
	gs_diagnose(&again);
	check(&again);
	check_same_roots(cases, &again);
	for (size_t i = cases->n; i-- > 0;) {
		if (cases->v[i].finding.id)
			gs_cases_copy(&back, &cases->v[i]);
		else
			gs_cases_add_well(&back, cases->v[i].side, cases->v[i].place, "%s",
					  cases->v[i].finding.text);
	}
	gs_diagnose(&back);
	check_same_roots(cases, &back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	GS_AUTO(gs_cases_done) struct gs_cases cases = { 0 };

	if (!n_ids)
		list_ids();
	for (size_t i = 0; i + BYTES <= size && i < CASES * BYTES; i += BYTES)
		add_case(&cases, data + i);
	gs_diagnose(&cases);
	check(&cases);
	check_ways(&cases);
	return 0;
}
