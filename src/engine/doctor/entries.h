/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/diagnose/diagnose.h"
#include "sys/sys.h"

/**
 * gs_look_entries - NFS entries of /etc/fstab that others have written, and that are not mounted
 * One that is to be mounted at boot fails, and its server is asked why; one that is mounted on
 * demand is well. A line that mount(8) ignores fails.
 * @path: only that one; NULL: all
 * Returns how many there are.
 */
size_t gs_look_entries(struct gs_sys *sys, const char *path, struct gs_cases *cases);
