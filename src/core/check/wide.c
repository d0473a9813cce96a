/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/command.h"
#include "core/check/row.h"

/*
 * Entries for more hosts than anybody can list. A wide HOST needs --allow-wide on the command line;
 * one that is found in a file needs it too before gshare takes it over, or gives it more.
 */

static bool is_found(const struct gs_facts *facts)
{
	return !facts->wide->gains;
}

static bool gains(const struct gs_facts *facts)
{
	return facts->wide->gains;
}

static void say_found(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_wide_fact *wide = facts->wide;

	gs_str_addf(out,
		    "%s:%zu: '%s' is exported to '%s' already, which matches more than a few hosts",
		    wide->file, wide->number, wide->path, wide->host);
}

static void say_gains(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_wide_fact *wide = facts->wide;

	gs_str_addf(out, "%s:%zu: '%s' matches more than a few hosts, which would get %s",
		    wide->file, wide->number, wide->host, wide->gains);
}

static void fix_wide(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_wide_fact *wide = facts->wide;

	struct gs_str *fix;

	if (wide->removable->n) {
		fix = gs_fix_here(out, "to keep these hosts out: ");
		gs_command(fix, "sudo", "gshare", "leader", "remove");
		for (size_t i = 0; i < wide->removable->n; i++)
			gs_command(fix, wide->removable->v[i]);
		gs_command(fix, "--path", wide->path, wide->tree ? "--root" : NULL, wide->tree);
	} else {
		gs_fix_advise(out, "to keep these hosts out, remove '%s' from %s, line %zu",
			      wide->host, wide->file, wide->number);
	}
	gs_str_adds(gs_fix_here(out, "to let them in: "), wide->again);
}

/* ---- no follower ------------------------------------------------------------------------- */

static bool is_served(const struct gs_facts *facts)
{
	return facts->stranger->serving;
}

static bool is_stranger(const struct gs_facts *facts)
{
	return !facts->stranger->serving;
}

static void say_served(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "'%s' has no entry of its own, and keeps '%s' by the entry of '%s'",
		    facts->stranger->host, facts->stranger->path, facts->stranger->serving);
}

static void say_stranger(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_stranger_fact *stranger = facts->stranger;

	gs_str_addf(out, "'%s' is no follower of '%s'", stranger->host, stranger->path);
	if (stranger->like)
		gs_str_addf(out, ", but %s is", stranger->like);
	else if (stranger->list)
		gs_str_addf(out, ", which is exported to %s", stranger->list);
	else
		gs_str_adds(out, ", which is exported to nobody");
}

/* Nothing is removed by a guess: it may be at work. */
static void fix_stranger(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_stranger_fact *stranger = facts->stranger;

	if (stranger->list && !stranger->is_offline)
		gs_command(gs_fix_here(out, ""), "gshare", "leader", "status", "--path",
			   stranger->path);
}

const struct gs_check gs_checks_wide[] = {
	{ "EXPORT_WIDE", "The files export the path to more than a few hosts already.",
	  GS_ON_LEADER, GS_GIVEN(WIDE), GS_FAIL, is_found, .message = say_found, .fix = fix_wide },
	{ "EXPORT_WIDE", NULL, GS_ON_LEADER, GS_GIVEN(WIDE), GS_FAIL, gains, .message = say_gains,
	  .fix = fix_wide },
	{ "NOT_FOLLOWER", "A host to be removed is no follower of the share.", GS_ON_LEADER,
	  GS_GIVEN(STRANGER), GS_WARN, is_served, .message = say_served, .fix = fix_stranger },
	{ "NOT_FOLLOWER", NULL, GS_ON_LEADER, GS_GIVEN(STRANGER), GS_NOTE, is_stranger,
	  .message = say_stranger, .fix = fix_stranger },
	{ 0 },
};
