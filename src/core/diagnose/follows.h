/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

/** struct gs_effect - a finding, and those that explain it where they are made, too */
struct gs_effect {
	const char *id;
	const char *const *causes; /* ids, NULL at the end */
};

/** gs_effects - each id once; without a circle; ends with a row without an id */
extern const struct gs_effect gs_effects[];

/** gs_follows - may what effect names be a consequence of what cause names? Over other rows, too.
 */
bool gs_follows(const char *effect, const char *cause);

/** gs_hinders_fixes - does gshare refuse other changes of a share as long as that is the cause? */
bool gs_hinders_fixes(const char *cause);
