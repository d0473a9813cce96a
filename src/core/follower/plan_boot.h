/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/boot/boot.h"
#include "core/plan/model.h"

/* The units of a follower's share: written by mount, removed by unmount --forget. Pure. */

/**
 * gs_boot_plan - the files of core/boot that are missing or otherwise, then the unit's start
 * Errors: -EINVAL, UNIT_UNKNOWN: a unit that was asked for is not there; UNIT_NEEDED: it starts
 * before any share can be mounted; -ELOOP, BOOT_MASKED.
 */
int gs_boot_plan(const char *target, const struct gs_boot *boot, struct gs_plan *plan,
		 struct gs_err *err);

/** gs_boot_plan_stop - STOP_UNIT, where the unit runs */
void gs_boot_plan_stop(const struct gs_boot *boot, const char *why, struct gs_plan *plan);

/** gs_boot_plan_removal - STOP_UNIT, then the files, and directories that hold nothing else */
void gs_boot_plan_removal(const struct gs_boot *boot, struct gs_plan *plan);
