/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/step/step.h"
#include "engine/step/json.h"
#include "engine/step/step.h"

static int make_dir(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	return run->sys->ops->fs->make_dir(run->sys, step->path, &step->dir, err);
}

static int remove_dir(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	return run->sys->ops->fs->remove_dir(run->sys, step->path, err);
}

static int set_dir(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	return run->sys->ops->fs->set_dir(run->sys, step->path, &step->set_dir.from,
					  &step->set_dir.to, err);
}

static int unset_dir(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	return run->sys->ops->fs->set_dir(run->sys, step->path, &step->set_dir.to,
					  &step->set_dir.from, err);
}

/* For an undo: a directory stays where somebody has created entries in it meanwhile. */
static int drop_dir(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	struct gs_err full = { 0 };
	int r = run->sys->ops->fs->remove_dir(run->sys, step->path, &full);

	if (r == -ENOTEMPTY || r == -EEXIST) {
		gs_findings_add(&run->done->findings, GS_NOTE, "DIR_KEPT", NULL,
				"'%s' stays: it is not empty", step->path);
		return 0;
	}
	if (r < 0)
		*err = full;
	return r;
}

static int make_dir_again(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	struct gs_inode inode = { 0 };
	int r = run->sys->ops->fs->look(run->sys, step->path, &inode, err);
	bool stands = r == 0 && inode.type == GS_INODE_DIR;

	gs_inode_done(&inode);
	return r < 0 || stands ? r : make_dir(run, step, err);
}

static int look_dir(struct gs_recovery *r, const struct gs_step *step, enum gs_step_state *ret,
		    struct gs_err *err)
{
	struct gs_inode inode = { 0 };

	if (r->sys->ops->fs->settle(r->sys, step->path, NULL, &step->dir, err) < 0 ||
	    r->sys->ops->fs->look(r->sys, step->path, &inode, err) < 0)
		return err->code;
	*ret = gs_step_judge_dir(step, &inode);
	gs_inode_done(&inode);
	return 0;
}

static int look_set_dir(struct gs_recovery *r, const struct gs_step *step, enum gs_step_state *ret,
			struct gs_err *err)
{
	struct gs_inode inode = { 0 };

	if (r->sys->ops->fs->look(r->sys, step->path, &inode, err) < 0)
		return err->code;
	*ret = gs_step_judge_set_dir(step, &inode);
	gs_inode_done(&inode);
	return 0;
}

/* Starts from the present owner, mode and ACLs: the run may have been killed half-way. */
static int undress(struct gs_recovery *r, const struct gs_step *step, struct gs_err *err)
{
	struct gs_inode inode = { 0 };
	struct gs_dir_spec now;

	if (r->sys->ops->fs->look(r->sys, step->path, &inode, err) < 0)
		return err->code;
	now = (struct gs_dir_spec){
		.mode = inode.mode,
		.uid = inode.uid,
		.gid = inode.gid,
		.acl_access = inode.acl_access,
		.acl_default = inode.acl_default,
	};
	(void)r->sys->ops->fs->set_dir(r->sys, step->path, &now, &step->set_dir.from, err);
	gs_inode_done(&inode);
	return err->code;
}

static void put_spec(json_t *o, const struct gs_dir_spec *spec)
{
	json_object_set_new(o, "mode", json_integer(spec->mode));
	json_object_set_new(o, "uid", json_integer(spec->uid));
	json_object_set_new(o, "gid", json_integer(spec->gid));
	json_object_set_new(o, "acl_access", gs_json_text(spec->acl_access));
	json_object_set_new(o, "acl_default", gs_json_text(spec->acl_default));
}

static void put_dir(json_t *o, const struct gs_step *step)
{
	put_spec(o, &step->dir);
}

static void put_set_dir(json_t *o, const struct gs_step *step)
{
	json_t *from = json_object(), *to = json_object();

	put_spec(from, &step->set_dir.from);
	put_spec(to, &step->set_dir.to);
	json_object_set_new(o, "from", from);
	json_object_set_new(o, "to", to);
}

static bool get_spec(const json_t *o, struct gs_plan *plan, struct gs_dir_spec *spec)
{
	return gs_json_get_number(o, "mode", 07777, &spec->mode) &&
	       gs_json_get_number(o, "uid", UINT32_MAX, &spec->uid) &&
	       gs_json_get_number(o, "gid", UINT32_MAX, &spec->gid) &&
	       gs_json_get_text_or_null(o, "acl_access", plan, &spec->acl_access) &&
	       gs_json_get_text_or_null(o, "acl_default", plan, &spec->acl_default);
}

static bool get_dir(const json_t *o, struct gs_plan *plan, struct gs_step *step)
{
	return get_spec(o, plan, &step->dir);
}

static bool get_set_dir(const json_t *o, struct gs_plan *plan, struct gs_step *step)
{
	return get_spec(json_object_get(o, "from"), plan, &step->set_dir.from) &&
	       get_spec(json_object_get(o, "to"), plan, &step->set_dir.to);
}

const struct gs_step_ops gs_step_make_dir = {
	.run = make_dir,
	.back = remove_dir,
	.look = look_dir,
	.put = put_dir,
	.get = get_dir,
	.must = true,
};

const struct gs_step_ops gs_step_remove_dir = {
	.run = drop_dir,
	.back = make_dir_again,
	.look = look_dir,
	.put = put_dir,
	.get = get_dir,
	.half_counts = true,
	.must = true,
};

const struct gs_step_ops gs_step_set_dir = {
	.run = set_dir,
	.back = unset_dir,
	.look = look_set_dir,
	.back_after_crash = undress,
	.put = put_set_dir,
	.get = get_set_dir,
	.must = true,
};
