/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/fs/acl.h"
#include "sys/proc/fd.h"
#include "sys/proc/proc.h"
#include "sys/sys.h"
#include "table.h"

/*
 * The walk, in a tmpfs and a mount namespace of its own: TOP/share is walked, TOP/out is what it
 * must never touch, whatever somebody does meanwhile.
 */

#define WIDE "u::rw-,u:12345:rw-,g::r--,m::rw-,o::r--"

enum { USER = 12345, RACE_MS = 1500 };

static char top[64], share[80];

static char *path_of(const char *name)
{
	return gs_printf("%s/%s", top, name);
}

static void put(const char *name, mode_t mode)
{
	gs_autofree char *path = path_of(name);
	gs_autoclose int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, mode), 0);
}

static void make(const char *name)
{
	gs_autofree char *path = path_of(name);

	assert_int_equal(mkdir(path, 0755), 0);
}

static bool is_given(const char *name)
{
	gs_autofree char *path = path_of(name);
	gs_autoclose int fd = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	gs_autofree char *acl = fd < 0 ? NULL : gs_acl_text(fd, false);

	return acl != NULL;
}

/* struct seen - what a walk showed, and what it left: "a b:why" */
struct seen {
	struct gs_str shown, given, left;
};

static void seen_done(struct seen *seen)
{
	gs_str_done(&seen->shown);
	gs_str_done(&seen->given);
	gs_str_done(&seen->left);
}

/* Every file with one name gets the ACL; "closed" is not gone into. */
static enum gs_tree_turn judge(void *arg, const struct gs_entry *entry, struct gs_acls *ret)
{
	struct seen *seen = arg;

	gs_str_addf(&seen->shown, "%s ", entry->path);
	if (strstr(entry->path, "closed"))
		return GS_TREE_BACK;
	if (entry->inode.type != GS_INODE_FILE || entry->links > 1 || entry->inode.acl_access)
		return GS_TREE_ON;
	ret->access = gs_strdup(WIDE);
	return GS_TREE_GIVE;
}

static void given(void *arg, const struct gs_entry *entry)
{
	struct seen *seen = arg;

	gs_str_addf(&seen->given, "%s ", entry->path);
}

static void left(void *arg, const char *path, const char *why, int error)
{
	struct seen *seen = arg;

	gs_str_addf(&seen->left, "%s:%s%s\n", path, error ? "failed: " : "", why);
}

static struct gs_tree_walked walk_within(struct seen *seen, int64_t deadline_ns, size_t max)
{
	GS_AUTO(gs_sys_done) struct gs_sys sys = { 0 };
	GS_AUTO(gs_strs_done) struct gs_strs names = { 0 };
	struct gs_tree_walked walked = { 0 };
	struct gs_err err = { 0 };
	const struct gs_tree_walk req = {
		.root = share,
		.names = &names,
		.deadline_ns = deadline_ns,
		.max_entries = max,
		.arg = seen,
		.judge = judge,
		.given = given,
		.left = left,
	};

	gs_strs_add(&names, "a");
	gs_strs_add(&names, "absent");
	assert_int_equal(gs_sys_init(&sys, NULL, 10000, &err), 0);
	assert_int_equal(gs_tree_walk(&sys, &req, &walked, &err), 0);
	return walked;
}

static struct gs_tree_walked walk(struct seen *seen)
{
	return walk_within(seen, gs_deadline_in(10000), 0);
}

static int begin(void **state)
{
	(void)state;
	if (mount("tmpfs", top, "tmpfs", 0, "mode=0755") < 0)
		return -errno;
	make("share");
	make("share/a");
	make("out");
	put("out/victim", 0644);
	return 0;
}

static int end(void **state)
{
	(void)state;
	return umount2(top, MNT_DETACH);
}

