/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/exports/docs.h"

/**
 * gs_export_is_gone - has an entry of a text of before left nobody in its place?
 * @was: the text of before, which has @entry
 * @now: the exports files as they are
 * False where another entry of the path covers its client, or may: what is new there and names no
 * address cannot be told.
 */
bool gs_export_is_gone(const struct gs_docs *now, const struct gs_exports *was,
		       const struct gs_export *entry);

/** gs_docs_serve - does any entry, of whatever path, cover the client, as far as the text tells? */
bool gs_docs_serve(const struct gs_docs *docs, const struct gs_hostspec *host);
