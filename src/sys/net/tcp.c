/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/net/tcp.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/proc/fd.h"
#include "sys/proc/proc.h"

int gs_endpoint_of(const char *numeric, unsigned port, struct gs_endpoint *ret, struct gs_err *err)
{
	const struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *found = NULL;
	char service[16];

	if (!port || port > 65535)
		return gs_err_set(err, EINVAL, "there is no port %u", port);
	snprintf(service, sizeof service, "%u", port);
	if (getaddrinfo(numeric, service, &hints, &found) || !found)
		return gs_err_set(err, EINVAL, "'%s' is not a numeric address", numeric);
	*ret = (struct gs_endpoint){ .len = found->ai_addrlen };
	memcpy(&ret->addr, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return 0;
}

static enum gs_reach state_of(int error)
{
	static const struct {
		int error;
		enum gs_reach state;
	} table[] = {
		{ 0, GS_REACH_OPEN },
		{ ECONNREFUSED, GS_REACH_REFUSED },
		{ ETIMEDOUT, GS_REACH_FILTERED },
		{ ENETUNREACH, GS_REACH_NO_ROUTE },
		{ ENETDOWN, GS_REACH_NO_ROUTE },
		{ EADDRNOTAVAIL, GS_REACH_NO_ROUTE },
		{ EHOSTUNREACH, GS_REACH_HOST_DOWN },
		{ EHOSTDOWN, GS_REACH_HOST_DOWN },
		{ EACCES, GS_REACH_FORBIDDEN },
		{ EPERM, GS_REACH_FORBIDDEN },
		{ ECONNRESET, GS_REACH_REFUSED }, /* a middlebox that resets after the handshake */
	};

	for (size_t i = 0; i < GS_COUNT(table); i++)
		if (table[i].error == error)
			return table[i].state;
	return GS_REACH_FAILED;
}

/*
 * What connect(2) itself returns has not been on the network: a route of type prohibit, unreachable
 * or blackhole (ip-route(8)). A link-local address without an interface is EINVAL, too.
 */
static enum gs_reach state_at_once(const struct gs_endpoint *to, int error)
{
	struct sockaddr_in6 v6;

	memcpy(&v6, &to->addr, sizeof v6);
	if (v6.sin6_family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr))
		return state_of(error);
	return error == EACCES || error == EHOSTUNREACH || error == EINVAL ? GS_REACH_BLOCKED
									   : state_of(error);
}

/* An ICMP error says more than the errno that it becomes. */
static enum gs_reach state_by_icmp(const struct gs_reach_result *result)
{
	switch (result->icmp.sign) {
	case GS_SIGN_PROHIBITED:
	case GS_SIGN_NO_PORT:
		return GS_REACH_REJECTED;
	case GS_SIGN_NO_ROUTE:
		return GS_REACH_NO_ROUTE;
	case GS_SIGN_NO_HOST:
		/* No host reports that it is away itself: a firewall of it does. */
		return result->icmp.is_peer ? GS_REACH_REJECTED : GS_REACH_HOST_DOWN;
	case GS_SIGN_NONE:
		break;
	}
	return state_of(result->error);
}

static void settle(const struct gs_endpoint *to, struct gs_reach_result *result, int error,
		   int64_t begin_ns)
{
	result->error = error;
	if (error && result->fd >= 0)
		gs_icmp_read(result->fd, &to->addr, &result->icmp);
	result->state = state_by_icmp(result);
	if (result->state == GS_REACH_FILTERED && result->fd >= 0 && gs_never_sent(result->fd))
		result->state = GS_REACH_UNSENT;
	result->rtt_us = (unsigned)((gs_now_ns() - begin_ns) / 1000);
	if (!error) {
		gs_icmp_watch(result->fd, to->addr.ss_family, false);
		return;
	}
	gs_close_indirect(&result->fd);
	result->fd = -1;
}

