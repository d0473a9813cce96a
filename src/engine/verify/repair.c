/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/command.h"
#include "core/leader/request.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/step/step.h"
#include "engine/observe/repair.h"
#include "engine/phase.h"
#include "engine/run/apply.h"
#include "engine/step/repair.h"
#include "engine/step/write_test.h"
#include "engine/verify/converge.h"

enum { OPENED_MAX = 64 }; /* entries that the verification opens */

/* Chooses evenly over the list, so that every directory is tested. */
static void choose(const struct gs_repair_lines *lines, struct gs_strs *ret)
{
	size_t n = lines->n < OPENED_MAX ? lines->n : OPENED_MAX;

	for (size_t i = 0; i < n; i++)
		gs_strs_add(ret, lines->v[i * lines->n / n].path);
}

static int open_some(struct gs_sys *sys, const struct gs_verification *verification,
		     struct gs_done *done, struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs paths = { 0 };
	const struct gs_open_req req = {
		.root = verification->root,
		.paths = &paths,
		.uid = verification->uid,
		.gid = verification->gid,
		.deadline_ns = sys->deadline_ns,
	};
	struct gs_opened opened = { 0 };
	gs_autofree char *text = NULL;

	choose(&done->repair.give, &paths);
	if (!paths.n)
		return 0;
	if (sys->ops->fs->open_as(sys, &req, &opened, err) < 0)
		return err->code;
	if (opened.refused < paths.n) {
		gs_err_set(err, opened.error, "%s still cannot change '%s': %s", verification->who,
			   paths.v[opened.refused], gs_errno_text(opened.error));
		return gs_err_cause(err, "WRITE_TEST_FAILED");
	}
	text = gs_printf("%s opened %zu of %zu repaired entries to change them", verification->who,
			 opened.opened, done->repair.files + done->repair.dirs);
	gs_strs_add(&done->verified, text);
	return 0;
}

/* The owner writes in each directory that was repaired. */
static int verify(struct gs_sys *sys, const struct gs_step *step, struct gs_done *done,
		  struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs dirs = { 0 };
	struct gs_verification verification = {
		.root = step->path,
		.uid = step->repair.uid,
		.gid = step->repair.gid,
		.who = step->repair.who,
		.writable = true,
	};

	for (size_t i = 0; i < step->repair.names.n; i++) {
		gs_autofree char *dir = gs_printf("%s/%s", step->path, step->repair.names.v[i]);

		gs_strs_add(&dirs, dir);
	}
	verification.dirs = dirs;
	if (sys->ops->privs->enter(GS_PHASE_OBSERVE, err) < 0)
		return err->code;
	return gs_phase_end(sys,
			    open_some(sys, &verification, done, err) < 0
				    ? err->code
				    : gs_verify_share(sys, &verification, done, err),
			    err);
}

/* Entries that are new, or that the REPAIR step could not change: it recorded why. */
static void tell_remaining(const struct gs_repair *found, const struct gs_step *step,
			   struct gs_done *done)
{
	const char *first = found->give.v[0].path, *why = "it was created during the run";
	size_t n = found->files + found->dirs;
	gs_autostr struct gs_str name = { 0 }, fix = { 0 };

	gs_repair_again(step->path, &fix);
	for (size_t i = 0; i < done->repair.left.n; i++)
		if (!strcmp(done->repair.left.v[i].path, first))
			why = done->repair.left.v[i].why;
	gs_str_add_safe(&name, gs_span_of(first));
	gs_findings_add(&done->findings, GS_WARN, "REPAIR_NEEDED", fix.ptr,
			"%zu entr%s there that %s cannot change, such as '%s': %s", n,
			n == 1 ? "y is" : "ies are", step->repair.who, name.ptr, why);
}

int gs_verify_repair(struct gs_sys *sys, const struct gs_leader_req *req,
		     const struct gs_plan *plan, struct gs_done *done, struct gs_err *err)
{
	GS_AUTO(gs_repair_facts_done) struct gs_repair_facts again = { 0 };
	struct gs_err unended = { 0 };
	const struct gs_step *step = gs_plan_find(plan, GS_STEP_REPAIR);
	size_t n;

	if (!step)
		return 0;
	if (verify(sys, step, done, err) < 0 || gs_observe_repair(sys, req, &again, err) < 0 ||
	    gs_repair_check(&again.found, step->path, err) < 0) {
		(void)gs_finish(sys, plan, done, &unended);
		return gs_repair_stay(done, err);
	}
	n = again.found.files + again.found.dirs;
	if (n)
		tell_remaining(&again.found, step, done);
	else if (!again.found.cut)
		gs_strs_add(&done->verified,
			    "no other file was found that the owner cannot change");
	return gs_finish(sys, plan, done, err) < 0 ? gs_repair_stay(done, err) : 0;
}
