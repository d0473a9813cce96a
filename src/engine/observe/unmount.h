/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/follower/plan_unmount.h"
#include "core/share/select.h"
#include "sys/sys.h"

/**
 * gs_observe_unmount - the share that is meant, whether its server answers, who uses it
 * The mount table and /proc first; the server is asked over a connection of its own, never through
 * the mount. @facts: filled on success; free with gs_unmount_facts_done()
 */
int gs_observe_unmount(struct gs_sys *sys, const struct gs_unmount_req *req,
		       struct gs_unmount_facts *facts, struct gs_err *err);
void gs_unmount_facts_done(struct gs_unmount_facts *facts);
