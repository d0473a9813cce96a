/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/step/step.h"
#include "engine/observe/ownership.h"
#include "engine/step/json.h"
#include "engine/step/repair.h"
#include "engine/step/step.h"

int gs_repair_stay(const struct gs_done *done, struct gs_err *err)
{
	size_t n = done->repair.files + done->repair.dirs;

	if (!n || err->code == -GS_E_PARTLY)
		return err->code;
	err->code = -GS_E_PARTLY;
	return gs_err_prefix(err, "%zu entr%s repaired and stay%s so, but", n,
			     n == 1 ? "y was" : "ies were", n == 1 ? "s" : "");
}

/*
 * Judges each inode again, in the instant before it is changed. Fills done->repair.
 * Errors: -GS_E_PARTLY (cause REPAIR_CUT) at the deadline, with the number of repaired entries,
 * which stay so. REPAIR_FAILED where a call has failed, after the other entries have been changed.
 */
static int repair(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	struct gs_done *done = run->done;
	const struct gs_account owner = { .uid = step->repair.uid, .gid = step->repair.gid };
	struct gs_ownership look = { .owner = &owner, .ret = &done->repair, .changes = true };

	if (gs_ownership_walk(run->sys, step->path, &step->repair.names,
			      gs_part_of_rest(run->sys, 2, 3), 0, &look, err) < 0)
		return err->code;
	if (!done->repair.cut)
		return gs_repair_check(&done->repair, step->path, err);
	gs_err_set(err, done->repair.give.n ? GS_E_PARTLY : ETIMEDOUT,
		   "time ran out after %zu entries, of which %zu were repaired and stay so",
		   done->repair.entries, done->repair.files + done->repair.dirs);
	gs_err_cause(err, "REPAIR_CUT");
	return gs_err_advise(err, "run it again to continue: --timeout SECONDS");
}

/* The rights that were given are correct and stay, as in gs_repair_stay(): a finding says so. */
static int look_repair(struct gs_recovery *r, const struct gs_step *step, enum gs_step_state *ret,
		       struct gs_err *err)
{
	(void)err;
	gs_strs_add(&r->left, step->path);
	gs_findings_add(r->findings, GS_NOTE, "RIGHTS_KEPT", NULL,
			"the rights that the unfinished run %u gave the owner in '%s' stay",
			r->run->id, step->path);
	*ret = GS_STEP_UNDONE;
	return 0;
}

static void put_repair(json_t *o, const struct gs_step *step)
{
	json_object_set_new(o, "uid", json_integer(step->repair.uid));
	json_object_set_new(o, "gid", json_integer(step->repair.gid));
}

static bool get_repair(const json_t *o, struct gs_plan *plan, struct gs_step *step)
{
	(void)plan;
	return gs_json_get_number(o, "uid", UINT32_MAX, &step->repair.uid) &&
	       gs_json_get_number(o, "gid", UINT32_MAX, &step->repair.gid);
}

/* The rights that were given are correct: nobody wants them rolled back. */
const struct gs_step_ops gs_step_repair = {
	.run = repair,
	.back = gs_step_nothing,
	.look = look_repair,
	.put = put_repair,
	.get = get_repair,
};
