/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/fs/outgoing.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sys/fs/file_swap.h"
#include "sys/fs/root.h"
#include "sys/fs/rootfs.h"
#include "sys/proc/fd.h"

enum {
	FILES_MAX = 32, /* of one run; what comes later is not kept */
	TEXT_MAX_BYTES = 64 << 20,
	WRITER_MS = 200, /* for somebody who has it open; what >> of a shell takes is below 1 */
};

struct old {
	char *path;
	struct gs_str seen; /* what it was when it was replaced */
	int fd;
};

struct gs_outgoing {
	struct old v[FILES_MAX];
	size_t n;
};

static void old_done(struct old *old)
{
	free(old->path);
	gs_str_done(&old->seen);
	gs_close_indirect(&old->fd);
}

static struct old *find(const struct gs_sys *sys, const char *path)
{
	for (size_t i = 0; sys->outgoing && i < sys->outgoing->n; i++)
		if (!strcmp(sys->outgoing->v[i].path, path))
			return &sys->outgoing->v[i];
	return NULL;
}

void gs_outgoing_keep(struct gs_sys *sys, const struct gs_replace *replace, int *fd)
{
	struct old *old = find(sys, replace->path);

	if (old)
		old_done(old);
	if (!sys->outgoing)
		sys->outgoing = gs_alloc(sizeof *sys->outgoing);
	if (!old && sys->outgoing->n == FILES_MAX)
		return;
	if (!old)
		old = &sys->outgoing->v[sys->outgoing->n++];
	*old = (struct old){ .path = gs_strdup(replace->path), .fd = *fd };
	gs_str_add(&old->seen, replace->old);
	*fd = -1;
}

static bool read_now(const struct old *old, struct gs_str *ret)
{
	return lseek(old->fd, 0, SEEK_SET) == 0 && gs_read_fd(old->fd, TEXT_MAX_BYTES, ret) == 0;
}

bool gs_outgoing_text(const struct gs_sys *sys, const struct gs_replace *back, struct gs_str *ret)
{
	const struct old *old = find(sys, back->path);

	return old && !back->remove && gs_span_is(back->text, gs_str_span(&old->seen)) &&
	       read_now(old, ret) && !gs_span_is(gs_str_span(ret), back->text);
}

/*
 * A read lease is granted only where nobody has the file open for writing (fcntl(2)). The signal of
 * one that comes now is the one that was chosen when the file was replaced.
 */
static bool is_open(const struct old *old)
{
	bool leased = fcntl(old->fd, F_SETLEASE, F_RDLCK) == 0;

	if (leased)
		(void)fcntl(old->fd, F_SETLEASE, F_UNLCK);
	return !leased && errno == EAGAIN;
}

/* 0, -ETXTBSY where somebody keeps it open for writing, -ESTALE where somebody wrote to it */
static int look(const struct old *old)
{
	const struct timespec moment = { .tv_nsec = 1000000 };
	gs_autostr struct gs_str now = { 0 };
	bool open = is_open(old);

	for (unsigned ms = 0; open && ms < WRITER_MS; ms++) {
		(void)nanosleep(&moment, NULL);
		open = is_open(old);
	}
	if (open)
		return -ETXTBSY;
	return read_now(old, &now) && gs_span_is(gs_str_span(&now), gs_str_span(&old->seen))
		       ? 0
		       : -ESTALE;
}

void gs_outgoing_drop(struct gs_sys *sys)
{
	for (size_t i = 0; sys->outgoing && i < sys->outgoing->n; i++)
		old_done(&sys->outgoing->v[i]);
	free(sys->outgoing);
	sys->outgoing = NULL;
}

int gs_outgoing_look(struct gs_sys *sys, const char **ret_path, struct gs_err *err)
{
	for (size_t i = 0; sys->outgoing && i < sys->outgoing->n; i++) {
		const struct old *old = &sys->outgoing->v[i];
		int r = look(old);

		*ret_path = old->path;
		if (r == -ETXTBSY) {
			gs_err_set(err, r,
				   "'%s' is open for writing by another process, as it was before "
				   "gshare replaced it: what that writes from now on is lost",
				   old->path);
			return gs_err_advise(err,
					     "save the file there again, then run the same "
					     "command again");
		}
		if (r < 0) {
			gs_err_set(err, r,
				   "'%s' has changed since it was read: another process wrote to "
				   "it while gshare replaced it",
				   old->path);
			return gs_err_advise(err, "run the same command again");
		}
	}
	*ret_path = NULL;
	gs_outgoing_drop(sys);
	return 0;
}
