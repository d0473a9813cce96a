/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

#include "cmd/call/cmd.h"

/** gs_args_sudo_user - the number of who called sudo, NULL for nobody; all we read of that */
const char *gs_args_sudo_user(void);

/** gs_args_caller - the same as a number; 0 for nobody but root */
uid_t gs_args_caller(void);

bool gs_words_has(const struct gs_words *words, enum gs_opt opt);
/** gs_words_get - the last value given, NULL if none */
const char *gs_words_get(const struct gs_words *words, enum gs_opt opt);
