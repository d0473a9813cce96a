/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/access/access_ops.h"

#include "sys/fs/root.h"
#include "sys/mount/stage.h"

static int probe(struct gs_sys *sys, const struct gs_access_req *req, size_t n,
		 struct gs_access_result *ret, struct gs_err *err)
{
	gs_autofree struct gs_access_req *there = gs_alloc(n * sizeof *there);
	GS_AUTO(gs_strs_done) struct gs_strs at = { 0 };

	for (size_t i = 0; i < n; i++) {
		gs_autofree char *path = sys->stage ? gs_stage_path(sys->stage, req[i].dir) : NULL;

		there[i] = req[i];
		if (!path)
			continue;
		gs_strs_add(&at, path);
		there[i].at = at.v[at.n - 1];
	}
	return gs_access_probe(there, n, ret, err);
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
