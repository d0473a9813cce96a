/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/fs/rootfs.h"
#include "sys/fs/spare.h"
#include "sys/journal.h"
#include "sys/sys.h"

/*
 * The journal's files, and what a killed run leaves beside a path, below a directory of our own.
 * Only root may have a journal: as another user these tests pass without a look.
 */

static char root[] = "/tmp/t-record.XXXXXX";

static void put(const char *name, const char *text, mode_t mode)
{
	gs_autofree char *path = gs_printf("%s/%s", root, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

/* The text of a file, "-" where it is absent. */
static void get(const char *name, char text[static 64])
{
	gs_autofree char *path = gs_printf("%s/%s", root, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, 63);

	snprintf(text + (n < 0 ? 0 : n), 2, "%s", n < 0 ? "-" : "");
	if (fd >= 0)
		close(fd);
}

static void begin(struct gs_sys *sys)
{
	struct gs_err err = { 0 };

	memcpy(root, "/tmp/t-record.XXXXXX", sizeof root);
	assert_non_null(mkdtemp(root));
	assert_int_equal(gs_sys_init(sys, root, 10000, &err), 0);
}

static void end(struct gs_sys *sys)
{
	gs_autofree char *command = gs_printf("%s", root);
	static const char *const names[] = { "var/lib/gshare/1.jsonl",
					     "var/lib/gshare/2.jsonl",
					     "var/lib/gshare/notes.jsonl",
					     "var/lib/gshare/007.jsonl",
					     "var/lib/gshare",
					     "var/lib",
					     "var",
					     "exports",
					     ".gshare-new-0123456789abcdef-exports",
					     ".gshare-new-0123456789abcdef-other",
					     "dir" };

	for (size_t i = 0; i < GS_COUNT(names); i++) {
		gs_autofree char *path = gs_printf("%s/%s", root, names[i]);

		(void)remove(path);
	}
	assert_int_equal(rmdir(command), 0);
	gs_sys_done(sys);
}

static void make_dirs(void)
{
	static const char *const names[] = { "var", "var/lib" };

	for (size_t i = 0; i < GS_COUNT(names); i++) {
		gs_autofree char *path = gs_printf("%s/%s", root, names[i]);

		assert_int_equal(mkdir(path, 0755), 0);
	}
}

static void test_records(void **state)
{
	struct gs_record_files files = { 0 };
	struct gs_err err = { 0 };
	struct gs_sys sys;
	struct stat st;
	char text[64];
	gs_autofree char *dir = NULL;

	(void)state;
	if (geteuid())
		return;
	begin(&sys);
	make_dirs();
	assert_int_equal(gs_records_list(&sys, &files, &err), 0);
	assert_int_equal(files.n, 0);
	assert_int_equal(gs_record_begin(&sys, 2, gs_span_of("two\n"), &err), 0);
	assert_int_equal(gs_record_begin(&sys, 1, gs_span_of("one\n"), &err), 0);
	dir = gs_printf("%s/var/lib/gshare", root);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	/* Nothing is written over, and what is no record is none. */
	assert_int_equal(gs_record_begin(&sys, 1, gs_span_of("again\n"), &err), -EEXIST);
	put("var/lib/gshare/notes.jsonl", "x", 0600);
	put("var/lib/gshare/007.jsonl", "x", 0600);
	assert_int_equal(gs_records_list(&sys, &files, &err), 0);
	assert_int_equal(files.n, 2);
	assert_int_equal(files.v[0].id, 1);
	assert_int_equal(files.v[1].id, 2);
	free(files.v);
	/* What a run leaves that was killed before its record appeared. */
	assert_false(gs_records_torn(&sys, true));
	put("var/lib/gshare/.gshare-new-0123456789abcdef-3.jsonl", "tor", 0600);
	assert_true(gs_records_torn(&sys, false));
	assert_true(gs_records_torn(&sys, true));
	assert_false(gs_records_torn(&sys, false));
	/* An end takes the place of one that is torn. */
	assert_int_equal(gs_record_end(&sys, 1, 4, gs_span_of("torn"), &err), 0);
	assert_int_equal(gs_record_end(&sys, 1, 4, gs_span_of("end\n"), &err), 0);
	get("var/lib/gshare/1.jsonl", text);
	assert_string_equal(text, "one\nend\n");
	assert_int_equal(gs_record_drop(&sys, 1, &err), 0);
	get("var/lib/gshare/1.jsonl", text);
	assert_string_equal(text, "-");
	/* A directory that others can write to is no place for it. */
	assert_int_equal(chmod(dir, 0777), 0);
	assert_int_equal(gs_record_begin(&sys, 3, gs_span_of("x"), &err), -EPERM);
	end(&sys);
}

static const struct row {
	const char *name;
	const char *file, *temp; /* beside it; NULL: absent */
	mode_t mode;		 /* of the temporary */
	bool remove;		 /* the run's step takes the file away */
	const char *file_after, *temp_after;
	int r;
} rows[] = {
	{ "nothing is left", "old", NULL, 0, false, "old", "-", 0 },
	{ "killed before the exchange", "old", "new", 0644, false, "old", "-", 0 },
	{ "killed while writing", "old", "ne", 0600, false, "old", "-", 0 },
	{ "killed after the exchange", "new", "old", 0644, false, "new", "-", 0 },
	{ "killed while putting back", "new", "ol", 0600, false, "new", "-", 0 },
	{ "somebody wrote just before the exchange", "new", "his", 0644, false, "his", "-", 0 },
	{ "somebody wrote before it and after it", "hers", "his", 0644, false, "hers", "his",
	  -EEXIST },
	{ "somebody shortened it just before the exchange", "new", "ol", 0644, false, "ol", "-",
	  0 },
	{ "a new file, half written", NULL, "ne", 0600, false, "-", "-", 0 },
	{ "beside a file that was to go", "old", "his", 0644, true, "old", "his", -EEXIST },
};

static void test_settle(void **state)
{
	const struct row *row = *state;
	const struct gs_replace replace = {
		.path = "/exports",
		.old = gs_span_of("old"),
		.old_exists = true,
		.text = row->remove ? gs_span(NULL, 0) : gs_span_of("new"),
		.remove = row->remove,
	};
	struct gs_err err = { 0 };
	struct gs_sys sys;
	char text[64];

	if (geteuid())
		return;
	begin(&sys);
	if (row->file)
		put("exports", row->file, 0644);
	if (row->temp)
		put(".gshare-new-0123456789abcdef-exports", row->temp, row->mode);
	put(".gshare-new-0123456789abcdef-other", "not ours", 0600);
	assert_int_equal(gs_rootfs_settle(&sys, "/exports", &replace, NULL, &err), row->r);
	get("exports", text);
	assert_string_equal(text, row->file_after);
	get(".gshare-new-0123456789abcdef-exports", text);
	assert_string_equal(text, row->temp_after);
	get(".gshare-new-0123456789abcdef-other", text);
	assert_string_equal(text, "not ours");
	end(&sys);
}

static const struct name_row {
	const char *name, *entry;
	bool is;
} names[] = {
	{ "ours", ".gshare-new-0123456789abcdef-exports", true },
	{ "of another file", ".gshare-new-0123456789abcdef-fstab", false },
	{ "too few digits", ".gshare-new-0123456789abcde-exports", false },
	{ "too many digits", ".gshare-new-0123456789abcdef0-exports", false },
	{ "no digits", ".gshare-new-0123456789ABCDEF-exports", false },
	{ "more behind", ".gshare-new-0123456789abcdef-exports.bak", false },
	{ "a probe", ".gshare-probe-0123456789abcdef", false },
};

static void test_name(void **state)
{
	const struct name_row *row = *state;

	assert_int_equal(gs_temp_is_of(row->entry, "exports"), row->is);
}

static void test_long_name(void **state)
{
	char name[GS_TEMP_NAME_BYTES], temp[GS_TEMP_NAME_BYTES];

	(void)state;
	memset(name, 'x', sizeof name);
	name[sizeof name - 1] = '\0';
	gs_temp_name(name, temp);
	assert_int_equal(strlen(temp), 255);
	assert_true(gs_temp_is_of(temp, name));
}

/* ---- a full file system ------------------------------------------------------------------ */

static const struct full_row {
	const char *name, *mount; /* options of the tmpfs */
	bool bytes;		  /* it is filled with bytes, else with inodes */
} fulls[] = {
	{ "no inodes", "size=8m,nr_inodes=60", false },
	{ "no space", "size=3m,nr_inodes=10000", true },
};

/* To the last byte or inode. */
static void fill(bool bytes)
{
	static const char block[4096];
	gs_autofree char *path = gs_printf("%s/full", root);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	while (bytes && write(fd, block, sizeof block) > 0)
		;
	close(fd);
	for (unsigned i = 0; !bytes && i < 1000; i++) {
		gs_autofree char *name = gs_printf("%s/full.%u", root, i);

		fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
		if (fd < 0)
			return;
		close(fd);
	}
}

static int replace_exports(struct gs_sys *sys, const char *from, const char *to)
{
	const struct gs_replace replace = {
		.path = "/exports",
		.old = gs_span_of(from),
		.old_exists = true,
		.text = gs_span_of(to),
	};
	struct gs_err err = { 0 };

	return gs_rootfs_replace_file(sys, &replace, &err);
}

/* In a mount namespace of its own: the exit status of a child. */
static void use_spares(const struct full_row *row)
{
	struct gs_err err = { 0 };
	struct gs_sys sys;
	struct stat st;
	char text[64];
	gs_autofree char *path = NULL;

	memcpy(root, "/tmp/t-record.XXXXXX", sizeof root);
	assert_non_null(mkdtemp(root));
	assert_int_equal(unshare(CLONE_NEWNS), 0);
	assert_int_equal(mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL), 0);
	assert_int_equal(mount("full", root, "tmpfs", 0, row->mount), 0);
	assert_int_equal(gs_sys_init(&sys, root, 10000, &err), 0);
	sys.offline = false;
	make_dirs();
	put("exports", "old", 0640);
	assert_int_equal(gs_record_begin(&sys, 1, gs_span_of("one\n"), &err), 0);
	assert_int_equal(gs_record_end(&sys, 1, 4, gs_span_of("end\n"), &err), 0);
	assert_int_equal(gs_spare_keep(&sys, 0, &err), 0);
	fill(row->bytes);
	/* Not for a run that gives rights: it would leave nothing to one that takes them away. */
	assert_int_equal(gs_record_begin(&sys, 2, gs_span_of("two\n"), &err), -ENOSPC);
	assert_int_equal(replace_exports(&sys, "old", "new"), -ENOSPC);
	/* What has no room for a spare makes none, and leaves those that are there whole. */
	assert_int_equal(unlinkat(sys.root_fd, "var/lib/gshare/spare.0", 0), 0);
	fill(row->bytes);
	assert_int_equal(gs_spare_keep(&sys, 0, &err), -ENOSPC);
	assert_int_equal(gs_spare_keep(&sys, 2 * (uint64_t)GS_SPARE_BYTES, &err), -ENOSPC);
	assert_int_equal(faccessat(sys.root_fd, "var/lib/gshare/spare.0", F_OK, 0), -1);
	sys.may_spend = true;
	for (uint32_t id = 2; id < 4; id++) {
		gs_autofree char *name = gs_printf("var/lib/gshare/%u.jsonl", id);

		assert_int_equal(gs_record_begin(&sys, id, gs_span_of("run\n"), &err), 0);
		assert_int_equal(
			replace_exports(&sys, id == 2 ? "old" : "new", id == 2 ? "new" : "old"), 0);
		fill(row->bytes);
		assert_int_equal(gs_record_end(&sys, id, 4, gs_span_of("end\n"), &err), 0);
		get(name, text);
		assert_string_equal(text, "run\nend\n");
		fill(row->bytes);
	}
	get("exports", text);
	assert_string_equal(text, "old");
	path = gs_printf("%s/exports", root);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(umount2(root, MNT_DETACH), 0);
	(void)rmdir(root);
	gs_sys_done(&sys);
}

static void test_full(void **state)
{
	int status = 0;
	pid_t child;

	if (geteuid())
		return;
	child = fork();
	if (!child) {
		use_spares(*state);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, rows, test_settle);
	TABLE_ADD(&table, names, test_name);
	TABLE_ADD(&table, fulls, test_full);
	table_add(&table, "a name of 255 bytes", test_long_name, NULL);
	table_add(&table, "records appear, end and go", test_records, NULL);
	return table_run("record", &table);
}
