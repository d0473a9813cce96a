/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/net/icmp.h"

#include <arpa/inet.h>
#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <linux/tcp.h>
#include <netinet/icmp6.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/proc/fd.h"
#include "sys/proc/privs.h"

void gs_icmp_watch(int fd, sa_family_t family, bool on)
{
	const int value = on;

	/* Without it only the errno is known, and the text says less. */
	if (family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_RECVERR, &value, sizeof value);
	else
		(void)setsockopt(fd, IPPROTO_IP, IP_RECVERR, &value, sizeof value);
}

/* RFC 792, RFC 1122 3.2.2.1, RFC 1812 5.2.7.1; RFC 4443 3.1. */
static enum gs_sign sign_of(unsigned origin, unsigned type, unsigned code)
{
	static const struct {
		unsigned origin, type, code;
		enum gs_sign sign;
	} table[] = {
		{ SO_EE_ORIGIN_ICMP, ICMP_DEST_UNREACH, ICMP_NET_UNREACH, GS_SIGN_NO_ROUTE },
		{ SO_EE_ORIGIN_ICMP, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, GS_SIGN_NO_HOST },
		{ SO_EE_ORIGIN_ICMP, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, GS_SIGN_NO_PORT },
		{ SO_EE_ORIGIN_ICMP, ICMP_DEST_UNREACH, ICMP_NET_UNKNOWN, GS_SIGN_NO_ROUTE },
		{ SO_EE_ORIGIN_ICMP, ICMP_DEST_UNREACH, ICMP_HOST_UNKNOWN, GS_SIGN_NO_HOST },
		{ SO_EE_ORIGIN_ICMP, ICMP_DEST_UNREACH, ICMP_NET_ANO, GS_SIGN_PROHIBITED },
		{ SO_EE_ORIGIN_ICMP, ICMP_DEST_UNREACH, ICMP_HOST_ANO, GS_SIGN_PROHIBITED },
		{ SO_EE_ORIGIN_ICMP, ICMP_DEST_UNREACH, ICMP_PKT_FILTERED, GS_SIGN_PROHIBITED },
		{ SO_EE_ORIGIN_ICMP6, ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_NOROUTE,
		  GS_SIGN_NO_ROUTE },
		{ SO_EE_ORIGIN_ICMP6, ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_ADMIN,
		  GS_SIGN_PROHIBITED },
		{ SO_EE_ORIGIN_ICMP6, ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_ADDR, GS_SIGN_NO_HOST },
		{ SO_EE_ORIGIN_ICMP6, ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_NOPORT,
		  GS_SIGN_NO_PORT },
		{ SO_EE_ORIGIN_ICMP6, ICMP6_DST_UNREACH, 5 /* source policy */,
		  GS_SIGN_PROHIBITED },
		{ SO_EE_ORIGIN_ICMP6, ICMP6_DST_UNREACH, 6 /* reject route */, GS_SIGN_PROHIBITED },
	};

	for (size_t i = 0; i < GS_COUNT(table); i++)
		if (table[i].origin == origin && table[i].type == type && table[i].code == code)
			return table[i].sign;
	return GS_SIGN_NONE;
}

/* The address as text, "" of another family. */
static void name_of(const struct sockaddr *addr, char name[INET6_ADDRSTRLEN])
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	name[0] = '\0';
	if (addr->sa_family == AF_INET) {
		memcpy(&v4, addr, sizeof v4);
		(void)inet_ntop(AF_INET, &v4.sin_addr, name, INET6_ADDRSTRLEN);
	} else if (addr->sa_family == AF_INET6) {
		memcpy(&v6, addr, sizeof v6);
		(void)inet_ntop(AF_INET6, &v6.sin6_addr, name, INET6_ADDRSTRLEN);
	}
}

static bool is_of_socket(int fd, const char *name)
{
	struct sockaddr_storage own = { 0 };
	socklen_t len = sizeof own;
	char text[INET6_ADDRSTRLEN];

	if (getsockname(fd, (struct sockaddr *)&own, &len) < 0)
		return false;
	name_of((const struct sockaddr *)&own, text);
	return text[0] && !strcmp(text, name);
}

static void take(int fd, const struct sockaddr_storage *to, const struct cmsghdr *part,
		 struct gs_icmp *ret)
{
	char peer[INET6_ADDRSTRLEN];
	struct {
		struct sock_extended_err error;
		struct sockaddr_in6 from; /* the larger of the two families */
	} seen = { 0 };
	size_t room = part->cmsg_len - CMSG_LEN(0);
	enum gs_sign sign;

