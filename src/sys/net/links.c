/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/net/links.h"

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/net/address.h"
#include "sys/proc/fd.h"

enum {
	MTU_BYTES = 32,
	MTU_MAX = 1 << 20, /* more than any driver takes */
};

/* Linux Documentation/ABI/testing/sysfs-class-net; 0: not known. */
static unsigned read_mtu(const char *interface)
{
	gs_autofree char *path = gs_printf("/sys/class/net/%s/mtu", interface);
	gs_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[MTU_BYTES];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text);
	uint64_t mtu = 0;

	if (n < 0 || !gs_span_number(gs_span_trim(gs_span(text, (size_t)n)), MTU_MAX, &mtu))
		return 0;
	return (unsigned)mtu;
}

static unsigned bits_of(const unsigned char *mask, size_t n)
{
	unsigned bits = 0;

	for (size_t i = 0; i < n; i++)
		bits += (unsigned)__builtin_popcount(mask[i]);
	return bits;
}

static unsigned prefix_of(const struct ifaddrs *at)
{
	const struct sockaddr_in *v4 = (const void *)at->ifa_netmask;
	const struct sockaddr_in6 *v6 = (const void *)at->ifa_netmask;

	if (at->ifa_addr->sa_family == AF_INET)
		return v4 ? bits_of((const unsigned char *)&v4->sin_addr, 4) : 32;
	return v6 ? bits_of(v6->sin6_addr.s6_addr, 16) : 128;
}

int gs_links_read(struct gs_netaddrs *ret, struct gs_err *err)
{
	struct ifaddrs *list = NULL;

	if (getifaddrs(&list) < 0)
		return gs_err_set(err, errno, "cannot read the addresses of this node: %s",
				  strerror(errno));
	for (const struct ifaddrs *at = list; at; at = at->ifa_next) {
		gs_autofree char *addr = gs_address_told(at);

		if (addr)
			gs_netaddrs_add(ret, addr, prefix_of(at), at->ifa_name,
					read_mtu(at->ifa_name));
	}
	freeifaddrs(list);
	return 0;
}
