/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "base/postgres.h"
#include "base/str.h"
#include "base/types.h"

struct gs_sys;

/** struct gs_net_ops - names and addresses; see sys.h */
struct gs_net_ops {
	/** numeric addresses of a name; -ENOENT where it has none, -ETIMEDOUT */
	int (*resolve)(struct gs_sys *, const char *name, struct gs_strs *ret_addrs,
		       struct gs_err *);
	/** the local address of the route to addr; no packet is sent */
	int (*address_facing)(struct gs_sys *, const char *addr, char **ret, struct gs_err *);
	/** numeric addresses of this host, without loopback and link-local ones */
	int (*own_addresses)(struct gs_sys *, struct gs_strs *ret, struct gs_err *);
	/** the same, each with its interface, prefix and MTU */
	int (*links)(struct gs_sys *, struct gs_netaddrs *ret, struct gs_err *);
	/** Mbit/s of the interface with that address of this host; 0: not known */
	unsigned (*link_speed)(struct gs_sys *, const char *own_addr);
	/** what a client of PostgreSQL would meet at a numeric address: postgres.h */
	int (*ask_postgres)(struct gs_sys *, const char *addr, enum gs_postgres *ret,
			    struct gs_err *);
};

extern const struct gs_net_ops gs_net_host;
