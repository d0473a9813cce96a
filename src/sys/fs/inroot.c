/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/fs/inroot.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/shareid.h"
#include "base/str.h"
#include "sys/fs/acl.h"
#include "sys/fs/pin.h"
#include "sys/proc/fd.h"

/*
 * Opens what lies below a directory, whatever links are on the path: by openat2(2), or, where that
 * is refused or links are to be judged, by a walk that holds every directory it came through, so
 * that ".." is the directory it came from and never one outside. The walk judges what it has
 * opened: swapping a component meanwhile changes only a name that is not used again.
 */

enum {
	LINKS_MAX = 40,	 /* path_resolution(7): MAXSYMLINKS */
	DEPTH_MAX = 128, /* directories open at a time; deeper trees are refused: ENAMETOOLONG */
};

/* A directory on the path; its own path is the first len bytes of struct walk's at. */
struct stage {
	int fd;
	size_t len;
	struct gs_inode inode; /* only where links are judged */
};

struct walk {
	struct stage dir[DEPTH_MAX]; /* dir[0] is the root, which the caller closes */
	size_t depth;
	unsigned links;
	enum gs_links follow;
	struct gs_str at;   /* the path of the current directory */
	struct gs_str rest; /* the path still to walk; a link puts its text in front */
	struct gs_trust trust;
	struct gs_way *way;
};

static struct stage *top(struct walk *walk)
{
	return &walk->dir[walk->depth - 1];
}

static void leave(struct walk *walk)
{
	close(top(walk)->fd);
	gs_inode_done(&top(walk)->inode);
	walk->depth--;
}

static void walk_done(struct walk *walk)
{
	while (walk->depth > 1)
		leave(walk);
	gs_inode_done(&top(walk)->inode);
	gs_str_done(&walk->at);
	gs_str_done(&walk->rest);
}

/* ---- judging owners ------------------------------------------------------------------------ */

/*
 * Looks at an open descriptor. statx asks no server here, but opening may have asked one, and
 * reading the ACL does: where a server may not respond, the walk runs in a child (gs_far_way()).
 */
static int look(int fd, struct gs_inode *ret)
{
	struct gs_inode inode = { 0 };
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_BASIC_STATS,
		  &st) < 0)
		return -errno;
	inode.type = S_ISDIR(st.stx_mode)   ? GS_INODE_DIR
		     : S_ISLNK(st.stx_mode) ? GS_INODE_LINK
		     : S_ISREG(st.stx_mode) ? GS_INODE_FILE
					    : GS_INODE_OTHER;
	inode.mode = st.stx_mode & 07777;
	inode.uid = st.stx_uid;
	inode.gid = st.stx_gid;
	/* An ACL can let others write only where the group bits, its mask, do. */
	if (inode.type == GS_INODE_DIR && inode.mode & 0020)
		inode.acl_hidden = gs_acl_read(fd, false, &inode.acl_access) < 0;
	*ret = inode;
	return 0;
}

static char *path_of(const struct walk *walk, size_t len, const char *name)
{
	const char *at = walk->at.ptr ? walk->at.ptr : "";

	return name || !len ? gs_printf("%.*s/%s", (int)len, at, name ? name : "")
			    : gs_span_dup(gs_span(at, len));
}

/* Reports only the first entry that others can replace. */
static void blame(struct walk *walk, const char *name, const struct gs_inode *inode)
{
	struct gs_way *way = walk->way;

	if (way->entry)
		return;
	way->dir = path_of(walk, top(walk)->len, NULL);
	way->entry = path_of(walk, top(walk)->len, name);
	way->inode = (struct gs_inode){
		.type = inode->type, .mode = inode->mode, .uid = inode->uid, .gid = inode->gid
	};
}

/*
 * May the walk go over this entry of its current directory? Over a link only where nobody else can
 * have put it there; to a file that is written, over nothing that others can replace.
 */
static int judge(struct walk *walk, const char *name, const struct gs_inode *entry)
{
	const struct gs_inode *dir = &top(walk)->inode;
	bool replaceable = gs_trust_is_replaceable(&walk->trust, dir, entry);

	if (entry->type == GS_INODE_LINK &&
	    (replaceable || !gs_trust_has(&walk->trust, entry->uid))) {
		gs_way_done(walk->way);
		blame(walk, name, entry);
		walk->way->refused = walk->way->is_link = true;
		return -EPERM;
	}
	if (walk->follow != GS_LINKS_WRITTEN)
		return 0;
	if (dir->uid && !replaceable && !walk->way->callers) {
		walk->way->callers = path_of(walk, top(walk)->len, NULL);
		walk->way->callers_uid = dir->uid;
	}
	if (!replaceable)
		return 0;
	blame(walk, name, dir);
	walk->way->refused = !walk->trust.others;
	return walk->way->refused ? -EPERM : 0;
}

