/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/forgotten.h"

#include "base/command.h"
#include "core/check/row.h"

/* A share whose entries were taken out by hand, or by a program that writes the whole file. */

static bool is_forgotten(const struct gs_facts *facts)
{
	return facts->forgotten->path;
}

static void say_forgotten(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_strs *hosts = facts->forgotten->hosts;

	gs_str_addf(out,
		    "no exports file has '%s' any more, which gshare shared with %zu follower%s",
		    facts->forgotten->path, hosts->n, hosts->n == 1 ? "" : "s");
	if (!hosts->n)
		return;
	gs_str_adds(out, ": ");
	gs_str_add_safe(out, gs_span_of(hosts->v[0]));
	if (hosts->n > 1)
		gs_str_adds(out, " and others");
}

static void fix_forgotten(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_strs *hosts = facts->forgotten->hosts;
	struct gs_str *command = gs_fix_here(out, "if that is not meant: ");

	gs_command(command, "sudo", "gshare", "leader", "init", facts->forgotten->path);
	for (size_t i = 0; i < hosts->n; i++)
		gs_command(command, "--follower", hosts->v[i]);
	if (facts->forgotten->is_wide)
		gs_command(command, "--allow-wide");
}

const struct gs_check gs_checks_forgotten[] = {
	{ "SHARE_FORGOTTEN", "No exports file has a share that gshare has made.", GS_ON_LEADER,
	  GS_GIVEN(FORGOTTEN), GS_WARN, is_forgotten, .message = say_forgotten,
	  .fix = fix_forgotten },
	{ 0 },
};
