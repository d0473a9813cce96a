/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/fs/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "sys/fs/acl.h"
#include "sys/fs/inroot.h"
#include "sys/proc/alarm.h"
#include "sys/proc/fd.h"
#include "sys/proc/proc.h"

enum {
	QUIET_MS = 20, /* ctime moves in steps of a jiffy: 10 ms where HZ is 100 */
	FD_PATH_BYTES = 40,
	PATIENCE_MS = 2000, /* of a whole walk, for clients that hold delegations */
	SHORTEST_MS = 20,   /* of a file, once patience is over: responding clients must not lose */
};

struct walk {
	const struct gs_tree_walk *req;
	struct gs_tree_walked done;
	struct gs_str path; /* of the entry at hand, below root */
	int64_t patience_ns;
};

/* struct seen - an inode at one instant */
struct seen {
	struct gs_entry entry;
	int64_t ctime_ns;
};

static bool is_over(struct walk *walk)
{
	const struct gs_tree_walk *req = walk->req;

	if ((req->max_entries && walk->done.entries >= req->max_entries) ||
	    gs_now_ns() >= req->deadline_ns)
		walk->done.cut = true;
	return walk->done.cut;
}

static void leave(struct walk *walk, const char *why)
{
	walk->req->left(walk->req->arg, walk->path.ptr, why, 0);
}

static void fail(struct walk *walk, int error)
{
	const char *why = error == ETIMEDOUT ? gs_alarm_why() : gs_errno_text(error);

	walk->req->left(walk->req->arg, walk->path.ptr, why, error);
}

static int open_entry(int parent, const char *name)
{
	struct open_how how = {
		.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS |
			   RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, parent, name, &how, sizeof how);

	return fd < 0 ? -errno : (int)fd;
}

static int look(int fd, struct seen *ret)
{
	struct gs_inode *inode = &ret->entry.inode;
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &st) < 0)
		return -errno;
	inode->type = S_ISDIR(st.stx_mode)   ? GS_INODE_DIR
		      : S_ISREG(st.stx_mode) ? GS_INODE_FILE
		      : S_ISLNK(st.stx_mode) ? GS_INODE_LINK
					     : GS_INODE_OTHER;
	inode->mode = st.stx_mode & 07777;
	inode->uid = st.stx_uid;
	inode->gid = st.stx_gid;
	ret->entry.links = st.stx_nlink;
	ret->entry.is_block = S_ISBLK(st.stx_mode);
	ret->entry.is_device = ret->entry.is_block || S_ISCHR(st.stx_mode);
	ret->entry.is_fixed = st.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND);
	ret->ctime_ns = st.stx_ctime.tv_sec * INT64_C(1000000000) + st.stx_ctime.tv_nsec;
	return 0;
}

/* Reads the attributes that statx(2) does not have. Unknown attributes could be lost: no guess. */
static int read_more(int fd, struct gs_entry *entry)
{
	struct gs_inode *inode = &entry->inode;
	char fd_path[FD_PATH_BYTES];
	int r;

	if (inode->type != GS_INODE_DIR && inode->type != GS_INODE_FILE)
		return 0;
	r = gs_acl_read(fd, false, &inode->acl_access);
	if (r == 0 && inode->type == GS_INODE_DIR)
		r = gs_acl_read(fd, true, &inode->acl_default);
	if (r < 0 || inode->type == GS_INODE_DIR || !(inode->mode & 0111))
		return r;
	snprintf(fd_path, sizeof fd_path, "/proc/self/fd/%d", fd);
	entry->has_caps = getxattr(fd_path, "security.capability", NULL, 0) > 0;
	return entry->has_caps || errno == ENODATA || errno == EOPNOTSUPP ? 0 : -errno;
}

/* -ESTALE: unlinked by the name we found it with; the kernel adds " (deleted)" to the link. */
static int check_linked(int fd)
{
	static const char gone[] = " (deleted)";
	char fd_path[FD_PATH_BYTES], target[4096];
	ssize_t n;

	snprintf(fd_path, sizeof fd_path, "/proc/self/fd/%d", fd);
	n = readlink(fd_path, target, sizeof target);
	if (n < 0)
		return -errno;
	/* A target that does not fit may have that end. */
	if ((size_t)n == sizeof target ||
	    ((size_t)n >= sizeof gone - 1 &&
	     !memcmp(target + n - (sizeof gone - 1), gone, sizeof gone - 1)))
		return -ESTALE;
	return 0;
}

/* -ESTALE unless the file and its link count are as they were judged: see gs_tree_walk(). */
static int check_quiet(int fd, const struct seen *then)
{
	const struct timespec rest = { 0, (QUIET_MS + 5) * 1000000L };
	struct seen now = { 0 };
	struct timespec clock;
	int64_t age_ns;
	int r;

	if (then->entry.inode.type == GS_INODE_DIR)
		return 0;
	clock_gettime(CLOCK_REALTIME, &clock);
	age_ns = clock.tv_sec * INT64_C(1000000000) + clock.tv_nsec - then->ctime_ns;
	/* A ctime far in the future comes from a clock that was wrong. */
	if (llabs(age_ns) < QUIET_MS * INT64_C(1000000))
		nanosleep(&rest, NULL);
	r = look(fd, &now);
	if (r < 0)
		return r;
	if (now.ctime_ns != then->ctime_ns || now.entry.links != then->entry.links)
		return -ESTALE;
	return check_linked(fd);
}

