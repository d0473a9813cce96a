/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/fs/records_dir.h"
#include "sys/fs/rootfs.h"
#include "sys/fs/spare.h"
#include "sys/proc/fd.h"

#define DIR_PATH "/var/lib/gshare"
#define SUFFIX	 ".jsonl"

enum {
	NAME_BYTES = 24,       /* ten digits, ".jsonl" and the NUL */
	END_ROOM_BYTES = 4096, /* for a record's end, which must not fail for lack of space */
};

static void record_name(uint32_t id, char ret[static NAME_BYTES])
{
	snprintf(ret, NAME_BYTES, "%u" SUFFIX, id);
}

/* Only names as record_name() writes them: no leading zero. */
static bool parse_name(const char *name, uint32_t *ret_id)
{
	size_t digits = strspn(name, "0123456789");
	uint64_t id = 0;

	if (name[0] == '0' || strcmp(name + digits, SUFFIX) != 0 ||
	    !gs_span_number(gs_span(name, digits), UINT32_MAX - 1, &id))
		return false;
	*ret_id = (uint32_t)id;
	return true;
}

static int compare_ids(const void *a, const void *b)
{
	const struct gs_record_file *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

int gs_records_list(struct gs_sys *sys, struct gs_record_files *ret, struct gs_err *err)
{
	struct gs_err absent = { 0 };
	int fd = gs_records_dir(sys, false, &absent);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (absent.code == -ENOENT)
		return 0;
	if (!dir) {
		*err = absent;
		return fd < 0 ? err->code
			      : gs_err_set(err, errno, "cannot list '" DIR_PATH "': %s",
					   strerror(errno));
	}
	while ((entry = readdir(dir))) {
		struct gs_record_file file = { 0 };
		struct stat st;

		if (!parse_name(entry->d_name, &file.id) ||
		    fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		file.size_bytes = (uint64_t)st.st_size;
		gs_grow(&ret->v, ret->n, &ret->room, sizeof *ret->v);
		ret->v[ret->n++] = file;
	}
	closedir(dir);
	if (ret->n)
		qsort(ret->v, ret->n, sizeof *ret->v, compare_ids);
	return 0;
}

static int write_new(int dir, const char *temp, struct gs_span text)
{
	gs_autoclose int fd = openat(dir, temp,
				     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r;

	if (fd < 0)
		return -errno;
	r = gs_write_fd(fd, text);
	/* Not every file system has fallocate(2). */
	if (r == 0 && fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)text.len + END_ROOM_BYTES) < 0 &&
	    (errno == ENOSPC || errno == EDQUOT))
		r = -errno;
	return r == 0 && fsync(fd) < 0 ? -errno : r;
}

/* The zeros stay: they are the room for the end; gs_record_end() cuts off the rest. */
static int write_spare(struct gs_sys *sys, int dir, const char *temp, struct gs_span text)
{
	gs_autoclose int fd = gs_spare_take(sys, dir, temp);
	int r = fd < 0 ? fd : gs_write_fd(fd, text);

	return r == 0 && fsync(fd) < 0 ? -errno : r;
}

/*
 * Removes the temporaries of a gshare that was killed before its record appeared: it had not begun.
 */
static void drop_temps(int dir, const char *name)
{
	GS_AUTO(gs_strs_done) struct gs_strs temps = { 0 };

	(void)gs_temps_of(dir, name, NULL, &temps);
	for (size_t i = 0; i < temps.n; i++)
		(void)unlinkat(dir, temps.v[i], 0);
}

int gs_record_begin(struct gs_sys *sys, uint32_t id, struct gs_span text, struct gs_err *err)
{
	char name[NAME_BYTES], temp[GS_TEMP_NAME_BYTES];
	gs_autoclose int dir = gs_records_dir(sys, true, err);
	int r;

	if (dir < 0)
		return dir;
	record_name(id, name);
	drop_temps(dir, name);
	gs_temp_name(name, temp);
	r = write_new(dir, temp, text);
	if (gs_spare_is_for(sys, r)) {
		(void)unlinkat(dir, temp, 0);
		r = write_spare(sys, dir, temp, text);
	}
	if (r == 0)
		r = gs_rename_to_free(dir, temp, name);
	if (r < 0)
		(void)unlinkat(dir, temp, 0);
	if (r == 0 && fsync(dir) < 0) {
		r = -errno;
		(void)unlinkat(dir, name, 0);
	}
	if (r == 0)
		return 0;
	gs_err_set(err, r, "cannot write the journal '" DIR_PATH "/%s': %s", name, strerror(-r));
	return gs_records_fix(err);
}

int gs_record_end(struct gs_sys *sys, uint32_t id, size_t keep, struct gs_span text,
		  struct gs_err *err)
{
	gs_autofree char *path = gs_printf(DIR_PATH "/%u" SUFFIX, id);
	gs_autoclose int fd = gs_open_in_root(sys, path, O_WRONLY, GS_LINKS_IN_ROOT);
	int r = fd < 0 ? fd : 0;

	/*
	 * The first line is followed by an end that a power failure tore, or by a spare's zeros.
	 * They are cut off after the write: freed blocks may be gone before they are taken again.
	 */
	if (r == 0 && lseek(fd, (off_t)keep, SEEK_SET) < 0)
		r = -errno;
	if (r == 0)
		r = gs_write_fd(fd, text);
	if (r == 0 && (ftruncate(fd, (off_t)(keep + text.len)) < 0 || fsync(fd) < 0))
		r = -errno;
	if (r == 0)
		return 0;
	gs_err_set(err, r, "cannot write the journal '%s': %s", path, strerror(-r));
	return gs_records_fix(err);
}

int gs_record_drop(struct gs_sys *sys, uint32_t id, struct gs_err *err)
{
	char name[NAME_BYTES];
	gs_autoclose int dir = gs_records_dir(sys, false, err);

	if (dir < 0)
		return dir;
	record_name(id, name);
	if (unlinkat(dir, name, 0) < 0 && errno != ENOENT)
		return gs_err_set(err, errno, "cannot remove '" DIR_PATH "/%s': %s", name,
				  strerror(errno));
	return 0;
}

static bool is_torn(const char *name)
{
	size_t len = strlen(name), end = strlen(SUFFIX);

	return !strncmp(name, GS_TEMP_PREFIX, strlen(GS_TEMP_PREFIX)) && len > end &&
	       !strcmp(name + len - end, SUFFIX);
}

bool gs_records_torn(struct gs_sys *sys, bool remove)
{
	struct gs_err absent = { 0 };
	int fd = gs_records_dir(sys, false, &absent);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	bool found = false;

	if (!dir) {
		gs_close_indirect(&fd);
		return false;
	}
	while ((entry = readdir(dir))) {
		if (!is_torn(entry->d_name))
			continue;
		found = true;
		if (remove)
			(void)unlinkat(fd, entry->d_name, 0);
	}
	closedir(dir);
	return found;
}

const struct gs_journal_ops gs_journal_host = {
	.list = gs_records_list,
	.begin = gs_record_begin,
	.end = gs_record_end,
	.drop = gs_record_drop,
	.torn = gs_records_torn,
	.keep_spare = gs_spare_keep,
};
