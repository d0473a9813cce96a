/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/follower/leader_word.h"

#include <string.h>

#include "core/exports/host.h"

/* The host and the path behind it; only a bracket or ":/" ends a host, which may have colons. */
static void split(const char *word, struct gs_span *ret_host, const char **ret_path)
{
	const char *end = word[0] == '[' ? strchr(word, ']') : NULL;
	const char *colon = strstr(end ? end : word, ":/");

	*ret_path = NULL;
	*ret_host = gs_span_of(word);
	if (end && (!end[1] || colon == end + 1))
		*ret_host = gs_span(word + 1, (size_t)(end - word - 1));
	else if (colon)
		*ret_host = gs_span(word, (size_t)(colon - word));
	if (colon)
		*ret_path = colon + 1;
}

/* A zone is the name or number of an interface; whether there is one shows when it is used. */
static bool is_zone(struct gs_span zone)
{
	for (size_t i = 0; i < zone.len; i++)
		if ((unsigned char)zone.ptr[i] <= ' ' || (unsigned char)zone.ptr[i] >= 0x7f ||
		    strchr("()[],;'\"#\\/%", zone.ptr[i]))
			return false;
	return zone.len;
}

static bool is_link_local(const struct gs_hostspec *host)
{
	return host->kind == GS_HOST_ADDR && host->is_v6 && host->addr[0] == 0xfe &&
	       (host->addr[1] & 0xc0) == 0x80;
}

int gs_leader_word_parse(const char *word, char **ret_host, char **ret_path, struct gs_err *err)
{
	GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };
	struct gs_span whole, zone, addr;
	const char *path = NULL;

	split(word, &whole, &path);
	zone = whole;
	gs_span_cut(&zone, '%', &addr);
	if (gs_hostspec_parse(zone.ptr ? addr : whole, &host, err) < 0)
		return err->code;
	if ((host.kind != GS_HOST_ADDR && host.kind != GS_HOST_NAME) ||
	    (whole.ptr != word && !host.is_v6))
		return gs_err_set(err, GS_E_USAGE, "LEADER must be one host, not '%s'", word);
	if (zone.ptr && (!is_link_local(&host) || !is_zone(zone)))
		return gs_err_set(err, GS_E_USAGE,
				  "'%s' is not a link-local IPv6 address with its interface", word);
	*ret_host = gs_span_dup(whole);
	*ret_path = path ? gs_strdup(path) : NULL;
	return 0;
}
