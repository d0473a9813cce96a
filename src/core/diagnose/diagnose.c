/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/diagnose/diagnose.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "core/diagnose/follows.h"

static struct gs_case *add(struct gs_cases *cases, enum gs_side side, const char *place)
{
	struct gs_case *c;

	gs_grow(&cases->v, cases->n, &cases->room, sizeof *cases->v);
	c = &cases->v[cases->n++];
	*c = (struct gs_case){
		.side = side,
		.place = place ? gs_strdup(place) : NULL,
		.because = GS_NO_CASE,
	};
	return c;
}

/* The whole node is every place of it. */
static bool is_one_place(const char *a, const char *b)
{
	return !a || !b || !strcmp(a, b);
}

static bool is_there(const struct gs_cases *cases, const char *place,
		     const struct gs_finding *finding)
{
	for (size_t i = 0; i < cases->n; i++) {
		const struct gs_case *c = &cases->v[i];

		if (c->finding.id && !strcmp(c->finding.id, finding->id) &&
		    is_one_place(c->place, place) && !strcmp(c->finding.text, finding->text))
			return true;
	}
	return false;
}

/* A copy; NULL: it is there already. */
static struct gs_case *add_finding(struct gs_cases *cases, enum gs_side side, const char *place,
				   const struct gs_finding *finding)
{
	struct gs_case *c;

	if (finding->id && is_there(cases, place, finding))
		return NULL;
	c = add(cases, side, place);
	c->finding = (struct gs_finding){
		.severity = finding->severity,
		.id = finding->id,
		.text = gs_strdup(finding->text),
		.fix = finding->fix ? gs_strdup(finding->fix) : NULL,
	};
	return c;
}

void gs_cases_add(struct gs_cases *cases, enum gs_side side, const char *place,
		  const struct gs_finding *finding)
{
	if (finding->severity != GS_NOTE)
		(void)add_finding(cases, side, place, finding);
}

void gs_cases_copy(struct gs_cases *cases, const struct gs_case *from)
{
	struct gs_case *c = add_finding(cases, from->side, from->place, &from->finding);

	if (c)
		c->is_unseen = from->is_unseen;
}

void gs_cases_copy_failing(struct gs_cases *cases, const struct gs_cases *from)
{
	for (size_t i = 0; i < from->n; i++)
		if (!from->v[i].finding.id || from->v[i].finding.severity == GS_FAIL)
			gs_cases_copy(cases, &from->v[i]);
}

void gs_cases_add_all(struct gs_cases *cases, enum gs_side side, const char *place,
		      const struct gs_findings *findings)
{
	for (size_t i = 0; i < findings->n; i++)
		gs_cases_add(cases, side, place, &findings->v[i]);
}

void gs_cases_add_well(struct gs_cases *cases, enum gs_side side, const char *place,
		       const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(cases, side, place)->finding.text = gs_safe_text(fmt, ap);
	va_end(ap);
}

void gs_cases_add_refusal(struct gs_cases *cases, enum gs_side side, const char *place,
			  const struct gs_err *err)
{
	GS_AUTO(gs_findings_done) struct gs_findings one = { 0 };

	gs_findings_add(&one, GS_FAIL, err->id ? err->id : "LOOK_FAILED",
			err->fix[0] ? err->fix : NULL, "%s", err->msg);
	gs_cases_add_all(cases, side, place, &one);
}

void gs_cases_add_error(struct gs_cases *cases, enum gs_side side, const char *place,
			const struct gs_err *err)
{
	size_t n = cases->n;

	gs_cases_add_refusal(cases, side, place, err);
	if (cases->n > n)
		cases->v[n].is_unseen = true;
}

bool gs_cases_fail_since(const struct gs_cases *cases, size_t n)
{
	for (size_t i = n; i < cases->n; i++)
		if (cases->v[i].finding.id && cases->v[i].finding.severity == GS_FAIL)
			return true;
	return false;
}

/* ---- what follows from what ------------------------------------------------------------------ */

/* The same share or mount, or one of both is the whole node; what is served is also mounted here.
 */
static bool is_near(const struct gs_case *a, const struct gs_case *b)
{
	return is_one_place(a->place, b->place);
}

/* A note explains nothing that fails. */
static bool explains(const struct gs_case *cause, const struct gs_case *effect)
{
	return cause->finding.id && effect->finding.id && cause != effect &&
	       cause->finding.severity >= effect->finding.severity && is_near(cause, effect) &&
	       gs_follows(effect->finding.id, cause->finding.id);
}

