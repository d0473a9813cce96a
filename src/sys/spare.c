/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/spare.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/fd.h"
#include "sys/record.h"
#include "sys/rootfs.h"

enum { NAME_BYTES = 16 };

static void spare_name(unsigned i, char ret[static NAME_BYTES])
{
	snprintf(ret, NAME_BYTES, "spare.%u", i);
}

/*
 * Zeros that are written, not only reserved: to write over them takes no room. Not synced: what a
 * power cut takes of them the next run makes again. Where there is no room for all of them a spare
 * stays as it was, or is none: half a one would be taken before those that are whole.
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
	return r < 0 ? gs_err_set(err, r, "cannot keep room beside the journal: %s", strerror(-r))
		     : 0;
}

bool gs_spare_is_for(const struct gs_sys *sys, int error)
{
	return sys->may_spend && !sys->offline && (error == -ENOSPC || error == -EDQUOT);
}

/* A whole one, open; -1 where there is none of that number, or a power cut has left a part. */
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

/* Opened in our own directory: in the other one its name may soon be another file's. */
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

uint64_t gs_spare_room(struct gs_sys *sys, int dir)
{
	struct gs_err absent = { 0 };
	gs_autoclose int from = gs_records_dir(sys, false, &absent);
	struct stat there, spare;

	if (!sys->may_spend || from < 0 || fstat(dir, &there) < 0)
		return 0;
	for (unsigned i = 0; i < GS_SPARES; i++) {
		char name[NAME_BYTES];

		spare_name(i, name);
		if (fstatat(from, name, &spare, AT_SYMLINK_NOFOLLOW) == 0 &&
		    spare.st_dev == there.st_dev && spare.st_size >= GS_SPARE_BYTES)
			return (uint64_t)spare.st_size;
	}
	return 0;
}
