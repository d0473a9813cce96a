/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/step/step.h"

/*
 * Was a step of a killed run done? Decided from the machine's state alone: a power cut loses data
 * that was not synced, so no record of progress can be trusted.
 */

enum gs_step_state {
	GS_STEP_UNDONE, /* as it was before the step */
	GS_STEP_DONE,	/* as the step makes it */
	GS_STEP_OTHER,	/* neither: changed by others */
};

/**
 * gs_step_forgets_id - does the step remove a .gshare-id?
 * A run may succeed without it: where followers have put another file there, that stays.
 */
bool gs_step_forgets_id(const struct gs_step *step);

enum gs_step_state gs_step_judge_file(const struct gs_step *step, const struct gs_file *file);
enum gs_step_state gs_step_judge_dir(const struct gs_step *step, const struct gs_inode *inode);
/** a step that was killed halfway counts as done, so that it is rolled back */
enum gs_step_state gs_step_judge_set_dir(const struct gs_step *step, const struct gs_inode *inode);
/**
 * gs_step_judge_mount - MOUNT, UMOUNT, and REMOUNT by the flags that a remount changes
 * @mounted: the mount exactly at the step's path, NULL: none
 */
enum gs_step_state gs_step_judge_mount(const struct gs_step *step,
				       const struct gs_mounted *mounted);
/**
 * gs_step_is_mount_of - is what is mounted what the MOUNT step mounted?
 * Where the file system was mounted at another place before, the kernel shows the source of that
 * mount, and of the step's own only the path stays.
 */
bool gs_step_is_mount_of(const struct gs_step *step, const struct gs_mounted *mounted);
/** @bare: the directory below the mount; an absent one has no flag */
enum gs_step_state gs_step_judge_guard(const struct gs_step *step, const struct gs_inode *bare);
/** @kib: read-ahead of mounted; never DONE for a mount of the same run, as it ends with that */
enum gs_step_state gs_step_judge_ahead(const struct gs_step *step, const struct gs_mounted *mounted,
				       unsigned kib);
/** @others: exports of others are active, so the server must not be stopped */
enum gs_step_state gs_step_judge_server(const struct gs_step *step, const struct gs_server *server,
					bool others);

/** gs_step_judge_unit - START_UNIT, STOP_UNIT: UNDONE where it is as it was before */
enum gs_step_state gs_step_judge_unit(const struct gs_step *step, bool is_active);

/** gs_dir_is - are owner, mode and ACLs as in the spec? */
bool gs_dir_is(const struct gs_inode *inode, const struct gs_dir_spec *spec);

/** gs_dir_is_between - is each part as in a or b, as after a change that was killed halfway? */
bool gs_dir_is_between(const struct gs_inode *inode, const struct gs_dir_spec *a,
		       const struct gs_dir_spec *b);
