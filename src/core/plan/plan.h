/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/plan/model.h"
#include "core/step/step.h"

/*
 * Facts and a request become ordered steps. Pure: every error is found here, before anything is
 * changed. A plan without steps means that nothing has to be done.
 */

void gs_plan_done(struct gs_plan *plan);

/** gs_plan_find - the first step of that kind; NULL: there is none */
const struct gs_step *gs_plan_find(const struct gs_plan *plan, enum gs_step_kind kind);

/** gs_plan_writes - does it write, or remove, that file? */
bool gs_plan_writes(const struct gs_plan *plan, const char *path);

/** gs_plan_changes - false for a plan whose steps only check and verify */
bool gs_plan_changes(const struct gs_plan *plan);

/**
 * gs_plan_removes_access - does it remove access, or undo a run that changed access?
 * Such a run may use the disk space that is reserved for a full disk.
 */
bool gs_plan_removes_access(const struct gs_plan *plan);

/**
 * gs_step_unmask - restore the texts of a WRITE_FILE step whose record holds masks
 * @now: the present file, which supplies the lines of others; @plan: owner of the texts
 */
void gs_step_unmask(struct gs_plan *plan, struct gs_step *step, const struct gs_file *now);

/* Building blocks, for the planners. */

/** gs_plan_keep - an owned copy of a text that lives as long as the plan */
const char *gs_plan_keep(struct gs_plan *plan, struct gs_span text);
struct gs_step *gs_plan_step(struct gs_plan *plan, enum gs_step_kind kind, const char *path,
			     const char *why);
/** gs_plan_verify - a VERIFY step for the share at path; the caller fills the rest of it */
struct gs_verification *gs_plan_verify(struct gs_plan *plan, const char *path, const char *why);
/** gs_plan_predict - an export as etab shall hold it after the run; the caller sets its options */
struct gs_prediction *gs_plan_predict(struct gs_plan *plan, const char *path, const char *host);
/** gs_plan_write - a WRITE_FILE step; no step where the text is already there */
void gs_plan_write(struct gs_plan *plan, const struct gs_file *file, struct gs_span text,
		   mode_t mode, const char *why);
void gs_plan_item(struct gs_plan *plan, char mark, const char *what, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
