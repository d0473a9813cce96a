/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/call/words.h"

bool gs_words_has(const struct gs_words *words, enum gs_opt opt)
{
	return words->opt[opt].n > 0;
}

const char *gs_words_get(const struct gs_words *words, enum gs_opt opt)
{
	const struct gs_strs *list = &words->opt[opt];

	return list->n ? list->v[list->n - 1] : NULL;
}
