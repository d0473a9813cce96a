/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/forgotten.h"

#include "base/command.h"
#include "core/check/row.h"

/* Entries that were taken out by hand, or by a program that writes the whole file. */

static bool is_forgotten(const struct gs_facts *facts)
{
	return !facts->forgotten->is_shared;
}

static bool is_cut_off(const struct gs_facts *facts)
{
	return facts->forgotten->is_cut_off;
}

static bool is_left_out(const struct gs_facts *facts)
{
	return facts->forgotten->is_shared && !facts->forgotten->is_cut_off;
}

static void say_share(const struct gs_facts *facts, struct gs_str *out)
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

static void say_followers(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_strs *hosts = facts->forgotten->hosts;

	gs_str_addf(out, "no exports file lets ");
	gs_str_add_safe(out, gs_span_of(hosts->v[0]));
	if (hosts->n > 1)
		gs_str_addf(out, " and %zu more", hosts->n - 1);
	gs_str_addf(out, " use '%s' any more, as gshare did", facts->forgotten->path);
	if (facts->forgotten->is_cut_off)
		gs_str_adds(out, ": still connected, and denied");
}

/* @option: before each follower; NULL: none */
static void add_hosts(const struct gs_forgotten_fact *fact, const char *option, struct gs_str *out)
{
	for (size_t i = 0; i < fact->hosts->n; i++) {
		if (option)
			gs_command(out, option);
		gs_command(out, fact->hosts->v[i]);
	}
}

static void fix_share(const struct gs_facts *facts, struct gs_fixes *out)
{
	struct gs_str *command = gs_fix_here(out, "if that is not meant: ");

	gs_command(command, "sudo", "gshare", "leader", "init", facts->forgotten->path);
	add_hosts(facts->forgotten, "--follower", command);
	if (facts->forgotten->is_wide)
		gs_command(command, "--allow-wide");
}

static void fix_followers(const struct gs_facts *facts, struct gs_fixes *out)
{
	struct gs_str *command = gs_fix_here(out, "if that is not meant: ");

	gs_command(command, "sudo", "gshare", "leader", "add");
	add_hosts(facts->forgotten, NULL, command);
	gs_command(command, "--path", facts->forgotten->path);
	if (facts->forgotten->is_wide)
		gs_command(command, "--allow-wide");
}

const struct gs_check gs_checks_forgotten[] = {
	{ "SHARE_FORGOTTEN", "No exports file has a share that gshare has made.", GS_ON_LEADER,
	  GS_GIVEN(FORGOTTEN), GS_WARN, is_forgotten, .message = say_share, .fix = fix_share },
	{ "FOLLOWER_FORGOTTEN", "No exports file has a follower that gshare has let in.",
	  GS_ON_LEADER, GS_GIVEN(FORGOTTEN), GS_FAIL, is_cut_off, .message = say_followers,
	  .fix = fix_followers },
	{ "FOLLOWER_FORGOTTEN", NULL, GS_ON_LEADER, GS_GIVEN(FORGOTTEN), GS_WARN, is_left_out,
	  .message = say_followers, .fix = fix_followers },
	{ 0 },
};