	memcpy(&seen, CMSG_DATA(part), room < sizeof seen ? room : sizeof seen);
	sign = sign_of(seen.error.ee_origin, seen.error.ee_type, seen.error.ee_code);
	if (sign == GS_SIGN_NONE)
		return;
	ret->sign = sign;
	name_of((const struct sockaddr *)&seen.from, ret->from);
	ret->is_own = is_of_socket(fd, ret->from);
	name_of((const struct sockaddr *)to, peer);
	ret->is_peer = !strcmp(ret->from, peer);
}

static bool is_error(const struct cmsghdr *part)
{
	return (part->cmsg_level == IPPROTO_IP && part->cmsg_type == IP_RECVERR) ||
	       (part->cmsg_level == IPPROTO_IPV6 && part->cmsg_type == IPV6_RECVERR);
}

void gs_icmp_read(int fd, const struct sockaddr_storage *to, struct gs_icmp *ret)
{
	enum { MOST = 16 }; /* of one connection attempt: it has sent three packets */

	*ret = (struct gs_icmp){ 0 };
	for (int i = 0; i < MOST; i++) {
		_Alignas(struct cmsghdr) char parts[512];
		struct msghdr got = { .msg_control = parts, .msg_controllen = sizeof parts };

		if (recvmsg(fd, &got, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
			return;
		for (struct cmsghdr *part = CMSG_FIRSTHDR(&got); part;
		     part = CMSG_NXTHDR(&got, part))
			if (is_error(part))
				take(fd, to, part, ret);
	}
}

bool gs_never_sent(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof info;

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) < 0)
		return false;
	return info.tcpi_total_retrans && !info.tcpi_retrans;
}

/* A raw socket gets every ICMP message of the host: only answers to a ping are let through. */
static int raw_socket(sa_family_t family)
{
	bool is_v6 = family == AF_INET6;
	const struct icmp_filter v4 = { ~(1U << ICMP_ECHOREPLY) };
	struct icmp6_filter v6;
	gs_autoclose int fd = gs_privs_raw_socket(family, is_v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);
	int ret = fd;

	ICMP6_FILTER_SETBLOCKALL(&v6);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &v6);
	if (fd < 0 || (is_v6 ? setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &v6, sizeof v6)
			     : setsockopt(fd, SOL_RAW, ICMP_FILTER, &v4, sizeof v4)) < 0)
		return -1;
	fd = -1;
	return ret;
}

/* Debian lets no group ping without a privilege; root has it, but for some containers. */
static int echo_socket(sa_family_t family)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
			family == AF_INET6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP);

	return fd >= 0 ? fd : raw_socket(family);
}

/* A raw socket sends a message of IPv4 as it is: RFC 1071, of two words that are not 0. */
static uint16_t checksum(unsigned a, unsigned b)
{
	unsigned sum = a + b;

	return (uint16_t) ~(sum + (sum >> 16));
}

int gs_echo_begin(const struct sockaddr_storage *to, socklen_t len)
{
	bool is_v6 = to->ss_family == AF_INET6;
	const uint16_t id = (uint16_t)getpid();
	const struct icmphdr v4 = { .type = ICMP_ECHO,
				    .un.echo.id = htons(id),
				    .checksum = htons(checksum(ICMP_ECHO << 8, id)) };
	const struct icmp6_hdr v6 = { .icmp6_type = ICMP6_ECHO_REQUEST, .icmp6_id = htons(id) };
	struct sockaddr_storage addr = *to;
	int fd = echo_socket(to->ss_family);
	bool sent = false;

	if (fd < 0)
		return -1;
	if (is_v6)
		((struct sockaddr_in6 *)&addr)->sin6_port = 0;
	else
		((struct sockaddr_in *)&addr)->sin_port = 0;
	/* Connected, so that another host's answer is not taken for this one's. */
	if (connect(fd, (struct sockaddr *)&addr, len) == 0)
		for (int i = 0; i < 2; i++) /* one may be lost */
			sent |= (is_v6 ? send(fd, &v6, sizeof v6, 0)
				       : send(fd, &v4, sizeof v4, 0)) > 0;
	if (sent)
		return fd;
	close(fd);
	return -1;
}

bool gs_echo_end(int fd)
{
	char answer[64];
	bool came;

	if (fd < 0)
		return false;
	came = recv(fd, answer, sizeof answer, MSG_DONTWAIT) > 0;
	close(fd);
	return came;
}
