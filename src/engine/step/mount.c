/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "core/follower/plan_unmount.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/step/step.h"
#include "engine/observe/mount_use.h"
#include "engine/step/guard.h"
#include "engine/step/json.h"
#include "engine/step/step.h"
#include "sys/mount/mount.h"
#include "sys/mount/stage.h"

static int stage_share(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	return run->sys->ops->mount->stage(run->sys, step->mount.source, step->path,
					   step->mount.type, step->mount.options, err);
}

static int drop_stage(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	(void)step;
	(void)err;
	run->sys->ops->mount->unstage(run->sys);
	return 0;
}

static int attach_share(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	(void)step;
	return run->sys->ops->mount->attach(run->sys, err);
}

static int unmount_share(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	return run->sys->ops->mount->umount(run->sys, step->path, GS_UMOUNT_PLAIN, err);
}

/* A process may have begun to use the mount since the plan: reported as the plan reports it. */
static int busy_now(struct gs_sys *sys, const char *target, struct gs_err *err)
{
	GS_AUTO(gs_mounted_done) struct gs_mounted mounted = { 0 };
	GS_AUTO(gs_mount_users_done) struct gs_mount_users users = { 0 };
	struct gs_err unseen = { 0 };
	bool found = false;

	if (sys->ops->mount->find(sys, target, &mounted, &found, &unseen) == 0 && found)
		gs_find_mount_users(sys, &mounted, &users);
	return gs_unmount_busy(target, &users, err);
}

static int take_away(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	struct gs_sys *sys = run->sys;
	unsigned how = (step->umount.lazy ? GS_UMOUNT_LAZY : 0u) |
		       (step->umount.force ? GS_UMOUNT_FORCE : 0u);
	int r = sys->ops->mount->umount(sys, step->path, how, err);

	return r == -EBUSY ? busy_now(sys, step->path, err) : r;
}

static int mount_again(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	struct gs_sys *sys = run->sys;

	if (sys->ops->mount->mount(sys, step->umount.source, step->path, step->umount.type,
				   step->umount.options, err) < 0)
		return err->code;
	return step->umount.ahead_kib
		       ? gs_set_read_ahead(sys, step->path, step->umount.ahead_kib, err)
		       : 0;
}

static int find(struct gs_sys *sys, const char *target, struct gs_mounted *ret, bool *ret_found,
		struct gs_err *err)
{
	return sys->ops->mount->find(sys, target, ret, ret_found, err);
}

/* The kernel refuses ro while files are open for writing: names the processes on the mount. */
static int written_now(struct gs_sys *sys, const char *target, struct gs_err *err)
{
	GS_AUTO(gs_mounted_done) struct gs_mounted mounted = { 0 };
	GS_AUTO(gs_mount_users_done) struct gs_mount_users users = { 0 };
	gs_autostr struct gs_str who = { 0 };
	struct gs_err unseen = { 0 };
	bool found = false;

	if (find(sys, target, &mounted, &found, &unseen) == 0 && found)
		users.cut |= sys->ops->mount->users(sys, &mounted, &users, &unseen) < 0;
	gs_unmount_add_users(&users, &who);
	gs_err_set(err, EBUSY, "files in '%s' are open for writing; in use: %s", target,
		   who.len ? who.ptr : "by no visible process");
	gs_err_cause(err, "MOUNT_BUSY");
	return gs_err_advise(err, "stop the writers, then run the command again");
}

static int remount_to(struct gs_sys *sys, const struct gs_step *step, bool back, struct gs_err *err)
{
	const char *from = back ? step->remount.flags : step->remount.was;
	const char *to = back ? step->remount.was : step->remount.flags;
	int r = sys->ops->mount->remount(sys, step->path, from, to, err);

	return r == -EBUSY ? written_now(sys, step->path, err) : r;
}

static int renew(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	struct gs_sys *sys = run->sys;

	if (sys->ops->mount->umount(sys, step->path, GS_UMOUNT_LAZY, err) < 0)
		return err->code;
	return sys->ops->mount->attach(sys, err);
}

static int renew_back(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	struct gs_sys *sys = run->sys;
	GS_AUTO(gs_mounted_done) struct gs_mounted mounted = { 0 };
	bool found = false;

	if (find(sys, step->path, &mounted, &found, err) < 0)
		return err->code;
	if (!found)
		return mount_again(run, step, err);
	if (strcmp(mounted.source, step->umount.source) != 0 || !step->umount.ahead_kib)
		return 0;
	return sys->ops->mount->set_read_ahead(sys, &mounted, step->umount.ahead_kib, err);
}

static int remount(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	return remount_to(run->sys, step, false, err);
}

static int remount_back(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	return remount_to(run->sys, step, true, err);
}