/* The default ACL first: alone it grants nothing, and it is restored if the access ACL fails. */
static int set_acls(int fd, const struct gs_inode *inode, const struct gs_acls *acls)
{
	struct gs_err err = { 0 }, kept = { 0 };
	int r = gs_acl_set(fd, true, acls->default_, &err);

	if (r < 0)
		return r;
	r = gs_acl_set(fd, false, acls->access, &err);
	if (r < 0 && acls->default_ && inode->acl_default)
		(void)gs_acl_set(fd, true, inode->acl_default, &kept);
	else if (r < 0 && acls->default_)
		(void)gs_acl_drop_default(fd);
	return r;
}

/* A dead client may hold a thousand files: the walk waits for it once, not for each file. */
static int set_in_time(struct walk *walk, int fd, const struct gs_inode *inode,
		       const struct gs_acls *acls)
{
	const int64_t shortest_ns = SHORTEST_MS * INT64_C(1000000);
	int64_t began = gs_now_ns(), end = walk->req->deadline_ns;
	int64_t most = walk->patience_ns > shortest_ns ? walk->patience_ns : shortest_ns;
	struct gs_alarm alarm;
	int r;

	gs_alarm_begin(&alarm, end - began > most ? began + most : end);
	r = gs_alarm_end(&alarm, set_acls(fd, inode, acls));
	if (r == -ETIMEDOUT)
		walk->patience_ns -= gs_now_ns() - began;
	return r;
}

static bool give(struct walk *walk, int fd, const struct seen *seen, const struct gs_acls *acls)
{
	int r = check_quiet(fd, seen);

	if (r == 0)
		r = set_in_time(walk, fd, &seen->entry.inode, acls);
	if (r == 0)
		walk->req->given(walk->req->arg, &seen->entry);
	else if (r == -ESTALE)
		leave(walk, "it was changed while it was read");
	else if (r == -EOPNOTSUPP)
		leave(walk, "the file system does not support ACLs");
	else
		fail(walk, -r);
	return r == 0;
}

static void descend(struct walk *walk, int fd, unsigned depth);

static void visit(struct walk *walk, int parent, const char *name, unsigned depth)
{
	gs_autoclose int fd = open_entry(parent, name);
	struct seen seen = { .entry.path = walk->path.ptr };
	struct gs_acls acls = { 0 };
	enum gs_tree_turn turn = GS_TREE_ON;
	int r;

	if (fd == -ENOENT)
		return;
	if (fd == -EXDEV) {
		leave(walk, "another file system is mounted there");
		return;
	}
	r = fd < 0 ? fd : look(fd, &seen);
	if (r == 0)
		r = read_more(fd, &seen.entry);
	if (r < 0) {
		fail(walk, -r);
		gs_inode_done(&seen.entry.inode);
		return;
	}
	walk->done.entries++;
	if (seen.entry.inode.type != GS_INODE_LINK)
		turn = walk->req->judge(walk->req->arg, &seen.entry, &acls);
	/* Below a directory that the owner still cannot search, ACLs would not help them. */
	if (turn == GS_TREE_GIVE && !give(walk, fd, &seen, &acls))
		turn = GS_TREE_BACK;
	if (turn != GS_TREE_BACK && seen.entry.inode.type == GS_INODE_DIR)
		descend(walk, fd, depth);
	free(acls.access);
	free(acls.default_);
	gs_inode_done(&seen.entry.inode);
}

static DIR *open_dir(int fd)
{
	int readable = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = readable < 0 ? NULL : fdopendir(readable);

	if (!dir && readable >= 0)
		close(readable);
	return dir;
}

/* NULL at the end, with errno 0, and on a read error. */
static struct dirent *next(DIR *dir)
{
	errno = 0;
	return readdir(dir);
}

static void descend(struct walk *walk, int fd, unsigned depth)
{
	size_t len = walk->path.len;
	struct dirent *entry;
	DIR *dir;

	if (depth == GS_TREE_DEPTH_MAX) {
		leave(walk, "its content is nested too deep");
		return;
	}
	dir = open_dir(fd);
	if (!dir) {
		fail(walk, errno);
		return;
	}
	while (!is_over(walk) && (entry = next(dir))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		gs_str_addc(&walk->path, '/');
		gs_str_adds(&walk->path, entry->d_name);
		visit(walk, dirfd(dir), entry->d_name, depth + 1);
		walk->path.len = len;
		walk->path.ptr[len] = '\0';
	}
	if (!walk->done.cut && errno && errno != ENOENT) /* removed meanwhile */
		fail(walk, errno);
	closedir(dir);
}

int gs_tree_walk(struct gs_sys *sys, const struct gs_tree_walk *req, struct gs_tree_walked *ret,
		 struct gs_err *err)
{
	struct walk walk = { .req = req, .patience_ns = PATIENCE_MS * INT64_C(1000000) };
	gs_autoclose int root = gs_open_in_root(sys, req->root, O_PATH | O_DIRECTORY,
						GS_LINKS_NONE);

	if (root < 0)
		return gs_err_set(err, root, "cannot open '%s': %s", req->root,
				  gs_errno_text(root));
	for (size_t i = 0; i < req->names->n && !is_over(&walk); i++) {
		gs_str_done(&walk.path);
		gs_str_adds(&walk.path, req->names->v[i]);
		visit(&walk, root, req->names->v[i], 0);
	}
	gs_str_done(&walk.path);
	*ret = walk.done;
	return 0;
}