/*
 * Binds the socket to a free port below 1024, which needs CAP_NET_BIND_SERVICE (ip(7)). Without
 * that capability, or where all are taken, the kernel chooses a port. The first port tried is
 * random: one that was just used with the same peer is still in TIME_WAIT. False: all are taken.
 */
static bool take_reserved_port(int fd, sa_family_t family)
{
	enum { LOWEST = 512, N = 512 }; /* lower ports are assigned to services */
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	unsigned at = 0;

	if (getrandom(&at, sizeof at, 0) < 0)
		at = (unsigned)gs_now_ns();
	for (unsigned i = 0; i < N; i++) {
		int r;

		v4.sin_port = v6.sin6_port = htons((uint16_t)(LOWEST + (at + i) % N));
		r = family == AF_INET6 ? bind(fd, (struct sockaddr *)&v6, sizeof v6)
				       : bind(fd, (struct sockaddr *)&v4, sizeof v4);
		if (r == 0 || errno != EADDRINUSE)
			return true;
	}
	return false;
}

static int begin(const struct gs_endpoint *to, struct gs_reach_result *result, bool *ret_waiting,
		 struct gs_err *err)
{
	int64_t now = gs_now_ns();
	struct sockaddr_storage addr = to->addr;

	result->fd = socket(addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (result->fd < 0)
		return gs_err_set(err, errno, "cannot open a socket: %s", strerror(errno));
	result->ports_taken = to->reserved && !take_reserved_port(result->fd, addr.ss_family);
	*ret_waiting = false;
	gs_icmp_watch(result->fd, addr.ss_family, true);
	if (!connect(result->fd, (struct sockaddr *)&addr, to->len)) {
		settle(to, result, 0, now);
	} else if (errno == EINPROGRESS) {
		*ret_waiting = true;
	} else {
		enum gs_reach state = state_at_once(to, errno);

		settle(to, result, errno, now);
		result->state = state;
	}
	return 0;
}

static int outcome(int fd)
{
	int error = 0;
	socklen_t size = sizeof error;

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 ? errno : error;
}

static void wait_for_all(const struct gs_endpoint *to, struct pollfd *watch, size_t n,
			 size_t waiting, int64_t deadline_ns, int64_t begin_ns,
			 struct gs_reach_result *result)
{
	while (waiting) {
		int ready = poll(watch, n, gs_poll_ms(deadline_ns));

		if (ready < 0 && errno == EINTR)
			continue;
		for (size_t i = 0; i < n; i++) {
			if (watch[i].fd < 0 || (ready > 0 && !watch[i].revents))
				continue;
			settle(&to[i], &result[i], ready > 0 ? outcome(watch[i].fd) : ETIMEDOUT,
			       begin_ns);
			watch[i].fd = -1;
			waiting--;
		}
	}
}

int gs_reach_many(const struct gs_endpoint *to, size_t n, unsigned timeout_ms,
		  struct gs_reach_result *ret, struct gs_err *err)
{
	gs_autofree struct gs_reach_result *result = gs_alloc(n * sizeof *result);
	gs_autofree struct pollfd *watch = gs_alloc(n * sizeof *watch);
	int64_t begin_ns = gs_now_ns(), deadline_ns = gs_deadline_in(timeout_ms);
	size_t waiting = 0;

