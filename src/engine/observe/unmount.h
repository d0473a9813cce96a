/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/follower/plan_unmount.h"
#include "core/share/select.h"
#include "sys/sys.h"

/**
 * gs_observe_unmount - the requested share, whether its server answers, who uses it
 * Reads the mount table; asks the server over a connection of its own, and only if that answers,
 * through the mount, in a child. @facts: filled on success; free with gs_unmount_facts_done()
 */
int gs_observe_unmount(struct gs_sys *sys, const struct gs_unmount_req *req,
		       struct gs_unmount_facts *facts, struct gs_err *err);
void gs_unmount_facts_done(struct gs_unmount_facts *facts);
