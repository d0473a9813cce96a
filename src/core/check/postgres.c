/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/postgres.h"

#include <string.h>

#include "base/command.h"
#include "core/check/row.h"

static bool is_refused(const struct gs_facts *facts)
{
	return facts->postgres->state == GS_POSTGRES_REFUSED && !facts->postgres->is_leader;
}

static bool is_not_exposed(const struct gs_facts *facts)
{
	return facts->postgres->state == GS_POSTGRES_REFUSED && facts->postgres->is_leader;
}

static bool is_silent(const struct gs_facts *facts)
{
	return facts->postgres->state == GS_POSTGRES_SILENT;
}

static bool is_unreached(const struct gs_facts *facts)
{
	return facts->postgres->state == GS_POSTGRES_UNREACHED;
}

static bool is_other(const struct gs_facts *facts)
{
	return facts->postgres->state == GS_POSTGRES_OTHER;
}

static bool is_starting(const struct gs_facts *facts)
{
	return facts->postgres->state == GS_POSTGRES_STARTING;
}

static void add_host(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_postgres_fact *postgres = facts->postgres;

	gs_str_addf(out, "port %d of %s", GS_POSTGRES_PORT, postgres->addr);
	if (strcmp(postgres->host, postgres->addr) != 0 && !postgres->is_leader)
		gs_str_addf(out, " (%s)", postgres->host);
}

static void say_refused(const struct gs_facts *facts, struct gs_str *out)
{
	add_host(facts, out);
	gs_str_adds(out,
		    " refuses connections: PostgreSQL does not run there, or only for that "
		    "node itself");
}

static void fix_refused(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_fix_advise(out,
		      "on %s start Graphistry with ENABLE_CLUSTER_MODE=true and NODE_TYPE=leader, "
		      "which exposes PostgreSQL",
		      facts->postgres->addr);
}

static void say_not_exposed(const struct gs_facts *facts, struct gs_str *out)
{
	add_host(facts, out);
	gs_str_adds(out, ", where followers look for PostgreSQL, refuses connections");
}

static void say_silent(const struct gs_facts *facts, struct gs_str *out)
{
	add_host(facts, out);
	gs_str_adds(out, " does not respond: a firewall drops packets");
}

static void fix_silent(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_fix_advise(out, "let %s in to port %d/tcp in the firewall of %s",
		      facts->postgres->own ? facts->postgres->own : "this node", GS_POSTGRES_PORT,
		      facts->postgres->addr);
}

static void say_unreached(const struct gs_facts *facts, struct gs_str *out)
{
	add_host(facts, out);
	gs_str_adds(out, " cannot be reached from here");
}

static void fix_unreached(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_command(gs_fix_here(out, "see why: "), "ip", "route", "show", "to", "match",
		   facts->postgres->addr);
}

static void say_other(const struct gs_facts *facts, struct gs_str *out)
{
	add_host(facts, out);
	gs_str_adds(out, " is open, and what listens there is no PostgreSQL");
}

static void fix_other(const struct gs_facts *facts, struct gs_fixes *out)
{
	const char *node = facts->postgres->is_leader ? NULL : facts->postgres->addr;

	gs_command(gs_fix_on_if(out, node, "see what listens: "), "sudo", "ss", "-ltnp");
}

static void say_starting(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_adds(out, "PostgreSQL at ");
	add_host(facts, out);
	gs_str_adds(out, " accepts no clients now: it starts, stops or recovers");
}

const struct gs_check gs_checks_postgres[] = {
	{ "POSTGRES_REFUSED",
	  "Nothing listens where cluster.env has followers look for PostgreSQL.", GS_ON_ANY,
	  GS_GIVEN(POSTGRES), GS_FAIL, is_refused, .message = say_refused, .fix = fix_refused },
	{ "POSTGRES_NOT_EXPOSED", "No follower can reach PostgreSQL on this leader.", GS_ON_ANY,
	  GS_GIVEN(POSTGRES), GS_WARN, is_not_exposed, .message = say_not_exposed,
	  .command = "start Graphistry here: with ENABLE_CLUSTER_MODE=true and NODE_TYPE=leader "
		     "it exposes PostgreSQL" },
	{ "POSTGRES_SILENT", "The port of PostgreSQL does not respond.", GS_ON_ANY,
	  GS_GIVEN(POSTGRES), GS_FAIL, is_silent, .message = say_silent, .fix = fix_silent },
	{ "POSTGRES_UNREACHED", "The host of PostgreSQL cannot be reached.", GS_ON_ANY,
	  GS_GIVEN(POSTGRES), GS_FAIL, is_unreached, .message = say_unreached,
	  .fix = fix_unreached },
	{ "POSTGRES_OTHER", "What listens on the port of PostgreSQL is another program.", GS_ON_ANY,
	  GS_GIVEN(POSTGRES), GS_FAIL, is_other, .message = say_other, .fix = fix_other },
	{ "POSTGRES_STARTING", "PostgreSQL is there and accepts no clients now.", GS_ON_ANY,
	  GS_GIVEN(POSTGRES), GS_WARN, is_starting, .message = say_starting,
	  .command = "wait for it; if that lasts, its log says why" },
	{ 0 },
};
