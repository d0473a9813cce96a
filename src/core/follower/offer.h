/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/follower/request.h"

/*
 * The path that a server shows, as a place on this node: without TARGET it is taken only where
 * data is expected, and where nothing on the way is anybody's but root's. A server's word names no
 * local place: not one from which this node would run or read what the server put there.
 */

/**
 * gs_offer_check - may this path be TARGET unasked, as far as its words go?
 * Errors: TARGET_UNNAMED. What stands there is gs_mountpoint_check()'s to judge.
 */
int gs_offer_check(const char *path, struct gs_err *err);

/** gs_offer_places - where a share could go instead, the likeliest first */
void gs_offer_places(const char *path, struct gs_strs *ret);

/**
 * gs_offer_fix - add the command as it was typed, with a TARGET in it; returns err->code
 * facts->free_place is that TARGET; where it is NULL nothing was found that could be named.
 */
int gs_offer_fix(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
		 struct gs_err *err);

/** gs_offer_command - the same command as text: with this TARGET and export, either may be NULL */
void gs_offer_command(const struct gs_follower_req *req, const char *target, const char *export_,
		      struct gs_str *out);
