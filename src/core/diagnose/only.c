/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/diagnose/only.h"

#include <stdlib.h>
#include <string.h>

#include "core/check/tables.h"
#include "core/diagnose/follows.h"

/* Facts of runs that change something: doctor has none of them. */
#define OF_RUNS                                                                                    \
	(GS_GIVEN(CHANGING) | GS_GIVEN(WIDE) | GS_GIVEN(STRANGER) | GS_GIVEN(CUT_OFF) |            \
	 GS_GIVEN(IMAGE) | GS_GIVEN(FILE))

static bool is_for_doctor(const struct gs_check *check)
{
	return !(check->facts & OF_RUNS) && check->severity != GS_NOTE;
}

static void add_once(const char *id, struct gs_strs *ret)
{
	if (!gs_strs_has(ret, id))
		gs_strs_add(ret, id);
}

static int by_text(const void *one, const void *other)
{
	return strcmp(*(char *const *)one, *(char *const *)other);
}

static bool is_check(const char *id)
{
	for (const struct gs_check_table *t = gs_checks; t->checks; t++)
		for (const struct gs_check *check = t->checks; check->id; check++)
			if (!strcmp(check->id, id))
				return true;
	return false;
}

void gs_doctor_ids(struct gs_strs *ret)
{
	for (const struct gs_check_table *t = gs_checks; t->checks; t++)
		for (const struct gs_check *check = t->checks; check->id; check++)
			if (is_for_doctor(check))
				add_once(check->id, ret);
	for (const struct gs_effect *effect = gs_effects; effect->id; effect++)
		for (size_t i = 0; effect->causes[i]; i++)
			if (!is_check(effect->causes[i]))
				add_once(effect->causes[i], ret);
	add_once("LOOK_FAILED", ret);
	qsort(ret->v, ret->n, sizeof *ret->v, by_text);
}

/* ---- whose it is ----------------------------------------------------------------------------- */

#define ANY (1U << GS_ON_ANY)

/* The sides of its rows, as 1 << enum gs_scope. */
static unsigned scopes_of(const char *id)
{
	unsigned scopes = 0;

	for (const struct gs_check_table *t = gs_checks; t->checks; t++)
		for (const struct gs_check *check = t->checks; check->id; check++)
			if (!strcmp(check->id, id) && is_for_doctor(check))
				scopes |= 1U << check->scope;
	return scopes;
}

/* The cause of an error has no row: it is of the side of what it explains, where that has one. */
static unsigned scopes_explained(const char *id)
{
	unsigned scopes = 0;

	for (const struct gs_effect *effect = gs_effects; effect->id; effect++)
		if (gs_follows(effect->id, id))
			scopes |= scopes_of(effect->id);
	return scopes & ~ANY ? scopes & ~ANY : scopes;
}

const char *gs_doctor_side(const char *id)
{
	unsigned scopes = scopes_of(id);

	if (!scopes)
		scopes = scopes_explained(id);
	return scopes == 1U << GS_ON_LEADER	? "leader"
	       : scopes == 1U << GS_ON_FOLLOWER ? "follower"
						: "node";
}

/* ---- some of it alone ------------------------------------------------------------------------ */

static bool is_asked(const struct gs_case *c, const struct gs_strs *ids)
{
	return c->finding.id && (c->is_unseen || gs_strs_has(ids, c->finding.id));
}

static void replace(char **text, char *other)
{
	free(*text);
	*text = other;
}

/* Its cause goes: what follows stands by itself then, and says why. */
static void take_cause(struct gs_case *effect, const struct gs_case *cause)
{
	replace(&effect->finding.text,
		gs_printf("because of %s: %s", cause->finding.id, effect->finding.text));
	replace(&effect->finding.fix, cause->finding.fix ? gs_strdup(cause->finding.fix) : NULL);
	effect->because = GS_NO_CASE;
}

static void drop(struct gs_case *c)
{
	free(c->place);
	free(c->finding.text);
	free(c->finding.fix);
}

void gs_cases_only(struct gs_cases *cases, const struct gs_strs *ids)
{
	gs_autofree size_t *now = gs_alloc((cases->n + 1) * sizeof *now);
	size_t kept = 0;

	for (size_t i = 0; i < cases->n; i++) {
		struct gs_case *c = &cases->v[i];
		const struct gs_case *cause = c->because == GS_NO_CASE ? NULL
								       : &cases->v[c->because];

		now[i] = is_asked(c, ids) ? kept++ : GS_NO_CASE;
		if (now[i] == GS_NO_CASE || !cause)
			continue;
		if (now[c->because] == GS_NO_CASE)
			take_cause(c, cause);
		else
			c->because = now[c->because];
	}
	for (size_t i = 0; i < cases->n; i++)
		if (now[i] == GS_NO_CASE)
			drop(&cases->v[i]);
		else
			cases->v[now[i]] = cases->v[i];
	cases->n = kept;
	if (!kept)
		gs_cases_add_well(cases, GS_SIDE_ANY, NULL, "none of the findings asked for");
}
