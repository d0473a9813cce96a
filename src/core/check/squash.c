/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/command.h"
#include "core/check/row.h"
#include "core/check/served.h"
#include "core/exports/exports.h"

/* Is root of a follower root in the share, too? Whoever wrote the entry, it should be known. */

/* The first active entry with no_root_squash, and how many there are; NULL: none. */
static const struct gs_export *find_root(const struct gs_served_fact *fact, size_t *ret_n)
{
	const struct gs_export *first = NULL, *entry;
	size_t at = 0;

	*ret_n = 0;
	while (fact->etab && (entry = gs_exports_find(fact->etab, fact->path, NULL, &at))) {
		if (gs_exportopts_squash(&entry->opts) != GS_SQUASH_NONE)
			continue;
		first = first ? first : entry;
		++*ret_n;
	}
	return first;
}

static bool lets_root_in(const struct gs_facts *facts)
{
	size_t n;

	return find_root(facts->served, &n);
}

static void say_root(const struct gs_facts *facts, struct gs_str *out)
{
	size_t n;
	const struct gs_export *first = find_root(facts->served, &n);

	if (!first)
		return;
	gs_str_addf(out, "root of %s", first->host.text);
	if (n > 1)
		gs_str_addf(out, " and of %zu more", n - 1);
	gs_str_addf(out,
		    " is root in '%s' (no_root_squash): it can change every file, and leave "
		    "programs there that run as root",
		    facts->served->path);
}

static void map_root(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_command(gs_fix_here(out, "if that is not meant: "), "sudo", "gshare", "leader", "init",
		   facts->served->path, "--squash", "root");
}

const struct gs_check gs_checks_squash[] = {
	{ "SQUASH_NONE", "Root of a follower is root in the share.", GS_ON_LEADER, GS_GIVEN(SERVED),
	  GS_WARN, lets_root_in, .message = say_root, .fix = map_root },
	{ 0 },
};
