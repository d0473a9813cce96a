/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "engine/step/outcome.h"
#include "sys/sys.h"

/**
 * gs_drain - the DRAIN step: wait until no file is open for writing
 * The clients decide what they keep open: with force it never fails, and never takes long.
 * Errors: -EBUSY, cause FILES_OPEN, names the files; else those of reading nfsd's clients.
 */
int gs_drain(struct gs_sys *sys, const struct gs_drain *drain, struct gs_done *done,
	     struct gs_err *err);

/** gs_drain_least_s - the shortest deadline of a command that leaves its drain drain_s seconds */
unsigned gs_drain_least_s(unsigned drain_s);

/** gs_drain_again - right after the switch: files opened since the last look become a finding */
void gs_drain_again(struct gs_sys *sys, const struct gs_drain *drain, struct gs_done *done);
