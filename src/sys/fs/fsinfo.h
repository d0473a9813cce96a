/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "base/types.h"

/**
 * gs_fsinfo - the file system that holds a path, which need not exist yet
 * @ret: filled on success; free with gs_fs_done(). The UUID is libblkid's; it needs the right to
 *       read the device and is NULL without it.
 * For local file systems only: statvfs(3) blocks on an NFS mount that does not respond.
 */
int gs_fsinfo(const char *path, struct gs_fs *ret, struct gs_err *err);
