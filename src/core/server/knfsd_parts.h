/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/leader/planner.h"

/* The functions of the row gs_knfsd; private to this folder. */

/** gs_draft_warn_lines - warn of lines that exportfs reads differently than they look; they stay */
void gs_draft_warn_lines(struct gs_draft *draft);

/**
 * gs_draft_check_silence - check for a name in the files whose name server does not answer
 * exportfs would wait for it beyond any timeout: -ETIMEDOUT, cause NAME_SERVER_TIMEOUT, where the
 * plan applies files; a finding where it does not.
 */
int gs_draft_check_silence(struct gs_draft *draft, struct gs_err *err);

/** gs_draft_exports - add the steps check, write, start, apply, as far as needed */
void gs_draft_exports(struct gs_draft *draft);

/**
 * gs_draft_check_duplicates - check for one client in two spellings, with different options
 * exportfs applies both, and mountd may use either: -EEXIST, cause EXPORTS_DUPLICATE, with both
 * lines.
 */
int gs_draft_check_duplicates(const struct gs_draft *draft, struct gs_err *err);

/** gs_draft_tell_overlaps - warn of new clients whose hosts other entries cover too */
void gs_draft_tell_overlaps(struct gs_draft *draft);

/** gs_draft_tell_nested - INIT: warn of marked shares around or inside this one: SHARES_OVERLAP */
void gs_draft_tell_nested(struct gs_draft *draft);