/* ---- the walk ------------------------------------------------------------------------------ */

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

/* @link: a descriptor, so that the link that is read is the one that was judged */
static int put_link_in_front(struct walk *walk, int link)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(link, "", text, sizeof text);
	gs_autostr struct gs_str rest = { 0 };

	if (n < 0)
		return -errno;
	if ((size_t)n == sizeof text)
		return -ENAMETOOLONG;
	if (++walk->links > LINKS_MAX)
		return -ELOOP;
	while (text[0] == '/' && walk->depth > 1)
		leave(walk);
	gs_str_add(&rest, gs_span(text, (size_t)n));
	gs_str_addc(&rest, '/');
	gs_str_add(&rest, gs_str_span(&walk->rest));
	gs_str_done(&walk->rest);
	walk->rest = rest;
	rest = (struct gs_str){ 0 };
	return 0;
}

static void enter(struct walk *walk, const char *name, int fd, struct gs_inode *inode)
{
	gs_autostr struct gs_str at = { 0 };

	gs_str_add(&at, gs_span(walk->at.ptr, top(walk)->len));
	gs_str_addf(&at, "/%s", name);
	gs_str_done(&walk->at);
	walk->at = at;
	at = (struct gs_str){ 0 };
	walk->dir[walk->depth++] = (struct stage){ fd, walk->at.len, *inode };
	*inode = (struct gs_inode){ 0 };
}

