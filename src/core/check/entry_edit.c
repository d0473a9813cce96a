/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/entry_edit.h"

#include <string.h>

#include "base/command.h"
#include "core/exports/exports.h"
#include "core/exports/script.h"

void gs_entries_edit(const struct gs_served_fact *fact, const char *path, const char *option,
		     const char *instead, struct gs_str *out)
{
	size_t began = out->len;

	for (size_t d = 0; fact->docs && fact->files && d < fact->docs->n; d++) {
		const struct gs_exports *doc = &fact->docs->v[d];
		const struct gs_export *entry;
		size_t at = 0, last = 0;

		while ((entry = gs_exports_find(doc, path, NULL, &at))) {
			gs_autofree char *list = gs_span_dup(gs_exports_options(doc, entry));
			gs_autofree char *script = gs_exports_script_option(entry->number, option,
									    instead);

			if (!script || !strstr(list, option) || entry->number == last)
				continue;
			last = entry->number;
			gs_command(out, "sudo", "sed", "-i", "--follow-symlinks", script,
				   fact->files->v[d].path);
			gs_command_and(out);
		}
	}
	if (out->len > began)
		gs_command(out, "sudo", "exportfs", "-ra");
}
