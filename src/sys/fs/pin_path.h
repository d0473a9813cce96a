/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sys/fs/pin.h"

/*
 * The path to a mount point, pinned once: from then on everything there is reached through a
 * descriptor. Whoever owns a directory on the path can rename it, or put a link or another
 * directory in its place, at any moment; gshare then changes nothing there, nor where the link
 * leads.
 */

/**
 * gs_pin_path - pin the path to target; once in a run
 * A directory that cannot be opened is not pinned: the next use of the path reports why. It is
 * opened in a child, since that may block on a server that does not respond.
 * Errors: -ETIMEDOUT, as gs_pin_blame() reports it.
 */
int gs_pin_path(struct gs_sys *sys, const char *target, struct gs_err *err);

/**
 * gs_pin_blame - name the mount of a directory that did not respond, by the mount table alone
 * @err: the failure; where the mount has a server, err gets the cause MOUNT_BELOW_NOT_RESPONDING
 *       and the fix. A local disk has none: there the time was too short.
 * Returns its code.
 */
int gs_pin_blame(const char *dir, struct gs_err *err);