/* Walks one component: enters a directory, or puts the text of a link in front. */
static int step(struct walk *walk, const char *name)
{
	GS_AUTO(gs_inode_done) struct gs_inode inode = { 0 };
	int fd, r;

	if (!strcmp(name, "."))
		return 0;
	if (!strcmp(name, "..")) {
		if (walk->depth > 1)
			leave(walk);
		else if (walk->follow == GS_LINKS_NONE)
			return -EXDEV; /* as RESOLVE_BENEATH does */
		return 0;
	}
	if (walk->depth == DEPTH_MAX)
		return -ENAMETOOLONG;
	fd = openat(top(walk)->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = look(fd, &inode);
	if (r == 0 && walk->follow == GS_LINKS_NONE)
		r = inode.type == GS_INODE_LINK ? -ELOOP : 0;
	else if (r == 0)
		r = judge(walk, name, &inode);
	if (r == 0 && inode.type == GS_INODE_DIR) {
		enter(walk, name, fd, &inode);
		return 0;
	}
	if (r == 0)
		r = inode.type == GS_INODE_LINK ? put_link_in_front(walk, fd) : -ENOTDIR;
	close(fd);
	return r;
}

static bool is_last(const struct walk *walk)
{
	struct gs_span rest = gs_str_span(&walk->rest);

	while (rest.len && rest.ptr[0] == '/')
		rest = gs_span_from(rest, 1);
	return !rest.len;
}

/* Judges the file itself, once the walk is in its directory. */
static int judge_last(struct walk *walk, const char *name)
{
	gs_autoclose int fd = openat(top(walk)->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	GS_AUTO(gs_inode_done) struct gs_inode inode = { 0 };
	int r = fd < 0 ? -errno : look(fd, &inode);

	if (r < 0 && r != -ENOENT)
		return r;
	/* This link is never followed, and replacing it is refused: its owner does not matter. */
	walk->way->ends_in_link = inode.type == GS_INODE_LINK;
	if (inode.type == GS_INODE_LINK)
		inode.type = GS_INODE_OTHER;
	return judge(walk, name, &inode);
}

/* Walks up to the last name of path, which the caller opens from there. */
static int go(struct walk *walk, const char *path, char last[static NAME_MAX + 1])
{
	int r = 0;

	gs_str_add(&walk->rest, gs_span_of(path));
	if (walk->follow != GS_LINKS_NONE)
		r = look(top(walk)->fd, &top(walk)->inode);
	memcpy(last, ".", sizeof ".");
	while (r == 0 && next(walk, last, &r)) {
		if (is_last(walk) && strcmp(last, "..") != 0)
			return 0;
		r = step(walk, last);
		memcpy(last, ".", sizeof ".");
	}
	return r;
}

/* An ordinary user trusts their own links and directories. */
static struct gs_trust trust_of(const struct gs_sys *sys)
{
	struct gs_trust trust = sys->trust;

	if (geteuid())
		trust.caller.uid = geteuid();
	return trust;
}

int gs_walk_in_root(const struct gs_sys *sys, int at, const char *path, int flags,
		    enum gs_links links)
{
	GS_AUTO(gs_way_done) struct gs_way way = { 0 };
	GS_AUTO(walk_done)
	struct walk walk = { .dir = { { .fd = at } },
			     .depth = 1,
			     .follow = links,
			     .trust = trust_of(sys),
			     .way = &way };
	char last[NAME_MAX + 1];
	int r = go(&walk, path, last), fd;

	if (r < 0)
		return r;
	fd = openat(top(&walk)->fd, last, flags | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 ? -errno : fd;
}

int gs_open_way(const struct gs_sys *sys, const char *path, struct gs_way *way,
		const char **ret_name)
{
	GS_AUTO(walk_done)
	struct walk walk = { .dir = { { .fd = sys->root_fd } },
			     .depth = 1,
			     .follow = GS_LINKS_WRITTEN,
			     .trust = trust_of(sys),
			     .way = way };
	const char *slash = strrchr(path, '/');
	gs_autofree char *parent = NULL;
	char last[NAME_MAX + 1];
	int r, fd;

	if (!slash || !slash[1] || !strcmp(slash + 1, ".") || !strcmp(slash + 1, ".."))
		return -EINVAL;
	/* The dot makes the walk enter the parent itself. */
	parent = gs_printf("%.*s/.", (int)(slash - path), path);
	r = go(&walk, parent, last);
	if (r == 0)
		r = judge_last(&walk, slash + 1);
	if (r < 0)
		return r;
	fd = openat(top(&walk)->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	*ret_name = slash + 1;
	return fd;
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
		.resolve = RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS |
			   (links == GS_LINKS_NONE ? RESOLVE_BENEATH : RESOLVE_IN_ROOT),
	};
	const char *rest = links == GS_LINKS_NONE ? gs_pin_rest(sys, path) : NULL;
	int at = rest ? sys->held->fd : sys->root_fd;
	long fd;

	/*
	 * There was no mount below the pinned directory: one that has come since is not the one
	 * meant.
	 */
	if (rest)
		how.resolve |= RESOLVE_NO_XDEV;
	else
		rest = inside(path);
	/* glibc has no wrapper; the call is in Linux since 5.6: openat2(2). */
	fd = syscall(SYS_openat2, at, rest, &how, sizeof how);
	/* The kernel does not check who owns a link. */
	if (fd < 0 &&
	    (errno == ENOSYS || errno == EPERM || (errno == ELOOP && links != GS_LINKS_NONE)))
		return gs_walk_in_root(sys, at, rest, flags, links);
	return fd < 0 ? -errno : (int)fd;
}

/* ---- files that are written --------------------------------------------------------------- */

int gs_refuse_way(const struct gs_sys *sys, const struct gs_way *way, const char *path,
		  struct gs_err *err)
{
	return gs_way_refuse(way, path, sys->root, &sys->trust, sys->who ? sys->who->again : NULL,
			     err);
}

int gs_open_written(const struct gs_sys *sys, const char *path, const char **ret_name,
		    struct gs_err *err)
{
	GS_AUTO(gs_way_done) struct gs_way way = { 0 };
	int fd;

	if (gs_share_is_file(path))
		return gs_open_parent(sys, path, O_RDONLY, GS_LINKS_NONE, ret_name);
	fd = gs_open_way(sys, path, &way, ret_name);
	return fd < 0 && way.refused ? gs_refuse_way(sys, &way, path, err) : fd;
}

int gs_open_parent(const struct gs_sys *sys, const char *path, int flags, enum gs_links links,
		   const char **ret_name)
{
	const char *slash = strrchr(path, '/');
	gs_autofree char *parent = NULL;
	int fd;

	if (!slash || !slash[1])
		return -EINVAL;
	/* The dot makes a parent that is a link be followed, as the links above it are. */
	parent = gs_printf("%.*s%s", (int)(slash - path), path, links == GS_LINKS_NONE ? "" : "/.");
	fd = gs_open_in_root(sys, parent, flags | O_DIRECTORY, links);
	if (fd >= 0)
		*ret_name = slash + 1;
	return fd;
}
