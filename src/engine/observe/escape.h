/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/check/escape.h"
#include "sys/sys.h"

/**
 * gs_observe_escape - do the active exports let followers link files from outside into the share?
 * @is_fs_root: path is the root of its file system, and all of that is the share
 * @ret: the path of the export that lets them, owned; NULL where none does, and while no server
 *       runs
 * Another export counts if it is on the same file system, or leads there by crossmnt; with
 * subtree_check only if it contains the share. Read from etab, which the server follows:
 * /etc/exports may differ by now.
 * Errors: of reading etab; -EPROTO where it cannot be parsed.
 */
int gs_observe_escape(struct gs_sys *sys, const char *path, bool is_fs_root, char **ret,
		      struct gs_err *err);
