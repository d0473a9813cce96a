/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/follower/request.h"
#include "core/format/fstab.h"

/**
 * gs_pick_export - the export that is to be mounted: the one asked for, or the only one
 * Of several it is the one that the target's entry in @fstab mounts, if it does.
 * Errors: EXPORT_ABSENT, NOT_EXPORTED, EXPORT_AMBIGUOUS, EXPORT_UNCLEAR, each with its fix.
 */
int gs_pick_export(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
		   const struct gs_fstab *fstab, const struct gs_export_seen **ret,
		   struct gs_err *err);
