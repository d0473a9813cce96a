/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/str.h"

/** GS_SHOW_PROPERTIES - the properties that gs_show_next() reads: systemctl(1), show */
#define GS_SHOW_PROPERTIES "--property=Id,ActiveState,ConditionResult,ConditionTimestampMonotonic"

/** struct gs_shown - a unit as systemctl shows it; borrowed from its output */
struct gs_shown {
	struct gs_span id;
	bool is_active;	 /* or about to be: activating, reloading */
	bool is_skipped; /* its last start was, by a condition, and it does not run */
};

/** gs_show_next - take the next unit off the output; false: there is none */
bool gs_show_next(struct gs_span *rest, struct gs_shown *ret);
