/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
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

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, rows, both_ways);
	return table_run("inroot", &table);
}
