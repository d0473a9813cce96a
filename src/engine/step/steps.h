/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "engine/step/step.h"

/** gs_step_ops_of - the row of a kind */
const struct gs_step_ops *gs_step_ops_of(enum gs_step_kind kind);
