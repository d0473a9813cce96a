/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/str.h"

/** struct gs_cause_row - why a run was refused or failed; @area, @meaning: as of a check */
struct gs_cause_row {
	const char *id, *area, *meaning;
};

/** gs_causes - those of errors, which no check and no note has; sorted; the last has no id */
extern const struct gs_cause_row gs_causes[];

/** gs_area - what a finding or a cause is about, a word for people: "server", "mount" */
const char *gs_area(const char *id);

/** gs_meanings - every id of the program, sorted */
void gs_meanings(struct gs_strs *ret);

/** gs_meaning - a sentence; NULL: no id of the program */
const char *gs_meaning(const char *id);

/** gs_own_id - the program's own text of an id, which lives as long as it; NULL: it has none */
const char *gs_own_id(const char *id);
