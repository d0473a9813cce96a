/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/check/row.h"

/** struct gs_check_table - the checks of a subject; @area: what they are about, a word for people
 */
struct gs_check_table {
	const char *area;
	const struct gs_check *checks;
};

/** gs_checks - every table; ends with a row without checks */
extern const struct gs_check_table gs_checks[];
