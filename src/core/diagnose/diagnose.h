/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "core/plan/finding.h"
#include "core/share/select.h"

/*
 * What is wrong on this node, as one cause and what follows from it. Pure: findings of all that was
 * looked at come in, in any order; each learns which other one explains it.
 */

/**
 * struct gs_case - a finding and where it was made; strings owned
 * @side:    of the leader's share or of the follower's mount
 * @place:   its path; NULL: the whole node
 * @finding: id NULL: nothing is wrong there, and text says what was seen
 * @is_unseen: a look failed, with this error: something could not be looked at
 * @because: the index of the case that explains it; GS_NO_CASE: it stands by itself
 */
struct gs_case {
	enum gs_side side;
	char *place;
	struct gs_finding finding;
	bool is_unseen;
	size_t because;
};

#define GS_NO_CASE ((size_t)-1)

struct gs_cases {
	struct gs_case *v;
	size_t n, room;
};

/** gs_cases_copy - a copy of a case, but for what explains it; the same finding is added once */
void gs_cases_copy(struct gs_cases *cases, const struct gs_case *from);

/** gs_cases_copy_failing - a copy of each that fails, and of what is well; no warning, no note */
void gs_cases_copy_failing(struct gs_cases *cases, const struct gs_cases *from);

/** gs_cases_add - a copy of a finding; one with the same id, place and text is added once */
void gs_cases_add(struct gs_cases *cases, enum gs_side side, const char *place,
		  const struct gs_finding *finding);

/** gs_cases_add_all - a copy of each */
void gs_cases_add_all(struct gs_cases *cases, enum gs_side side, const char *place,
		      const struct gs_findings *findings);

/** gs_cases_add_well - "ok", with what was seen */
void gs_cases_add_well(struct gs_cases *cases, enum gs_side side, const char *place,
		       const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/** gs_cases_add_error - why something could not be looked at: a failure with the error's cause and
 * fix
 */
void gs_cases_add_error(struct gs_cases *cases, enum gs_side side, const char *place,
			const struct gs_err *err);

/** gs_cases_add_refusal - the same, where all was looked at: what was seen is the answer */
void gs_cases_add_refusal(struct gs_cases *cases, enum gs_side side, const char *place,
			  const struct gs_err *err);

/** gs_cases_fail_since - does one fail of those that were added since there were n? */
bool gs_cases_fail_since(const struct gs_cases *cases, size_t n);

/**
 * gs_diagnose - find out what follows from what, by gs_follows()
 * Sorts: the cause that explains most comes first, but for one that has others' fixes refused, each
 * with what follows from it; then warnings
 * and notes that stand by themselves; then what is well. Afterwards every because is the index of a
 * case that stands by itself.
 */
void gs_diagnose(struct gs_cases *cases);

/** gs_cases_cause - the first failure that stands by itself; NULL: there is no failure */
const struct gs_case *gs_cases_cause(const struct gs_cases *cases);

/**
 * gs_findings_cause - the cause among some lists of findings of one share, mount or node
 * @ret_more: other failures follow from it, and none stands by itself
 * Returns an id; NULL: nothing fails.
 */
const char *gs_findings_cause(const struct gs_findings *const *list, size_t n, bool *ret_more);

void gs_cases_done(struct gs_cases *cases);
