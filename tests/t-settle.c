/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "sys/fs/rootfs.h"
#include "sys/proc/fd.h"
#include "sys/proc/proc.h"
#include "sys/sys.h"
#include "table.h"

/*
 * What lies beside a file of ours where others make names, too: temporaries of killed runs, and
 * what somebody has made to look like one. In a tmpfs and a mount namespace of its own.
 */

#define OLD	"as it was\n"
#define NEW	"as we wrote it\n"
#define FOREIGN "as somebody else wrote it\n"
#define TEMP	".gshare-new-0123456789abcdef-card"

enum { USER = 12345, OWNER };

static char top[64];

static const struct row {
	const char *name, *text; /* of the temporary */
	uid_t uid;
	mode_t mode; /* with its type, where that is no file's */
	off_t size;  /* with a hole behind the text; 0: as long as that */
	bool linked, late;
	int code;
	const char *left; /* what the file holds then */
	enum { STAYS, MANAGED, BACK } then;
	bool unopened;
} rows[] = {
	{ "what the exchange brought out", FOREIGN, 0, 0444, .left = FOREIGN, .then = BACK,
	  .unopened = true },
	{ "the same, and long", FOREIGN, 0, 0444, 64 << 20, .left = NULL, .then = BACK,
	  .unopened = true },
	{ "our old text", OLD, 0, 0444, .left = NEW, .then = MANAGED },
	{ "our old text, of another owner", OLD, USER, 0444, .left = NEW, .unopened = true },
	{ "our new text, not yet done", "as we", 0, 0600, .left = NEW, .then = MANAGED },
	{ "the same in a spare", "as we", 0, 0600, 64 << 10, .left = NEW, .then = MANAGED },
	{ "as long as none of ours", "as we", 0, 0600, 64 << 20, .code = -EEXIST, .left = NEW,
	  .unopened = true },
	{ "our old text, and no time", OLD, 0, 0444, .late = true, .left = NEW, .unopened = true },
	{ "a file of somebody's", FOREIGN, USER, 0444, .left = NEW, .unopened = true },
	{ "a long one of somebody's", "", USER, 0600, 64 << 20, .left = NEW, .unopened = true },
	{ "with another mode", FOREIGN, 0, 0644, .code = -EEXIST, .left = NEW, .unopened = true },
	{ "a link to another file of root's", FOREIGN, 0, 0444, .linked = true, .left = NEW,
	  .unopened = true },
	{ "a device", NULL, 0, S_IFCHR | 0600, .left = NEW, .unopened = true },
	{ "a pipe", NULL, 0, S_IFIFO | 0600, .left = NEW, .unopened = true },
	{ "a directory", NULL, 0, S_IFDIR | 0600, .left = NEW, .unopened = true },
};

static void put(const char *path, const char *text, uid_t uid, mode_t mode)
{
	gs_autoclose int fd = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchown(fd, uid, uid), 0);
	assert_int_equal(fchmod(fd, mode), 0);
}

static void assert_holds(const char *path, const char *text)
{
	gs_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	gs_autostr struct gs_str now = { 0 };

	assert_true(fd >= 0);
	assert_int_equal(gs_read_fd(fd, 4096, &now), 0);
	assert_string_equal(now.ptr, text);
}

static void begin(struct gs_sys *sys)
{
	assert_int_equal(mount("tmpfs", top, "tmpfs", 0, "mode=03777"), 0);
	*sys = (struct gs_sys){ .deadline_ns = gs_deadline_in(10000) };
	sys->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(sys->root_fd >= 0);
}

static void end(struct gs_sys *sys)
{
	close(sys->root_fd);
	assert_int_equal(umount2(top, MNT_DETACH), 0);
}

