/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"

bool gs_words_has(const struct gs_words *words, enum gs_opt opt);
/** gs_words_get - the last value given, NULL if none */
const char *gs_words_get(const struct gs_words *words, enum gs_opt opt);
