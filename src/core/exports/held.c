/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/exports/held.h"

#include <string.h>

enum { OCTAL_DIGITS = 3 };

/* seq_path() escapes space, tab, newline and the backslash: fs/seq_file.c mangle_path(). */
static char *unescape(struct gs_span text)
{
	char *path = gs_span_dup(text), *to = path;

	for (const char *from = path; *from; to++) {
		unsigned byte = 0;
		int n = 0;

		for (;
		     *from == '\\' && n < OCTAL_DIGITS && from[n + 1] >= '0' && from[n + 1] <= '7';
		     n++)
			byte = byte * 8 + (unsigned)(from[n + 1] - '0');
		*to = *from;
		if (n == OCTAL_DIGITS)
			*to = (char)byte;
		from += n == OCTAL_DIGITS ? n + 1 : 1;
	}
	*to = '\0';
	return path;
}

void gs_held_paths(struct gs_span text, struct gs_strs *ret)
{
	struct gs_span line;

	while (gs_span_cut(&text, '\n', &line)) {
		struct gs_span rest = line, field;
		gs_autofree char *options = NULL;
		gs_autofree char *path = NULL;

		if (!gs_span_has_prefix(line, "/") || !gs_span_cut(&rest, '\t', &field) ||
		    !rest.ptr)
			continue;
		options = gs_span_dup(rest);
		path = unescape(field);
		if (!strstr(options, ",v4root,") && !gs_strs_has(ret, path))
			gs_strs_add(ret, path);
	}
}
