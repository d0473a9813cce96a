/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "core/exports/option.h"

/* What may be meant by an option that exportfs does not take. */

/** gs_exportopt_like - the only flag of exports(5) that it may be a typo of; NULL: none */
const char *gs_exportopt_like(const char *word);

/** gs_exportopts_blamed - the option at which gs_exportopts_parse() fails; owned; NULL: at none */
char *gs_exportopts_blamed(struct gs_span list, const struct gs_exportopts *base);

/** gs_exportopt_is_removable - does an entry without it give no more than with it? @id: its flaw */
bool gs_exportopt_is_removable(const char *id, const char *option);
