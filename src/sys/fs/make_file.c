/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/fs/rootfs.h"
#include "sys/proc/fd.h"

/* A file for whoever runs gshare, in place of nothing: written beside its name, then renamed. */

static int write_temp(int parent, const char *temp, struct gs_span text)
{
	gs_autoclose int fd = openat(parent, temp,
				     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r;

	if (fd < 0)
		return -errno;
	r = gs_write_fd(fd, text);
	/* The umask may have taken bits, and a default ACL given some. */
	if (r == 0 && (fchmod(fd, 0600) < 0 || fsync(fd) < 0))
		r = -errno;
	if (r < 0)
		(void)unlinkat(parent, temp, 0);
	return r;
}

static int make_in(int parent, const char *name, struct gs_span text)
{
	char temp[GS_TEMP_NAME_BYTES];
	int r;

	gs_temp_name(name, temp);
	r = write_temp(parent, temp, text);
	if (r < 0)
		return r;
	r = gs_rename_to_free(parent, temp, name);
	if (r < 0)
		(void)unlinkat(parent, temp, 0);
	else if (fsync(parent) < 0)
		r = -errno;
	return r;
}

/* Could it be made? Whether there is room for it shows later. */
static int try_in(int parent, const char *name)
{
	struct stat st;

	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return -EEXIST;
	if (errno != ENOENT)
		return -errno;
	return faccessat(parent, ".", W_OK | X_OK, AT_EACCESS) < 0 ? -errno : 0;
}

int gs_rootfs_make_file(struct gs_sys *sys, const struct gs_new_file *file, struct gs_err *err)
{
	GS_AUTO(gs_way_done) struct gs_way way = { 0 };
	const char *name = NULL;
	gs_autoclose int parent = gs_open_way(sys, file->path, &way, &name);
	int r = parent;

	if (parent < 0 && way.refused)
		return gs_refuse_way(sys, &way, file->path, err);
	if (parent >= 0)
		r = file->only_tries ? try_in(parent, name) : make_in(parent, name, file->text);
	if (r == -EEXIST)
		return gs_err_set(err, r, "'%s' exists, and is not replaced", file->path);
	if (r < 0)
		return gs_err_set(err, r, "cannot create '%s': %s", file->path, strerror(-r));
	return 0;
}
