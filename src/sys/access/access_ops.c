/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/access/access_ops.h"

#include "sys/fs/root.h"
#include "sys/mount/stage.h"

static int probe(struct gs_sys *sys, const struct gs_access_req *req, struct gs_access_result *ret,
		 struct gs_err *err)
{
	gs_autofree char *at = sys->stage ? gs_stage_path(sys->stage, req->dir) : NULL;
	struct gs_access_req there = *req;

	there.at = at;
	return gs_access_probe(&there, ret, err);
}

static int seen(struct gs_sys *sys, const struct gs_seen_req *req, unsigned *ret_us,
		struct gs_err *err)
{
	(void)sys;
	return gs_seen_measure(req, ret_us, err);
}

const struct gs_access_ops gs_access_host = {
	.probe = probe,
	.seen = seen,
};
