/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "sys/access/access.h"
#include "sys/fs/bounded_read.h"
#include "sys/fs/mount_table.h"
#include "sys/mount/mount.h"
#include "sys/proc/fd.h"
#include "sys/proc/privs.h"
#include "sys/proc/proc.h"
#include "table.h"

enum { USER = 12345, GROUP = 12345, OTHER = 23456 };

/* A tmpfs of the test's own, in a mount namespace of its own; root-only, as a staged mount is. */
static char top[64];

/* Y, N or - (untried) for create, read, change, rename, chown, remove */
struct row {
	const char *name;
	uid_t owner;
	gid_t group;
	mode_t mode;
	uid_t uid;
	gid_t gid;
	bool read_only; /* the file system */
	bool ask_ro;
	bool restrained;
	const char *can;
	int error; /* of the first N but chown's */
};

static const struct row rows[] = {
	{ .name = "a user's own directory",
	  .owner = USER,
	  .group = GROUP,
	  .mode = 0755,
	  .uid = USER,
	  .gid = GROUP,
	  .can = "YYYYNY",
	  .error = 0 },
	{ .name = "through the group",
	  .group = GROUP,
	  .mode = 02775,
	  .uid = USER,
	  .gid = GROUP,
	  .can = "YYYYNY",
	  .error = 0 },
	{ .name = "sticky, as the group",
	  .group = GROUP,
	  .mode = 03775,
	  .uid = USER,
	  .gid = GROUP,
	  .can = "YYYYNY",
	  .error = 0 },
	{ .name = "someone else's",
	  .owner = OTHER,
	  .mode = 0755,
	  .uid = USER,
	  .gid = GROUP,
	  .can = "NY----",
	  .error = EACCES },
	{ .name = "someone else's and private",
	  .owner = OTHER,
	  .mode = 0700,
	  .uid = USER,
	  .gid = GROUP,
	  .can = "NN----",
	  .error = EACCES },
	{ .name = "may enter and write, not list",
	  .owner = OTHER,
	  .mode = 0733,
	  .uid = USER,
	  .gid = GROUP,
	  .can = "YYYYNY",
	  .error = 0 },
	{ .name = "root in a directory of its own",
	  .mode = 0700,
	  .uid = 0,
	  .gid = 0,
	  .can = "YYYYYY",
	  .error = 0 },
	{ .name = "root where a group writes, without its powers",
	  .group = GROUP,
	  .mode = 02775,
	  .uid = 0,
	  .gid = 0,
	  .restrained = true,
	  .can = "YYYY-Y",
	  .error = 0 },
	{ .name = "root where it would take its powers: not known",
	  .owner = OTHER,
	  .mode = 0700,
	  .uid = 0,
	  .gid = 0,
	  .restrained = true,
	  .can = "------",
	  .error = 0 },
	{ .name = "root where all write and none remove but their own",
	  .owner = OTHER,
	  .mode = 01777,
	  .uid = 0,
	  .gid = 0,
	  .restrained = true,
	  .can = "YYYY-Y",
	  .error = 0 },
	{ .name = "a read-only file system",
	  .owner = USER,
	  .mode = 0755,
	  .uid = USER,
	  .gid = GROUP,
	  .read_only = true,
	  .can = "NY----",
	  .error = EROFS },
	{ .name = "a read-only file system, expected",
	  .owner = USER,
	  .mode = 0755,
	  .uid = USER,
	  .gid = GROUP,
	  .read_only = true,
	  .ask_ro = true,
	  .can = "NY----",
	  .error = EROFS },
	{ .name = "expected read-only, and is not",
	  .owner = USER,
	  .mode = 0755,
	  .uid = USER,
	  .gid = GROUP,
	  .ask_ro = true,
	  .can = "YY---Y",
	  .error = 0 },
};

static char letter(const struct gs_try *try)
{
	switch (try->can) {
	case GS_CAN_YES:
		return 'Y';
	case GS_CAN_NO:
		return 'N';
	case GS_CAN_UNTRIED:
		break;
	}
	return '-';
}

static int entries(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	int n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		n += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
	closedir(dir);
	return n;
}

static char *make_dir(const char *name, uid_t uid, gid_t gid, mode_t mode)
{
	char *path = gs_printf("%s/%s", top, name);

	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chown(path, uid, gid), 0);
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

