/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/mount/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/fs/pin_path.h"
#include "sys/fs/rootfs.h"
#include "sys/proc/child.h"
#include "sys/proc/fd.h"
#include "sys/proc/privs.h"

enum { TREE_CLONE = 1 }; /* OPEN_TREE_CLONE: glibc before 2.36 does not know it */

struct guarding {
	const struct gs_sys *sys;
	const char *path;
	bool on;
};

/*
 * Opens a copy of the mount that holds path's parent, without the mounts upon it: open_tree(2)
 * without AT_RECURSIVE. The descriptor of the directory keeps the copy.
 */
static int open_bare(const struct guarding *g, int *ret_fd, struct gs_err *err)
{
	const char *name = NULL;
	gs_autoclose int parent = gs_open_parent(g->sys, g->path, O_RDONLY, GS_LINKS_NONE, &name);
	gs_autoclose int tree = -1;

	if (parent < 0)
		return gs_err_set(err, parent, "cannot open the parent of '%s': %s", g->path,
				  strerror(-parent));
	tree = (int)syscall(SYS_open_tree, parent, "", TREE_CLONE | O_CLOEXEC | AT_EMPTY_PATH);
	if (tree < 0)
		return gs_err_set(err, errno,
				  "cannot access the directory below the mount on '%s': %s",
				  g->path, strerror(errno));
	*ret_fd = openat(tree, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*ret_fd < 0)
		return gs_err_set(err, errno, "cannot open the bare directory '%s': %s", g->path,
				  strerror(errno));
	/* The copy ends with its descriptor, but a directory of it that is open stays usable. */
	return 0;
}

static int look_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	struct gs_inode inode = { 0 };
	gs_autoclose int fd = -1;
	int r;

	gs_privs_raise_mount();
	if (open_bare(arg, &fd, err) < 0)
		return err->code;
	r = gs_rootfs_look_fd(fd, &inode);
	if (r < 0)
		return gs_err_set(err, r, "cannot access the bare directory: %s", strerror(-r));
	gs_str_add(ret_answer, gs_span((const char *)&inode, sizeof inode));
	return 0;
}

/*
 * Makes the directory immutable first and checks it then: entries that came in between are found.
 */
static int set_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const struct guarding *g = arg;
	struct gs_inode inode = { 0 };
	gs_autoclose int fd = -1;
	int flags = 0, old;

	(void)ret_answer;
	if (open_bare(g, &fd, err) < 0)
		return err->code;
	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
		return gs_err_set(err, errno, "cannot read the flags of '%s': %s", g->path,
				  strerror(errno));
	old = flags;
	flags = g->on ? flags | FS_IMMUTABLE_FL : flags & ~FS_IMMUTABLE_FL;
	if (ioctl(fd, FS_IOC_SETFLAGS, &flags) < 0 || fsync(fd) < 0)
		return gs_err_set(err, errno, "cannot make '%s' %s: %s", g->path,
				  g->on ? "immutable" : "changeable", strerror(errno));
	if (!g->on || (gs_rootfs_look_fd(fd, &inode) == 0 && !inode.has_entries))
		return 0;
	(void)ioctl(fd, FS_IOC_SETFLAGS, &old);
	return gs_err_set(err, ENOTEMPTY, "'%s' is not empty any more", g->path);
}

static int run(struct gs_sys *sys, const char *path, bool on,
	       int (*fn)(void *, struct gs_str *, struct gs_err *), struct gs_str *ret_answer,
	       struct gs_err *err)
{
	struct guarding guarding = { sys, path, on };
	const int keep[] = { sys->root_fd, sys->held ? sys->held->fd : sys->root_fd };
	const struct gs_child_req req = {
		.fn = fn,
		.arg = &guarding,
		.keep = keep,
		.n_keep = GS_COUNT(keep),
		.deadline_ns = sys->deadline_ns,
		.max_answer = sizeof(struct gs_inode),
	};

	return gs_child_run(&req, ret_answer, err);
}

static size_t parent_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash > path ? (size_t)(slash - path) : 1;
}

int gs_guard_look(struct gs_sys *sys, const char *path, struct gs_inode *ret, struct gs_err *err)
{
	gs_autostr struct gs_str answer = { 0 };
	struct gs_err failed = { 0 };
	int r = run(sys, path, false, look_in_child, &answer, &failed);

	if (r == -ENOENT || r == -ENOTDIR || r == -ELOOP) {
		*ret = (struct gs_inode){ .type = r == -ELOOP ? GS_INODE_LINK : GS_INODE_ABSENT };
		return 0;
	}
	if (r < 0) {
		gs_autofree char *dir = gs_span_dup(gs_span(path, parent_len(path)));

		*err = failed;
		return r == -ETIMEDOUT ? gs_pin_blame(dir, err) : r;
	}
	if (answer.len != sizeof *ret)
		return gs_err_set(err, EPROTO, "a child process gave a malformed reply");
	memcpy(ret, answer.ptr, sizeof *ret);
	return 0;
}

int gs_guard_set(struct gs_sys *sys, const char *path, bool on, struct gs_err *err)
{
	gs_autostr struct gs_str nothing = { 0 };

	return run(sys, path, on, set_in_child, &nothing, err);
}
