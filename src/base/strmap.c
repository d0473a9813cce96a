/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/strmap.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum { SLOTS_FIRST = 16 };

/* FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t hash_text(uint64_t hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3ULL;
	return (hash ^ 0xff) * 0x100000001b3ULL;
}

/* The slot of the pair, or the free one where it would go. */
static struct gs_key *find_slot(const struct gs_keymap *map, const char *a, const char *b)
{
	uint64_t hash = hash_text(hash_text(0xcbf29ce484222325ULL, a), b);
	size_t at = (hash ^ hash >> 32) & (map->slots - 1);

	while (map->slot[at].a && (strcmp(map->slot[at].b, b) || strcmp(map->slot[at].a, a)))
		at = (at + 1) & (map->slots - 1);
	return &map->slot[at];
}

static void widen(struct gs_keymap *map)
{
	struct gs_keymap wider = { .slots = map->slots ? map->slots * 2 : SLOTS_FIRST };

	wider.slot = gs_alloc(wider.slots * sizeof *wider.slot);
	wider.n = map->n;
	for (size_t i = 0; i < map->slots; i++)
		if (map->slot[i].a)
			*find_slot(&wider, map->slot[i].a, map->slot[i].b) = map->slot[i];
	free(map->slot);
	*map = wider;
}

size_t gs_keymap_put(struct gs_keymap *map, const char *a, const char *b, size_t value)
{
	struct gs_key *key;

	if (map->n * 2 >= map->slots)
		widen(map);
	key = find_slot(map, a, b);
	if (!key->a) {
		*key = (struct gs_key){ a, b, value };
		map->n++;
	}
	return key->value;
}

size_t gs_keymap_get(const struct gs_keymap *map, const char *a, const char *b)
{
	const struct gs_key *key = map->slots ? find_slot(map, a, b) : NULL;

	return key && key->a ? key->value : GS_NO_KEY;
}

void gs_keymap_done(struct gs_keymap *map)
{
	free(map->slot);
	*map = (struct gs_keymap){ 0 };
}
