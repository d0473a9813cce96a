/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/escape.h"

#include <string.h>

#include "base/command.h"
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

/* By any flavour: a follower chooses the one that it comes with. */
static bool is_writable(const struct gs_exportopts *opts)
{
	for (unsigned i = 0; i < opts->sec_n; i++)
		if (!(opts->sec[i].flags & GS_EXPORT_RO))
			return true;
	return !opts->sec_n && opts->is_set && !(opts->flags & GS_EXPORT_RO);
}

const struct gs_export *gs_escape_next(const struct gs_exports *etab, size_t *at)
{
	while (*at < etab->n) {
		const struct gs_export *entry = &etab->entry[(*at)++];

		/* What could not be read is not known to be closed. */
		if (!entry->is_readable || (is_writable(&entry->opts) && is_open(entry)))
			return entry;
	}
	return NULL;
}

void gs_escape_mend(const char *share, const char *escape, struct gs_str *out)
{
	if (!strcmp(share, escape))
		gs_command(out, "sudo", "gshare", "leader", "init", share, "--subtree-check");
}