static struct gs_access_result probe_and(const char *dir, uid_t uid, gid_t gid, bool ro, bool sweep,
					 unsigned timeout_ms)
{
	struct gs_access_req req = {
		.dir = dir,
		.uid = uid,
		.gid = gid,
		.deadline_ns = gs_deadline_in(timeout_ms),
		.ro = ro,
		.sweep = sweep,
		.look = true,
	};
	struct gs_access_result result = { 0 };
	struct gs_err err = { 0 };
	cap_t all = cap_get_proc();
	int r;

	/* As gshare calls it: with little more than what the phase raises. */
	assert_int_equal(gs_privs_enter(GS_PHASE_PROBE, &err), 0);
	r = gs_access_probe(&req, 1, &result, &err);
	assert_int_equal(cap_set_proc(all), 0);
	cap_free(all);
	if (r < 0)
		fail_msg("%s", err.msg);
	return result;
}

static struct gs_access_result probe(const char *dir, uid_t uid, gid_t gid, bool ro,
				     unsigned timeout_ms)
{
	return probe_and(dir, uid, gid, ro, false, timeout_ms);
}

static void expect(const struct row *row, const char *dir, const struct gs_access_result *result)
{
	char can[7] = "";

	snprintf(can, sizeof can, "%c%c%c%c%c%c", letter(&result->create), letter(&result->read),
		 letter(&result->change), letter(&result->rename), letter(&result->chown_),
		 letter(&result->remove));
	assert_string_equal(can, row->can);
	assert_int_equal(result->create.error, row->error);
	assert_int_equal(result->readonly_fs, row->error == EROFS);
	assert_int_equal(result->restrained, row->restrained);
	assert_false(result->swapped);
	if (result->create.can == GS_CAN_YES)
		assert_int_equal(result->owner_uid, row->uid);
	if (result->chown_.can == GS_CAN_NO)
		assert_int_equal(result->chown_.error, EPERM);
	assert_string_equal(result->left, "");
	assert_false(result->timed_out);
	assert_int_equal(entries(dir), 0);
	/* Whoever is refused something, it is seen what the directory is like. */
	assert_int_equal(result->look.known, strchr(can, 'N') != NULL);
	if (result->look.known) {
		assert_int_equal(result->look.mode, row->mode);
		assert_int_equal(result->look.uid, row->owner);
		assert_int_equal(result->look.gid, row->group);
		assert_int_equal(result->look.is_ro, row->read_only);
	}
}

