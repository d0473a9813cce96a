/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/check/row.h"

/* Running the checks. */

/**
 * gs_checks_run - run every row whose facts are given, in the order of the tables
 * @most: the highest severity of a finding
 * Returns the number of failures.
 */
size_t gs_checks_run(const struct gs_facts *facts, enum gs_severity most,
		     struct gs_findings *findings);

/** gs_checks_tell - add the finding of a row by its id; the caller knows that its rule is true */
void gs_checks_tell(const char *id, const struct gs_facts *facts, enum gs_severity most,
		    struct gs_findings *findings);

/**
 * gs_checks_refuse - the same for a verb that refuses to go on: a failure becomes its error
 * Errors: -EPERM with the row's id as cause.
 */
int gs_checks_refuse(const struct gs_facts *facts, struct gs_findings *findings,
		     struct gs_err *err);

/** gs_line_of - the fact of a flaw in a file; borrows from both */
void gs_line_of(const struct gs_file *file, const struct gs_exports_flaw *flaw,
		struct gs_line_fact *ret);

/** gs_check_find - the first row of an id; every id has one */
const struct gs_check *gs_check_find(const char *id);