static void what_is_there_and_what_is_left(void **state)
{
	GS_AUTO(seen_done) struct seen seen = { 0 };
	gs_autofree char *out = path_of("out");
	gs_autofree char *linked = path_of("share/a/link");
	gs_autofree char *inner = path_of("share/a/inner");
	gs_autofree char *fifo = path_of("share/a/fifo");
	gs_autofree char *victim = path_of("out/victim");
	gs_autofree char *name = path_of("share/a/name");

	(void)state;
	make("share/b");
	put("share/b/f", 0644);
	make("share/a/closed");
	put("share/a/closed/f", 0644);
	make("share/a/inner");
	make("share/a/d");
	put("share/a/d/f", 0600);
	assert_int_equal(symlink(out, linked), 0);
	assert_int_equal(link(victim, name), 0);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(mount("tmpfs", inner, "tmpfs", 0, NULL), 0);
	put("share/a/inner/f", 0644);
	assert_false(walk(&seen).cut);
	assert_string_equal(seen.given.ptr, "a/d/f ");
	assert_string_equal(seen.left.ptr, "a/inner:another file system is mounted there\n");
	assert_null(strstr(seen.shown.ptr, "a/link"));
	assert_null(strstr(seen.shown.ptr, "a/closed/"));
	assert_non_null(strstr(seen.shown.ptr, "a/fifo "));
	assert_true(is_given("share/a/d/f"));
	assert_false(is_given("share/a/inner/f"));
	assert_false(is_given("share/b/f"));
	assert_false(is_given("out/victim"));
	assert_int_equal(umount2(inner, MNT_DETACH), 0);
}

static void it_has_bounds(void **state)
{
	gs_autostr struct gs_str name = { 0 };
	GS_AUTO(seen_done) struct seen deep = { 0 };
	GS_AUTO(seen_done) struct seen few = { 0 };
	GS_AUTO(seen_done) struct seen late = { 0 };
	struct gs_tree_walked walked;

	(void)state;
	gs_str_adds(&name, "share/a");
	for (int i = 0; i < GS_TREE_DEPTH_MAX + 2; i++) {
		gs_str_adds(&name, "/d");
		make(name.ptr);
	}
	assert_false(walk(&deep).cut);
	assert_non_null(strstr(deep.left.ptr, ":its content is nested too deep\n"));
	walked = walk_within(&few, gs_deadline_in(10000), 10);
	assert_true(walked.cut);
	assert_int_equal(walked.entries, 10);
	walked = walk_within(&late, 0, 0);
	assert_true(walked.cut);
	assert_int_equal(walked.entries, 0);
}

/* Until it is killed. */
static pid_t start(void (*act)(void))
{
	pid_t parent = getpid(), pid = fork();

	assert_true(pid >= 0);
	if (pid)
		return pid;
	while (getppid() == parent)
		act();
	_exit(0);
}

