/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/firewall/opening.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define TAG "gshare "

/* FNV-1a, 32 bits: the same number for a path on every machine. */
static uint32_t number_of(const char *path)
{
	uint32_t hash = UINT32_C(2166136261);

	for (; *path; path++)
		hash = (hash ^ (unsigned char)*path) * UINT32_C(16777619);
	return hash;
}

/* No tool quotes or cuts what is made of these. */
static bool is_plain(const char *path)
{
	static const char chars[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		"0123456789/._-";

	return strspn(path, chars) == strlen(path) && sizeof TAG - 1 + strlen(path) <= GS_TAG_SHORT;
}

void gs_opening_tag(const char *path, struct gs_str *out)
{
	if (is_plain(path))
		gs_str_addf(out, TAG "%s", path);
	else
		gs_str_addf(out, TAG "#%08x", number_of(path));
}

bool gs_opening_is_tag(struct gs_span tag)
{
	return gs_span_has_prefix(tag, TAG "/") || gs_span_has_prefix(tag, TAG "#");
}

bool gs_opening_is_v6(const struct gs_opening *opening)
{
	return strchr(opening->host, ':');
}

static bool is_same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static size_t find(const struct gs_openings *list, const struct gs_opening *opening)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct gs_opening *other = &list->v[i];

		if (other->port == opening->port && other->level == opening->level &&
		    is_same(other->host, opening->host) && is_same(other->tag, opening->tag) &&
		    is_same(other->zone, opening->zone))
			return i;
	}
	return list->n;
}

/* The list's own copy; a pointer in an array of texts stays where it is when that grows. */
static const char *keep(struct gs_openings *list, const char *text)
{
	if (!text)
		return NULL;
	gs_strs_add(&list->keep, text);
	return list->keep.v[list->keep.n - 1];
}

void gs_openings_add(struct gs_openings *list, const struct gs_opening *opening, unsigned half)
{
	size_t at = find(list, opening);
	struct gs_opening *new;

	if (at < list->n) {
		list->half[at] |= half;
		return;
	}
	gs_grow(&list->v, list->n, &list->room, sizeof *list->v);
	gs_grow(&list->half, list->n, &list->room_half, sizeof *list->half);
	new = &list->v[list->n];
	*new = *opening;
	new->host = keep(list, opening->host);
	new->tag = keep(list, opening->tag);
	new->was = keep(list, opening->was);
	new->zone = keep(list, opening->zone);
	list->half[list->n++] = half;
}

const struct gs_opening *gs_openings_find(const struct gs_openings *list,
					  const struct gs_opening *opening)
{
	size_t at = find(list, opening);

	return at < list->n ? &list->v[at] : NULL;
}

unsigned gs_openings_half(const struct gs_openings *list, const struct gs_opening *opening)
{
	size_t at = find(list, opening);

	return at < list->n ? list->half[at] : GS_HALF_NONE;
}

void gs_openings_done(struct gs_openings *list)
{
	free(list->v);
	free(list->half);
	gs_strs_done(&list->keep);
	*list = (struct gs_openings){ 0 };
}
