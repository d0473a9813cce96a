/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/fs/walk.h"
#include "sys/proc/child.h"
#include "sys/proc/fd.h"
#include "sys/proc/privs.h"

enum { ANSWER_BYTES = 100 }; /* three numbers */

static const char *const ids[] = { "NEED_ROOT", GS_USER_UNMAPPED, NULL };

static int open_below(int root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS,
	};
	long fd = syscall(SYS_openat2, root, path, &how, sizeof how);

	return fd < 0 ? -errno : (int)fd;
}

/* Returns 0, or the errno that denies the access. */
static int try_entry(int root, const char *path)
{
	gs_autoclose int file = open_below(root, path, O_RDWR);
	gs_autoclose int dir = -1;

	/* A running program, or a delegation that is being recalled: the mode allows the access. */
	if (file >= 0 || file == -ETXTBSY || file == -EAGAIN)
		return 0;
	if (file != -EISDIR)
		return -file;
	dir = open_below(root, path, O_RDONLY | O_DIRECTORY);
	if (dir < 0)
		return -dir;
	return faccessat(dir, ".", R_OK | W_OK | X_OK, 0) < 0 ? errno : 0;
}

static int work(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const struct gs_open_req *req = arg;
	struct gs_opened found = { .refused = req->paths->n };
	gs_autoclose int root = open(req->root, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (root < 0)
		return gs_err_set(err, errno, "cannot open '%s': %s", req->root,
				  gs_errno_text(errno));
	if (gs_privs_become(req->uid, req->gid, GS_KEEP_NOTHING, err) < 0)
		return err->code;
	for (size_t i = 0; i < req->paths->n; i++) {
		int error = try_entry(root, req->paths->v[i]);

		found.opened += !error;
		if (!error || error == ENOENT)
			continue;
		found.refused = i;
		found.error = error;
		break;
	}
	gs_str_addf(ret_answer, "%zu %zu %d", found.opened, found.refused, found.error);
	return 0;
}

static bool take_number(struct gs_span *rest, uint64_t max, uint64_t *ret)
{
	struct gs_span word = { 0 };

	return gs_span_cut(rest, ' ', &word) && gs_span_number(word, max, ret);
}

int gs_open_as(const struct gs_open_req *req, struct gs_opened *ret, struct gs_err *err)
{
	gs_autostr struct gs_str answer = { 0 };
	struct gs_open_req copy = *req;
	struct gs_child_req child = {
		.fn = work,
		.arg = &copy,
		.ids = ids,
		.deadline_ns = req->deadline_ns,
		.max_answer = ANSWER_BYTES,
	};
	uint64_t opened = 0, refused = 0, error = 0;
	struct gs_span rest;

	if (gs_child_run(&child, &answer, err) < 0)
		return gs_err_prefix(err, "cannot open files as %u:%u", req->uid, req->gid);
	rest = gs_str_span(&answer);
	if (!take_number(&rest, req->paths->n, &opened) ||
	    !take_number(&rest, req->paths->n, &refused) || !take_number(&rest, 4095, &error))
		return gs_err_set(err, EPROTO, "the child process that opens files gave no reply");
	*ret = (struct gs_opened){ opened, refused, (int)error };
	return 0;
}
