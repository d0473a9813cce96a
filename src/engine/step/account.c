/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "engine/step/json.h"
#include "engine/step/step.h"

static int add_account(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	return run->sys->ops->accounts->add(run->sys, step->path, step->account.id, err);
}

/* Files without a name for their owner would be the next account's that gets its number. */
static int remove_account(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	if (run->leaves)
		return gs_err_set(err, EBUSY, "what stays of the run may belong to it");
	return run->sys->ops->accounts->remove(run->sys, step->path, err);
}

static int look_account(struct gs_recovery *r, const struct gs_step *step, enum gs_step_state *ret,
			struct gs_err *err)
{
	struct gs_account account = { 0 };
	struct gs_err absent = { 0 };

	if (r->sys->ops->accounts->find(r->sys, step->path, &account, &absent) < 0) {
		*ret = GS_STEP_UNDONE;
		if (absent.code == -ENOENT)
			return 0;
		*err = absent;
		return err->code;
	}
	*ret = account.uid == step->account.id ? GS_STEP_DONE : GS_STEP_OTHER;
	gs_account_done(&account);
	return 0;
}

static void put_account(json_t *o, const struct gs_step *step)
{
	json_object_set_new(o, "id", json_integer(step->account.id));
}

static bool get_account(const json_t *o, struct gs_plan *plan, struct gs_step *step)
{
	(void)plan;
	return gs_json_get_number(o, "id", UINT32_MAX, &step->account.id);
}

const struct gs_step_ops gs_step_add_account = {
	.run = add_account,
	.back = remove_account,
	.look = look_account,
	.put = put_account,
	.get = get_account,
};
