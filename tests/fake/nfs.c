/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake/fake.h"

#include <errno.h>

static int reach(struct gs_sys *sys, const char *addr, unsigned port, unsigned *ret_connect_us,
		 struct gs_err *err)
{
	(void)addr;
	fake_of(sys)->port = port;
	*ret_connect_us = 100 + fake_of(sys)->trip_ms * 1000;
	return fake_step(sys, "reach", err);
}

static bool loses_large(struct gs_sys *sys, const char *addr, unsigned port)
{
	(void)sys, (void)addr, (void)port;
	return false;
}

static int reach_ahead(struct gs_sys *sys, const char *addr, unsigned port, const char *path,
		       unsigned *ret_connect_us, struct gs_err *err)
{
	(void)path;
	return reach(sys, addr, port, ret_connect_us, err);
}

static int find_exports(struct gs_sys *sys, const char *addr, unsigned port,
			struct gs_nfs_exports *ret, struct gs_err *err)
{
	struct fake *fake = fake_of(sys);

	(void)addr;
	fake_of(sys)->port = port;
	if (fake_step(sys, "find_exports", err) < 0)
		return err->code;
	gs_grow(&ret->v, ret->n, &ret->room, sizeof *ret->v);
	if (fake->shows) {
		ret->v[ret->n++] = (struct gs_nfs_export){ .path = gs_strdup(fake->shows),
							   .writable = fake->shows_rw };
		return 0;
	}
	ret->v[ret->n++] = (struct gs_nfs_export){ .path = gs_strdup("/mnt/data/shared"),
						   .id = "7c1e52d0",
						   .has_id = true };
	return 0;
}

static int list_grants(struct gs_sys *sys, const char *addr, struct gs_grants *ret,
		       struct gs_err *err)
{
	(void)addr;
	if (fake_step(sys, "list_grants", err) < 0)
		return err->code;
	if (fake_of(sys)->shows) /* a firewall that lets in 2049 alone */
		return gs_err_set(err, ETIMEDOUT, "mountd did not answer");
	gs_grants_add(ret, "/mnt/data/shared");
	gs_strs_add(&ret->v[0].clients, "192.168.18.9");
	return 0;
}

const struct gs_nfs_ops fake_nfs = {
	.reach = reach,
	.loses_large = loses_large,
	.reach_ahead = reach_ahead,
	.find_exports = find_exports,
	.list_grants = list_grants,
};
