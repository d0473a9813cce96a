/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/str.h"

/*
 * cluster.env holds passwords, and the journal keeps the files of the last 200 runs. So it keeps a
 * mask of cluster.env: the lines that set gshare's keys, and blank lines, as they are; each line of
 * others as a NUL byte, which no such file holds. An undo fills the mask with the lines of the file
 * as it is now.
 */

enum { GS_ENVMASK_LINES_MAX = 1 << 20 }; /* far above any real file; bounds the size of a record */

/** gs_envmask - add the mask of a cluster.env to out; a mask gives itself */
void gs_envmask(struct gs_span text, struct gs_str *out);

/** gs_envmask_is_other - is this line of a mask one of others? @line: with or without its end */
bool gs_envmask_is_other(struct gs_span line);

/** gs_envmask_fits - are they masks of one file, before and after a run? */
bool gs_envmask_fits(struct gs_span old, struct gs_span new);

/**
 * gs_envmask_fill - the texts before and after a run, from their masks and the file as it is now
 * The masks must fit. If now is one of the two texts, both are restored byte for byte. Else changes
 * that others made to their lines since count as made before the run, so an undo keeps them.
 * @ret_old, @ret_new: the texts are appended
 */
void gs_envmask_fill(struct gs_span old, struct gs_span new, struct gs_span now,
		     struct gs_str *ret_old, struct gs_str *ret_new);
