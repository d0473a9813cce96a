/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/follower/request.h"

/**
 * gs_pick_export - the export that is to be mounted: the one asked for, or the only one
 * Errors: EXPORT_ABSENT, NOT_EXPORTED, EXPORT_AMBIGUOUS, EXPORT_UNCLEAR, each with its fix.
 */
int gs_pick_export(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
		   const struct gs_export_seen **ret, struct gs_err *err);
