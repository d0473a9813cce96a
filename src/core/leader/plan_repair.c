/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "base/command.h"
#include "core/check/escape.h"
#include "core/leader/repair.h"
#include "core/leader/request.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/step/step.h"

/* The plan of leader repair: steps and findings. */

static const char *ending(size_t n)
{
	return n == 1 ? "" : "s";
}

/* A file name made safe, so that it stays on one line. */
static char *safe(const char *path)
{
	gs_autostr struct gs_str text = { 0 };

	gs_str_add_safe(&text, gs_span_of(path));
	return gs_span_dup(gs_str_span(&text));
}

static void add_lines(const struct gs_repair_lines *lines, size_t total, struct gs_plan *plan)
{
	for (size_t i = 0; i < lines->n; i++) {
		const struct gs_repair_line *line = &lines->v[i];
		gs_autofree char *path = safe(line->path);

		if (line->why)
			gs_plan_item(plan, '!', "left", "%s  %s", path, line->why);
		else
			gs_plan_item(plan, '+', "give", "%s  a %s of %u:%u with mode %04o", path,
				     line->is_dir ? "directory" : "file", line->uid, line->gid,
				     line->mode);
	}
	if (total > lines->n)
		gs_plan_item(plan, lines->v[0].why ? '!' : '+', lines->v[0].why ? "left" : "give",
			     "and %zu more", total - lines->n);
}

/* No command: an entry that is left may be, or may have been, a link to a file outside. */
void gs_repair_findings(const struct gs_repair *repair, const struct gs_account *owner,
			struct gs_findings *findings)
{
	if (repair->n_left)
		gs_findings_add(
			findings, GS_WARN, "REPAIR_LEFT", NULL,
			"%zu entr%s left as %s, for the reason%s above; uid %u can copy files of "
			"the share in again, from their source",
			repair->n_left, repair->n_left == 1 ? "y is" : "ies are",
			repair->n_left == 1 ? "it is" : "they are", ending(repair->n_left),
			owner->uid);
	if (repair->cut)
		gs_findings_add(findings, GS_WARN, "REPAIR_NOT_REACHED",
				"run it again with more time: --timeout SECONDS",
				"time ran out after %zu entries: there may be more",
				repair->entries);
}

/* Root may change an inode in the share only if it belongs to the share. */
static int check_escape(const struct gs_repair_facts *facts, struct gs_err *err)
{
	gs_autostr struct gs_str fix = { 0 };

	if (!facts->escape)
		return 0;
	gs_err_set(err, EPERM, GS_TELLS_ESCAPE, facts->escape);
	gs_err_cause(err, "REPAIR_UNSAFE");
	gs_escape_fix(facts->path, facts->escape, facts->fs.type, &fix);
	return fix.len ? gs_err_advise(err, "%s", fix.ptr) : err->code;
}

int gs_plan_repair(const struct gs_repair_facts *facts, bool each, struct gs_plan *plan,
		   struct gs_err *err)
{
	const struct gs_repair *found = &facts->found;
	const struct gs_account *owner = &facts->owner;
	struct gs_step *step;

	if (check_escape(facts, err) < 0)
		return err->code;
	if (each)
		add_lines(&found->give, found->files + found->dirs, plan);
	add_lines(&found->left, found->n_left, plan);
	gs_repair_findings(found, owner, &plan->findings);
	if (!found->files && !found->dirs)
		return gs_repair_check(found, facts->path, err);
	gs_plan_item(plan, '+', "repair", "%zu file%s, %zu director%s: read and write for %s (%u)",
		     found->files, ending(found->files), found->dirs,
		     found->dirs == 1 ? "y" : "ies", owner->name, owner->uid);
	step = gs_plan_step(plan, GS_STEP_REPAIR, facts->path,
			    "give the owner read and write access to what others created in the "
			    "share");
	step->repair.uid = owner->uid;
	step->repair.gid = owner->gid;
	step->repair.who = gs_plan_keep(plan, gs_span_of(owner->name));
	for (size_t i = 0; i < facts->names.n; i++)
		gs_strs_add(&step->repair.names, facts->names.v[i]);
	return 0;
}

void gs_repair_needed(const struct gs_leader_req *req, const struct gs_leader_facts *facts,
		      struct gs_findings *findings)
{
	size_t n = facts->unchangeable;
	gs_autostr struct gs_str fix = { 0 };

	if (!n)
		return;
	gs_repair_again(facts->path, &fix);
	for (size_t i = 0; i < req->dirs.n; i++)
		gs_command(&fix, "--dir", req->dirs.v[i]);
	gs_command(&fix, "--dry-run");
	gs_findings_add(findings, GS_WARN, "REPAIR_NEEDED", fix.ptr,
			"%s%zu existing file%s cannot be changed by %s",
			facts->unchangeable_cut ? "at least " : "", n, ending(n),
			facts->owner.name);
}
