/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/entry_edit.h"
#include "core/check/row.h"
#include "core/check/served.h"
#include "core/exports/exports.h"

/* Is what a follower has written on the disk, when it is told so? exports(5) async. */

static const struct gs_export *find_async(const struct gs_served_fact *fact)
{
	const struct gs_export *entry;
	size_t at = 0;

	while (fact->etab && (entry = gs_exports_find(fact->etab, fact->path, NULL, &at)))
		if (entry->opts.flags & GS_EXPORT_ASYNC &&
		    gs_exportopts_access(&entry->opts) == GS_ACCESS_RW)
			return entry;
	return NULL;
}

/* gshare writes sync; what somebody else's export is for, is theirs to know. */
static bool is_async(const struct gs_facts *facts)
{
	return facts->served->is_marked && find_async(facts->served);
}

static void say_async(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_export *entry = find_async(facts->served);

	if (entry)
		gs_str_addf(out,
			    "'%s' is exported to %s with async: what followers wrote, even what "
			    "they synced, may be lost when this node crashes",
			    facts->served->path, entry->host.text[0] ? entry->host.text : "*");
}

static void make_sync(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_autostr struct gs_str command = { 0 };

	gs_entries_edit(facts->served, facts->served->path, "async", "sync", &command);
	if (command.len)
		gs_str_add(gs_fix_here(out, "if that is not meant: "), gs_str_span(&command));
	else
		gs_fix_advise(out, "if that is not meant, write sync instead of async");
}

const struct gs_check gs_checks_async[] = {
	{ "EXPORT_ASYNC", "What followers write may be lost when the leader crashes.", GS_ON_LEADER,
	  GS_GIVEN(SERVED), GS_WARN, is_async, .message = say_async, .fix = make_sync },
	{ 0 },
};
