/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/command.h"
#include "core/check/row.h"

/* Followers that are connected while a run takes the share, or who they are, away from them. */

static bool is_cut_off(const struct gs_facts *facts)
{
	return !facts->cut_off->remapped;
}

static void say_connected(const struct gs_cut_off_fact *cut, struct gs_str *out)
{
	gs_str_adds(out, cut->addr);
	if (cut->host)
		gs_str_addf(out, " (%s)", cut->host);
	gs_str_adds(out, " is connected: ");
}

static void say_cut_off(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_cut_off_fact *cut = facts->cut_off;

	say_connected(cut, out);
	gs_str_addf(out, "programs that use '%s' there %s", cut->path,
		    cut->stops ? "hang until it is exported again"
			       : "meet 'Stale file handle' or 'Permission denied'");
}

/*
 * Followers mount a share at its own path unless told otherwise; where it is elsewhere, the command
 * finds nothing and says so. A plain unmount would wait for a server that is stopped.
 */
static void fix_cut_off(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_command(gs_fix_on(out, facts->cut_off->addr), "sudo", "gshare", "follower", "unmount",
		   facts->cut_off->path, "--forget", facts->cut_off->stops ? "--lazy" : NULL);
}

static bool is_remapped(const struct gs_facts *facts)
{
	return facts->cut_off->remapped;
}

static void say_remapped(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_cut_off_fact *cut = facts->cut_off;

	say_connected(cut, out);
	gs_str_addf(out,
		    "its users act as others in '%s' from now on, and what they made before "
		    "may be closed to them",
		    cut->path);
}

static void fix_remapped(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_command(gs_fix_on_if(out, facts->cut_off->addr, "see what they can do then: "), "sudo",
		   "gshare", "verify", facts->cut_off->path);
}

const struct gs_check gs_checks_cut_off[] = {
	{ "FOLLOWER_CUT_OFF", "A follower that is connected loses the share.", GS_ON_LEADER,
	  GS_GIVEN(CUT_OFF), GS_WARN, is_cut_off, .message = say_cut_off, .fix = fix_cut_off },
	{ "FOLLOWER_REMAPPED", "A follower that is connected writes as another user.", GS_ON_LEADER,
	  GS_GIVEN(CUT_OFF), GS_NOTE, is_remapped, .message = say_remapped, .fix = fix_remapped },
	{ 0 },
};
