/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/fs/rootfs.h"
#include "sys/fs/spare.h"
#include "sys/proc/fd.h"
#include "sys/proc/proc.h"
#include "sys/server/exportfs.h"
#include "table.h"

/*
 * The table of exports on a full file system: /var/lib is a small tmpfs, and exportfs a script that
 * writes as it does (O_TRUNC, whatever the disk says, rename), with somebody who is faster than it.
 */

#define STATE "/var/lib/nfs/"
#define TABLE "/usr/sbin/table" /* what the script writes */
#define RACER "/usr/sbin/racer" /* while it is not empty, what O_TRUNC gave free is taken, once */
#define RUNS  "/usr/sbin/runs"	/* a byte a run */
#define OLD   "as it was\n"

enum { USER = 12345, TABLE_BYTES = 20000 };

static const char script[] =
	"#!/bin/sh\n"
	"cd /var/lib/nfs || exit 1\n"
	"printf x >>" RUNS
	"\n"
	": >etab.tmp\n"
	"if [ -s " RACER " ]; then : >" RACER
	"; cat /dev/zero >../racer; fi\n"
	"cat " TABLE
	" >etab.tmp\n"
	"mv -f etab.tmp etab\n";

static const struct row {
	const char *name;
	const char *left; /* an etab.tmp of a killed exportfs */
	uid_t left_uid;
	unsigned spares;
	bool spends, inodes, room; /* it is full of inodes; it is not full */
	bool races;
	int code;
	unsigned runs;
} rows[] = {
	{ "a spare becomes the table", .spares = 1, .spends = true, .runs = 1 },
	{ "its inode does", .spares = 1, .spends = true, .inodes = true, .runs = 1 },
	{ "no spare is left", .spends = true, .code = -ENOSPC },
	{ "no inode and no spare is left", .spends = true, .inodes = true, .code = -ENOSPC },
	{ "spares are not for what gives rights", .spares = 2, .code = -ENOSPC },
	{ "one of a killed exportfs lies there", .left = "cu", .spares = 1, .spends = true,
	  .runs = 1 },
	{ "one of somebody's lies there", .left = "cu", .left_uid = USER, .spares = 1,
	  .spends = true, .code = -ENOSPC },
	{ "there was room until exportfs ran", .spares = 2, .spends = true, .room = true,
	  .races = true, .runs = 2 },
	{ "somebody is faster than exportfs", .spares = 3, .spends = true, .races = true,
	  .runs = 2 },
	{ "there is room, and nothing may be spent", .room = true, .runs = 1 },
	{ "there is room, and a killed one's table", .left = "cu", .room = true, .runs = 1 },
};

static void put(const char *path, const char *text, mode_t mode)
{
	gs_autoclose int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
}

static void get(const char *path, struct gs_str *ret)
{
	gs_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(gs_read_fd(fd, 1 << 20, ret), 0);
}

