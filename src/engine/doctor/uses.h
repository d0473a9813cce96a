/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/diagnose/diagnose.h"
#include "sys/sys.h"

/**
 * gs_look_uses - what users can do in a share or mount, as verify does
 * An ordinary user can only try what it may do itself. Of a share that is not gshare's own nor for
 * Graphistry's datasets, a user that may not write is no failure: home directories are others'.
 * @path: absolute
 * @is_crowded: other looks run beside it, so many that a test that does not end says little
 * @ret_ro: writing was refused with EROFS
 */
void gs_look_uses(struct gs_sys *sys, enum gs_side side, const char *path, bool is_crowded,
		  struct gs_cases *cases, bool *ret_ro);

/** gs_look_unwritten - is an export that gshare has not made rw, and nobody can write in it? */
void gs_look_unwritten(struct gs_sys *sys, const char *path, struct gs_cases *cases);
