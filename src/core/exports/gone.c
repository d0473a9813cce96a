/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/exports/gone.h"

#include <string.h>

static bool is_numeric(const struct gs_hostspec *host)
{
	return host->kind == GS_HOST_ADDR || host->kind == GS_HOST_NET;
}

static bool may_serve(const struct gs_exports *was, const struct gs_export *now,
		      const struct gs_export *entry)
{
	size_t at = 0;

	if (gs_hostspec_covers(&now->host, &entry->host))
		return true;
	return !gs_exports_find(was, now->path, &now->host, &at) &&
	       !(is_numeric(&now->host) && is_numeric(&entry->host));
}

bool gs_export_is_gone(const struct gs_docs *now, const struct gs_exports *was,
		       const struct gs_export *entry)
{
	for (size_t d = 0; d < now->n; d++) {
		const struct gs_export *found;
		size_t at = 0;

		while ((found = gs_exports_find(&now->v[d], entry->path, NULL, &at)))
			if (may_serve(was, found, entry))
				return false;
	}
	return true;
}

bool gs_docs_serve(const struct gs_docs *docs, const struct gs_hostspec *host)
{
	for (size_t d = 0; d < docs->n; d++)
		for (size_t i = 0; i < docs->v[d].n; i++)
			if (gs_hostspec_covers(&docs->v[d].entry[i].host, host))
				return true;
	return false;
}
