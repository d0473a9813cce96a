/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/net/link.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/net/address.h"
#include "sys/proc/fd.h"

enum {
	SPEED_BYTES = 32,
	SPEED_MAX = 10000000, /* 10 Tbit/s: a driver's "not known" is -1, or 2^32 - 1 */
};

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
	gs_autostr struct gs_str name = { 0 };
	struct gs_err nowhere = { 0 };

	return gs_interface_of(own_addr, &name, &nowhere) < 0 ? 0 : read_speed(name.ptr);
}