static void fill(bool inodes)
{
	static const char block[4096];
	gs_autoclose int fd = open("/var/lib/full", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	while (!inodes && write(fd, block, sizeof block) > 0)
		;
	for (unsigned i = 0; inodes && i < 1000; i++) {
		gs_autofree char *name = gs_printf("/var/lib/full.%u", i);
		int made = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

		if (made < 0)
			return;
		close(made);
	}
}

static void keep(struct gs_sys *sys, unsigned spares)
{
	struct gs_err err = { 0 };

	assert_int_equal(gs_spare_keep(sys, 0, &err), 0);
	for (unsigned i = spares; i < GS_SPARES; i++) {
		gs_autofree char *name = gs_printf("/var/lib/gshare/spare.%u", i);

		assert_int_equal(unlink(name), 0);
	}
}

static void begin(struct gs_sys *sys, const char *mount_options)
{
	char table[TABLE_BYTES + 1];

	memset(table, 't', TABLE_BYTES);
	table[TABLE_BYTES - 1] = '\n';
	table[TABLE_BYTES] = '\0';
	assert_int_equal(mount("tmpfs", "/var/lib", "tmpfs", 0, mount_options), 0);
	assert_int_equal(mount("tmpfs", "/usr/sbin", "tmpfs", 0, "mode=0755"), 0);
	assert_int_equal(mkdir("/var/lib/nfs", 0755), 0);
	put(STATE ".etab.lock", "", 0600);
	put(STATE "etab", OLD, 0644);
	put(TABLE, table, 0644);
	put(RUNS, "", 0644);
	put("/usr/sbin/exportfs", script, 0755);
	*sys = (struct gs_sys){ .deadline_ns = gs_deadline_in(20000) };
	sys->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(sys->root_fd >= 0);
}

static void end(struct gs_sys *sys)
{
	close(sys->root_fd);
	assert_int_equal(umount2("/usr/sbin", MNT_DETACH), 0);
	assert_int_equal(umount2("/var/lib", MNT_DETACH), 0);
}

static const char *options(const struct row *row)
{
	return row->inodes ? "mode=0755,size=8m,nr_inodes=60" : "mode=0755,size=3m";
}

static void test_apply(void **state)
{
	const struct row *row = *state;
	gs_autostr struct gs_str etab = { 0 }, said = { 0 }, runs = { 0 };
	struct gs_err err = { 0 };
	struct gs_sys sys;
	struct stat st;

	begin(&sys, options(row));
	keep(&sys, row->spares);
	if (row->left) {
		put(STATE "etab.tmp", row->left, 0644);
		assert_int_equal(chown(STATE "etab.tmp", row->left_uid, row->left_uid), 0);
	}
	put(RACER, row->races ? "x" : "", 0644);
	if (!row->room)
		fill(row->inodes);
	sys.may_spend = row->spends;
	assert_int_equal(gs_exportfs_apply(&sys, TABLE_BYTES, &said, &err), row->code);
	assert_string_equal(err.id ? err.id : "", row->code ? "STATE_FULL" : "");
	get(RUNS, &runs);
	assert_int_equal(runs.len, row->runs);
	get(STATE "etab", &etab);
	assert_int_equal(etab.len, row->code ? strlen(OLD) : TABLE_BYTES);
	assert_int_equal(stat(STATE "etab", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	end(&sys);
}

static const struct room_row {
	const char *name;
	unsigned spares, files;
	size_t bytes;
	bool spends, room;
	int code;
} rooms[] = {
	{ "a spare for the file, and one for the table", 2, 1, TABLE_BYTES, true, .code = 0 },
	{ "one for the file, none for the table", 1, 1, TABLE_BYTES, true, .code = -ENOSPC },
	{ "one, and no file is written", 1, 0, TABLE_BYTES, true, .code = 0 },
	{ "none that is long enough", 4, 1, GS_SPARE_BYTES + 1, true, .code = -ENOSPC },
	{ "none for what gives rights", 4, 1, TABLE_BYTES, false, .code = -ENOSPC },
	{ "room, and no spare", 0, 1, TABLE_BYTES, true, .room = true },
};

static void test_room(void **state)
{
	const struct room_row *row = *state;
	struct gs_err err = { 0 };
	struct gs_sys sys;

	begin(&sys, "mode=0755,size=3m");
	keep(&sys, row->spares);
	if (!row->room)
		fill(false);
	sys.may_spend = row->spends;
	assert_int_equal(gs_exportfs_room(&sys, row->bytes, row->files, &err), row->code);
	assert_string_equal(err.id ? err.id : "", row->code ? "STATE_FULL" : "");
	end(&sys);
}

int main(void)
{
	struct table table = { 0 };

	if (geteuid() || unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return table_skip("root");
	TABLE_ADD(&table, rows, test_apply);
	TABLE_ADD(&table, rooms, test_room);
	return table_run("exportfs", &table);
}