static int look_mount(struct gs_recovery *r, const struct gs_step *step, enum gs_step_state *ret,
		      struct gs_err *err)
{
	GS_AUTO(gs_mounted_done) struct gs_mounted mounted = { 0 };
	bool found = false;

	if (r->sys->ops->mount->find(r->sys, step->path, &mounted, &found, err) < 0)
		return err->code;
	*ret = gs_step_judge_mount(step, found ? &mounted : NULL);
	return 0;
}

/* Whatever is mounted there, renew_back() makes it usable. */
static int look_renew(struct gs_recovery *r, const struct gs_step *step, enum gs_step_state *ret,
		      struct gs_err *err)
{
	(void)r;
	(void)step;
	(void)err;
	*ret = GS_STEP_DONE;
	return 0;
}

/* The staged mount ended with the run's child: an empty directory may be left. */
static int look_stage(struct gs_recovery *r, const struct gs_step *step, enum gs_step_state *ret,
		      struct gs_err *err)
{
	struct gs_inode inode = { 0 };

	(void)step;
	if (r->sys->ops->fs->look(r->sys, GS_STAGE_PLACE, &inode, err) < 0)
		return err->code;
	*ret = inode.type == GS_INODE_DIR ? GS_STEP_DONE : GS_STEP_UNDONE;
	gs_inode_done(&inode);
	return 0;
}

static int clear_stage(struct gs_recovery *r, const struct gs_step *step, struct gs_err *err)
{
	(void)step;
	return r->sys->ops->fs->remove_dir(r->sys, GS_STAGE_PLACE, err);
}

static void put_mount(json_t *o, const struct gs_step *step)
{
	json_object_set_new(o, "source", gs_json_text(step->mount.source));
	json_object_set_new(o, "type", gs_json_text(step->mount.type));
	json_object_set_new(o, "options", gs_json_text(step->mount.options));
}

static void put_umount(json_t *o, const struct gs_step *step)
{
	json_object_set_new(o, "source", gs_json_text(step->umount.source));
	json_object_set_new(o, "type", gs_json_text(step->umount.type));
	json_object_set_new(o, "options", gs_json_text(step->umount.options));
	json_object_set_new(o, "force", json_boolean(step->umount.force));
	json_object_set_new(o, "lazy", json_boolean(step->umount.lazy));
	json_object_set_new(o, "ahead_kib", json_integer(step->umount.ahead_kib));
}

static void put_remount(json_t *o, const struct gs_step *step)
{
	json_object_set_new(o, "was", gs_json_text(step->remount.was));
	json_object_set_new(o, "flags", gs_json_text(step->remount.flags));
}

static bool get_mount(const json_t *o, struct gs_plan *plan, struct gs_step *step)
{
	return gs_json_get_text(o, "source", plan, &step->mount.source) &&
	       gs_json_get_text(o, "type", plan, &step->mount.type) &&
	       gs_json_get_text(o, "options", plan, &step->mount.options);
}

static bool get_umount(const json_t *o, struct gs_plan *plan, struct gs_step *step)
{
	return gs_json_get_text(o, "source", plan, &step->umount.source) &&
	       gs_json_get_text(o, "type", plan, &step->umount.type) &&
	       gs_json_get_text(o, "options", plan, &step->umount.options) &&
	       gs_json_get_bool(o, "force", &step->umount.force) &&
	       gs_json_get_bool(o, "lazy", &step->umount.lazy) &&
	       gs_json_get_number(o, "ahead_kib", UINT32_MAX, &step->umount.ahead_kib);
}

static bool get_remount(const json_t *o, struct gs_plan *plan, struct gs_step *step)
{
	return gs_json_get_text(o, "was", plan, &step->remount.was) &&
	       gs_json_get_text(o, "flags", plan, &step->remount.flags);
}

const struct gs_step_ops gs_step_stage = {
	.run = stage_share,
	.back = drop_stage,
	.look = look_stage,
	.back_after_crash = clear_stage,
	.put = put_mount,
	.get = get_mount,
};

const struct gs_step_ops gs_step_mount = {
	.run = attach_share,
	.back = unmount_share,
	.look = look_mount,
	.put = put_mount,
	.get = get_mount,
};

const struct gs_step_ops gs_step_umount = {
	.run = take_away,
	.back = mount_again,
	.look = look_mount,
	.put = put_umount,
	.get = get_umount,
};

const struct gs_step_ops gs_step_remount = {
	.run = remount,
	.back = remount_back,
	.look = look_mount,
	.put = put_remount,
	.get = get_remount,
	.half_counts = true,
};

const struct gs_step_ops gs_step_renew = {
	.run = renew,
	.back = renew_back,
	.look = look_renew,
	.put = put_umount,
	.get = get_umount,
	.half_counts = true,
};
