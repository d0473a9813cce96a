/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "base/str.h"

struct gs_replace;
struct gs_sys;

/*
 * Files that were replaced, as they are after that. A process that had found one by its name, and
 * lost its processor before open(2) came as far as the lease (fs/locks.c, do_dentry_open() of
 * fs/open.c), writes to a file that has no name any more. Nothing can keep it from that; so the
 * file is kept open, and looked at again before the run ends.
 */

struct gs_outgoing;

/** gs_outgoing_keep - keep a file that was replaced; takes over *fd, which becomes -1 */
void gs_outgoing_keep(struct gs_sys *sys, const struct gs_replace *replace, int *fd);

/**
 * gs_outgoing_text - what going back to a replaced file's text has to write
 * @ret: its text with what was written to it after it was replaced; empty where nothing was
 * Returns whether there is such a text.
 */
bool gs_outgoing_text(const struct gs_sys *sys, const struct gs_replace *back, struct gs_str *ret);

/** gs_outgoing_look - struct gs_fs_ops has it */
int gs_outgoing_look(struct gs_sys *sys, const char **ret_path, struct gs_err *err);

/** gs_outgoing_drop - close all of them; with none it does nothing */
void gs_outgoing_drop(struct gs_sys *sys);
