/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/format/unit.h"

#include <string.h>

#include "base/str.h"

static bool is_plain(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == ':' || c == '_' || c == '.';
}

char *gs_unit_name(const char *path, const char *suffix)
{
	gs_autostr struct gs_str out = { 0 };
	struct gs_span rest = gs_span_of(path), part;

	while (gs_span_cut(&rest, '/', &part)) {
		gs_str_adds(&out, out.len && part.len ? "-" : "");
		for (size_t i = 0; i < part.len; i++) {
			if (is_plain(part.ptr[i]) && (part.ptr[i] != '.' || out.len))
				gs_str_addc(&out, part.ptr[i]);
			else
				gs_str_addf(&out, "\\x%02x", (unsigned char)part.ptr[i]);
		}
	}
	return gs_printf("%s.%s", out.len ? out.ptr : "-", suffix);
}
