/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/types.h"
#include "core/exports/etab.h"
#include "core/exports/option.h"
#include "core/plan/finding.h"
#include "core/step/step.h"

/** struct gs_switch - a follower whose access changes; strings are the plan's */
struct gs_switch {
	const char *host;
	enum gs_access from, to;
};

/** struct gs_plan - ordered steps, and what is to be told about them; owns all it points to */
struct gs_plan {
	struct gs_step *v;
	size_t n, room;
	struct gs_prediction *predict;
	size_t n_predict, room_predict;
	struct gs_str etab_before; /* in force when observed */
	bool etab_known;	   /* false: the server did not run */
	struct gs_switch *change;  /* of leader ro and rw */
	size_t n_changes, room_changes;
	struct gs_items items;
	struct gs_findings findings;
	struct gs_strs next; /* commands for the other nodes */
	uint32_t undoes;     /* the run that this one takes back; 0: none */
	struct gs_strs keep; /* owns the steps' strings */
};
