/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/**
 * gs_resolve - numeric addresses of a host name, by NSS, in a child; an address needs neither
 * @ret_addrs: without duplicates, in the resolver's order
 * Errors: -ENOENT (cause NAME_UNKNOWN), -ETIMEDOUT (cause NAME_SERVER_TIMEOUT).
 */
int gs_resolve(const char *name, int64_t deadline_ns, struct gs_strs *ret_addrs,
	       struct gs_err *err);

/**
 * gs_address_facing - the local address of the route to a numeric address
 * Connects a UDP socket, which sends nothing: udp(7). Errors: -ENETUNREACH and the like.
 */
int gs_address_facing(const char *addr, char **ret, struct gs_err *err);

struct ifaddrs;

/** gs_address_told - an entry of getifaddrs(3) as text; NULL: no address for other hosts; owned */
char *gs_address_told(const struct ifaddrs *at);

/** gs_addresses_own - numeric addresses of this host, without loopback and link-local ones */
int gs_addresses_own(struct gs_strs *ret, struct gs_err *err);

/** gs_interface_of - add the name of the interface that has a local address; -ENODEV: none has */
int gs_interface_of(const char *own_addr, struct gs_str *ret, struct gs_err *err);
