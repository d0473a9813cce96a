/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/access.h"
#include "sys/child.h"
#include "sys/fd.h"

struct reading {
	const char *path, *at;
	size_t max;
};

static int cannot(const char *path, int error, struct gs_err *err)
{
	return gs_err_set(err, error, "cannot read '%s': %s", path, strerror(error));
}

static int read_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const struct reading *reading = arg;
	/* O_NONBLOCK: a FIFO put in its place would keep us. */
	gs_autoclose int fd = gs_child_open(reading->at, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
								 O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return cannot(reading->path, errno, err);
	if (!S_ISREG(st.st_mode))
		return gs_err_set(err, EINVAL, "'%s' is not a regular file", reading->path);
	for (;;) {
		char bytes[8192];
		ssize_t n = read(fd, bytes, sizeof bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return cannot(reading->path, errno, err);
		if (!n)
			return 0;
		gs_str_add(ret_answer, gs_span(bytes, (size_t)n));
		if (ret_answer->len > reading->max)
			return gs_err_set(err, EFBIG, "'%s' is longer than %zu bytes",
					  reading->path, reading->max);
	}
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
