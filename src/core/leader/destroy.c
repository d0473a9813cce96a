/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/command.h"
#include "core/leader/planner.h"
#include "core/leader/request.h"
#include "core/plan/finding.h"
#include "core/step/step.h"

/*
 * leader destroy removes the share's entries, also hand-written ones, its marker and its id; the
 * files in the share stay.
 */

/* A share without gshare's marker is not destroyed. */
static int check_managed(const struct gs_draft *draft, struct gs_err *err)
{
	const char *path = draft->facts->path;

	for (size_t d = 0; d < draft->docs.n && !gs_draft_is_marked(draft); d++) {
		size_t at = 0;
		const struct gs_export *entry = gs_exports_find(&draft->docs.v[d], path, NULL, &at);

		if (!entry)
			continue;
		gs_err_set(err, EINVAL,
			   "'%.300s' was exported by hand: %s:%zu has no gshare marker", path,
			   draft->facts->exports.v[d].path, entry->number);
		gs_err_cause(err, "SHARE_NOT_MANAGED");
		return gs_err_fix(
			err, "remove those lines by hand, or remove single followers: ", "sudo",
			"gshare", "leader", "remove", entry->host.text, "--path", path);
	}
	return 0;
}

static int add_clients(struct gs_draft *draft, const struct gs_exports *doc, struct gs_err *err)
{
	const struct gs_export *entry;
	size_t at = 0;

	while ((entry = gs_exports_find(doc, draft->facts->path, NULL, &at)))
		if (gs_draft_add_client(draft, &entry->host, NULL, &draft->all, err) < 0)
			return err->code;
	return 0;
}

static void tell_entries(struct gs_draft *draft, size_t d)
{
	const struct gs_export *entry;
	size_t at = 0;

	while ((entry = gs_exports_find(&draft->docs.v[d], draft->facts->path, NULL, &at)))
		gs_plan_item(&draft->plan, '-', "export", "%s  %s  %s:%zu%s", entry->host.text,
			     gs_access_name(gs_exportopts_access(&entry->opts)),
			     draft->facts->exports.v[d].path, entry->number,
			     entry->is_managed ? "" : "  written by hand");
}

static int remove_from(struct gs_draft *draft, size_t d, struct gs_err *err)
{
	struct gs_exports *doc = &draft->docs.v[d];
	const char *file = draft->facts->exports.v[d].path;
	bool marked = gs_exports_is_marked(doc, draft->facts->path), changed = false;
	size_t at = 0;

	if (!marked && !gs_exports_find(doc, draft->facts->path, NULL, &at))
		return 0;
	tell_entries(draft, d);
	if (gs_exports_remove(doc, draft->facts->path, NULL, &changed, err) < 0 ||
	    gs_exports_unmark(doc, draft->facts->path, &changed, err) < 0)
		return gs_err_prefix(err, "%s", file);
	if (marked)
		gs_plan_item(&draft->plan, '-', "marker", "%s", file);
	return 0;
}

int gs_draft_remove(struct gs_draft *draft, struct gs_err *err)
{
	GS_AUTO(gs_exports_done) struct gs_exports etab = { 0 };

	if (check_managed(draft, err) < 0 ||
	    gs_exports_parse(gs_str_span(&draft->facts->etab), &etab, err) < 0)
		return err->code;
	for (size_t d = 0; d < draft->docs.n; d++)
		if (add_clients(draft, &draft->docs.v[d], err) < 0)
			return err->code;
	if (add_clients(draft, &etab, err) < 0)
		return err->code;
	if (gs_draft_check_blocks(draft, err) < 0)
		return err->code;
	for (size_t d = 0; d < draft->docs.n; d++)
		if (remove_from(draft, d, err) < 0)
			return err->code;
	gs_draft_tell_owners(draft);
	return 0;
}

/*
 * Runs while the share is still exported: a follower may hold a delegation on the file, and can
 * return it only while it has access. Otherwise the removal would wait for a whole lease.
 */
void gs_draft_forget_id(struct gs_draft *draft)
{
	const struct gs_leader_facts *facts = draft->facts;
	const struct gs_file *file = &facts->id_file;
	char id[GS_SHARE_ID_BYTES];
	struct gs_span old = gs_str_span(&file->text);
	struct gs_step *step;

	/* Through a symbolic link the file would be in another tree. */
	if (facts->ancestors.v[facts->ancestors.n - 1].inode.type != GS_INODE_DIR || !file->exists)
		return;
	if (!gs_share_id_parse(old, id)) {
		gs_findings_add(&draft->plan.findings, GS_WARN, "ID_BROKEN",
				"look at it, and remove it if nothing needs it",
				"%s contains no share id and is kept", file->path);
		return;
	}
	step = gs_plan_step(&draft->plan, GS_STEP_WRITE_FILE, file->path, "remove the share id");
	step->write.old_exists = true;
	step->write.old = gs_span(gs_plan_keep(&draft->plan, old), old.len);
	step->write.remove = true;
	step->write.mode = 0444;
	gs_plan_item(&draft->plan, '-', "id", "%s  %s", id, file->path);
}

void gs_draft_keep(struct gs_draft *draft)
{
	const struct gs_leader_facts *facts = draft->facts;
	GS_AUTO(gs_strs_done) struct gs_strs stay = { 0 };
	gs_autostr struct gs_str list = { 0 };

	if (facts->ancestors.v[facts->ancestors.n - 1].inode.type != GS_INODE_DIR || !draft->plan.n)
		return;
	for (size_t i = 0; i < facts->dirs.n; i++)
		if (facts->dirs.v[i].inode.type == GS_INODE_DIR)
			gs_strs_add(&stay, strrchr(facts->dirs.v[i].path, '/') + 1);
	gs_join(&stay, " ", &list);
	gs_plan_item(&draft->plan, '=', "kept", "every directory and file in %s%s%s", facts->path,
		     stay.n ? ": " : "", stay.n ? list.ptr : "");
}