/* What is found at the very place comes before what is found for the whole node. */
static size_t cause_of(const struct gs_cases *cases, const struct gs_case *effect)
{
	size_t wider = GS_NO_CASE;

	for (size_t i = 0; i < cases->n; i++) {
		const struct gs_case *c = &cases->v[i];

		if (!explains(c, effect))
			continue;
		if (!c->place == !effect->place)
			return i;
		if (wider == GS_NO_CASE)
			wider = i;
	}
	return wider;
}

/* gs_follows() has no circle, so that this ends at a case that stands by itself. */
static size_t root_of(const struct gs_cases *cases, size_t i)
{
	size_t root = i;

	for (size_t up = i; up != GS_NO_CASE; up = cause_of(cases, &cases->v[up]))
		root = up;
	return root;
}

/* ---- their order ----------------------------------------------------------------------------- */

/* Where a case comes: its root's weight and place first, then the root before its effects. */
struct rank {
	size_t at; /* the case */
	int severity;
	size_t weight, root;
	bool hinders; /* the root: others' fixes would be refused before it is fixed */
	bool is_effect;
};

static int by_rank(const void *one, const void *other)
{
	const struct rank *a = one, *b = other;

	if (a->severity != b->severity)
		return b->severity - a->severity;
	if (a->hinders != b->hinders)
		return a->hinders ? -1 : 1;
	if (a->weight != b->weight)
		return a->weight < b->weight ? 1 : -1;
	if (a->root != b->root)
		return a->root < b->root ? -1 : 1;
	if (a->is_effect != b->is_effect)
		return a->is_effect ? 1 : -1;
	return a->at < b->at ? -1 : 1;
}

static int severity_of(const struct gs_case *c)
{
	return c->finding.id ? (int)c->finding.severity : -1; /* what is well comes last */
}

static bool hinders(const struct gs_case *c)
{
	return c->finding.id && gs_hinders_fixes(c->finding.id);
}

void gs_diagnose(struct gs_cases *cases)
{
	size_t n = cases->n;
	gs_autofree struct rank *rank = gs_alloc((n + 1) * sizeof *rank);
	gs_autofree size_t *weight = gs_alloc((n + 1) * sizeof *weight);
	gs_autofree size_t *now = gs_alloc((n + 1) * sizeof *now);
	struct gs_cases sorted = { 0 };

	for (size_t i = 0; i < n; i++) {
		rank[i] = (struct rank){ .at = i, .root = root_of(cases, i) };
		rank[i].is_effect = rank[i].root != i;
		rank[i].severity = severity_of(&cases->v[rank[i].root]);
		rank[i].hinders = hinders(&cases->v[rank[i].root]);
		weight[rank[i].root]++;
	}
	for (size_t i = 0; i < n; i++)
		rank[i].weight = weight[rank[i].root];
	qsort(rank, n, sizeof *rank, by_rank);
	for (size_t i = 0; i < n; i++)
		now[rank[i].at] = i;
	for (size_t i = 0; i < n; i++) {
		gs_grow(&sorted.v, sorted.n, &sorted.room, sizeof *sorted.v);
		sorted.v[i] = cases->v[rank[i].at];
		sorted.v[i].because = rank[i].is_effect ? now[rank[i].root] : GS_NO_CASE;
		sorted.n++;
	}
	free(cases->v);
	*cases = sorted;
}

const struct gs_case *gs_cases_cause(const struct gs_cases *cases)
{
	for (size_t i = 0; i < cases->n; i++)
		if (cases->v[i].finding.id && cases->v[i].finding.severity == GS_FAIL &&
		    cases->v[i].because == GS_NO_CASE)
			return &cases->v[i];
	return NULL;
}

const char *gs_findings_cause(const struct gs_findings *const *list, size_t n, bool *ret_more)
{
	GS_AUTO(gs_cases_done) struct gs_cases cases = { 0 };
	size_t failures = 0, causes = 0;
	const struct gs_case *cause;

	for (size_t i = 0; i < n; i++)
		gs_cases_add_all(&cases, GS_SIDE_ANY, NULL, list[i]);
	gs_diagnose(&cases);
	for (size_t i = 0; i < cases.n; i++) {
		bool fails = cases.v[i].finding.severity == GS_FAIL;

		failures += fails;
		causes += fails && cases.v[i].because == GS_NO_CASE;
	}
	cause = gs_cases_cause(&cases);
	*ret_more = failures > 1 && causes == 1;
	return cause ? cause->finding.id : NULL;
}

void gs_cases_done(struct gs_cases *cases)
{
	for (size_t i = 0; i < cases->n; i++) {
		free(cases->v[i].place);
		free(cases->v[i].finding.text);
		free(cases->v[i].finding.fix);
	}
	free(cases->v);
	*cases = (struct gs_cases){ 0 };
}
