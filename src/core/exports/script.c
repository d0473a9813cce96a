/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/exports/script.h"

#include <stdbool.h>
#include <string.h>

#include "base/str.h"

/* As a basic regular expression; false where the file would have to quote it. */
static bool add_plain(struct gs_str *out, const char *text, const char *also)
{
	for (const char *c = text; *c; c++) {
		bool is_plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
				(*c >= '0' && *c <= '9') || strchr("-_:/@", *c) || strchr(also, *c);

		if (!is_plain && !strchr(".*[]^", *c))
			return false;
		gs_str_adds(out, is_plain ? "" : "\\");
		gs_str_addc(out, *c);
	}
	return true;
}

static bool add_client(struct gs_str *out, const char *host)
{
	return *host && add_plain(out, host, "?!");
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

char *gs_exports_script_option(size_t number, const char *option, const char *instead)
{
	gs_autostr struct gs_str text = { 0 };

	/* Empty: of two commas in a row one goes. */
	gs_str_adds(&text, "");
	if (!number || !add_plain(&text, option, "=+%"))
		return NULL;
	if (*instead)
		return gs_printf("%zus#\\([(,]\\)%s\\([,)]\\)#\\1%s\\2#g", number, text.ptr,
				 instead);
	return gs_printf("%zu{s#\\([(,]\\)%s,#\\1#g;s#,%s)#)#g;s#(%s)#()#g;}", number, text.ptr,
			 text.ptr, text.ptr);
}
