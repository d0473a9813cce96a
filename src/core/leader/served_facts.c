/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/leader/served_facts.h"

#include "core/check/check.h"
#include "core/check/offered.h"

/* One follower without crossmnt is one that sees another share. */
static void add_given(const struct gs_exports *doc, struct gs_served_fact *fact)
{
	const struct gs_export *entry;
	size_t at = 0;

	while ((entry = gs_exports_find(doc, fact->path, NULL, &at))) {
		fact->gives_rw |= gs_exportopts_access(&entry->opts) == GS_ACCESS_RW;
		fact->wants_mount |= entry->opts.mountpoint && !entry->opts.mountpoint[0];
		if (!(entry->opts.flags & GS_EXPORT_CROSSMNT))
			fact->crosses = false;
	}
}

void gs_served_meant(const struct gs_docs *docs, const struct gs_exports *etab, const char *path,
		     struct gs_served_fact *fact)
{
	fact->path = path;
	fact->etab = etab;
	fact->docs = docs;
	fact->crosses = true;
	for (size_t d = 0; d < docs->n; d++) {
		fact->is_marked |= gs_exports_is_marked(&docs->v[d], path);
		add_given(&docs->v[d], fact);
	}
	if (etab)
		add_given(etab, fact);
	fact->squash = gs_leader_entry_owner(docs, path, &fact->uid, &fact->gid) ? GS_SQUASH_ALL
										 : GS_SQUASH_NONE;
}

int gs_served_check(const struct gs_leader_facts *facts, struct gs_findings *findings,
		    struct gs_err *err)
{
	const struct gs_path_inodes *ancestors = &facts->served.ancestors;
	GS_AUTO(gs_exports_done) struct gs_exports etab = { 0 };
	struct gs_served_fact served = { .is = &facts->served, .id_file = &facts->id_file };
	const struct gs_offered_fact offered = { .offer = &facts->offer };
	const struct gs_facts seen = { .served = &served, .around = &served, .offered = &offered };

	if (!ancestors->n)
		return 0;
	if (gs_exports_parse(gs_str_span(&facts->etab), &etab, err) < 0)
		return err->code;
	gs_served_meant(&facts->docs, &etab, facts->path, &served);
	served.files = &facts->exports;
	if (ancestors->v[ancestors->n - 1].inode.type != GS_INODE_DIR)
		return gs_checks_refuse(&seen, findings, err);
	gs_checks_run(&seen, GS_FAIL, findings);
	return 0;
}
