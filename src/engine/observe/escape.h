/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/check/escape.h"
#include "sys/sys.h"

/**
 * gs_observe_escape - can followers link what is not the share's into path, by what is active?
 * @is_fs_root: path is the root of its file system: all of that is the share
 * @ret: the path of the export by which they can, owned; NULL where they cannot, and while no
 *       server runs
 * Of another export it counts that it is on the same file system, or leads there by crossmnt; with
 * subtree_check only where it lies around the share. /etc/exports may say something else meanwhile:
 * etab is what the server goes by.
 * Errors: of reading etab; -EPROTO where it makes no sense.
 */
int gs_observe_escape(struct gs_sys *sys, const char *path, bool is_fs_root, char **ret,
		      struct gs_err *err);
