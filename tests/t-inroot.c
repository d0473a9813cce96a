/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/fs/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "table.h"

/* The walk by openat(2) finds what openat2(2) finds, in a tree full of links. */

static const struct row {
	const char *name;
	int code; /* 0: opened; the same of both ways in both kinds of path */
	int no_links;
} rows[] = {
	{ "etc/exports", 0, 0 },
	{ "etc", 0, 0 },
	{ ".", 0, 0 },
	{ "etc/.", 0, 0 },
	{ "etc//exports", 0, 0 },
	{ "etc/deep/../exports", 0, 0 },
	{ "link/exports", 0, -ELOOP },
	{ "absolute/exports", 0, -ELOOP },
	{ "up/exports", 0, -ELOOP },
	{ "chain/exports", 0, -ELOOP },
	{ "etc/..", 0, 0 },
	{ "../../etc/exports", 0, -EXDEV },
	{ "..", 0, -EXDEV },
	{ "link", -ELOOP, -ELOOP },
	{ "loop/x", -ELOOP, -ELOOP },
	{ "dangling/x", -ENOENT, -ELOOP },
	{ "etc/exports/x", -ENOTDIR, -ENOTDIR },
	{ "nowhere/x", -ENOENT, -ENOENT },
	{ "etc/nothing", -ENOENT, -ENOENT },
	{ "outside/passwd", -ENOENT, -ELOOP },
};

static int make_tree(void)
{
	char dir[] = "/tmp/gshare-inroot-XXXXXX";
	int fd;

	assert_non_null(mkdtemp(dir));
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(mkdirat(fd, "etc", 0755), 0);
	assert_int_equal(mkdirat(fd, "etc/deep", 0755), 0);
	close(openat(fd, "etc/exports", O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
	assert_int_equal(symlinkat("etc", fd, "link"), 0);
	assert_int_equal(symlinkat("/etc", fd, "absolute"), 0);
	assert_int_equal(symlinkat("../../../etc/", fd, "up"), 0);
	assert_int_equal(symlinkat("./link/deep/..", fd, "chain"), 0);
	assert_int_equal(symlinkat("loop", fd, "loop"), 0);
	assert_int_equal(symlinkat("gone", fd, "dangling"), 0);
	assert_int_equal(symlinkat("../../../../../proc/1/root/etc", fd, "outside"), 0);
	return fd;
}

static void remove_tree(int fd)
{
	static const char *const links[] = { "link", "absolute", "up",	    "chain",
					     "loop", "dangling", "outside", "etc/exports" };
	char path[64], real[256] = "";

	for (size_t i = 0; i < sizeof links / sizeof links[0]; i++)
		unlinkat(fd, links[i], 0);
	unlinkat(fd, "etc/deep", AT_REMOVEDIR);
	unlinkat(fd, "etc", AT_REMOVEDIR);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	assert_true(readlink(path, real, sizeof real - 1) > 0);
	assert_int_equal(rmdir(real), 0);
	close(fd);
}

static void same(int a, int b, int code)
{
	struct stat x, y;

	assert_int_equal(a < 0 ? a : 0, code);
	assert_int_equal(b < 0 ? b : 0, code);
	if (code < 0)
		return;
	assert_int_equal(fstat(a, &x), 0);
	assert_int_equal(fstat(b, &y), 0);
	assert_int_equal(x.st_ino, y.st_ino);
	close(a);
	close(b);
}

static void both_ways(void **state)
{
	const struct row *row = *state;
	int root = make_tree();
	struct gs_sys sys = { .root_fd = root };

	same(gs_open_in_root(&sys, row->name, O_RDONLY, GS_LINKS_IN_ROOT),
	     gs_walk_in_root(&sys, root, row->name, O_RDONLY, GS_LINKS_IN_ROOT), row->code);
	same(gs_open_in_root(&sys, row->name, O_RDONLY, GS_LINKS_NONE),
	     gs_walk_in_root(&sys, root, row->name, O_RDONLY, GS_LINKS_NONE), row->no_links);
	remove_tree(root);
}

/* ---- who may write there, where ACLs are read by /proc ------------------------------------- */

static const struct acl_row {
	const char *name;
	mode_t mode;
	bool without_proc; /* as in a container that builds an image */
	int code;	   /* of the way; 0: gone */
} acls[] = {
	{ "a group of root's", 0775, false, 0 },
	{ "an ACL may say that the group's bits are another's", 0775, true, -EPERM },
	{ "nobody else writes there, whatever an ACL says", 0755, true, 0 },
};

/* In a mount namespace of its own; a container that has none is no place for the row. */
static bool hide_proc(void)
{
	return unshare(CLONE_NEWNS) == 0 &&
	       mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("none", "/proc", "tmpfs", 0, NULL) == 0;
}

enum { CANNOT = 99 };

static int go(int root, bool without_proc)
{
	GS_AUTO(gs_way_done) struct gs_way way = { 0 };
	struct gs_sys sys = { .root_fd = root };
	const char *name = NULL;
	int fd;

	if (without_proc && !hide_proc())
		return CANNOT;
	fd = gs_open_way(&sys, "/etc/exports", &way, &name);
	if (fd < 0)
		return fd == -EPERM && !way.refused ? -EPROTO : fd;
	close(fd);
	return 0;
}

static void unread_acl(void **state)
{
	const struct acl_row *row = *state;
	int root = make_tree(), status;
	pid_t child;

	if (geteuid()) {
		remove_tree(root);
		skip();
	}
	assert_int_equal(fchmodat(root, "etc", row->mode, 0), 0);
	child = fork();
	if (!child)
		_exit(abs(go(root, row->without_proc)));
	assert_int_equal(waitpid(child, &status, 0), child);
	remove_tree(root);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == CANNOT)
		skip();
	assert_int_equal(-WEXITSTATUS(status), row->code);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, rows, both_ways);
	TABLE_ADD(&table, acls, unread_acl);
	return table_run("inroot", &table);
}
