/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/str.h"

/* The added end of the path of a directory that was removed: d_path() of fs/d_path.c. */
#define GS_HELD_REMOVED " (deleted)"

/**
 * gs_held_paths - the directories that nfsd holds for exports, each once; the pseudo-root's left
 * out
 * @text: /proc/net/rpc/nfsd.export/content: "PATH TAB CLIENTS(OPTIONS)" a line, fs/nfsd/export.c
 *        svc_export_show(). The path is that of the directory now: after a rename its new one.
 *        "# " is before what a flush has ended: net/sunrpc/cache.c c_show(). It stays in the table
 *        after the second flush in one second, and /proc/fs/nfsd/exports would show it as the rest.
 */
void gs_held_paths(struct gs_span text, struct gs_strs *ret);
