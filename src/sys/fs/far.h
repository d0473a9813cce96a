/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "base/types.h"
#include "sys/fs/file_swap.h"
#include "sys/fs/root.h"

/*
 * Files by any path, where the path may lead to a silent server: --write FILE, a run that is taken
 * back, a file that a killed run wrote. Whoever walks there waits in the kernel until the server
 * is back, and only SIGKILL ends that. So whatever leaves the file system of the root for one that
 * may have a server is done in a child with a deadline; the contracts are those of rootfs.h.
 *
 * Errors, beyond those: -ETIMEDOUT, with the cause MOUNT_BELOW_NOT_RESPONDING and the mount where
 * that is known.
 */

int gs_far_read_file(struct gs_sys *sys, const char *path, size_t max, struct gs_str *ret_text,
		     bool *ret_exists, struct gs_err *err);
int gs_far_way(struct gs_sys *sys, const char *path, struct gs_way *ret, struct gs_err *err);
int gs_far_replace_file(struct gs_sys *sys, const struct gs_replace *replace, struct gs_err *err);
int gs_far_settle(struct gs_sys *sys, const char *path, const struct gs_replace *replace,
		  const struct gs_dir_spec *made, struct gs_err *err);

/**
 * gs_path_is_here - does the path, links followed, lead to no mount that may have a server?
 * What is asked of each component is answered by disks alone, and of the root of such a mount by
 * the kernel's own memory.
 */
bool gs_path_is_here(int root_fd, const char *path);
