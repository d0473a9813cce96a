/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/exports/docs.h"
#include "core/plan/finding.h"

/**
 * gs_lines_twins - each entry of a file whose path and client an earlier file has:
 * EXPORTS_DUPLICATE The first file that exportfs reads counts. @path: only of this path; NULL: of
 * all
 * @each: gets the file's index and the flaw, which it borrows; false ends it
 */
void gs_lines_twins(const struct gs_files *files, const struct gs_docs *docs, const char *path,
		    bool (*each)(void *, size_t, const struct gs_exports_flaw *), void *arg);

/**
 * gs_lines_refuse - fails where exportfs, and so everyone, stops reading one of the files
 * Returns 0, or err->code: what is below that line is not there for a reader.
 */
int gs_lines_refuse(const struct gs_files *files, const struct gs_docs *docs, const char *tree,
		    struct gs_err *err);

/**
 * gs_lines_judge - the findings of lines that export a path, as exportfs reads them
 * Lines of other paths are nobody's business here. Returns the number of failures.
 */
size_t gs_lines_judge(const struct gs_files *files, const struct gs_docs *docs, const char *path,
		      struct gs_findings *findings);
