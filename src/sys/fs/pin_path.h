/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sys/fs/pin.h"

/*
 * The way to a mount point, taken hold of once: from then on what lies there is reached through a
 * descriptor. Whoever owns a directory on the way can rename it, or put a link or another directory
 * in its place, at any moment; nothing is done there, nor where the link leads.
 */

/**
 * gs_pin_path - take hold of the way to target; once in a run
 * What cannot be opened is not held: whoever uses the path next is told why. The directory is
 * opened in a child, since a silent server may hold that.
 * Errors: -ETIMEDOUT, as gs_pin_blame() tells it.
 */
int gs_pin_path(struct gs_sys *sys, const char *target, struct gs_err *err);

/**
 * gs_pin_blame - a directory did not answer: which mount it is on, by the mount table alone
 * @err: what has failed; where that is a mount of a server's it gets the cause
 * MOUNT_BELOW_NOT_RESPONDING and the fix. A local disk is no server: there the time was too short.
 * Returns its code.
 */
int gs_pin_blame(const char *dir, struct gs_err *err);
