/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/exports/option_like.h"

#include <stdlib.h>
#include <string.h>

#include "core/exports/option.h"

enum { SHORTEST = 3 }; /* rx may be ro or rw */

const char *gs_exportopt_like(const char *word)
{
	struct gs_exportflag_words flag;
	const char *found = NULL;

	for (size_t i = 0; strlen(word) >= SHORTEST && gs_exportopt_flag(i, &flag); i++) {
		const char *const name[] = { flag.set, flag.clear };

		for (size_t k = 0; k < GS_COUNT(name); k++) {
			if (!name[k] || !gs_is_near(word, name[k]))
				continue;
			if (found)
				return NULL;
			found = name[k];
		}
	}
	return found;
}

char *gs_exportopts_blamed(struct gs_span list, const struct gs_exportopts *base)
{
	for (size_t end = 0, start = 0; end <= list.len; end++) {
		GS_AUTO(gs_exportopts_done) struct gs_exportopts opts = { 0 };
		struct gs_err err = { 0 };

		if (end < list.len && list.ptr[end] != ',')
			continue;
		if (end == start && end < list.len)
			return gs_strdup("");
		if (gs_exportopts_parse(gs_span(list.ptr, end), base, &opts, &err) < 0)
			return gs_span_dup(gs_span(list.ptr + start, end - start));
		start = end + 1;
	}
	return NULL;
}

/* Flags without which an entry would give more than was meant. */
static bool is_closing(const char *flag)
{
	static const char *const closing[] = { "all_squash", "root_squash",   "ro",
					       "secure",     "subtree_check", "mountpoint",
					       "mp",	     "auth_nlm",      "secure_locks" };

	for (size_t i = 0; i < GS_COUNT(closing); i++)
		if (!strcmp(flag, closing[i]))
			return true;
	return false;
}

/* "secc=krb5p", "xprt_sec=mtls", "mountpont=/srv": what is unknown may be what closed the entry. */
static bool is_harmless_typo(const char *option)
{
	const char *like = gs_exportopt_like(option);

	return !*option || (like && !is_closing(like));
}

static bool is_anon_id(const char *option)
{
	return !strncmp(option, "anonuid=", 8) || !strncmp(option, "anongid=", 8);
}

bool gs_exportopt_is_removable(const char *id, const char *option)
{
	if (!strcmp(id, "EXPORTS_OPTION_UNKNOWN"))
		return is_harmless_typo(option);
	return (!strcmp(id, "EXPORTS_OPTION_BAD") || !strcmp(id, "EXPORTS_NUMBER_WRAPS")) &&
	       is_anon_id(option);
}
