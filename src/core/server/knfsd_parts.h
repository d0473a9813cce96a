/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/leader/planner.h"

/* What the row of knfsd.c is made of: for this folder only. */

/** gs_draft_warn_lines - exports of others that are not what they look like; they stay */
void gs_draft_warn_lines(struct gs_draft *draft);

/**
 * gs_draft_check_silence - a name in the files whose name server does not answer
 * exportfs would wait for it, past every deadline: -ETIMEDOUT, cause NAME_SERVER_TIMEOUT, where the
 * plan applies files; a finding where it does not.
 */
int gs_draft_check_silence(struct gs_draft *draft, struct gs_err *err);

/** gs_draft_exports - steps: check, write, start, apply, as far as anything is to be done */
void gs_draft_exports(struct gs_draft *draft);

/**
 * gs_draft_check_duplicates - one client of the share in two spellings, with different options
 * exportfs applies both, and which one mountd takes is nobody's wish: -EEXIST, cause
 * EXPORTS_DUPLICATE, with both lines.
 */
int gs_draft_check_duplicates(const struct gs_draft *draft, struct gs_err *err);

/** gs_draft_tell_overlaps - new clients that share hosts with other entries */
void gs_draft_tell_overlaps(struct gs_draft *draft);

/** gs_draft_tell_nested - INIT: shares of ours around this one, and in it: SHARES_OVERLAP */
void gs_draft_tell_nested(struct gs_draft *draft);
