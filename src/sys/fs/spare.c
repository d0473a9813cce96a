/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/fs/spare.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/fs/records_dir.h"
#include "sys/fs/rootfs.h"
#include "sys/proc/fd.h"

enum { NAME_BYTES = 16 };

static void spare_name(unsigned i, char ret[static NAME_BYTES])
{
	snprintf(ret, NAME_BYTES, "spare.%u", i);
}

/*
 * Writes zeros instead of only reserving blocks: writing over them takes no room. They are not
 * synced: what a power failure takes of them the next run writes again. Where there is no room for
 * all of them a spare keeps its size or is not made: a partial spare would be taken before whole
 * ones.
 */
static int fill(int dir, const char *name, uint64_t bytes)
{
	static const char zeros[16 << 10];
	gs_autoclose int fd = openat(dir, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	struct stat st;
	int r = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size >= bytes)
		return 0;
	if (lseek(fd, st.st_size, SEEK_SET) < 0)
		return -errno;
	for (uint64_t left = bytes - (uint64_t)st.st_size; r == 0 && left;) {
		size_t n = left < sizeof zeros ? (size_t)left : sizeof zeros;

		r = gs_write_fd(fd, gs_span(zeros, n));
		left -= n;
	}
	if (r < 0 && (!st.st_size || ftruncate(fd, st.st_size) < 0))
		(void)unlinkat(dir, name, 0);
	return r;
}

int gs_spare_keep(struct gs_sys *sys, uint64_t bytes, struct gs_err *err)
{
	gs_autoclose int dir = gs_records_dir(sys, true, err);
	int r = 0;

	if (dir < 0)
		return dir;
	for (unsigned i = 0; r == 0 && i < GS_SPARES; i++) {
		char name[NAME_BYTES];

		spare_name(i, name);
		r = fill(dir, name, bytes > GS_SPARE_BYTES ? bytes : GS_SPARE_BYTES);
	}
	if (r == 0)
		return 0;
	gs_err_set(err, r, "cannot reserve space beside the journal: %s", strerror(-r));
	return gs_records_fix(err);
}

bool gs_spare_is_for(const struct gs_sys *sys, int error)
{
	return sys->may_spend && !sys->offline && (error == -ENOSPC || error == -EDQUOT);
}

/* Opens a whole spare; -1 where this number is absent, or a power failure has left a part. */
static int open_spare(int from, const char *spare)
{
	int fd = openat(from, spare, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= GS_SPARE_BYTES)
		return fd;
	close(fd);
	return -1;
}

/* Opens the spare in our own directory: in the other one its name may soon be another file's. */
int gs_spare_take(struct gs_sys *sys, int dir, const char *name)
{
	struct gs_err absent = { 0 };
	gs_autoclose int from = gs_records_dir(sys, false, &absent);

	for (unsigned i = 0; from >= 0 && i < GS_SPARES; i++) {
		char spare[NAME_BYTES];
		int fd, error;

		spare_name(i, spare);
		fd = open_spare(from, spare);
		if (fd < 0)
			continue;
		if (renameat2(from, spare, dir, name, RENAME_NOREPLACE) == 0)
			return fd;
		error = errno;
		close(fd);
		if (error == EEXIST)
			return -EEXIST;
	}
	return -ENOSPC;
}

/* struct fit - a file that spares are for */
struct fit {
	dev_t dev;
	uint64_t bytes;
};

/* Is there a spare of that number that fits? */
static bool fits(int from, unsigned i, const struct fit *fit)
{
	char name[NAME_BYTES];
	struct stat st;

	spare_name(i, name);
	return fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	       st.st_dev == fit->dev && st.st_size >= GS_SPARE_BYTES &&
	       (uint64_t)st.st_size >= fit->bytes;
}

/* Opens the records' directory, if spares may be taken for a file in dir; else -1. */
static int open_for(struct gs_sys *sys, int dir, struct fit *fit)
{
	struct gs_err absent = { 0 };
	struct stat st;

	if (!sys->may_spend || sys->offline || fstat(dir, &st) < 0)
		return -1;
	fit->dev = st.st_dev;
	return gs_records_dir(sys, false, &absent);
}

unsigned gs_spare_count(struct gs_sys *sys, int dir, uint64_t bytes)
{
	struct fit fit = { .bytes = bytes };
	gs_autoclose int from = open_for(sys, dir, &fit);
	unsigned n = 0;

	for (unsigned i = 0; from >= 0 && i < GS_SPARES; i++)
		n += fits(from, i, &fit);
	return n;
}

void gs_spare_drop(struct gs_sys *sys, int dir)
{
	struct fit fit = { 0 };
	gs_autoclose int from = open_for(sys, dir, &fit);

	for (unsigned i = 0; from >= 0 && i < GS_SPARES; i++) {
		char name[NAME_BYTES];

		spare_name(i, name);
		if (fits(from, i, &fit) && unlinkat(from, name, 0) == 0)
			return;
	}
}

/* The remaining spares have the size of those taken, or had it when the last one was taken. */
uint64_t gs_spare_largest(struct gs_sys *sys)
{
	struct gs_err absent = { 0 };
	gs_autoclose int from = sys->offline ? -1 : gs_records_dir(sys, false, &absent);
	uint64_t largest = sys->offline ? 0 : GS_SPARE_BYTES;

	for (unsigned i = 0; from >= 0 && i < GS_SPARES; i++) {
		char name[NAME_BYTES];
		struct stat st;

		spare_name(i, name);
		if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
		    (uint64_t)st.st_size > largest)
			largest = (uint64_t)st.st_size;
	}
	return largest;
}
