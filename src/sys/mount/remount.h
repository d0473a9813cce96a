/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "sys/fs/root.h"

/**
 * gs_remount - change the flags of the mount at path, in a child
 * @was, @flags: comma separated: ro, rw, nosuid, nodev, noexec; others are left alone
 * Only a change from ro to rw also changes the super block, which other mounts of the export share:
 * they stay ro by their own flag. Errors: -EBUSY (a file is open for writing), -EINVAL (no mount),
 * -ETIMEDOUT.
 */
int gs_remount(struct gs_sys *sys, const char *path, const char *was, const char *flags,
	       struct gs_err *err);
