/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/net/net_ops.h"

#include "sys/fs/root.h"
#include "sys/net/address.h"
#include "sys/net/link.h"
#include "sys/net/links.h"
#include "sys/net/postgres.h"

enum {
	RESOLVE_MS = 4000, /* of one lookup: several must fit into a command's deadline */
};

static int resolve(struct gs_sys *sys, const char *name, struct gs_strs *ret_addrs,
		   struct gs_err *err)
{
	return gs_resolve(name, gs_sys_within(sys, RESOLVE_MS), ret_addrs, err);
}

static int address_facing(struct gs_sys *sys, const char *addr, char **ret, struct gs_err *err)
{
	(void)sys;
	return gs_address_facing(addr, ret, err);
}

static int own_addresses(struct gs_sys *sys, struct gs_strs *ret, struct gs_err *err)
{
	(void)sys;
	return gs_addresses_own(ret, err);
}

static int links(struct gs_sys *sys, struct gs_netaddrs *ret, struct gs_err *err)
{
	(void)sys;
	return gs_links_read(ret, err);
}

static unsigned link_speed(struct gs_sys *sys, const char *own_addr)
{
	(void)sys;
	return gs_link_speed(own_addr);
}

static int ask_postgres(struct gs_sys *sys, const char *addr, enum gs_postgres *ret,
			struct gs_err *err)
{
	return gs_postgres_ask(addr, sys->deadline_ns, ret, err);
}

const struct gs_net_ops gs_net_host = {
	.resolve = resolve,
	.address_facing = address_facing,
	.own_addresses = own_addresses,
	.links = links,
	.link_speed = link_speed,
	.ask_postgres = ask_postgres,
};
