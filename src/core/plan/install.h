/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/plan/model.h"

/** gs_plan_install - put an INSTALL step before all others of the plan, and its line */
void gs_plan_install(struct gs_plan *plan, const struct gs_install *install);

/** gs_plan_tell_anew - say that what follows the INSTALL step is planned anew after it */
void gs_plan_tell_anew(struct gs_plan *plan);
