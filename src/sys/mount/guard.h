/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "base/types.h"
#include "sys/fs/root.h"

/*
 * The guard: the bare directory that a share is mounted on is immutable, so that while the share is
 * not mounted nobody, root included, writes data that was meant for the share to the local disk.
 * The directory is reached below whatever is mounted there, through a private copy of the mount
 * that holds it; nothing here touches the share.
 */

/**
 * gs_guard_look - the bare directory at path, ABSENT where there is none; without ACLs
 * Errors: -EPERM for an ordinary user, -ETIMEDOUT (its parent is on a server that does not
 * respond).
 */
int gs_guard_look(struct gs_sys *sys, const char *path, struct gs_inode *ret, struct gs_err *err);

/**
 * gs_guard_set - set or remove the guard of the bare directory at path
 * Errors: -ENOTEMPTY (nothing was changed), -EOPNOTSUPP and -ENOTTY where the file system has no
 * such flag. Source: ioctl_iflags(2).
 */
int gs_guard_set(struct gs_sys *sys, const char *path, bool on, struct gs_err *err);
