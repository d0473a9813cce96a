/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "base/types.h"
#include "sys/fs/file_swap.h"
#include "sys/fs/root.h"

/*
 * Files by any path, where the path may lead to a server that does not respond: --write FILE, a run
 * that is rolled back, a file that a killed run wrote. A process that walks there waits in the
 * kernel until the server is back, and only SIGKILL ends that wait. So every access that leaves the
 * file system of the root for one that may have a server is made in a child with a deadline;
 * otherwise each function promises what its counterpart gs_rootfs_...() does.
 *
 * Errors, beyond those: -ETIMEDOUT, with the cause MOUNT_BELOW_NOT_RESPONDING and the mount where
 * that is known.
 */

int gs_far_read_file(struct gs_sys *sys, const char *path, size_t max, struct gs_str *ret_text,
		     bool *ret_exists, struct gs_err *err);
int gs_far_way(struct gs_sys *sys, const char *path, struct gs_way *ret, struct gs_err *err);
int gs_far_replace_file(struct gs_sys *sys, const struct gs_replace *replace, struct gs_err *err);
int gs_far_make_file(struct gs_sys *sys, const struct gs_new_file *file, struct gs_err *err);
int gs_far_settle(struct gs_sys *sys, const char *path, const struct gs_replace *replace,
		  const struct gs_dir_spec *made, struct gs_err *err);

/**
 * gs_path_is_here - does the path, links followed, lead to no mount that may have a server?
 * The lookup asks no server: local disks answer for each component, and the kernel's own memory for
 * the root of such a mount.
 */
bool gs_path_is_here(int root_fd, const char *path);
