/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/follower/request.h"

/*
 * The export's path as the default of TARGET: it is used only in directories for data, and where
 * every component belongs to root. A server must not choose a path from which this node would run
 * programs or read configuration.
 */

/**
 * gs_offer_check - may this path be the default of TARGET, by its text?
 * Errors: TARGET_UNNAMED. gs_mountpoint_check() checks the directory itself.
 */
int gs_offer_check(const char *path, struct gs_err *err);

/** gs_offer_places - mount points to propose instead, the best first */
void gs_offer_places(const char *path, struct gs_strs *ret);

/**
 * gs_offer_fix - add the command as it was typed, plus a TARGET; returns err->code
 * facts->free_place is that TARGET; NULL: none was found.
 */
int gs_offer_fix(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
		 struct gs_err *err);

/** gs_offer_command - the same command as text, with this TARGET and export; either may be NULL */
void gs_offer_command(const struct gs_follower_req *req, const char *target, const char *export_,
		      struct gs_str *out);
