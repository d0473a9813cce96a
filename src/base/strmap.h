/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * A hash map from pairs of texts to numbers: which entry has this path and client. Files of
 * 10,000 exports are searched once per line; a linear search would make that quadratic.
 */

#define GS_NO_KEY SIZE_MAX

struct gs_key {
	const char *a, *b; /* NULL: the slot is free */
	size_t value;
};

struct gs_keymap {
	struct gs_key *slot;
	size_t n, slots; /* slots is zero or a power of two; at most half of them are taken */
};

/**
 * gs_keymap_put - give (a, b) a value unless it has one; returns the value it has then
 * The texts are borrowed for the life of the map.
 */
size_t gs_keymap_put(struct gs_keymap *map, const char *a, const char *b, size_t value);

/** gs_keymap_get - the value of a pair, GS_NO_KEY where the map does not have it */
size_t gs_keymap_get(const struct gs_keymap *map, const char *a, const char *b);

void gs_keymap_done(struct gs_keymap *map);
