/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/alarm.h"
#include "sys/fd.h"
#include "sys/rootfs.h"

/*
 * What a killed run left beside its paths. Before the exchange of replace.c a temporary holds our
 * text or a part of it; after it, what the file held: the bytes that the run had read, or those
 * of a writer who came in between. Those are nobody's to lose: they go back into their place.
 */

enum { FILE_MAX_BYTES = 64 << 20 };

static int read_at(int dir, const char *name, struct gs_str *ret, struct stat *ret_st)
{
	gs_autoclose int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || fstat(fd, ret_st) < 0)
		return -errno;
	return S_ISREG(ret_st->st_mode) ? gs_read_fd(fd, FILE_MAX_BYTES, ret) : -EINVAL;
}

static bool is_start_of(struct gs_span part, struct gs_span whole)
{
	return part.len <= whole.len && gs_span_is(part, gs_span(whole.ptr, part.len));
}

/*
 * A text still being written is 0600: its owner and mode come last. In a spare zeros follow what
 * is written by then.
 */
static bool is_ours(struct gs_span text, const struct stat *st, const struct gs_replace *replace)
{
	if (gs_span_is(text, replace->old) || gs_span_is(text, replace->text))
		return true;
	while (text.len && !text.ptr[text.len - 1])
		text.len--;
	return (st->st_mode & 07777) == 0600 && !st->st_uid &&
	       (is_start_of(text, replace->old) || is_start_of(text, replace->text));
}

/*
 * After an exchange it has the owner and the mode of what took its place (copy_dress), and one
 * name. In a directory that others write anybody can make a file of such a name, or a link to one
 * of root's: neither may come to stand for ours. Who may rename root's own entries there needs no
 * help of that kind, so nothing is won by a swap after this look; and what is removed by name is a
 * name.
 */
static bool is_what_was(const struct stat *left, const struct stat *now)
{
	return left->st_nlink == 1 && left->st_uid == now->st_uid && left->st_gid == now->st_gid &&
	       (left->st_mode & 07777) == (now->st_mode & 07777);
}

static int settle_file(int dir, const char *temp, const char *name,
		       const struct gs_replace *replace)
{
	gs_autostr struct gs_str left = { 0 }, now = { 0 };
	struct stat left_st = { 0 }, now_st = { 0 };
	int r = read_at(dir, temp, &left, &left_st);

	if (r < 0)
		return r;
	if (!is_ours(gs_str_span(&left), &left_st, replace)) {
		/* Only our own text gives way; under another one both stay for a person to see. */
		if (replace->remove || read_at(dir, name, &now, &now_st) < 0 ||
		    !gs_span_is(gs_str_span(&now), replace->text) ||
		    !is_what_was(&left_st, &now_st))
			return -EEXIST;
		return renameat(dir, temp, dir, name) < 0 ? -errno : 0;
	}
	return unlinkat(dir, temp, 0) < 0 ? -errno : 0;
}

static int settle_all(int dir, const char *name, const struct gs_replace *replace,
		      struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs temps = { 0 };
	int r = gs_temps_of(dir, name, &temps);

	for (size_t i = 0; r == 0 && i < temps.n; i++) {
		r = replace ? settle_file(dir, temps.v[i], name, replace)
		    : unlinkat(dir, temps.v[i], AT_REMOVEDIR) < 0 ? -errno
								  : 0;
		if (r < 0)
			return gs_err_set(err, r, "'%s' beside it: %s", temps.v[i],
					  r == -EEXIST ? "it holds what somebody else wrote"
						       : strerror(-r));
	}
	if (r == 0 && temps.n && fsync(dir) < 0)
		r = -errno;
	return r < 0 ? gs_err_set(err, r, "%s", strerror(-r)) : 0;
}

void gs_clear_temps(int dir, const char *name, const struct gs_replace *replace)
{
	GS_AUTO(gs_strs_done) struct gs_strs temps = { 0 };

	(void)gs_temps_of(dir, name, &temps);
	for (size_t i = 0; i < temps.n; i++) {
		gs_autostr struct gs_str left = { 0 };
		struct stat st = { 0 };

		if (read_at(dir, temps.v[i], &left, &st) == 0 &&
		    is_ours(gs_str_span(&left), &st, replace))
			(void)unlinkat(dir, temps.v[i], 0);
	}
}

int gs_rootfs_settle(struct gs_sys *sys, const char *path, const struct gs_replace *replace,
		     struct gs_err *err)
{
	const char *name = NULL;
	gs_autoclose int parent = replace ? gs_open_written(sys, path, &name, err)
					  : gs_open_parent(sys, path, GS_LINKS_NONE, &name);
	struct gs_alarm alarm;
	int r;

	if (parent == -ENOENT || parent == -ENOTDIR || parent == -ELOOP)
		return 0;
	if (err->code)
		return err->code;
	if (parent < 0)
		return gs_err_set(err, parent, "cannot open the directory of '%s': %s", path,
				  strerror(-parent));
	gs_alarm_begin(&alarm, sys->deadline_ns);
	r = gs_alarm_end(&alarm, settle_all(parent, name, replace, err));
	if (r == -ETIMEDOUT)
		gs_alarm_held(path, err);
	if (r < 0)
		return gs_err_prefix(err, "cannot clear up at '%s'", path);
	return 0;
}
