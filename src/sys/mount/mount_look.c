/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/mount/mount_look.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/shareid.h"
#include "sys/fs/bounded_read.h"
#include "sys/proc/child.h"
#include "sys/proc/fd.h"

/* Memory that child and parent share: what was answered is known where the child was killed. */
struct board {
	int asked, read; /* UNASKED until they are answered */
	bool given_ro;
	unsigned mode, uid;
	size_t len;
	char text[GS_SHARE_FILE_BYTES];
};

enum { UNASKED = 1 };

struct looking {
	const char *path;
	bool for_writing;
	struct board *board;
};

/* The type is looked at first: a FIFO or a device is not opened. */
static bool is_refused_ro(int dir)
{
	gs_autoclose int at = openat(dir, GS_SHARE_FILE, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	gs_autofree char *self = gs_printf("/proc/self/fd/%d", at);
	struct stat st;
	int fd;

	if (at < 0 || fstat(at, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	fd = open(self, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return errno == EROFS;
	close(fd);
	return false;
}

static int read_id(const struct looking *looking, int dir)
{
	struct board *board = looking->board;
	gs_autostr struct gs_str text = { 0 };
	char id[GS_SHARE_ID_BYTES];
	int r = dir < 0 ? dir : gs_read_small(dir, GS_SHARE_FILE, sizeof board->text, &text);

	if (r < 0)
		return r;
	board->len = text.len;
	memcpy(board->text, text.ptr, text.len);
	board->read = 0;
	if (looking->for_writing && gs_share_id_parse(gs_str_span(&text), id))
		board->given_ro = is_refused_ro(dir);
	return 0;
}

static int look_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const struct looking *looking = arg;
	struct board *board = looking->board;
	gs_autoclose int dir = -1;
	struct statfs fs;
	struct stat st;

	(void)ret_answer;
	(void)err;
	board->asked = statfs(looking->path, &fs) < 0 ? -errno : 0;
	if (board->asked < 0)
		return 0;
	dir = open(looking->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir >= 0 && fstat(dir, &st) == 0) {
		board->mode = st.st_mode & 07777;
		board->uid = st.st_uid;
	}
	board->read = read_id(looking, dir < 0 ? -errno : dir);
	return 0;
}

/* A child that could not be started or that crashed has answered nothing, as one that waits. */
static int answered(int code)
{
	return code == UNASKED ? -ETIMEDOUT : code;
}

static void take(const char *path, const struct board *board, int ended, struct gs_mount_look *ret)
{
	gs_autofree char *file = gs_printf("%s/" GS_SHARE_FILE, path);

	ret->asked = board->asked == UNASKED && ended < 0 ? ended : answered(board->asked);
	ret->read = ret->asked < 0 ? ret->asked : answered(board->read);
	if (ret->read < 0)
		gs_read_small_err(file, GS_SHARE_FILE_BYTES, ret->read, &ret->unread);
	else
		gs_str_add(&ret->text, gs_span(board->text, board->len));
	ret->given_ro = board->given_ro;
	ret->mode = board->mode;
	ret->uid = board->uid;
}

void gs_mount_look(const char *path, bool for_writing, int64_t deadline_ns,
		   struct gs_mount_look *ret)
{
	struct board *board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct looking looking = { path, for_writing, board };
	const struct gs_child_req req = {
		.fn = look_in_child,
		.arg = &looking,
		.deadline_ns = deadline_ns,
	};
	gs_autostr struct gs_str nothing = { 0 };
	struct gs_err err = { 0 };

	*ret = (struct gs_mount_look){ .asked = -ENOMEM, .read = -ENOMEM };
	if (board == MAP_FAILED)
		return;
	board->asked = board->read = UNASKED;
	take(path, board, gs_child_run(&req, &nothing, &err), ret);
	munmap(board, sizeof *board);
}

void gs_mount_look_done(struct gs_mount_look *look)
{
	gs_str_done(&look->text);
}