static bool is_there(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static void make(const char *path, const char *text, uid_t uid, mode_t mode, off_t size)
{
	if (S_ISDIR(mode))
		assert_int_equal(mkdir(path, mode & 07777), 0);
	else if (!text)
		assert_int_equal(mknod(path, mode, makedev(1, 3)), 0);
	else
		put(path, text, uid, mode);
	if (size)
		assert_int_equal(truncate(path, size), 0);
	assert_int_equal(lchown(path, uid, uid), 0);
}

/* Who only looks (O_PATH, stat) is not told of. */
static int watch_opens(const char *path)
{
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	assert_true(fd >= 0);
	assert_true(inotify_add_watch(fd, path, IN_OPEN) >= 0);
	return fd;
}

static bool was_opened(int fd)
{
	char event[4096];

	return read(fd, event, sizeof event) > 0;
}

/* struct scene - the file as a run has written it, and a row's temporary beside it */
struct scene {
	struct gs_sys sys;
	char card[96], temp[128], other[96];
	int dir, opens;
};

static const struct gs_replace replace = {
	.old = { OLD, sizeof OLD - 1 },
	.old_exists = true,
	.text = { NEW, sizeof NEW - 1 },
};

static void set(struct scene *scene, const struct row *row)
{
	snprintf(scene->card, sizeof scene->card, "%s/card", top);
	snprintf(scene->temp, sizeof scene->temp, "%s/" TEMP, top);
	snprintf(scene->other, sizeof scene->other, "%s/other", top);
	begin(&scene->sys);
	scene->dir = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(scene->dir >= 0);
	put(scene->card, NEW, 0, 0444);
	make(scene->temp, row->text, row->uid, row->mode, row->size);
	if (row->linked)
		assert_int_equal(link(scene->temp, scene->other), 0);
	if (row->late)
		scene->sys.deadline_ns = gs_now_ns() - 1;
	scene->opens = watch_opens(scene->temp);
}

static void strike(struct scene *scene, const struct row *row)
{
	if (row->linked)
		assert_holds(scene->other, FOREIGN);
	close(scene->opens);
	close(scene->dir);
	end(&scene->sys);
}

static void test_settle(void **state)
{
	const struct row *row = *state;
	struct gs_err err = { 0 };
	struct scene scene = { 0 };

	set(&scene, row);
	assert_int_equal(gs_rootfs_settle(&scene.sys, scene.card, &replace, NULL, &err), row->code);
	assert_int_equal(was_opened(scene.opens), !row->unopened);
	assert_int_equal(is_there(scene.temp), row->then == STAYS);
	if (row->left)
		assert_holds(scene.card, row->left);
	strike(&scene, row);
}

/* The run that is to come removes what is ours, and nothing else. */
static void test_clear(void **state)
{
	const struct row *row = *state;
	struct scene scene;

	set(&scene, row);
	gs_clear_temps(&scene.sys, scene.dir, "card", &replace);
	assert_int_equal(was_opened(scene.opens), !row->unopened);
	assert_int_equal(is_there(scene.temp), row->then != MANAGED);
	assert_holds(scene.card, NEW);
	strike(&scene, row);
}

/* ---- what stands where a directory was to be made ----------------------------------------- */

static const struct dir_row {
	const char *name, *text;
	uid_t uid;
	mode_t mode;
	bool full, busy, stays;
} dirs[] = {
	{ "ours", NULL, 0, S_IFDIR | 0700, .stays = false },
	{ "ours, with its owner", NULL, OWNER, S_IFDIR | 0700, .stays = false },
	{ "somebody's", NULL, USER, S_IFDIR | 0700, .stays = true },
	{ "with something in it", NULL, 0, S_IFDIR | 0700, .full = true, .stays = true },
	{ "with something mounted", NULL, OWNER, S_IFDIR | 0700, .busy = true, .stays = true },
	{ "a file", "", 0, 0600, .stays = true },
	{ "a file of the owner's", "", OWNER, 0600, .stays = true },
	{ "a pipe", NULL, OWNER, S_IFIFO | 0600, .stays = true },
};

static void test_dir(void **state)
{
	const struct dir_row *row = *state;
	gs_autofree char *card = gs_printf("%s/card", top), *temp = gs_printf("%s/" TEMP, top);
	gs_autofree char *in = gs_printf("%s/in", temp);
	const struct gs_dir_spec spec = { .mode = 0755, .uid = OWNER, .gid = OWNER };
	struct gs_err err = { 0 };
	struct gs_sys sys;

	begin(&sys);
	make(temp, row->text, row->uid, row->mode, 0);
	if (row->full)
		put(in, "", 0, 0600);
	if (row->busy)
		assert_int_equal(mount("tmpfs", temp, "tmpfs", 0, "uid=12346"), 0);
	assert_int_equal(gs_rootfs_settle(&sys, card, NULL, &spec, &err), 0);
	assert_int_equal(err.code, 0);
	assert_int_equal(is_there(temp), row->stays);
	end(&sys);
}

int main(void)
{
	struct table table = { 0 };

	snprintf(top, sizeof top, "/tmp/t-settle-%d", getpid());
	if (geteuid() || mkdir(top, 0755) < 0 || unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
		rmdir(top);
		return table_skip("root");
	}
	TABLE_ADD(&table, rows, test_settle);
	TABLE_ADD(&table, rows, test_clear);
	TABLE_ADD(&table, dirs, test_dir);
	int r = table_run("settle", &table);
	rmdir(top);
	return r;
}
