/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <netinet/in.h>
#include <stdbool.h>

#include "base/str.h"

/* The kernel's list of TCP sockets: /proc/net/tcp and tcp6, proc(5). Pure. */

enum { GS_SOCKET_ESTABLISHED = 1, GS_SOCKET_LISTENS = 10 }; /* include/net/tcp_states.h */

/** struct gs_socket - one of them; names as inet_ntop(3) has them, an IPv4 one without ::ffff: */
struct gs_socket {
	char local[INET6_ADDRSTRLEN], remote[INET6_ADDRSTRLEN];
	unsigned port; /* of local */
	unsigned state;
};

/** gs_sockets_next - take the next socket off a list; other lines are passed over; false: none */
bool gs_sockets_next(struct gs_span *text, struct gs_socket *ret);
