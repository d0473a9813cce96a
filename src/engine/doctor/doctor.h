/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/diagnose/diagnose.h"
#include "core/peer/node.h"
#include "sys/sys.h"

/**
 * struct gs_doctor_req - what doctor looks at; all NULL: everything of this node
 * @leader: a host, as for follower mount: could its share be mounted from here?
 * @export_: of that host; NULL: the only one
 * @path:   clean; the share or mount there
 * @audit:  look at what is open beyond need, too: audit.h; of no leader
 * @env:    a cluster.env; NULL: none is looked at
 * @peer:   what the other node has said of itself; NULL: it is not known
 */
struct gs_doctor_req {
	const char *leader, *export_, *path, *env;
	bool audit;
	const struct gs_node *peer;
};

/**
 * gs_doctor_report - what this node says of itself to another one, and how its servers answer
 * Errors: as of gs_look_node().
 */
int gs_doctor_report(struct gs_sys *sys, struct gs_node *ret, struct gs_err *err);

/**
 * gs_doctor_look - look at this node as a leader and as a follower
 * Finds out by itself which of the two it is; no run of gshare is needed before. Where a mount of
 * fstab is absent, its leader is asked why it could not be mounted. What can be read and written is
 * tested by root only. Nothing is changed but for the test's files.
 * @ret: the findings, diagnosed; free with gs_cases_done()
 * What cannot be looked at is a finding. Errors: -GS_E_FOUND, cause NO_SHARE, where path is
 * neither; -EINVAL, cause PEER_REPORT_OWN, where the peer is this node.
 */
int gs_doctor_look(struct gs_sys *sys, const struct gs_doctor_req *req, struct gs_cases *ret,
		   struct gs_err *err);
