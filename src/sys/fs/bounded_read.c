/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/fs/bounded_read.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
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

static int read_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const struct reading *reading = arg;
	const char *rest = reading->at;
	int dir = gs_child_at(&rest), r;
	gs_autoclose int fd = open_again(dir, rest, reading->max);

	r = fd < 0 ? fd : gs_read_fd(fd, reading->max, ret_answer);
	if (r == -EINVAL && fd < 0)
		return gs_err_set(err, r, "'%s' is not a regular file", reading->path);
	if (r == -EFBIG)
		return gs_err_set(err, r, "'%s' is longer than %zu bytes", reading->path,
				  reading->max);
	if (r < 0)
		return gs_err_set(err, r, "cannot read '%s': %s", reading->path, strerror(-r));
	return 0;
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

/* The answer is "ro" or nothing. The type is looked at first: a FIFO or a device is not opened. */
static int open_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const char *rest = arg;
	int dir = gs_child_at(&rest);
	gs_autoclose int at = openat(dir, rest, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	gs_autofree char *self = gs_printf("/proc/self/fd/%d", at);
	struct stat st;
	int fd;

	if (at < 0 || fstat(at, &st) < 0 || !S_ISREG(st.st_mode))
		return gs_err_set(err, at < 0 ? errno : EINVAL, "cannot look at '%s'",
				  (const char *)arg);
	fd = open(self, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 && errno == EROFS)
		gs_str_adds(ret_answer, "ro");
	if (fd >= 0)
		close(fd);
	return 0;
}

int gs_is_refused_ro(const char *path, int64_t deadline_ns, bool *ret, struct gs_err *err)
{
	gs_autofree char *copy = gs_strdup(path);
	gs_autostr struct gs_str answer = { 0 };
	int keep = gs_child_keep(path);
	struct gs_child_req req = {
		.keep = &keep,
		.n_keep = keep >= 0,
		.fn = open_in_child,
		.arg = copy,
		.deadline_ns = deadline_ns,
		.max_answer = 2,
	};

	if (gs_child_run(&req, &answer, err) < 0)
		return err->code;
	*ret = answer.len > 0;
	return 0;
}

/* The answer is the mode and the owner, in decimal. */
static int mode_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const char *rest = arg;
	int dir = gs_child_at(&rest);
	struct stat st;

	if (fstatat(dir, rest, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return gs_err_set(err, errno, "cannot look at '%s': %s", (const char *)arg,
				  strerror(errno));
	gs_str_addf(ret_answer, "%u %u", (unsigned)st.st_mode & 07777, (unsigned)st.st_uid);
	return 0;
}

int gs_bounded_mode(const char *path, int64_t deadline_ns, unsigned *ret_mode, unsigned *ret_uid,
		    struct gs_err *err)
{
	gs_autofree char *copy = gs_strdup(path);
	gs_autostr struct gs_str answer = { 0 };
	struct gs_span rest, word = { 0 };
	uint64_t mode = 0, uid = 0;
	int keep = gs_child_keep(path);
	struct gs_child_req req = {
		.keep = &keep,
		.n_keep = keep >= 0,
		.fn = mode_in_child,
		.arg = copy,
		.deadline_ns = deadline_ns,
		.max_answer = 32,
	};

	if (gs_child_run(&req, &answer, err) < 0)
		return err->code;
	rest = gs_str_span(&answer);
	if (!gs_span_cut(&rest, ' ', &word) || !gs_span_number(word, 07777, &mode) ||
	    !gs_span_number(rest, UINT32_MAX, &uid))
		return gs_err_set(err, EPROTO, "a child process gave a malformed reply");
	*ret_mode = (unsigned)mode;
	*ret_uid = (unsigned)uid;
	return 0;
}
