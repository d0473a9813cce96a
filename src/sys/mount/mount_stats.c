/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/mount/mount_stats.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "sys/proc/child.h"
#include "sys/proc/fd.h"

enum { STATS_MAX_BYTES = 16 << 20 };

int gs_mountstats_read(struct gs_str *ret, struct gs_err *err)
{
	static const char path[] = "/proc/self/mountstats";
	gs_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	gs_autostr struct gs_str text = { 0 };
	char bytes[8192];
	ssize_t n = fd < 0 ? -1 : 1;

	while (n > 0) {
		n = read(fd, bytes, sizeof bytes);
		if (n < 0 && errno == EINTR)
			n = 1;
		else if (n > 0)
			gs_str_add(&text, gs_span(bytes, (size_t)n));
		if (text.len > STATS_MAX_BYTES)
			return gs_err_set(err, EFBIG, "'%s' is too long", path);
	}
	if (n < 0)
		return gs_err_set(err, errno, "cannot read '%s': %s", path, strerror(errno));
	*ret = text;
	text = (struct gs_str){ 0 };
	return 0;
}

static int ask_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const char *path = arg;
	struct statfs fs;

	(void)ret_answer;
	if (!statfs(path, &fs))
		return 0;
	return gs_err_set(err, errno, "'%s': %s", path, strerror(errno));
}

int gs_ask_mount(const char *path, int64_t deadline_ns, struct gs_err *err)
{
	gs_autofree char *copy = gs_strdup(path);
	gs_autostr struct gs_str nothing = { 0 };
	struct gs_child_req req = {
		.fn = ask_in_child,
		.arg = copy,
		.deadline_ns = deadline_ns,
	};

	return gs_child_run(&req, &nothing, err);
}
