/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/step/step.h"

/** gs_step_info_of - the row of a kind */
const struct gs_step_info *gs_step_info_of(enum gs_step_kind kind);

const char *gs_step_name(enum gs_step_kind kind); /* "MAKE_DIR" */

/** gs_step_kind_find - the kind of a name, also of an older one; false where none has it */
bool gs_step_kind_find(const char *name, enum gs_step_kind *ret);

/** gs_step_is_offline - done below --root too: files and directories */
bool gs_step_is_offline(const struct gs_step *step);

/** gs_step_done - free the step's lists; the plan owns its strings */
void gs_step_done(struct gs_step *step);

/** gs_step_command - the equivalent shell command: "mkdir -m 2775 ..." */
void gs_step_command(const struct gs_step *step, struct gs_str *out);
