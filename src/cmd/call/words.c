/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/call/words.h"

#include <stdlib.h>

bool gs_words_has(const struct gs_words *words, enum gs_opt opt)
{
	return words->opt[opt].n > 0;
}

const char *gs_args_sudo_user(void)
{
	const char *uid = getenv("SUDO_UID");

	return uid && uid[0] && strcmp(uid, "0") != 0 ? uid : NULL;
}

/* 0, that is only root, where the number makes no sense: the stricter rule. */
uid_t gs_args_caller(void)
{
	const char *uid = gs_args_sudo_user();
	uint64_t number = 0;

	return uid && gs_span_number(gs_span_of(uid), UINT32_MAX - 1, &number) ? (uid_t)number : 0;
}

const char *gs_words_get(const struct gs_words *words, enum gs_opt opt)
{
	const struct gs_strs *list = &words->opt[opt];

	return list->n ? list->v[list->n - 1] : NULL;
}
