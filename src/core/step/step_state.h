/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/step/step.h"

/*
 * Was a step of a killed run done? Judged from the machine alone: a power cut loses what was not
 * synced, so that no mark of progress can be trusted.
 */

enum gs_step_state {
	GS_STEP_UNDONE, /* as it was before the step */
	GS_STEP_DONE,	/* as the step makes it */
	GS_STEP_OTHER,	/* neither: somebody else was here */
};

/**
 * gs_step_forgets_id - a step that removes a .gshare-id
 * It is no part of what a run promises: where followers have put something else there, that stays.
 */
bool gs_step_forgets_id(const struct gs_step *step);

enum gs_step_state gs_step_judge_file(const struct gs_step *step, const struct gs_file *file);
enum gs_step_state gs_step_judge_dir(const struct gs_step *step, const struct gs_inode *inode);
/** a kill in its midst counts as done: it is to be rolled back */
enum gs_step_state gs_step_judge_set_dir(const struct gs_step *step, const struct gs_inode *inode);
/**
 * gs_step_judge_mount - MOUNT, UMOUNT, and REMOUNT by the flags that are changed in place
 * @mounted: what is mounted exactly there, NULL for nothing
 */
enum gs_step_state gs_step_judge_mount(const struct gs_step *step,
				       const struct gs_mounted *mounted);
/** @bare: the directory below whatever is mounted on it; an absent one has no flag */
enum gs_step_state gs_step_judge_guard(const struct gs_step *step, const struct gs_inode *bare);
/** @kib: read-ahead of mounted; that of a mount of the same run goes with it and is never done */
enum gs_step_state gs_step_judge_ahead(const struct gs_step *step, const struct gs_mounted *mounted,
				       unsigned kib);
/** @others: exports are active that are not the run's: the server is not to be stopped */
enum gs_step_state gs_step_judge_server(const struct gs_step *step, const struct gs_server *server,
					bool others);

/** gs_dir_is - owner, mode and ACLs are the spec's */
bool gs_dir_is(const struct gs_inode *inode, const struct gs_dir_spec *spec);

/** gs_dir_is_between - each part is a's or b's: what a kill in the midst of a change leaves */
bool gs_dir_is_between(const struct gs_inode *inode, const struct gs_dir_spec *a,
		       const struct gs_dir_spec *b);
