/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

/* Which known word may be meant by one that is not known. */

/**
 * gs_near_edits - letters to insert, drop or exchange until a is b; UINT32_MAX for a word of more
 * than 32 bytes
 */
unsigned gs_near_edits(const char *a, const char *b);

/** gs_near_limit - so many edits make a word of n letters another one: 0 where none is near */
unsigned gs_near_limit(size_t n);
