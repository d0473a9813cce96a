/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/plan/model.h"

/*
 * Facts and a request become ordered steps. Pure: every refusal is decided here, before anything
 * happened. A plan without steps means that the wish is already true.
 */

/** Where the standard dataset directories lie, in the order they are shown; NULL at the end. */
extern const char *const gs_dataset_dirs[];

/** gs_share_dirs - names of all directories of a share: the standard ones, then the wished */
void gs_share_dirs(const struct gs_strs *wished, struct gs_strs *ret_names);

/** gs_share_dir_is_dataset - false for the two that belong to PostgreSQL */
bool gs_share_dir_is_dataset(const char *name);

/**
 * gs_share_dir_spec - owner, mode and ACLs of a directory of the share
 * @name: one of gs_share_dirs(), NULL for the share's root
 * @ret:  strings are the keeper's
 */
void gs_share_dir_spec(const char *name, const struct gs_account *owner, struct gs_strs *keep,
		       struct gs_dir_spec *ret);

/** gs_dir_is - owner, mode and ACLs are the spec's */
bool gs_dir_is(const struct gs_node *node, const struct gs_dir_spec *spec);

/** gs_dir_is_between - each part is a's or b's: what a kill in the midst of a change leaves */
bool gs_dir_is_between(const struct gs_node *node, const struct gs_dir_spec *a,
		       const struct gs_dir_spec *b);

/**
 * gs_plan_leader - steps that make the request true
 * @facts: loses its docs, which are edited for the plan: at 10,000 entries a copy is felt
 * @plan: filled on success, untouched on failure; borrows nothing from req or facts;
 *	free with gs_plan_done()
 * Errors: -GS_E_USAGE for words that cannot be right, other codes for facts that forbid the
 * wish; each names the file and line, or the fact, and the mend.
 */
int gs_plan_leader(const struct gs_leader_req *req, struct gs_leader_facts *facts,
		   struct gs_plan *plan, struct gs_err *err);

/** gs_plan_follower - as gs_plan_leader(), for follower mount */
int gs_plan_follower(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
		     struct gs_plan *plan, struct gs_err *err);

/**
 * gs_plan_env - the step that writes the four keys into a cluster.env
 * @file: as observe read it; an absent file is made
 */
int gs_plan_env(const struct gs_file *file, const struct gs_env *env, struct gs_plan *plan,
		struct gs_err *err);

void gs_plan_done(struct gs_plan *plan);

/** gs_plan_changes - false for a plan that only looks and proves */
bool gs_plan_changes(const struct gs_plan *plan);

/**
 * gs_plan_withdraws - does it take rights away, or take back what a run did to them?
 * Such a run may use what is kept for the day without room.
 */
bool gs_plan_withdraws(const struct gs_plan *plan);

/* Building blocks, for the planners. */

/** gs_plan_keep - an owned copy of a text that lives as long as the plan */
const char *gs_plan_keep(struct gs_plan *plan, struct gs_span text);
struct gs_step *gs_plan_step(struct gs_plan *plan, enum gs_step_kind kind, const char *path,
			     const char *why);
/** gs_plan_write - a WRITE_FILE step; no step where the text is already there */
void gs_plan_write(struct gs_plan *plan, const struct gs_file *file, struct gs_span text,
		   mode_t mode, const char *why);
void gs_plan_item(struct gs_plan *plan, char mark, const char *what, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void gs_findings_add(struct gs_findings *findings, enum gs_severity severity, const char *id,
		     const char *mend, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
void gs_findings_done(struct gs_findings *findings);

/** gs_join - "uploads files datasets" */
void gs_join(const struct gs_strs *list, const char *separator, struct gs_str *out);

/**
 * gs_survey_judge - findings about what is less than the access in force promises
 * A share that is read-only promises reading; otherwise creating, reading, changing and deleting.
 */
void gs_survey_judge(struct gs_survey *survey);
