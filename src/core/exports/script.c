/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/exports/script.h"

#include <stdbool.h>
#include <string.h>

#include "base/str.h"

/* A client as a basic regular expression; false where the file would have to quote it. */
static bool add_client(struct gs_str *out, const char *host)
{
	for (const char *c = host; *c; c++) {
		bool is_plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
				(*c >= '0' && *c <= '9') || strchr("-_:/@?!", *c);

		if (!is_plain && !strchr(".*[]^", *c))
			return false;
		gs_str_adds(out, is_plain ? "" : "\\");
		gs_str_addc(out, *c);
	}
	return *host;
}

char *gs_exports_script_join(size_t number, const char *host)
{
	gs_autostr struct gs_str client = { 0 };

	if (!number || !add_client(&client, host))
		return NULL;
	return gs_printf("%zus#\\([[:blank:]]%s\\)[[:blank:]]*(#\\1(#", number, client.ptr);
}

char *gs_exports_script_drop(size_t number, const char *host)
{
	gs_autostr struct gs_str client = { 0 };

	if (!number || !add_client(&client, host))
		return NULL;
	return gs_printf("%zu{\\#[[:blank:]]%s(#d;}", number, client.ptr);
}

char *gs_exports_script_host(size_t number, const char *host, const char *other)
{
	gs_autostr struct gs_str client = { 0 }, unused = { 0 };

	if (!number || !add_client(&client, host) || !add_client(&unused, other))
		return NULL;
	return gs_printf("%zus#\\([[:blank:]]\\)%s(#\\1%s(#", number, client.ptr, other);
}
