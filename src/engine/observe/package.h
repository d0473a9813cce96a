/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/package/package.h"
#include "sys/sys.h"

/** gs_observe_manager - the package manager that this node was installed with; NULL: none known */
const struct gs_manager *gs_observe_manager(struct gs_sys *sys);

/** gs_observe_programs - are all programs of the role there? */
bool gs_observe_programs(struct gs_sys *sys, enum gs_role role);
