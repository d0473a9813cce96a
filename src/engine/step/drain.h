/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "engine/step/outcome.h"
#include "sys/sys.h"

/**
 * gs_drain - the DRAIN step: drain.c; -EBUSY, cause FILES_OPEN, names the files
 * What the clients hold open is theirs to choose: by force it never fails, and never takes long.
 */
int gs_drain(struct gs_sys *sys, const struct gs_drain *drain, struct gs_done *done,
	     struct gs_err *err);

/** gs_drain_least_s - the least deadline of a whole command that leaves a drain its seconds */
unsigned gs_drain_least_s(unsigned drain_s);

/** gs_drain_again - right after the switch: what was opened in between becomes a finding */
void gs_drain_again(struct gs_sys *sys, const struct gs_drain *drain, struct gs_done *done);
