/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/plan/finding.h"
#include "core/share/select.h"
#include "core/verify/access_report.h"
#include "sys/sys.h"

/**
 * gs_find_here - the share of this node that is meant: the path given, or the only one
 * @ret: free with gs_local_shares_done(). Errors: those of gs_local_shares_pick().
 */
int gs_find_here(struct gs_sys *sys, enum gs_side side, const struct gs_verify_req *req,
		 struct gs_local_shares *ret, struct gs_err *err);

/**
 * gs_find_owner - on the leader: the user that followers are mapped to
 * @ret: owned; @findings: what status would find of the share as it is served, and of its lines
 * Errors: -EPERM with the check's id where the share has no directory.
 */
int gs_find_owner(struct gs_sys *sys, const struct gs_verify_req *req, const char *path,
		  struct gs_account *ret, struct gs_findings *findings, struct gs_err *err);
