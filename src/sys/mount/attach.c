/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/mount/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "sys/fs/inroot.h"
#include "sys/fs/mount_table.h"
#include "sys/fs/pin_path.h"
#include "sys/mount/mount.h"
#include "sys/mount/stage.h"
#include "sys/proc/fd.h"
#include "sys/proc/proc.h"

void gs_attach_drop(struct gs_sys *sys)
{
	if (!sys->stage)
		return;
	gs_stage_done(sys->stage);
	free(sys->stage);
	sys->stage = NULL;
}

int gs_attach_stage(struct gs_sys *sys, const char *source, const char *target, const char *type,
		    const char *options, struct gs_err *err)
{
	struct gs_stage stage = { 0 };

	if (gs_stage_mount(source, target, type, options, sys->deadline_ns, &stage, err) < 0)
		return err->code;
	gs_attach_drop(sys);
	sys->stage = gs_dup(&stage, sizeof stage);
	return 0;
}

/*
 * Attached, but did the path change meanwhile? Then the share has appeared at another path, or on
 * top of another mount that came in between: move_mount(2) does not refuse that.
 */
static int see_attached(const struct gs_stage *stage, int dir, struct gs_err *err)
{
	int parent = -1;
	gs_autofree char *where = gs_mount_target(stage->id, &parent);

	if (where && !strcmp(where, stage->target) && parent == gs_mount_id_of(dir, ""))
		return 0;
	return gs_pin_is_bent(stage->target, err);
}

/* A failed attach must not leave a mount, even if it was only late. */
static void detach(const struct gs_stage *stage)
{
	gs_autofree char *where = gs_mount_target(stage->id, NULL);
	struct gs_err late = { 0 };

	if (where)
		(void)gs_umount_sure(stage->id, where, GS_UMOUNT_LAZY, gs_deadline_in(GS_DETACH_MS),
				     &late);
}

static int attach(struct gs_sys *sys, const struct gs_stage *stage, struct gs_err *err)
{
	struct gs_pin *held = gs_pin_for(sys, stage->target);
	gs_autoclose int dir = gs_open_in_root(sys, stage->target, O_PATH | O_DIRECTORY,
					       GS_LINKS_NONE);

	if (dir == -EXDEV)
		return gs_pin_is_bent(stage->target, err);
	if (dir < 0)
		return gs_err_set(err, dir, "cannot open '%s': %s", stage->target, strerror(-dir));
	if (gs_stage_attach(stage, dir, sys->deadline_ns, err) < 0 ||
	    see_attached(stage, dir, err) < 0) {
		detach(stage);
		return err->code;
	}
	if (held)
		held->mount_id = stage->id;
	return 0;
}

int gs_attach_staged(struct gs_sys *sys, struct gs_err *err)
{
	if (!sys->stage)
		return gs_err_set(err, EINVAL, "nothing is mounted that could be attached");
	if (attach(sys, sys->stage, err) < 0)
		return err->code;
	gs_attach_drop(sys);
	return 0;
}

/* Never mounts by path: mount.nfs would follow a link that somebody puts there. */
int gs_attach_now(struct gs_sys *sys, const char *source, const char *target, const char *type,
		  const char *options, struct gs_err *err)
{
	GS_AUTO(gs_stage_done) struct gs_stage stage = { 0 };

	if (gs_stage_mount(source, target, type, options, sys->deadline_ns, &stage, err) < 0)
		return err->code;
	return attach(sys, &stage, err);
}
