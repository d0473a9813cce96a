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

const struct gs_check gs_checks_wide[] = {
	{ "EXPORT_WIDE", "The files export the path to more than a few hosts already.",
	  GS_ON_LEADER, 1 << GS_FACT_WIDE, GS_FAIL, is_found, .message = say_found,
	  .fix = fix_wide },
	{ "EXPORT_WIDE", NULL, GS_ON_LEADER, 1 << GS_FACT_WIDE, GS_FAIL, gains,
	  .message = say_gains, .fix = fix_wide },
	{ 0 },
};
