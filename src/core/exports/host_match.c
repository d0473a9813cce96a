/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/exports/host.h"

#include <string.h>

/* Comparing clients. gs_hostspec_parse() and gs_hostspec_read() read them. */

bool gs_hostspec_is_wide(const struct gs_hostspec *spec)
{
	switch (spec->kind) {
	case GS_HOST_ADDR:
	case GS_HOST_NAME:
		return false;
	case GS_HOST_NET:
		return spec->prefix < (spec->is_v6 ? GS_HOST_WIDE_V6 : GS_HOST_WIDE_V4);
	case GS_HOST_WILDCARD:
	case GS_HOST_NETGROUP:
	case GS_HOST_ANYONE:
	case GS_HOST_GSS:
	case GS_HOST_OTHER: /* 10.0.0.0/255.0.0.255: a mask with holes */
		return true;
	}
	return true;
}

bool gs_hostspec_is_near(const struct gs_hostspec *a, const struct gs_hostspec *b)
{
	return gs_is_near(a->text, b->text);
}

bool gs_hostspec_is_same(const struct gs_hostspec *a, const struct gs_hostspec *b)
{
	return a->kind == b->kind && a->text && b->text && !strcmp(a->text, b->text);
}

/* Does the [set] of a pattern at *at have c? Moves past it. Without its end it is a plain '['. */
static bool set_has(const char **at, char c)
{
	const char *s = *at + 1, *end;
	bool negated = *s == '!' || *s == '^', found = false;

	s += negated;
	end = *s ? strchr(s + 1, ']') : NULL;
	if (!end) {
		++*at;
		return c == '[';
	}
	for (; s < end; s++) {
		if (s + 2 < end && s[1] == '-') {
			found |= c >= s[0] && c <= s[2];
			s += 2;
		} else {
			found |= c == *s;
		}
	}
	*at = end + 1;
	return found != negated;
}

/* exports(5): wildcards match dots too. Backtracks to the last star only: never exponential. */
static bool glob_matches(const char *pattern, const char *name)
{
	const char *star = NULL, *retry = NULL;

	while (*name) {
		const char *next = pattern;

		if (*pattern == '*') {
			star = ++pattern;
			retry = name;
			continue;
		}
		if (*pattern == '[' ? set_has(&next, *name)
				    : *pattern && (*pattern == '?' || *pattern == *name)) {
			pattern = next > pattern ? next : pattern + 1;
			name++;
			continue;
		}
		if (!star)
			return false;
		pattern = star;
		name = ++retry;
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

static bool begins_alike(const unsigned char *a, const unsigned char *b, unsigned bits)
{
	unsigned rest = bits % 8;

	return !memcmp(a, b, bits / 8) && (!rest || !((a[bits / 8] ^ b[bits / 8]) >> (8 - rest)));
}

bool gs_hostspec_covers(const struct gs_hostspec *a, const struct gs_hostspec *b)
{
	bool a_net = a->kind == GS_HOST_ADDR || a->kind == GS_HOST_NET;
	bool b_net = b->kind == GS_HOST_ADDR || b->kind == GS_HOST_NET;

	if (a->kind == GS_HOST_ANYONE)
		return true;
	if (a_net && b_net)
		return a->is_v6 == b->is_v6 && a->prefix <= b->prefix &&
		       begins_alike(a->addr, b->addr, a->prefix);
	if (a->kind == GS_HOST_WILDCARD && b->kind == GS_HOST_NAME)
		return glob_matches(a->text, b->text);
	return gs_hostspec_is_same(a, b);
}

unsigned gs_host_rank(const struct gs_hostspec *spec)
{
	static const unsigned rank[] = {
		[GS_HOST_ADDR] = 0,	[GS_HOST_NAME] = 0,	[GS_HOST_NET] = 1,
		[GS_HOST_WILDCARD] = 2, [GS_HOST_NETGROUP] = 3, [GS_HOST_ANYONE] = 4,
		[GS_HOST_GSS] = 5,	[GS_HOST_OTHER] = 6,
	};

	return rank[spec->kind];
}
