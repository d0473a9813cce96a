/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/fd.h"
#include "sys/proc.h"
#include "sys/rootfs.h"
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

enum { USER = 12345 };

static char top[64];

static const struct row {
	const char *name, *text; /* of the temporary */
	uid_t uid;
	mode_t mode;
	bool linked;
	int code;
	const char *left; /* what the file holds then */
} rows[] = {
	{ "what the exchange brought out", FOREIGN, 0, 0444, .left = FOREIGN },
	{ "our old text", OLD, 0, 0444, .left = NEW },
	{ "our new text, not yet done", "as we", 0, 0600, .left = NEW },
	{ "a file of somebody's", FOREIGN, USER, 0444, .code = -EEXIST, .left = NEW },
	{ "with another mode", FOREIGN, 0, 0644, .code = -EEXIST, .left = NEW },
	{ "a link to another file of root's", FOREIGN, 0, 0444, true, -EEXIST, NEW },
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
	*sys = (struct gs_sys){ .lock_fd = -1, .deadline_ns = gs_deadline_in(10000) };
	sys->root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(sys->root_fd >= 0);
}

static void end(struct gs_sys *sys)
{
	close(sys->root_fd);
	assert_int_equal(umount2(top, MNT_DETACH), 0);
}

static void test_settle(void **state)
{
	const struct row *row = *state;
	gs_autofree char *card = gs_printf("%s/card", top), *temp = gs_printf("%s/" TEMP, top);
	gs_autofree char *other = gs_printf("%s/other", top);
	const struct gs_replace replace = {
		.path = card,
		.old = gs_span_of(OLD),
		.old_exists = true,
		.text = gs_span_of(NEW),
	};
	struct gs_err err = { 0 };
	struct gs_sys sys;

	begin(&sys);
	put(card, NEW, 0, 0444);
	put(temp, row->text, row->uid, row->mode);
	if (row->linked)
		assert_int_equal(link(temp, other), 0);
	assert_int_equal(gs_rootfs_settle(&sys, card, &replace, &err), row->code);
	assert_holds(card, row->left);
	if (row->linked)
		assert_holds(other, FOREIGN);
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
	int r = table_run("settle", &table);
	rmdir(top);
	return r;
}
