/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"

bool gs_words_has(const struct gs_words *words, enum gs_opt opt);
/** gs_words_get - the last value given, NULL if none */
const char *gs_words_get(const struct gs_words *words, enum gs_opt opt);

/**
 * gs_words_host - the value of an option that is one host, as cluster.env and fstab take it
 * Errors: -GS_E_USAGE.
 */
int gs_words_host(const struct gs_call *call, enum gs_opt opt, const char **ret,
		  struct gs_err *err);

/**
 * gs_words_absolute - refuse a path that is not absolute, with the command that has it so
 * @what: "TARGET", "--write"; NULL where nothing is said; @word: NULL is fine
 * Errors: -GS_E_USAGE.
 */
int gs_words_absolute(const struct gs_call *call, const char *what, const char *word,
		      struct gs_err *err);
