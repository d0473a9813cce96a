/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/fs/rootfs.h"
#include "sys/fs/spare.h"
#include "sys/proc/alarm.h"
#include "sys/proc/fd.h"
#include "sys/proc/proc.h"

/*
 * Removes what a killed run left beside its paths. Before exchange() a temporary holds our text or
 * a part of it; afterwards it holds the file's old content: the bytes that the run had read, or
 * those of another process that wrote in between. The latter must not be lost: they are moved back
 * to their path.
 *
 * In a directory that others can write anybody can make entries of such names, as many and as long
 * as they like. So each one is checked before it is opened, one that cannot be ours is ignored, and
 * a part of the remaining time limits the rest.
 */

enum { TIME_PART = 4 }; /* of the remaining time: later work needs some, too */

/* struct place - a name, and what is known of our temporaries beside it */
struct place {
	int dir;
	const char *name;
	const struct gs_replace *replace; /* NULL: of a directory */
	bool has_owner;			  /* owner is valid */
	uid_t owner;			  /* of the replaced file, or of the directory */
	uint64_t spare;			  /* the most bytes that a spare had */
};

static bool is_owner(const struct place *place, uid_t uid)
{
	return !uid || uid == geteuid() || (place->has_owner && uid == place->owner);
}

/* A second hard link was made by somebody who wants root's file to pass for ours. */
static bool may_be_own(const struct place *place, const struct stat *st)
{
	if (!is_owner(place, st->st_uid))
		return false;
	return place->replace ? S_ISREG(st->st_mode) && st->st_nlink == 1 : S_ISDIR(st->st_mode);
}

static bool is_candidate(const void *arg, int dir, const char *entry)
{
	const struct place *place = arg;
	struct stat st;

	return fstatat(dir, entry, &st, AT_SYMLINK_NOFOLLOW) == 0 && may_be_own(place, &st);
}

/* ---- files ------------------------------------------------------------------------------- */

static bool is_start_of(struct gs_span part, struct gs_span whole)
{
	return part.len <= whole.len && gs_span_is(part, gs_span(whole.ptr, part.len));
}

/* A file still being written is owned by us and 0600: its owner and mode are set last. */
static bool is_unfinished(const struct stat *st)
{
	return (st->st_mode & 07777) == 0600 && (!st->st_uid || st->st_uid == geteuid());
}

/* The most bytes that our temporary may hold: other lengths need no reading. */
static bool has_our_size(const struct place *place, const struct stat *st)
{
	const struct gs_replace *replace = place->replace;
	uint64_t size = (uint64_t)st->st_size;

	if (size == replace->old.len || size == replace->text.len)
		return true;
	return is_unfinished(st) &&
	       (size <= replace->old.len || size <= replace->text.len || size <= place->spare);
}

/* In a spare, zeros follow the text written so far. */
static bool is_our_text(struct gs_span text, const struct stat *st,
			const struct gs_replace *replace)
{
	if (gs_span_is(text, replace->old) || gs_span_is(text, replace->text))
		return true;
	while (text.len && !text.ptr[text.len - 1])
		text.len--;
	return is_unfinished(st) &&
	       (is_start_of(text, replace->old) || is_start_of(text, replace->text));
}

/*
 * The file is another's by now, or open for writing by a process whose lease our open would break.
 */
static bool is_of_others(int error)
{
	static const int codes[] = { -ENOENT, -EINVAL, -ELOOP, -EFBIG, -ESTALE, -EAGAIN };

	for (size_t i = 0; i < GS_COUNT(codes); i++)
		if (error == codes[i])
			return true;
	return false;
}

/* Reads the file, up to size bytes; a file that cannot be ours is -ESTALE. */
static int read_at(const struct place *place, const char *name, uint64_t size, struct gs_str *ret,
		   struct stat *ret_st)
{
	gs_autoclose int fd = gs_open_regular_at(place->dir, name, (size_t)size);

	if (fd < 0)
		return fd;
	if (fstat(fd, ret_st) < 0)
		return -errno;
	return may_be_own(place, ret_st) ? gs_read_fd(fd, (size_t)size, ret) : -ESTALE;
}

/*
 * After an exchange the new file has the owner and the mode of the old one (copy_owner()), and
 * one name. In a directory that others can write anybody can make a file of such a name, or a link
 * to a file of root's: neither may pass for ours. Whoever may rename root's own entries there gains
 * nothing by a swap after this check; and a removal by name removes only a name.
 */
static bool is_what_was(const struct stat *left, const struct stat *now)
{
	return left->st_nlink == 1 && left->st_uid == now->st_uid && left->st_gid == now->st_gid &&
	       (left->st_mode & 07777) == (now->st_mode & 07777);
}

enum whose { OTHERS, MANAGED, FOREIGN };

/* FOREIGN is a file with our owner and another text: the old content of somebody's file. */
static int judge_file(const struct place *place, const char *temp, enum whose *ret,
		      struct stat *ret_st)
{
	gs_autostr struct gs_str left = { 0 };
	struct stat st;
	int r;

	*ret = OTHERS;
	if (fstatat(place->dir, temp, &st, AT_SYMLINK_NOFOLLOW) < 0 || !may_be_own(place, &st))
		return 0;
	*ret_st = st;
	if (!has_our_size(place, &st)) {
		*ret = FOREIGN;
		return 0;
	}
	r = read_at(place, temp, (uint64_t)st.st_size, &left, ret_st);
	if (r < 0)
		return is_of_others(r) ? 0 : r;
	*ret = is_our_text(gs_str_span(&left), ret_st, place->replace) ? MANAGED : FOREIGN;
	return 0;
}

