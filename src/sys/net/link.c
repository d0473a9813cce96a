/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/net/link.h"

#include <fcntl.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/proc/fd.h"

enum {
	NUMERIC_BYTES = 64, /* INET6_ADDRSTRLEN, a scope */
	SPEED_BYTES = 32,
	SPEED_MAX = 10000000, /* 10 Tbit/s: a driver's "not known" is -1, or 2^32 - 1 */
};

static bool has_address(const struct ifaddrs *at, const char *addr)
{
	socklen_t size = 0;
	char text[NUMERIC_BYTES];

	if (at->ifa_addr && at->ifa_addr->sa_family == AF_INET)
		size = sizeof(struct sockaddr_in);
	else if (at->ifa_addr && at->ifa_addr->sa_family == AF_INET6)
		size = sizeof(struct sockaddr_in6);
	return size &&
	       getnameinfo(at->ifa_addr, size, text, sizeof text, NULL, 0, NI_NUMERICHOST) == 0 &&
	       !strcmp(text, addr);
}

static unsigned read_speed(const char *interface)
{
	gs_autofree char *path = gs_printf("/sys/class/net/%s/speed", interface);
	gs_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[SPEED_BYTES];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
	uint64_t speed = 0;

	if (n < 0 || !gs_span_number(gs_span_trim(gs_span(text, (size_t)n)), SPEED_MAX, &speed))
		return 0;
	return (unsigned)speed;
}

unsigned gs_link_speed(const char *own_addr)
{
	struct ifaddrs *list = NULL;
	unsigned speed = 0;

	if (getifaddrs(&list) < 0)
		return 0;
	for (const struct ifaddrs *at = list; at && !speed; at = at->ifa_next)
		if (has_address(at, own_addr))
			speed = read_speed(at->ifa_name);
	freeifaddrs(list);
	return speed;
}
