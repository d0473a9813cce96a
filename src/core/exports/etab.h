/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/exports/option.h"

/** struct gs_prediction - an export as etab shall hold it after the run; or shall not */
struct gs_prediction {
	const char *path, *host;
	struct gs_exportopts opts;
	bool gone;
	bool any; /* with whatever options: the line that comes back cannot be read */
};

/**
 * gs_etab_check - did exactly the predicted exports change?
 * @before: etab before, of the same machine; @after: etab after
 * @predict: exports that @after must hold as predicted, or must not hold (gone)
 * @said: what exportfs said meanwhile; its first line goes into the message
 * Every other export must be in both or in neither, with the same options byte for byte.
 * Errors: -EPROTO, causes EXPORT_MISSING, EXPORT_DIFFERS, EXPORT_STAYS, and for foreign ones
 * FOREIGN_REMOVED, FOREIGN_ADDED, FOREIGN_CHANGES; the message names path and client.
 * @ret_foreign: number of other exports
 * Source: exports(5); nfs-utils support/export/xtab.c for the form of etab.
 */
int gs_etab_check(struct gs_span before, struct gs_span after, const struct gs_prediction *predict,
		  size_t n, struct gs_span said, size_t *ret_foreign, struct gs_err *err);

/** gs_etab_has_others - is anything active that is not among the predictions? */
bool gs_etab_has_others(struct gs_span etab, const struct gs_prediction *predict, size_t n);

/** gs_etab_fulfils - are all predictions true of this etab? says nothing */
bool gs_etab_fulfils(struct gs_span etab, const struct gs_prediction *predict, size_t n);
