/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "core/exports/etab.h"
#include "core/exports/option.h"

/** struct gs_switch - a follower whose access changes */
struct gs_switch {
	const char *host;
	enum gs_access from, to;
};

/** struct gs_exports_change - how a run changes the active exports; its plan owns the strings */
struct gs_exports_change {
	struct gs_prediction *predict; /* what etab shall hold after the run */
	size_t n, room;
	struct gs_str etab_before;  /* etab as observed */
	bool etab_known;	    /* false: the server was not running */
	struct gs_switch *switched; /* of leader ro and rw */
	size_t n_switched, room_switched;
};

void gs_exports_change_done(struct gs_exports_change *change);

/** gs_exports_predict - add an export, without options; the strings are borrowed */
struct gs_prediction *gs_exports_predict(struct gs_exports_change *change, const char *path,
					 const char *host);

/** gs_exports_switch - add a follower whose access changes; the string is borrowed */
void gs_exports_switch(struct gs_exports_change *change, const char *host, enum gs_access from,
		       enum gs_access to);

/** gs_exports_removes_access - does the change remove an export, or a follower's write access? */
bool gs_exports_removes_access(const struct gs_exports_change *change);
