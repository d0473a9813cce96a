/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "sys/proc/child.h"

/*
 * A share mounted in a private namespace, to be verified there and then attached to its path.
 *
 * A child mounts it in a mount namespace of its own and hands out a detached copy. Until the copy
 * is attached, the mount ends with its last descriptor: however gshare and the child end, nothing
 * stays mounted.
 */

/**
 * Where the child mounts. Other processes see an empty directory of root's; a killed run may leave
 * it, and the next run makes it again and removes it.
 */
#define GS_STAGE_PLACE "/run/gshare.stage"

/**
 * struct gs_stage - @tree: the root of the share (open_tree(2)); @child holds it as well
 * @id: of the mount, unchanged once it is attached
 */
struct gs_stage {
	struct gs_child_held child;
	int tree, id;
	char *target; /* owned; where it is to be attached */
};

/**
 * gs_stage_mount - mount an export in a private namespace
 * @target: where it will be attached; only stored
 * The rest is as in gs_mount_here(). Free with gs_stage_done().
 */
int gs_stage_mount(const char *source, const char *target, const char *type, const char *options,
		   int64_t deadline_ns, struct gs_stage *ret, struct gs_err *err);

/**
 * gs_stage_attach - attach the mount to a directory that is open
 * @dir: opened without following links; its current path does not matter
 * The caller still frees the stage. Errors: -ENOENT (the directory was removed), -EPERM.
 */
int gs_stage_attach(const struct gs_stage *stage, int dir, int64_t deadline_ns, struct gs_err *err);

/** gs_stage_path - path below target for gs_child_open(), owned; NULL where path is not below it */
char *gs_stage_path(const struct gs_stage *stage, const char *path);

void gs_stage_done(struct gs_stage *stage);
