/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake/fake.h"

#include <errno.h>
#include <string.h>

static int resolve(struct gs_sys *sys, const char *name, struct gs_strs *ret_addrs,
		   struct gs_err *err)
{
	if (fake_step(sys, "resolve", err) < 0)
		return err->code;
	if (fake_of(sys)->unknown && !strcmp(fake_of(sys)->unknown, name))
		return gs_err_set(err, ENOENT, "cannot resolve '%s'", name);
	gs_strs_add(ret_addrs, name);
	return 0;
}

static int address_facing(struct gs_sys *sys, const char *addr, char **ret, struct gs_err *err)
{
	(void)addr;
	if (fake_step(sys, "address_facing", err) < 0)
		return err->code;
	*ret = gs_strdup("192.168.18.13");
	return 0;
}

static int own_addresses(struct gs_sys *sys, struct gs_strs *ret, struct gs_err *err)
{
	if (fake_step(sys, "own_addresses", err) < 0)
		return err->code;
	gs_strs_add(ret, "192.168.18.13");
	return 0;
}

static int links(struct gs_sys *sys, struct gs_netaddrs *ret, struct gs_err *err)
{
	if (fake_step(sys, "links", err) < 0)
		return err->code;
	gs_netaddrs_add(ret, "192.168.18.13", 24, "eth0", 1500);
	return 0;
}

static unsigned link_speed(struct gs_sys *sys, const char *own_addr)
{
	(void)sys, (void)own_addr;
	return 0;
}

static int ask_postgres(struct gs_sys *sys, const char *addr, enum gs_postgres *ret,
			struct gs_err *err)
{
	(void)addr;
	if (fake_step(sys, "ask_postgres", err) < 0)
		return err->code;
	*ret = GS_POSTGRES_READY;
	return 0;
}

const struct gs_net_ops fake_net = {
	.resolve = resolve,
	.address_facing = address_facing,
	.own_addresses = own_addresses,
	.links = links,
	.link_speed = link_speed,
	.ask_postgres = ask_postgres,
};
