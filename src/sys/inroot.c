/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/fd.h"
#include "sys/hold.h"
#include "sys/rootfs.h"

/*
 * Opening what lies below a directory, whatever links stand in the way: by openat2(2), or where
 * that is refused by a walk that holds every directory it came through, so that ".." is the one
 * it came from and never one outside.
 */

enum {
	LINKS_MAX = 40,	 /* path_resolution(7): MAXSYMLINKS */
	DEPTH_MAX = 128, /* directories open at a time; deeper trees are refused: ENAMETOOLONG */
};

struct walk {
	int dir[DEPTH_MAX]; /* dir[0] is the root, which is not ours to close */
	size_t depth;
	unsigned links;
	enum gs_links follow;
	struct gs_str rest; /* of the path; a link puts its text in front */
};

static void walk_done(struct walk *walk)
{
	while (walk->depth > 1)
		close(walk->dir[--walk->depth]);
	gs_str_done(&walk->rest);
}

/* Takes the first component off the rest; false at the end. */
static bool next(struct walk *walk, char name[static NAME_MAX + 1], int *ret_error)
{
	struct gs_span rest = gs_str_span(&walk->rest);
	gs_autostr struct gs_str left = { 0 };
	size_t n = 0;

	while (rest.len && rest.ptr[0] == '/')
		rest = gs_span_from(rest, 1);
	while (n < rest.len && rest.ptr[n] != '/')
		n++;
	if (!n)
		return false;
	if (n > NAME_MAX) {
		*ret_error = -ENAMETOOLONG;
		return false;
	}
	memcpy(name, rest.ptr, n);
	name[n] = '\0';
	gs_str_add(&left, gs_span_from(rest, n));
	gs_str_done(&walk->rest);
	walk->rest = left;
	left = (struct gs_str){ 0 };
	return true;
}

static int put_link_in_front(struct walk *walk, const char *name)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(walk->dir[walk->depth - 1], name, text, sizeof text);
	gs_autostr struct gs_str rest = { 0 };

	if (n < 0)
		return -errno;
	if ((size_t)n == sizeof text)
		return -ENAMETOOLONG;
	if (walk->follow == GS_LINKS_NONE || ++walk->links > LINKS_MAX)
		return -ELOOP;
	while (text[0] == '/' && walk->depth > 1)
		close(walk->dir[--walk->depth]);
	gs_str_add(&rest, gs_span(text, (size_t)n));
	gs_str_addc(&rest, '/');
	gs_str_add(&rest, gs_str_span(&walk->rest));
	gs_str_done(&walk->rest);
	walk->rest = rest;
	rest = (struct gs_str){ 0 };
	return 0;
}

/* One component that others follow: a directory, or a link to be put in front. */
static int step(struct walk *walk, const char *name)
{
	struct stat st;
	int fd;

	if (!strcmp(name, "."))
		return 0;
	if (!strcmp(name, "..")) {
		if (walk->depth > 1)
			close(walk->dir[--walk->depth]);
		else if (walk->follow == GS_LINKS_NONE)
			return -EXDEV; /* as RESOLVE_BENEATH says */
		return 0;
	}
	if (walk->depth == DEPTH_MAX)
		return -ENAMETOOLONG;
	fd = openat(walk->dir[walk->depth - 1], name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || !S_ISDIR(st.st_mode)) {
		close(fd);
		return S_ISLNK(st.st_mode) ? put_link_in_front(walk, name) : -ENOTDIR;
	}
	walk->dir[walk->depth++] = fd;
	return 0;
}

static bool is_last(const struct walk *walk)
{
	struct gs_span rest = gs_str_span(&walk->rest);

	while (rest.len && rest.ptr[0] == '/')
		rest = gs_span_from(rest, 1);
	return !rest.len;
}

int gs_walk_in_root(int root_fd, const char *path, int flags, enum gs_links links)
{
	GS_AUTO(walk_done) struct walk walk = { .dir = { root_fd }, .depth = 1, .follow = links };
	char name[NAME_MAX + 1] = ".";
	int r = 0, fd;

	gs_str_add(&walk.rest, gs_span_of(path));
	while (next(&walk, name, &r)) {
		if (is_last(&walk) && strcmp(name, "..") != 0)
			break;
		r = step(&walk, name);
		if (r < 0)
			return r;
		memcpy(name, ".", sizeof ".");
	}
	if (r < 0)
		return r;
	fd = openat(walk.dir[walk.depth - 1], name, flags | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 ? -errno : fd;
}

/* A path below root_fd: relative, since openat2 with RESOLVE_IN_ROOT takes "/" for root_fd. */
static const char *inside(const char *path)
{
	while (*path == '/')
		path++;
	return *path ? path : ".";
}

int gs_open_in_root(const struct gs_sys *sys, const char *path, int flags, enum gs_links links)
{
	struct open_how how = {
		.flags = (uint64_t)(flags | O_CLOEXEC | O_NOFOLLOW),
		.resolve = RESOLVE_NO_MAGICLINKS |
			   (links == GS_LINKS_NONE ? RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH
						   : RESOLVE_IN_ROOT),
	};
	const char *rest = links == GS_LINKS_NONE ? gs_held_rest(sys, path) : NULL;
	int at = rest ? sys->held->fd : sys->root_fd;
	long fd;

	/* Below what is held there was no mount: one that has come since is none that was meant. */
	if (rest)
		how.resolve |= RESOLVE_NO_XDEV;
	else
		rest = inside(path);
	/* glibc has no wrapper; the call is in Linux since 5.6: openat2(2). */
	fd = syscall(SYS_openat2, at, rest, &how, sizeof how);
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		return gs_walk_in_root(at, rest, flags, links);
	return fd < 0 ? -errno : (int)fd;
}