static void walk_against(void (*act)(void))
{
	pid_t pid = start(act);
	int64_t end_ns = gs_deadline_in(RACE_MS);

	while (gs_now_ns() < end_ns) {
		GS_AUTO(seen_done) struct seen seen = { 0 };

		walk(&seen);
		if (is_given("out/victim"))
			break;
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_false(is_given("out/victim"));
}

static void flip_link(void)
{
	char from[96], to[96];

	snprintf(from, sizeof from, "%s/out/victim", top);
	snprintf(to, sizeof to, "%s/share/a/v", top);
	if (link(from, to) == 0)
		unlink(to);
}

static void flip_dir(void)
{
	char d[96], l[96];

	snprintf(d, sizeof d, "%s/share/a/d", top);
	snprintf(l, sizeof l, "%s/share/a/l", top);
	(void)renameat2(AT_FDCWD, d, AT_FDCWD, l, RENAME_EXCHANGE);
}

/* An attacker may link a file that it cannot change, and unlink it while it is looked at. */
static void a_name_that_comes_and_goes(void **state)
{
	(void)state;
	walk_against(flip_link);
}

static void a_directory_that_becomes_a_link(void **state)
{
	gs_autofree char *out = path_of("out");
	gs_autofree char *linked = path_of("share/a/l");

	(void)state;
	make("share/a/d");
	put("share/a/d/victim", 0644);
	assert_int_equal(symlink(out, linked), 0);
	walk_against(flip_dir);
}

static void opened_as_a_user(void **state)
{
	static const struct {
		const char *path;
		int error;
	} tries[] = { { "a/open", 0 },	      { "a/gone", 0 }, { "a/wide", 0 },
		      { "a/secret", EACCES }, { "a", EACCES }, { "a/link", ELOOP } };
	gs_autofree char *wide = path_of("share/a/wide");
	gs_autofree char *linked = path_of("share/a/link");

	(void)state;
	put("share/a/open", 0666);
	put("share/a/secret", 0600);
	make("share/a/wide");
	assert_int_equal(chmod(wide, 0777), 0);
	assert_int_equal(symlink("/etc/passwd", linked), 0);
	for (size_t i = 0; i < GS_COUNT(tries); i++) {
		GS_AUTO(gs_strs_done) struct gs_strs paths = { 0 };
		const struct gs_open_req req = { share, &paths, USER, USER, gs_deadline_in(5000) };
		struct gs_opened opened = { 0 };
		struct gs_err err = { 0 };

		gs_strs_add(&paths, "a/open");
		gs_strs_add(&paths, tries[i].path);
		assert_int_equal(gs_open_as(&req, &opened, &err), 0);
		assert_int_equal(opened.error, tries[i].error);
		assert_int_equal(opened.refused, tries[i].error ? 1 : 2);
		assert_int_equal(opened.opened, i == 0 || i == 2 ? 2 : 1);
	}
}

/* ---- a search in a child -------------------------------------------------------------------- */

enum { PROGRAM = 1, DEVICE };

static bool is_open(const void *arg, const struct gs_entry *entry)
{
	(void)arg;
	return entry->inode.mode & 01;
}

static unsigned is_sought(const void *arg, const struct gs_entry *entry)
{
	(void)arg;
	if (entry->is_device)
		return DEVICE;
	return entry->inode.type == GS_INODE_FILE && entry->inode.mode & 04000 ? PROGRAM : 0;
}

static void search(int64_t deadline_ns, size_t max_entries, size_t max_found,
		   struct gs_tree_hits *ret)
{
	gs_autoclose int root = open("/", O_PATH | O_CLOEXEC);
	struct gs_sys sys = { .root_fd = root };
	struct gs_err err = { 0 };
	const struct gs_tree_find find = {
		.root = share,
		.deadline_ns = deadline_ns,
		.max_entries = max_entries,
		.max_found = max_found,
		.enters = is_open,
		.finds = is_sought,
	};

	assert_int_equal(gs_tree_find(&sys, &find, ret, &err), 0);
}

static const struct gs_tree_hit *hit_of(const struct gs_tree_hits *hits, const char *path)
{
	for (size_t i = 0; i < hits->n; i++)
		if (!strcmp(hits->v[i].path, path))
			return &hits->v[i];
	return NULL;
}

static void sought_in_a_child(void **state)
{
	GS_AUTO(gs_tree_hits_done) struct gs_tree_hits hits = { 0 }, few = { 0 }, none = { 0 };
	gs_autofree char *closed = NULL, *disk = NULL, *link = NULL;
	int64_t end_ns = gs_now_ns() + 10 * INT64_C(1000000000);

	(void)state;
	make("share/dir");
	make("share/closed");
	put("share/dir/su", 04755);
	put("share/dir/with\na line", 04755);
	put("share/plain", 0755);
	put("share/closed/su", 04755);
	put("out/su", 04755);
	closed = path_of("share/closed");
	disk = path_of("share/disk");
	link = path_of("share/link");
	assert_int_equal(chmod(closed, 0700), 0);
	assert_int_equal(mknod(disk, S_IFBLK | 0600, makedev(7, 0)), 0);
	assert_int_equal(symlink("../out", link), 0);
	search(end_ns, 0, 100, &hits);
	assert_int_equal(hits.n, 3);
	assert_int_equal(hit_of(&hits, "dir/su")->kind, PROGRAM);
	assert_non_null(hit_of(&hits, "dir/with\na line"));
	assert_int_equal(hit_of(&hits, "disk")->kind, DEVICE);
	assert_true(hit_of(&hits, "disk")->is_block);
	assert_false(hits.cut);
	search(end_ns, 0, 1, &few);
	assert_int_equal(few.n, 2); /* one of each kind */
	search(gs_now_ns(), 0, 100, &none);
	assert_true(none.cut && !none.n);
}

static int set_up(void)
{
	snprintf(top, sizeof top, "/tmp/t-tree-%d", getpid());
	snprintf(share, sizeof share, "%s/share", top);
	if (mkdir(top, 0755) < 0 || unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -errno;
	return 0;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_is_there_and_what_is_left, begin, end),
		cmocka_unit_test_setup_teardown(it_has_bounds, begin, end),
		cmocka_unit_test_setup_teardown(a_name_that_comes_and_goes, begin, end),
		cmocka_unit_test_setup_teardown(a_directory_that_becomes_a_link, begin, end),
		cmocka_unit_test_setup_teardown(opened_as_a_user, begin, end),
		cmocka_unit_test_setup_teardown(sought_in_a_child, begin, end),
	};
	int r = geteuid() ? -EPERM : set_up();

	if (r < 0) {
		rmdir(top);
		return table_skip("root");
	}
	r = cmocka_run_group_tests(tests, NULL, NULL);
	rmdir(top);
	return r;
}
