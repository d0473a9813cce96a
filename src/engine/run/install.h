/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/plan/model.h"
#include "engine/step/outcome.h"
#include "sys/sys.h"

/**
 * gs_install_run - carry out the INSTALL step of a plan, as a run of its own
 * What an installation changes (files, services, users) is not foreseen: the caller observes and
 * plans anew after it.
 * @ret: owned, a clause about what stays whatever follows; untouched where nothing was started
 * Errors: causes PACKAGE_...
 */
int gs_install_run(struct gs_sys *sys, const struct gs_plan *plan, struct gs_done *done,
		   char **ret_kept, struct gs_err *err);
