/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

/*
 * What ICMP says of a connection, and whether a host is there at all. The errno of connect(2) is
 * one for many causes: EHOSTUNREACH is a host that is down, a route, and a firewall that rejects.
 */

/** enum gs_sign - what an ICMP error means, of IPv4 and IPv6 alike */
enum gs_sign {
	GS_SIGN_NONE,
	GS_SIGN_PROHIBITED, /* a firewall or a route of the sender refuses it */
	GS_SIGN_NO_PORT,    /* port unreachable: never a closed TCP port, which resets (RFC 9293) */
	GS_SIGN_NO_ROUTE,
	GS_SIGN_NO_HOST,
};

/** struct gs_icmp - the last ICMP error of a connection; @from: numeric, "" where none is known */
struct gs_icmp {
	enum gs_sign sign;
	bool is_own;  /* this node sent it: its own firewall, or its neighbour discovery */
	bool is_peer; /* the address itself sent it */
	char from[INET6_ADDRSTRLEN];
};

/**
 * gs_icmp_watch - have a socket keep ICMP errors, before it connects: ip(7), IP_RECVERR
 * @on: switch it off once connected: an error that TCP would bear then ends the connection
 */
void gs_icmp_watch(int fd, sa_family_t family, bool on);

/** gs_icmp_read - the error that a watched socket has kept; a connection attempt needs Linux 5.8 */
void gs_icmp_read(int fd, const struct sockaddr_storage *to, struct gs_icmp *ret);

/**
 * gs_never_sent - did no repetition of the first packet leave this node?
 * True with a firewall of its own that drops it: the kernel counts a repetition as under way only
 * if it was sent. Needs a second after connect(2), when the first is due.
 */
bool gs_never_sent(int fd);

/**
 * gs_echo_begin - send ICMP echo requests, without a privilege where net.ipv4.ping_group_range
 * allows it (icmp(7)), else with CAP_NET_RAW
 * Returns a descriptor for gs_echo_end(), or -1.
 */
int gs_echo_begin(const struct sockaddr_storage *to, socklen_t len);

/** gs_echo_end - close it; has the host answered by now? */
bool gs_echo_end(int fd);
