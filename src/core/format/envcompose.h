/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>

#include "base/str.h"

/**
 * gs_envcompose_find - what Docker Compose reads as a key's value, as far as lines decide it
 * @ret_value: borrowed from text, without quotes; its ptr is NULL where the key is not set
 * @ret_line: the number of the line that sets it, from 1; 0: none does
 * Returns 0, or the number of the line for which it refuses the whole file, and why in @ret_why.
 * Variables in values of others are not replaced; only one that has no end is noticed.
 * Source: compose-go v2 dotenv/parser.go.
 */
size_t gs_envcompose_find(struct gs_span text, const char *key, struct gs_span *ret_value,
			  size_t *ret_line, const char **ret_why);