	if (n > GS_REACH_MAX)
		return gs_err_set(err, EINVAL, "%zu addresses are too many to connect to", n);
	for (size_t i = 0; i < n; i++)
		result[i].fd = watch[i].fd = -1;
	for (size_t i = 0; i < n; i++) {
		bool is_waiting = false;
		int r = begin(&to[i], &result[i], &is_waiting, err);

		for (size_t k = 0; r < 0 && k < i; k++)
			gs_close_indirect(&result[k].fd);
		if (r < 0)
			return r;
		if (!is_waiting)
			continue;
		watch[i] = (struct pollfd){ .fd = result[i].fd, .events = POLLOUT };
		waiting++;
	}
	wait_for_all(to, watch, n, waiting, deadline_ns, begin_ns, result);
	if (n)
		memcpy(ret, result, n * sizeof *result);
	return 0;
}

/* Waits once for the pending connections; false when the first has ended or the time is up. */
static bool wait_for_first(const struct gs_endpoint to[2], struct pollfd watch[2], int64_t until_ns,
			   int64_t begin_ns, struct gs_reach_result result[2])
{
	int ready = poll(watch, 2, gs_poll_ms(until_ns));

	if (ready < 0 && errno == EINTR)
		return true;
	for (size_t i = 0; ready > 0 && i < 2; i++) {
		if (watch[i].fd < 0 || !watch[i].revents)
			continue;
		settle(&to[i], &result[i], outcome(watch[i].fd), begin_ns);
		watch[i].fd = -1;
	}
	return ready > 0 && watch[0].fd >= 0;
}

static int begin_watched(const struct gs_endpoint *to, struct gs_reach_result *result,
			 struct pollfd *watch, struct gs_err *err)
{
	bool is_waiting = false;
	int r = begin(to, result, &is_waiting, err);

	if (r == 0 && is_waiting)
		*watch = (struct pollfd){ .fd = result->fd, .events = POLLOUT };
	return r;
}

int gs_reach_two(const struct gs_endpoint to[2], unsigned late_ms, unsigned timeout_ms,
		 struct gs_reach_result ret[2], struct gs_err *err)
{
	const struct gs_reach_result none = { .state = GS_REACH_FILTERED,
					      .fd = -1,
					      .error = ETIMEDOUT };
	struct gs_reach_result result[2] = { none, none };
	struct pollfd watch[2] = { { .fd = -1 }, { .fd = -1 } };
	int64_t begin_ns = gs_now_ns(), end_ns = gs_deadline_in(timeout_ms);
	int64_t late_ns = gs_deadline_in(late_ms < timeout_ms ? late_ms : timeout_ms);
	int r = begin_watched(&to[0], &result[0], &watch[0], err), echo = -1;

	while (watch[0].fd >= 0 && wait_for_first(to, watch, late_ns, begin_ns, result))
		continue;
	if (r == 0 && watch[0].fd >= 0) {
		r = begin_watched(&to[1], &result[1], &watch[1], err);
		echo = gs_echo_begin(&to[1].addr, to[1].len);
	}
	while (r == 0 && watch[0].fd >= 0 && wait_for_first(to, watch, end_ns, begin_ns, result))
		continue;
	for (size_t i = 0; i < 2; i++)
		if (watch[i].fd >= 0)
			settle(&to[i], &result[i], ETIMEDOUT, begin_ns);
	result[1].echoes = gs_echo_end(echo);
	if (r < 0)
		return r;
	memcpy(ret, result, sizeof result);
	return 0;
}

int gs_reach_one(const struct gs_endpoint *to, unsigned timeout_ms, struct gs_reach_result *ret,
		 struct gs_err *err)
{
	return gs_reach_many(to, 1, timeout_ms, ret, err);
}

const char *gs_reach_cause(enum gs_reach state)
{
	switch (state) {
	case GS_REACH_OPEN:
		break;
	case GS_REACH_REFUSED:
		return "PORT_REFUSED";
	case GS_REACH_FILTERED:
		return "PORT_FILTERED";
	case GS_REACH_UNSENT:
		return "OWN_FIREWALL";
	case GS_REACH_REJECTED:
		return "PORT_REJECTED";
	case GS_REACH_NO_ROUTE:
		return "NO_ROUTE";
	case GS_REACH_HOST_DOWN:
		return "HOST_DOWN";
	case GS_REACH_BLOCKED:
		return "ROUTE_BLOCKED";
	case GS_REACH_FORBIDDEN:
		return "PORT_FORBIDDEN";
	case GS_REACH_FAILED:
		return "CONNECT_FAILED";
	}
	return NULL;
}
