/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "core/check/check.h"
#include "core/exports/docs.h"
#include "core/exports/owned.h"
#include "core/leader/again.h"
#include "core/leader/planner.h"
#include "core/leader/request.h"
#include "core/plan/model.h"

/*
 * Changes to text that another program writes. A run that takes access away is not stopped by that,
 * but told: the program may give it back.
 */

static char *say_owner(const struct gs_exports_owner *owner, const char *what)
{
	gs_autostr struct gs_str safe = { 0 };

	gs_str_add_safe(&safe, owner->text.len > 200 ? gs_span(owner->text.ptr, 200) : owner->text);
	return gs_printf(
		"'%s', line %zu, says that another program writes this %s, and may undo the "
		"change",
		safe.ptr, owner->number, what);
}

int gs_draft_check_block(struct gs_draft *draft, size_t d, size_t e, struct gs_err *err)
{
	const struct gs_export *entry = &draft->docs.v[d].entry[e];
	struct gs_exports_owner owner;
	gs_autofree char *why = NULL;
	struct gs_line_fact line = { .file = draft->facts->exports.v[d].path,
				     .number = entry->number,
				     .id = "EXPORTS_OWNED" };
	const struct gs_facts facts = { .line = &line };

	if (gs_exports_owns_line(&draft->docs.v[d], entry->line, &owner))
		line.why = why = say_owner(&owner, "line");
	else if (!entry->is_managed && gs_exports_owns_file(&draft->docs.v[d], &owner) &&
		 owner.is_strict)
		line.why = why = say_owner(&owner, "file");
	else
		return 0;
	if (!gs_leader_takes(draft->req))
		return gs_checks_refuse(&facts, &draft->plan.findings, err);
	gs_checks_run(&facts, GS_WARN, &draft->plan.findings);
	return 0;
}

int gs_draft_check_blocks(struct gs_draft *draft, struct gs_err *err)
{
	for (size_t d = 0; d < draft->docs.n; d++)
		for (size_t e = 0; e < draft->docs.v[d].n; e++) {
			const struct gs_export *entry = &draft->docs.v[d].entry[e];

			if (!strcmp(entry->path, draft->facts->path) &&
			    gs_keymap_get(&draft->by_host, entry->host.text, "") != GS_NO_KEY &&
			    gs_draft_check_block(draft, d, e, err) < 0)
				return err->code;
		}
	return 0;
}

/* The command with a file of its own, where nothing of the share is in /etc/exports yet. */
static char *say_instead(const struct gs_draft *draft)
{
	static const char own[] = "/etc/exports.d/gshare.exports";
	struct gs_leader_req req = *draft->req;
	struct gs_str text = { 0 };

	if (!gs_leader_gives(req.verb) || draft->was_marked ||
	    strcmp(draft->facts->exports.v[0].path, "/etc/exports") != 0 || draft->exported.n)
		return NULL;
	req.exports_file = own;
	gs_leader_again(&req, draft->facts, NULL, &text);
	return text.ptr;
}

void gs_draft_tell_owners(struct gs_draft *draft)
{
	for (size_t d = 0; d < draft->docs.n; d++) {
		gs_autostr struct gs_str text = { 0 };
		const struct gs_file *file = &draft->facts->exports.v[d];
		struct gs_exports_owner owner;
		gs_autofree char *why = NULL, *instead = d ? NULL : say_instead(draft);
		struct gs_line_fact line = { .file = file->path,
					     .id = "EXPORTS_OWNED",
					     .instead = instead };
		const struct gs_facts facts = { .line = &line };

		gs_exports_render(&draft->docs.v[d], &text);
		if (gs_span_is(gs_str_span(&text), gs_str_span(&file->text)) ||
		    !gs_exports_owns_file(&draft->docs.v[d], &owner))
			continue;
		line.number = owner.number;
		line.why = why = say_owner(&owner, "file");
		gs_checks_run(&facts, GS_WARN, &draft->plan.findings);
	}
}
