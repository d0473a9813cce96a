/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "base/err.h"
#include "base/types.h"
#include "core/exports/exports.h"

/** struct gs_docs - every file that exportfs reads, parsed; in the order of the files */
struct gs_docs {
	struct gs_exports *v;
	size_t n;
};

/** gs_docs_parse - all files; errors name the file */
int gs_docs_parse(const struct gs_files *files, struct gs_docs *docs, struct gs_err *err);
/**
 * gs_docs_at - the i-th file in the order that exportfs reads them, as an index of files
 * /etc/exports, then exports.d in strcmp() order: only the first, the file to edit, may be out of
 * order.
 */
size_t gs_docs_at(const struct gs_files *files, size_t i);
void gs_docs_done(struct gs_docs *docs);
