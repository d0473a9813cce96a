/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/format/fstab.h"
#include "sys/sys.h"

/* What follower watch does to a mount point: the entry's share onto it, verified before. */

/**
 * gs_place_mount - mount an entry's share out of sight, compare its id, attach it, set read-ahead
 * @stale: what is mounted there is detached before that; NULL: nothing is
 * Errors: cause ID_DIFFERS; those of mounting. Nothing is mounted then, and stale stays.
 */
int gs_place_mount(struct gs_sys *sys, const struct gs_fstab_entry *entry,
		   const struct gs_mounted *stale, struct gs_err *err);

/**
 * gs_place_check - is what is mounted at the entry's target the share that the entry has?
 * One without id, or whose id cannot be read now, is not known to be another.
 */
int gs_place_check(struct gs_sys *sys, const struct gs_fstab_entry *entry, struct gs_err *err);

/** gs_place_speed - set the read-ahead, unless it is larger; a mount without it is slow, no worse
 */
void gs_place_speed(struct gs_sys *sys, const char *target);

/** gs_place_reach - does the entry's server answer a NULL call? the first address that does */
int gs_place_reach(struct gs_sys *sys, const struct gs_fstab_entry *entry, struct gs_err *err);

/** gs_place_start - start what a condition has skipped of the units ordered after the share */
int gs_place_start(struct gs_sys *sys, const char *target, struct gs_strs *ret_started,
		   struct gs_err *err);
