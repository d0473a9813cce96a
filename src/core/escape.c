/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/escape.h"

#include "core/keymap.h"

/* Options that say neither are without it: nfs-utils since 1.1.0. */
static bool is_open(const struct gs_export *entry)
{
	return !(entry->opts.flags & GS_EXPORT_SUBTREE_CHECK);
}

bool gs_share_is_escapable(const struct gs_escape *escape)
{
	for (size_t i = 0; i < escape->n && !escape->is_fs_root; i++) {
		const struct gs_export *entry;
		size_t at = 0;

		while ((entry = gs_exports_find(&escape->list[i], escape->path, NULL, &at)))
			if (is_open(entry))
				return true;
	}
	return false;
}

void gs_share_escapees(const struct gs_escape *escape, struct gs_strs *ret)
{
	GS_AUTO(gs_keymap_done) struct gs_keymap seen = { 0 };

	for (size_t i = 0; i < escape->n && !escape->is_fs_root; i++) {
		const struct gs_export *entry;
		size_t at = 0;

		while ((entry = gs_exports_find(&escape->list[i], escape->path, NULL, &at)))
			if (is_open(entry) &&
			    gs_keymap_put(&seen, entry->host.text, "", ret->n) == ret->n)
				gs_strs_add(ret, entry->host.text);
	}
}
