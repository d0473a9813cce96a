/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake/fake.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int probe_one(struct gs_sys *sys, const struct gs_access_req *req,
		     struct gs_access_result *ret, struct gs_err *err)
{
	const struct gs_try yes = { GS_CAN_YES, 0 }, no = { GS_CAN_NO, EACCES };
	const char *refuses = fake_of(sys)->refuses;
	bool can = !refuses || strcmp(refuses, req->dir) != 0;

	if (fake_step(sys, "probe", err) < 0)
		return err->code;
	*ret = (struct gs_access_result){ .owner_uid = 1000, .owner_gid = 1000 };
	snprintf(ret->left, sizeof ret->left, "%s", fake_of(sys)->leaves ? ".gshare-probe-1" : "");
	ret->create = can ? yes : no;
	ret->swapped = fake_of(sys)->swaps;
	ret->readonly_fs = fake_of(sys)->flags[1] == 'o' && !fake_of(sys)->staged;
	ret->read = ret->change = ret->rename = ret->remove = yes;
	if (fake_of(sys)->hollow && strcmp(req->dir, fake_of(sys)->hollow) != 0)
		ret->create = (struct gs_try){ GS_CAN_NO, ENOENT };
	if (fake_of(sys)->hides && strstr(req->dir, fake_of(sys)->hides)) {
		ret->create = ret->remove = no;
		ret->hidden = strcmp(req->dir, fake_of(sys)->hides) != 0;
	}
	return 0;
}

static int probe(struct gs_sys *sys, const struct gs_access_req *req, size_t n,
		 struct gs_access_result *ret, struct gs_err *err)
{
	for (size_t i = 0; i < n; i++)
		if (probe_one(sys, &req[i], &ret[i], err) < 0)
			return err->code;
	return 0;
}

static int seen(struct gs_sys *sys, const struct gs_seen_req *req, unsigned *ret_us,
		struct gs_err *err)
{
	(void)req;
	if (fake_step(sys, "seen", err) < 0)
		return err->code;
	*ret_us = 1500;
	return 0;
}

const struct gs_access_ops fake_access = {
	.probe = probe,
	.seen = seen,
};
