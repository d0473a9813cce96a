/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "sys/proc/child.h"

/*
 * A share mounted where nobody can see it, to be verified there and then attached to its place.
 *
 * A child mounts it in a mount namespace of its own and hands out a detached copy. While that is
 * all there is of the mount, it ends with its last descriptor: whatever ends gshare and the child
 * leaves nothing mounted anywhere.
 */

/**
 * Where the child mounts. Others see a directory of root's that stays empty; a killed run may leave
 * it, and the next one makes it anew and removes it.
 */
#define GS_STAGE_PLACE "/run/gshare.stage"

/**
 * struct gs_stage - @tree: the root of the share (open_tree(2)); @child holds it as well
 * @id: of the mount, the same once it is attached
 */
struct gs_stage {
	struct gs_child_held child;
	int tree, id;
	char *target; /* owned; where it is to be attached */
};

/**
 * gs_stage_mount - mount an export out of sight
 * @target: where it will be attached; only kept
 * The rest is as in gs_mount_here(). Free with gs_stage_done().
 */
int gs_stage_mount(const char *source, const char *target, const char *type, const char *options,
		   int64_t deadline_ns, struct gs_stage *ret, struct gs_err *err);

/**
 * gs_stage_attach - make it appear at a directory that is open
 * @dir: without a link on its way; what its path is by now does not matter
 * The stage is still to be let go. Errors: -ENOENT (the directory was removed), -EPERM.
 */
int gs_stage_attach(const struct gs_stage *stage, int dir, int64_t deadline_ns, struct gs_err *err);

/** gs_stage_path - path below target as gs_child_open() takes it; NULL where path lies elsewhere */
char *gs_stage_path(const struct gs_stage *stage, const char *path);

void gs_stage_done(struct gs_stage *stage);
