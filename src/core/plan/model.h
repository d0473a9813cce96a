/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/types.h"
#include "core/exports/change.h"
#include "core/plan/finding.h"
#include "core/step/step.h"

/** struct gs_plan - ordered steps, and the messages about them; owns all it points to */
struct gs_plan {
	struct gs_step *v;
	size_t n, room;
	/* Of the run, not of a step: its record has them also where no exports are applied. */
	struct gs_exports_change exports;
	struct gs_items items;
	struct gs_findings findings;
	struct gs_strs next; /* commands for the other nodes */
	uint32_t undoes;     /* the run that this one undoes; 0: none */
	struct gs_strs keep; /* owns the steps' strings */
};
