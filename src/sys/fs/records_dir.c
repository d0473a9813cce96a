/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/fs/records_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/command.h"
#include "sys/fs/inroot.h"
#include "sys/fs/mount_table.h"
#include "sys/proc/fd.h"

#define DIR_PATH "/var/lib/gshare"

/* Records define what a run may roll back: only root may access them. */
static int check_dir(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	return st.st_uid || st.st_mode & 022 ? -EPERM : 0;
}

static int make_dir(struct gs_sys *sys)
{
	const char *name = NULL;
	gs_autoclose int parent = gs_open_parent(sys, DIR_PATH, O_RDONLY, GS_LINKS_IN_ROOT, &name);

	if (parent < 0)
		return parent;
	if (mkdirat(parent, name, 0700) < 0 && errno != EEXIST)
		return -errno;
	return fsync(parent) < 0 ? -errno : 0;
}

int gs_records_dir(struct gs_sys *sys, bool make, struct gs_err *err)
{
	int fd = gs_open_in_root(sys, DIR_PATH, O_RDONLY | O_DIRECTORY, GS_LINKS_IN_ROOT), r;

	if (fd == -ENOENT && make) {
		r = make_dir(sys);
		if (r < 0)
			gs_err_set(err, r, "cannot make '" DIR_PATH "': %s", strerror(-r));
		if (r < 0)
			return gs_records_fix(err);
		fd = gs_open_in_root(sys, DIR_PATH, O_RDONLY | O_DIRECTORY, GS_LINKS_IN_ROOT);
	}
	if (fd < 0)
		return gs_err_set(err, fd, "cannot open '" DIR_PATH "': %s", strerror(-fd));
	r = check_dir(fd);
	if (r == 0)
		return fd;
	close(fd);
	gs_err_set(err, r, "'" DIR_PATH "' is not accessible to root alone");
	return gs_err_advise(err, "sudo chown root:root " DIR_PATH " && sudo chmod 0700 " DIR_PATH);
}

static bool is_immutable(const char *path)
{
	struct statx st;

	return statx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &st) == 0 &&
	       st.stx_attributes & STATX_ATTR_IMMUTABLE;
}

/* It may be so on purpose, or since an error was found on the disk. */
static int fix_read_only(const char *mount, struct gs_err *err)
{
	gs_autostr struct gs_str fix = { 0 };

	gs_str_adds(&fix, "see why: ");
	gs_command(&fix, "findmnt", "-T", DIR_PATH);
	gs_str_adds(&fix, "; if it is to be writable: ");
	gs_command(&fix, "sudo", "mount", "-o", "remount,rw", mount);
	return gs_err_fix_text(err, &fix);
}

int gs_records_fix(struct gs_err *err)
{
	GS_AUTO(gs_mount_entry_done) struct gs_mount_entry entry = { 0 };
	struct gs_err unknown = { 0 };

	if (err->code == -ENOSPC || err->code == -EDQUOT)
		return gs_err_fix(err, "make room on this file system: ", "df", "-h", DIR_PATH);
	if (err->code == -EROFS && gs_mount_containing(DIR_PATH, &entry, &unknown) == 0)
		return fix_read_only(entry.target, err);
	if (err->code == -EPERM && is_immutable(DIR_PATH))
		return gs_err_fix(err, "", "sudo", "chattr", "-i", DIR_PATH);
	return err->code;
}
