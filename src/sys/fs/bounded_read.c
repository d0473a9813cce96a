/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/fs/bounded_read.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "sys/fs/rootfs.h"
#include "sys/proc/child.h"
#include "sys/proc/fd.h"

struct reading {
	const char *path, *at;
	size_t max;
};

/*
 * An NFS client caches names: one that was removed on the server and made again first leads to the
 * old file. That error says nothing about the mount, and makes the client look up the name again.
 */
static int open_again(int dir, const char *name, size_t max)
{
	int fd = gs_open_regular_at(dir, name, max);

	return fd == -ESTALE ? gs_open_regular_at(dir, name, max) : fd;
}

int gs_read_small(int dir, const char *name, size_t max_bytes, struct gs_str *ret)
{
	gs_autoclose int fd = open_again(dir, name, max_bytes);

	return fd < 0 ? fd : gs_read_fd(fd, max_bytes, ret);
}

int gs_read_small_err(const char *path, size_t max_bytes, int code, struct gs_err *err)
{
	if (code == -EINVAL)
		return gs_err_set(err, code, "'%s' is not a regular file", path);
	if (code == -EFBIG)
		return gs_err_set(err, code, "'%s' is longer than %zu bytes", path, max_bytes);
	return gs_err_set(err, code, "cannot read '%s': %s", path, strerror(-code));
}

static int read_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const struct reading *reading = arg;
	const char *rest = reading->at;
	int dir = gs_child_at(&rest), r = gs_read_small(dir, rest, reading->max, ret_answer);

	return r < 0 ? gs_read_small_err(reading->path, reading->max, r, err) : 0;
}

int gs_read_bounded(const char *path, const char *at, size_t max_bytes, int64_t deadline_ns,
		    struct gs_str *ret, struct gs_err *err)
{
	struct reading reading = { path, at ? at : path, max_bytes };
	int keep = gs_child_keep(reading.at);
	struct gs_child_req req = {
		.keep = &keep,
		.n_keep = keep >= 0,
		.fn = read_in_child,
		.arg = &reading,
		.deadline_ns = deadline_ns,
		.max_answer = max_bytes,
	};
	int r = gs_child_run(&req, ret, err);

	if (r == -ETIMEDOUT)
		return gs_err_prefix(err, "cannot read '%s'", path);
	return r;
}