/* Replaces only our own text; otherwise both files stay for a person to see. */
static bool can_put_back(const struct place *place, const struct stat *left)
{
	const struct gs_replace *replace = place->replace;
	gs_autostr struct gs_str now = { 0 };
	struct stat st;

	return !replace->remove && read_at(place, place->name, replace->text.len, &now, &st) == 0 &&
	       gs_span_is(gs_str_span(&now), replace->text) && is_what_was(left, &st);
}

static int settle_file(const struct place *place, const char *temp)
{
	enum whose whose;
	struct stat st;
	int r = judge_file(place, temp, &whose, &st);

	if (r < 0 || whose == OTHERS)
		return r;
	if (whose == MANAGED)
		return unlinkat(place->dir, temp, 0) < 0 && errno != ENOENT ? -errno : 1;
	if (!can_put_back(place, &st))
		return -EEXIST;
	return renameat(place->dir, temp, place->dir, place->name) < 0 ? -errno : 1;
}

/* ---- directories ------------------------------------------------------------------------- */

/*
 * Our temporary directory is empty until it gets its name. One that somebody else made to look the
 * same goes, too, and nothing is lost; in any other, somebody has put or mounted something.
 */
static int settle_dir(const struct place *place, const char *temp)
{
	static const int stays[] = { ENOTEMPTY, EEXIST, ENOTDIR, ENOENT, EBUSY };

	if (unlinkat(place->dir, temp, AT_REMOVEDIR) == 0)
		return 1;
	for (size_t i = 0; i < GS_COUNT(stays); i++)
		if (errno == stays[i])
			return 0;
	return -errno;
}

/* ------------------------------------------------------------------------------------------ */

static void look_around(struct gs_sys *sys, struct place *place, const struct gs_dir_spec *dir)
{
	struct stat st;

	if (dir) {
		place->has_owner = true;
		place->owner = dir->uid;
	} else if (fstatat(place->dir, place->name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		place->has_owner = true;
		place->owner = st.st_uid;
	}
	place->spare = gs_spare_largest(sys);
}

static int64_t end_of_look(const struct gs_sys *sys)
{
	int64_t now_ns = gs_now_ns();

	return now_ns + (sys->deadline_ns - now_ns) / TIME_PART;
}

/* Temporaries for which there is no time stay. */
static int settle_all(const struct place *place, int64_t end_ns, struct gs_err *err)
{
	const struct gs_temp_filter filter = { is_candidate, place, end_ns };
	GS_AUTO(gs_strs_done) struct gs_strs temps = { 0 };
	int r = gs_temps_of(place->dir, place->name, &filter, &temps);
	bool changed = false;

	for (size_t i = 0; r == 0 && i < temps.n && gs_now_ns() < end_ns; i++) {
		r = place->replace ? settle_file(place, temps.v[i]) : settle_dir(place, temps.v[i]);
		if (r < 0)
			return gs_err_set(err, r, "'%s' beside it: %s", temps.v[i],
					  r == -EEXIST ? "it contains data of another process"
						       : strerror(-r));
		changed |= r;
		r = 0;
	}
	if (r == 0 && changed && fsync(place->dir) < 0)
		r = -errno;
	return r < 0 ? gs_err_set(err, r, "%s", strerror(-r)) : 0;
}

void gs_clear_temps(struct gs_sys *sys, int dir, const char *name, const struct gs_replace *replace)
{
	struct place place = { .dir = dir, .name = name, .replace = replace };
	const struct gs_temp_filter filter = { is_candidate, &place, end_of_look(sys) };
	GS_AUTO(gs_strs_done) struct gs_strs temps = { 0 };

	look_around(sys, &place, NULL);
	(void)gs_temps_of(dir, name, &filter, &temps);
	for (size_t i = 0; i < temps.n && gs_now_ns() < filter.end_ns; i++) {
		enum whose whose;
		struct stat st;

		if (judge_file(&place, temps.v[i], &whose, &st) == 0 && whose == MANAGED)
			(void)unlinkat(dir, temps.v[i], 0);
	}
}

int gs_rootfs_settle(struct gs_sys *sys, const char *path, const struct gs_replace *replace,
		     const struct gs_dir_spec *dir, struct gs_err *err)
{
	struct place place = { .replace = replace };
	gs_autoclose int parent = replace ? gs_open_written(sys, path, &place.name, err)
					  : gs_open_parent(sys, path, O_RDONLY, GS_LINKS_NONE,
							   &place.name);
	struct gs_alarm alarm;
	int r;

	if (parent == -ENOENT || parent == -ENOTDIR || parent == -ELOOP)
		return 0;
	if (err->code)
		return err->code;
	if (parent < 0)
		return gs_err_set(err, parent, "cannot open the directory of '%s': %s", path,
				  strerror(-parent));
	place.dir = parent;
	look_around(sys, &place, dir);
	gs_alarm_begin(&alarm, sys->deadline_ns);
	r = gs_alarm_end(&alarm, settle_all(&place, end_of_look(sys), err));
	if (r == -ETIMEDOUT)
		gs_alarm_held(path, err);
	if (r < 0)
		return gs_err_prefix(err, "cannot remove old temporary files of '%s'", path);
	return 0;
}
