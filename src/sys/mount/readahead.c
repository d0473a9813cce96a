/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/mount/readahead.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/proc/fd.h"
#include "sys/proc/proc.h"
#include "sys/proc/spawn.h"

#define UDEVADM	    "/usr/bin/udevadm"
#define UDEV_SOCKET "/run/udev/control"

enum {
	PATH_BYTES = 64,
	NUMBER_BYTES = 32,
	KIB_MAX = 1 << 30,
	SETTLE_MS =
		3000, /* a guest under load needed 1 s; events of other devices are queued, too */
};

static int open_value(dev_t dev, int flags, char path[static PATH_BYTES])
{
	int fd;

	snprintf(path, PATH_BYTES, "/sys/class/bdi/%u:%u/read_ahead_kb", major(dev), minor(dev));
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int gs_readahead_get(dev_t dev, unsigned *ret_kib, struct gs_err *err)
{
	char path[PATH_BYTES], text[NUMBER_BYTES];
	gs_autoclose int fd = open_value(dev, O_RDONLY, path);
	uint64_t kib = 0;
	ssize_t n;

	if (fd == -ENOENT) {
		*ret_kib = 0;
		return 0;
	}
	n = fd < 0 ? -1 : read(fd, text, sizeof text);
	if (n < 0)
		return gs_err_set(err, fd < 0 ? fd : errno, "cannot read '%s': %s", path,
				  strerror(fd < 0 ? -fd : errno));
	if (!gs_span_number(gs_span_trim(gs_span(text, (size_t)n)), KIB_MAX, &kib))
		return gs_err_set(err, EPROTO, "'%s' holds no number", path);
	*ret_kib = (unsigned)kib;
	return 0;
}

void gs_readahead_settle(int64_t deadline_ns)
{
	const char *const argv[] = { UDEVADM, "settle", "--timeout=3", NULL };
	int64_t soon_ns = gs_deadline_in(SETTLE_MS);
	struct gs_spawn_req req = {
		.path = UDEVADM,
		.argv = argv,
		.deadline_ns = soon_ns < deadline_ns ? soon_ns : deadline_ns,
	};
	struct gs_spawn_result result = { 0 };
	struct gs_err unsettled = { 0 };
	gs_autoclose int fd = open(UDEV_SOCKET, O_PATH | O_CLOEXEC);

	if (fd < 0 || gs_spawn(&req, &result, &unsettled) < 0)
		return;
	gs_spawn_result_done(&result);
}

int gs_readahead_set(dev_t dev, unsigned kib, struct gs_err *err)
{
	char path[PATH_BYTES], text[NUMBER_BYTES];
	gs_autoclose int fd = open_value(dev, O_WRONLY, path);
	int n = snprintf(text, sizeof text, "%u\n", kib);

	if (fd == -ENOENT)
		return 0;
	if (fd < 0 || write(fd, text, (size_t)n) != n)
		return gs_err_set(err, fd < 0 ? fd : errno, "cannot write '%s': %s", path,
				  strerror(fd < 0 ? -fd : errno));
	return 0;
}
