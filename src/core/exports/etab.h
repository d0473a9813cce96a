/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/exports/option.h"

/** struct gs_prediction - an export that etab shall hold, or shall not hold, after the run */
struct gs_prediction {
	const char *path, *host;
	struct gs_exportopts opts;
	bool gone;
	bool any; /* with any options: those of the line that is restored cannot be read */
};

/**
 * gs_etab_check - did exactly the predicted exports change?
 * @before: etab before, of the same machine; @after: etab after
 * @predict: exports that @after must hold as predicted, or must not hold (gone)
 * @said: output of exportfs; its first line goes into the message
 * Every other export must be in both or in neither, with the same options byte for byte.
 * Errors: -EPROTO, causes EXPORT_MISSING, EXPORT_DIFFERS, EXPORT_STAYS, and for foreign ones
 * FOREIGN_REMOVED, FOREIGN_ADDED, FOREIGN_CHANGES; the message names path and client.
 * @ret_foreign: number of other exports
 * Source: exports(5); nfs-utils support/export/xtab.c for the form of etab.
 */
int gs_etab_check(struct gs_span before, struct gs_span after, const struct gs_prediction *predict,
		  size_t n, struct gs_span said, size_t *ret_foreign, struct gs_err *err);

/** gs_etab_has_others - is an export active that is not among the predictions? */
bool gs_etab_has_others(struct gs_span etab, const struct gs_prediction *predict, size_t n);

/** gs_etab_fulfils - are all predictions true of this etab? Sets no error */
bool gs_etab_fulfils(struct gs_span etab, const struct gs_prediction *predict, size_t n);