static void probe_sees_what_is_allowed(void **state)
{
	const struct row *row = *state;
	gs_autofree char *dir = make_dir(row->name, row->owner, row->group, row->mode);
	struct gs_access_result result;

	if (row->read_only)
		assert_int_equal(mount(NULL, top, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	result = probe(dir, row->uid, row->gid, row->ask_ro, 5000);
	if (row->read_only)
		assert_int_equal(mount(NULL, top, NULL, MS_REMOUNT, NULL), 0);
	expect(row, dir, &result);
}

/* Root keeps its powers in some of them. */
static void several_are_seen_as_each(uid_t uid)
{
	static struct gs_access_req req[GS_COUNT(rows)];
	static struct gs_access_result result[GS_COUNT(rows)];
	const struct row *of[GS_COUNT(rows)];
	GS_AUTO(gs_strs_done) struct gs_strs dirs = { 0 };
	struct gs_err err = { 0 };
	cap_t all = cap_get_proc();
	size_t n = 0;

	for (size_t i = 0; i < GS_COUNT(rows); i++) {
		gs_autofree char *name = gs_printf("%s, with others", rows[i].name);
		gs_autofree char *dir = NULL;

		if (rows[i].uid != uid || rows[i].read_only || rows[i].ask_ro)
			continue;
		dir = make_dir(name, rows[i].owner, rows[i].group, rows[i].mode);
		gs_strs_add(&dirs, dir);
		of[n] = &rows[i];
		req[n] = (struct gs_access_req){ .dir = dirs.v[n],
						 .uid = uid,
						 .gid = rows[i].gid,
						 .deadline_ns = gs_deadline_in(5000),
						 .look = true };
		n++;
	}
	assert_true(n > 3);
	assert_int_equal(gs_privs_enter(GS_PHASE_PROBE, &err), 0);
	assert_int_equal(gs_access_probe(req, n, result, &err), 0);
	assert_int_equal(cap_set_proc(all), 0);
	cap_free(all);
	for (size_t i = 0; i < n; i++)
		expect(of[i], dirs.v[i], &result[i]);
}

static void several_at_once(void **state)
{
	(void)state;
	several_are_seen_as_each(USER);
	/* As a parent may have left it: the kernel then reaps by itself. */
	signal(SIGCHLD, SIG_IGN);
	several_are_seen_as_each(0);
	signal(SIGCHLD, SIG_DFL);
}

static void a_directory_that_is_not_one(void **state)
{
	gs_autofree char *real = make_dir("real", USER, GROUP, 0755);
	gs_autofree char *link = gs_printf("%s/link", top), *file = gs_printf("%s/file", top);

	(void)state;
	assert_int_equal(symlink(real, link), 0);
	close(open(file, O_CREAT | O_WRONLY, 0644));
	assert_int_equal(probe("/nonexistent", USER, GROUP, false, 2000).create.error, ENOENT);
	assert_int_equal(probe(link, USER, GROUP, false, 2000).create.error, ENOTDIR);
	assert_int_equal(probe(file, USER, GROUP, false, 2000).create.error, ENOTDIR);
	assert_int_equal(entries(real), 0);
}

/* By somebody who reaches no more than the user, as a root whom a server squashes: errno, hidden.
 */
static void assert_refused(const char *dir, int error, bool hidden)
{
	enum { HIDDEN = 0x80 };
	int status = 0;
	pid_t pid = fork();

	if (!pid) {
		const struct gs_access_req req = {
			.dir = dir,
			.uid = USER,
			.gid = GROUP,
			.deadline_ns = gs_deadline_in(2000),
		};
		struct gs_access_result result = { 0 };
		struct gs_err err = { 0 };

		if (setgroups(0, NULL) < 0 || setresgid(GROUP, GROUP, GROUP) < 0 ||
		    setresuid(USER, USER, USER) < 0 || gs_access_probe(&req, 1, &result, &err) < 0)
			_exit(HIDDEN);
		_exit(result.create.error | (result.hidden ? HIDDEN : 0));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), error | (hidden ? HIDDEN : 0));
}

/* Only what the user cannot look into either is hidden: to be refused there is an answer. */
static void a_parent_that_lets_nobody_look_hides(void **state)
{
	gs_autofree char *others = make_dir("others", USER + 1, GROUP + 1, 0700);
	gs_autofree char *users = make_dir("users", USER, GROUP, 0700);
	gs_autofree char *hidden = make_dir("others/dir", 0, 0, 0777);
	gs_autofree char *seen = make_dir("users/dir", USER + 1, GROUP + 1, 0755);

	(void)state;
	assert_int_equal(chmod(top, 0711), 0);
	assert_refused(others, EACCES, false);
	assert_refused(users, 0, false);
	assert_refused(hidden, EACCES, true);
	assert_refused(seen, EACCES, false);
	assert_refused("/nonexistent", ENOENT, false);
}

static void a_full_file_system_leaves_nothing(void **state)
{
	gs_autofree char *dir = make_dir("full", USER, GROUP, 0755);
	struct gs_access_result result;

	(void)state;
	assert_int_equal(mount("tmpfs", dir, "tmpfs", 0, "size=4k,mode=0777"), 0);
	gs_autofree char *file = gs_printf("%s/file", dir);
	gs_autoclose int fd = open(file, O_CREAT | O_WRONLY, 0644);
	assert_int_equal(write(fd, "x", 1), 1);
	result = probe(dir, USER, GROUP, false, 2000);
	assert_int_equal(result.create.error, ENOSPC);
	assert_int_equal(letter(&result.change), '-');
	assert_string_equal(result.left, "");
	assert_int_equal(entries(dir), 1);
	assert_int_equal(umount2(dir, MNT_DETACH), 0);
}

static void the_owner_may_be_another(void **state)
{
	gs_autofree char *dir = make_dir("setgid", 0, GROUP, 02777);
	struct gs_access_result result = probe(dir, OTHER, OTHER, false, 2000);

	(void)state;
	assert_int_equal(result.owner_uid, OTHER);
	assert_int_equal(result.owner_gid, GROUP);
}

/* As root: the ACL that refuses, raw as the kernel stores it, version 2. */
static void the_acl_is_seen(void **state)
{
	static const char acl[] =
		"\2\0\0\0"
		"\1\0\7\0\377\377\377\377"
		"\2\0\5\0\71\60\0\0" /* USER */
		"\4\0\0\0\377\377\377\377"
		"\20\0\7\0\377\377\377\377"
		"\40\0\0\0\377\377\377\377";
	gs_autofree char *dir = make_dir("acl", 0, 0, 0700);
	struct gs_access_result result;

	(void)state;
	if (setxattr(dir, "system.posix_acl_access", acl, sizeof acl - 1, 0) < 0) {
		print_message("# no ACLs here: not looked at\n");
		return;
	}
	result = probe(dir, USER, GROUP, false, 2000);
	assert_int_equal(letter(&result.create), 'N');
	assert_int_equal(letter(&result.read), 'Y');
	assert_int_equal(result.look.acl_kind, GS_ACL_POSIX);
	assert_int_equal(result.look.acl_len, sizeof acl - 1);
	assert_memory_equal(result.look.acl, acl, sizeof acl - 1);
}

enum { LEFT_FILE, LEFT_LINK, LEFT_DIR };

static const struct left_row {
	const char *name;
	int what;
	bool is_managed, is_old;
} lefts[] = {
	{ ".gshare-probe-0123456789abcdef", LEFT_FILE, true, true },
	{ ".gshare-probe-0123456789abcdef.b", LEFT_FILE, true, true },
	{ ".gshare-probe-0123456789abcdef.l", LEFT_LINK, true, true },
	{ ".gshare-probe-fedcba9876543210", LEFT_FILE, false, false },
	{ ".gshare-probe-0123456789abcde", LEFT_FILE, false, true },
	{ ".gshare-probe-0123456789abcdef0", LEFT_FILE, false, true },
	{ ".gshare-probe-0123456789abcdef.c", LEFT_FILE, false, true },
	{ ".gshare-probe-0123456789ABCDEF", LEFT_FILE, false, true },
	{ ".gshare-probe-1123456789abcdef", LEFT_DIR, false, true },
	{ "data", LEFT_FILE, false, true },
};

static void leave(const char *dir, struct timespec when)
{
	const struct timespec old[2] = { when, when };

	for (size_t i = 0; i < GS_COUNT(lefts); i++) {
		gs_autofree char *path = gs_printf("%s/%s", dir, lefts[i].name);

		if (lefts[i].what == LEFT_DIR)
			assert_int_equal(mkdir(path, 0755), 0);
		else if (lefts[i].what == LEFT_LINK)
			assert_int_equal(symlink("/nonexistent", path), 0);
		else
			close(open(path, O_CREAT | O_WRONLY, 0644));
		if (lefts[i].is_old)
			assert_int_equal(utimensat(AT_FDCWD, path, old, AT_SYMLINK_NOFOLLOW), 0);
	}
}

static void assert_swept(const char *dir)
{
	struct stat st;

	for (size_t i = 0; i < GS_COUNT(lefts); i++) {
		gs_autofree char *path = gs_printf("%s/%s", dir, lefts[i].name);

		if ((lstat(path, &st) < 0) != lefts[i].is_managed)
			fail_msg("%s", lefts[i].name);
	}
}

/*
 * What killed runs left is swept away, and nothing that only looks like it. ramfs stands for what
 * may have a server: nothing is known of when that was booted.
 */
static void old_probes_are_swept(void **state)
{
	gs_autofree char *dir = make_dir("swept", USER, GROUP, 0755);

	(void)state;
	assert_int_equal(mount("ramfs", dir, "ramfs", 0, "mode=0777"), 0);
	leave(dir, (struct timespec){ .tv_sec = 1000 });
	probe(dir, USER, GROUP, false, 2000);
	assert_int_equal(entries(dir), GS_COUNT(lefts));
	probe_and(dir, USER, GROUP, false, true, 2000);
	assert_swept(dir);
	assert_int_equal(umount2(dir, MNT_DETACH), 0);
}

/* The last two digits are the minutes that the probe may last; a minute more, and it was left. */
static const struct age_row {
	const char *name;
	time_t age_s;
	bool goes;
} ages[] = {
	{ ".gshare-probe-0123456789abcd01", 180, true },
	{ ".gshare-probe-0123456789abcd01.l", 180, true },
	{ ".gshare-probe-1123456789abcd01", 100, false },
	{ ".gshare-probe-0123456789abcd3c", 180, false },
	{ ".gshare-probe-1123456789abcd3c", 3720, true },
	{ ".gshare-probe-0123456789abcdff", 7000, false },
};

static void a_probe_is_left_once_it_must_have_ended(void **state)
{
	gs_autofree char *dir = make_dir("ages", USER, GROUP, 0755);
	time_t now = time(NULL);
	struct stat st;

	(void)state;
	assert_int_equal(mount("ramfs", dir, "ramfs", 0, "mode=0777"), 0);
	for (size_t i = 0; i < GS_COUNT(ages); i++) {
		gs_autofree char *path = gs_printf("%s/%s", dir, ages[i].name);
		const struct timespec then = { .tv_sec = now - ages[i].age_s };

		close(open(path, O_CREAT | O_WRONLY, 0644));
		assert_int_equal(
			utimensat(AT_FDCWD, path, (const struct timespec[]){ then, then }, 0), 0);
	}
	probe_and(dir, USER, GROUP, false, true, 2000);
	for (size_t i = 0; i < GS_COUNT(ages); i++) {
		gs_autofree char *path = gs_printf("%s/%s", dir, ages[i].name);

		if ((lstat(path, &st) < 0) != ages[i].goes)
			fail_msg("%s", ages[i].name);
	}
	assert_int_equal(umount2(dir, MNT_DETACH), 0);
}

enum { SECOND_NS = 1000000000 };

/* When the power fails nobody is left to remove a probe: whoever probes there next does. */
static void probes_of_before_this_boot_are_swept(void **state)
{
	gs_autofree char *before = make_dir("before", USER, GROUP, 0755);
	gs_autofree char *since = make_dir("since", USER, GROUP, 0755);
	struct timespec up, now, boot;
	int64_t boot_ns;

	(void)state;
	assert_int_equal(clock_gettime(CLOCK_BOOTTIME, &up), 0);
	assert_int_equal(clock_gettime(CLOCK_REALTIME, &now), 0);
	boot_ns = (now.tv_sec - up.tv_sec) * SECOND_NS + now.tv_nsec - up.tv_nsec;
	/* A virtual machine may be up again in the second in which it died. */
	boot = (struct timespec){ (boot_ns - SECOND_NS / 50) / SECOND_NS,
				  (boot_ns - SECOND_NS / 50) % SECOND_NS };
	leave(before, boot);
	boot.tv_sec += 5;
	leave(since, boot);
	probe(before, USER, GROUP, false, 2000);
	probe(since, USER, GROUP, false, 2000);
	assert_swept(before);
	assert_int_equal(entries(since), GS_COUNT(lefts));
}

/* ---- killed and hanging ------------------------------------------------------------------ */

/*
 * A file system whose server we are and which says nothing, as a silent NFS server: FUSE without
 * a daemon that reads.
 */
static int mount_silent(const char *dir)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	gs_autofree char *options =
		gs_printf("fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fd);

	if (fd >= 0 && mount("silent", dir, "fuse", MS_NOSUID | MS_NODEV, options) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void a_silent_file_system_is_given_up(void **state)
{
	gs_autofree char *dir = make_dir("silent", USER, GROUP, 0755);
	gs_autofree char *file = gs_printf("%s/file", dir);
	int fuse = mount_silent(dir);
	gs_autostr struct gs_str text = { 0 };
	struct gs_access_result result;
	struct gs_err err = { 0 };
	int64_t begin_ns = gs_now_ns();

	(void)state;
	if (fuse < 0) {
		print_message("# no /dev/fuse here: not looked at\n");
		return;
	}
	result = probe(dir, USER, GROUP, false, 600);
	assert_true(result.timed_out);
	assert_int_equal(letter(&result.create), '-');
	assert_in_range((gs_now_ns() - begin_ns) / 1000000, 200, 1300);
	begin_ns = gs_now_ns();
	assert_int_equal(gs_read_bounded(file, NULL, 100, gs_deadline_in(200), &text, &err),
			 -ETIMEDOUT);
	assert_in_range((gs_now_ns() - begin_ns) / 1000000, 190, 700);
	/* Looking at the table does not touch it, and detaching does not wait for it. */
	GS_AUTO(gs_mount_entry_done) struct gs_mount_entry entry = { 0 };
	bool found = false;
	assert_int_equal(gs_mount_find(dir, &entry, &found, &err), 0);
	assert_true(found);
	assert_string_equal(entry.type, "fuse");
	assert_int_equal(gs_umount(-1, dir, GS_UMOUNT_LAZY, gs_deadline_in(1000), &err), 0);
	close(fuse);
}

/* gshare dies in the middle: the worker notices and takes its file away. Many moments are tried. */
static void nothing_is_left_when_we_are_killed(void **state)
{
	gs_autofree char *dir = make_dir("killed", USER, GROUP, 0755);

	(void)state;
	for (unsigned i = 0; i < 60; i++) {
		pid_t pid = fork();

		if (!pid) {
			for (;;)
				probe(dir, USER, GROUP, false, 2000);
		}
		usleep(500 + i * 137);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	for (int i = 0; i < 100 && entries(dir); i++)
		usleep(10000);
	assert_int_equal(entries(dir), 0);
}

static void small_files_are_read_bounded(void **state)
{
	gs_autofree char *dir = make_dir("read", 0, 0, 0755);
	gs_autofree char *file = gs_printf("%s/file", dir), *fifo = gs_printf("%s/fifo", dir);
	gs_autofree char *link = gs_printf("%s/link", dir);
	gs_autostr struct gs_str text = { 0 };
	struct gs_err err = { 0 };
	int fd = open(file, O_CREAT | O_WRONLY, 0644);

	(void)state;
	assert_int_equal(write(fd, "gshare 1\n", 9), 9);
	close(fd);
	assert_int_equal(mkfifo(fifo, 0644), 0);
	assert_int_equal(symlink(file, link), 0);
	assert_int_equal(gs_read_bounded(file, NULL, 100, gs_deadline_in(1000), &text, &err), 0);
	assert_string_equal(text.ptr, "gshare 1\n");
	assert_int_equal(gs_read_bounded(file, NULL, 8, gs_deadline_in(1000), &text, &err), -EFBIG);
	assert_int_equal(gs_read_bounded(fifo, NULL, 100, gs_deadline_in(1000), &text, &err),
			 -EINVAL);
	assert_int_equal(gs_read_bounded(link, NULL, 100, gs_deadline_in(1000), &text, &err),
			 -ELOOP);
	assert_int_equal(gs_read_bounded(dir, NULL, 100, gs_deadline_in(1000), &text, &err),
			 -EINVAL);
	assert_int_equal(
		gs_read_bounded("/nonexistent", NULL, 9, gs_deadline_in(1000), &text, &err),
		-ENOENT);
	assert_string_equal(text.ptr, "gshare 1\n");
}

static int set_up(void)
{
	snprintf(top, sizeof top, "/tmp/t-access-%d", getpid());
	if (mkdir(top, 0755) < 0 || unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", top, "tmpfs", 0, "mode=0700") < 0)
		return -errno;
	return 0;
}

int main(void)
{
	static struct table table;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(several_at_once),
		cmocka_unit_test(a_directory_that_is_not_one),
		cmocka_unit_test(a_parent_that_lets_nobody_look_hides),
		cmocka_unit_test(a_full_file_system_leaves_nothing),
		cmocka_unit_test(the_owner_may_be_another),
		cmocka_unit_test(the_acl_is_seen),
		cmocka_unit_test(old_probes_are_swept),
		cmocka_unit_test(a_probe_is_left_once_it_must_have_ended),
		cmocka_unit_test(probes_of_before_this_boot_are_swept),
		cmocka_unit_test(a_silent_file_system_is_given_up),
		cmocka_unit_test(nothing_is_left_when_we_are_killed),
		cmocka_unit_test(small_files_are_read_bounded),
	};
	int r = geteuid() ? -EPERM : set_up();

	if (r < 0) {
		rmdir(top);
		return table_skip("root");
	}
	TABLE_ADD(&table, rows, probe_sees_what_is_allowed);
	for (size_t i = 0; i < GS_COUNT(tests); i++)
		table.test[table.n++] = tests[i];
	r = table_run("access", &table);
	umount2(top, MNT_DETACH);
	rmdir(top);
	return r;
}
