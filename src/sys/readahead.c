/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/readahead.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/fd.h"

enum { PATH_BYTES = 64, NUMBER_BYTES = 32, KIB_MAX = 1 << 30 };

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
