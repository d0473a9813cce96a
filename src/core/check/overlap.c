/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/row.h"

/* One host covered by several entries of a share, and one share inside another. */

static bool is_host(const struct gs_facts *facts)
{
	return facts->overlap->kind == GS_OVERLAP_HOST;
}

/* The client had the other entry's options until now: what stays of them, and what does not. */
static void add_options(const struct gs_overlap_fact *o, struct gs_str *out)
{
	if (o->carried)
		gs_str_addf(out, ", with %s as there", o->carried);
	if (o->differs)
		gs_str_addf(out, "; it gets %s", o->differs);
}

static void say_host(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_overlap_fact *o = facts->overlap;

	gs_str_addf(out, "'%s' is in '%s', which has %s: the host's own entry counts, %s", o->this,
		    o->other, o->other_access, o->access);
	add_options(o, out);
}

static bool is_around_hosts(const struct gs_facts *facts)
{
	return facts->overlap->kind == GS_OVERLAP_HOSTS;
}

static void say_around_hosts(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "these hosts in '%s' have entries of their own, which count for them: %s",
		    facts->overlap->this, facts->overlap->other);
}

static bool is_networks(const struct gs_facts *facts)
{
	return facts->overlap->kind == GS_OVERLAP_NETWORKS;
}

static void say_networks(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_overlap_fact *o = facts->overlap;

	gs_str_addf(out, "'%s' and '%s' overlap: for hosts in both '%s' counts, %s, since it %s",
		    o->this, o->other, o->counts, o->access,
		    o->is_by_place ? "is first in the files" : "is the more specific kind");
	add_options(o, out);
}

static bool is_inside(const struct gs_facts *facts)
{
	return facts->overlap->kind == GS_OVERLAP_INSIDE;
}

static void say_inside(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(
		out,
		"%s is inside the share %s: followers of the outer share (%s) reach the inner one "
		"too, with the access and the owner of the outer one",
		facts->overlap->this, facts->overlap->other, facts->overlap->access);
}

static bool is_around(const struct gs_facts *facts)
{
	return facts->overlap->kind == GS_OVERLAP_AROUND;
}

static void say_around(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "%s contains the share %s: unless the inner share is a file system of its own, "
		    "followers of the outer one reach it too, with the access and the owner of the "
		    "outer one",
		    facts->overlap->this, facts->overlap->other);
}

#define APART "give the inner share a file system of its own, or share only one of the two"

const struct gs_check gs_checks_overlap[] = {
	{ "HOST_IN_NETWORK", "A host has its own entry and is in a network that has one.",
	  GS_ON_LEADER, GS_GIVEN(OVERLAP), GS_NOTE, is_host, .message = say_host },
	{ "HOST_IN_NETWORK", NULL, GS_ON_LEADER, GS_GIVEN(OVERLAP), GS_NOTE, is_around_hosts,
	  .message = say_around_hosts },
	{ "NETWORKS_OVERLAP", "Two networks with entries overlap.", GS_ON_LEADER, GS_GIVEN(OVERLAP),
	  GS_WARN, is_networks, .message = say_networks },
	{ "SHARES_OVERLAP", "A share is inside another one, whose followers reach it too.",
	  GS_ON_LEADER, GS_GIVEN(OVERLAP), GS_WARN, is_inside, .message = say_inside,
	  .command = APART },
	{ "SHARES_OVERLAP", NULL, GS_ON_LEADER, GS_GIVEN(OVERLAP), GS_WARN, is_around,
	  .message = say_around, .command = APART },
	{ 0 },
};
