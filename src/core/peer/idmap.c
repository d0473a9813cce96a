/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/peer/idmap.h"

#include <ctype.h>
#include <string.h>

static bool is_word(struct gs_span a, const char *word)
{
	size_t i = 0;

	for (; i < a.len && word[i]; i++)
		if (tolower((unsigned char)a.ptr[i]) != word[i])
			return false;
	return i == a.len && !word[i];
}

char *gs_idmap_domain(struct gs_span text)
{
	struct gs_span line = { 0 }, key = { 0 };
	bool is_general = false;

	while (gs_span_cut(&text, '\n', &line)) {
		line = gs_span_trim(line);
		if (line.len && line.ptr[0] == '[')
			is_general = is_word(line, "[general]");
		if (!is_general || !line.len || strchr("#;[", line.ptr[0]))
			continue;
		gs_span_cut(&line, '=', &key);
		line = gs_span_trim(line);
		if (is_word(gs_span_trim(key), "domain") && line.len)
			return gs_span_dup(line);
	}
	return NULL;
}
