/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/str.h"

/*
 * cluster.env holds passwords, and the journal keeps what a run changed for 200 runs. So the
 * journal keeps a mask of the file: the lines that set gshare's keys, and blank ones, as they are;
 * of every other line that it was there. With the file as it is now, which has those lines, a mask
 * is filled again. In a mask, a line of others is a NUL byte, which no such file holds.
 */

enum { GS_ENVMASK_LINES_MAX = 1 << 20 }; /* far above any real file; bounds what a record makes */

/** gs_envmask - add the mask of a cluster.env to out; of a mask, itself */
void gs_envmask(struct gs_span text, struct gs_str *out);

/** gs_envmask_is_other - is this line of a mask somebody else's? @line: its end may be there */
bool gs_envmask_is_other(struct gs_span line);

/** gs_envmask_fits - are they masks of one file, before and after a run? */
bool gs_envmask_fits(struct gs_span old, struct gs_span new);

/**
 * gs_envmask_fill - the texts before and after a run, from their masks and the file as it is now
 * The masks fit. Where now is one of the two, both are byte for byte as they were. Else what others
 * have done to their lines since counts as there before the run: to them, it makes no difference.
 * @ret_old, @ret_new: the texts are added
 */
void gs_envmask_fill(struct gs_span old, struct gs_span new, struct gs_span now,
		     struct gs_str *ret_old, struct gs_str *ret_new);
