/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/fs/rootfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "sys/fs/acl.h"
#include "sys/fs/pin.h"
#include "sys/proc/alarm.h"
#include "sys/proc/fd.h"
#include "sys/proc/proc.h"

enum {
	READ_BLOCK_BYTES = 64 * 1024,
	FD_PATH_BYTES = 40,	/* "/proc/self/fd/" and a number */
	DIR_ENTRIES_MAX = 4096, /* more names than that in exports.d are no configuration */
	GS_TEMP_NAME_MAX = GS_TEMP_NAME_BYTES - sizeof GS_TEMP_PREFIX - GS_TEMP_DIGITS - 1,
};

int gs_read_fd(int fd, size_t max, struct gs_str *ret_text)
{
	gs_autostr struct gs_str text = { 0 };
	char block[READ_BLOCK_BYTES];

	for (;;) {
		ssize_t n = read(fd, block, sizeof block);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		if ((size_t)n > max - text.len)
			return -EFBIG;
		gs_str_add(&text, gs_span(block, (size_t)n));
	}
	gs_str_add(ret_text, gs_str_span(&text));
	return 0;
}

int gs_write_fd(int fd, struct gs_span bytes)
{
	while (bytes.len) {
		ssize_t n = write(fd, bytes.ptr, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes = gs_span_from(bytes, (size_t)n);
	}
	return 0;
}

/*
 * Opens by /proc the very inode that was checked. Without /proc, as in a container that builds an
 * image, opens the name again; that may be another file by now, so the inode is compared.
 */
static int reopen(int at, int dir, const char *name)
{
	enum { FLAGS = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC };
	char fd_path[FD_PATH_BYTES];
	struct stat was, is;
	int fd;

	snprintf(fd_path, sizeof fd_path, "/proc/self/fd/%d", at);
	fd = open(fd_path, FLAGS & ~O_NOFOLLOW);
	if (fd >= 0 || errno != ENOENT)
		return fd < 0 ? -errno : fd;
	fd = openat(dir, name, FLAGS);
	if (fd < 0)
		return -errno;
	if (fstat(at, &was) == 0 && fstat(fd, &is) == 0 && was.st_dev == is.st_dev &&
	    was.st_ino == is.st_ino)
		return fd;
	close(fd);
	return -ESTALE;
}

int gs_open_regular_at(int dir, const char *name, size_t max)
{
	gs_autoclose int at = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (at < 0 || fstat(at, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISLNK(st.st_mode) ? -ELOOP : -EINVAL;
	return (uintmax_t)st.st_size > max ? -EFBIG : reopen(at, dir, name);
}

int gs_open_regular(const struct gs_sys *sys, const char *path, size_t max)
{
	const char *name = NULL;
	gs_autoclose int parent = gs_open_parent(sys, path, O_PATH, GS_LINKS_IN_ROOT, &name);

	return parent < 0 ? parent : gs_open_regular_at(parent, name, max);
}

/*
 * The file behind a link of a trusted user: in /etc one file may stand for another, as where a tool
 * keeps it elsewhere. It is only read this way; gs_way_check() refuses to replace a link.
 */
static int open_behind(struct gs_sys *sys, const char *path, size_t max, unsigned links)
{
	enum { LINKS_MAX = 8 };
	GS_AUTO(gs_way_done) struct gs_way way = { 0 };
	const char *name = NULL;
	gs_autoclose int dir = gs_open_way(sys, path, &way, &name);
	gs_autofree char *next = NULL;
	char text[PATH_MAX];
	struct stat st;
	ssize_t n;
	int fd;

	if (dir < 0 || links > LINKS_MAX)
		return dir < 0 ? dir : -ELOOP;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	n = readlinkat(dir, name, text, sizeof text);
	if (n <= 0 || (size_t)n == sizeof text)
		return n < 0 ? -errno : -ENAMETOOLONG;
	if (!gs_trust_has(&sys->trust, st.st_uid) && st.st_uid != geteuid())
		return -EPERM;
	next = gs_printf("%.*s%.*s", text[0] == '/' ? 0 : (int)(name - path), path, (int)n, text);
	fd = gs_open_regular(sys, next, max);
	return fd == -ELOOP ? open_behind(sys, next, max, links + 1) : fd;
}

/* Reports a link of others, or that root itself may not look there. */
static int cannot_open(struct gs_sys *sys, const char *path, int r, struct gs_err *err)
{
	GS_AUTO(gs_way_done) struct gs_way way = { 0 };

	if (r == -EPERM)
		gs_rootfs_way(sys, path, &way);
	if (way.is_link)
		return gs_refuse_way(sys, &way, path, err);
	return gs_err_set(err, r, "cannot open '%s': %s", path, strerror(-r));
}

int gs_rootfs_read_file(struct gs_sys *sys, const char *path, size_t max, struct gs_str *ret_text,
			bool *ret_exists, struct gs_err *err)
{
	gs_autoclose int fd = gs_open_regular(sys, path, max);
	int r;

	if (fd == -ELOOP && !strncmp(path, "/etc/", 5))
		fd = open_behind(sys, path, max, 0);
	if (fd == -ENOENT || fd == -ENOTDIR) {
		*ret_exists = false;
		return 0;
	}
	if (fd == -ELOOP) {
		gs_err_set(err, ELOOP, "'%s' is a symbolic link, which replacing would destroy",
			   path);
		return gs_err_advise(err,
				     "make it a regular file, or specify the file it points to");
	}
	if (fd == -EINVAL)
		return gs_err_set(err, fd, "'%s' is not a regular file", path);
	if (fd == -EFBIG)
		return gs_err_set(err, fd, "'%s' is longer than %zu bytes", path, max);
	if (fd < 0)
		return cannot_open(sys, path, fd, err);
	r = gs_read_fd(fd, max, ret_text);
	if (r < 0)
		return gs_err_set(err, r, "cannot read '%s': %s", path, strerror(-r));
	*ret_exists = true;
	return 0;
}

static int compare_names(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

static bool ends_in(const char *name, const char *suffix)
{
	size_t n = strlen(name), m = strlen(suffix);

	return n > m && !strcmp(name + n - m, suffix);
}

int gs_rootfs_list_dir(struct gs_sys *sys, const char *path, const char *suffix,
		       struct gs_strs *ret_names, struct gs_err *err)
{
	int fd = gs_open_in_root(sys, path, O_RDONLY | O_DIRECTORY, GS_LINKS_IN_ROOT);
	struct gs_strs names = { 0 };
	struct dirent *entry;
	DIR *dir;

	if (fd == -ENOENT || fd == -ENOTDIR)
		return 0;
	if (fd < 0)
		return gs_err_set(err, fd, "cannot open '%s': %s", path, strerror(-fd));
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return gs_err_set(err, errno, "cannot list '%s': %s", path, strerror(errno));
	}
	while (names.n < DIR_ENTRIES_MAX && (errno = 0, entry = readdir(dir)))
		if (entry->d_name[0] != '.' && ends_in(entry->d_name, suffix))
			gs_strs_add(&names, entry->d_name);
	if (errno || names.n == DIR_ENTRIES_MAX) {
		gs_err_set(err, errno ? errno : EFBIG, "cannot list '%s': %s", path,
			   errno ? strerror(errno) : "too many files");
		closedir(dir);
		gs_strs_done(&names);
		return err->code;
	}
	closedir(dir);
	if (names.n)
		qsort(names.v, names.n, sizeof *names.v, compare_names);
	*ret_names = names;
	return 0;
}

static bool has_entries(const char *fd_path)
{
	DIR *dir = opendir(fd_path);
	struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir)))
		found = strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
	if (dir)
		closedir(dir);
	return found;
}

static enum gs_inode_type node_type(unsigned mode)
{
	if (S_ISDIR(mode))
		return GS_INODE_DIR;
	if (S_ISREG(mode))
		return GS_INODE_FILE;
	return S_ISLNK(mode) ? GS_INODE_LINK : GS_INODE_OTHER;
}

int gs_rootfs_look_fd(int fd, struct gs_inode *ret)
{
	struct gs_inode inode = { 0 };
	char fd_path[FD_PATH_BYTES];
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_BASIC_STATS,
		  &st) < 0)
		return -errno;
	inode.type = node_type(st.stx_mode);
	inode.mode = st.stx_mode & 07777;
	inode.uid = st.stx_uid;
	inode.gid = st.stx_gid;
	inode.is_mount_point = st.stx_attributes & STATX_ATTR_MOUNT_ROOT;
	inode.can_guard = st.stx_attributes_mask & STATX_ATTR_IMMUTABLE;
	/* chattr(1) +i takes this capability, which containers do not have. */
	inode.guard_denied = inode.can_guard &&
			     prctl(PR_CAPBSET_READ, CAP_LINUX_IMMUTABLE, 0, 0, 0) == 0;
	inode.is_guarded = st.stx_attributes & STATX_ATTR_IMMUTABLE;
	if (inode.type == GS_INODE_DIR && !inode.is_mount_point) {
		snprintf(fd_path, sizeof fd_path, "/proc/self/fd/%d", fd);
		inode.has_entries = has_entries(fd_path);
	}
	*ret = inode;
	return 0;
}

int gs_rootfs_look(struct gs_sys *sys, const char *path, struct gs_inode *ret, struct gs_err *err)
{
	/* O_PATH and a statx that asks no server: works on a mount point that does not respond. */
	gs_autoclose int fd = gs_open_in_root(sys, path, O_PATH, GS_LINKS_NONE);
	struct gs_inode inode = { 0 };
	char fd_path[FD_PATH_BYTES];
	int r;

	if (fd == -ELOOP) {
		/* The kernel does not say whether the last component or a parent is the link. */
		*ret = (struct gs_inode){ .type = GS_INODE_LINK };
		return 0;
	}
	if (fd == -ENOENT || fd == -ENOTDIR) {
		*ret = inode;
		return 0;
	}
	if (fd == -EXDEV)
		return gs_pin_is_bent(path, err);
	if (fd < 0)
		return gs_err_set(err, fd, "cannot access '%s': %s", path, strerror(-fd));
	r = gs_rootfs_look_fd(fd, &inode);
	if (r < 0)
		return gs_err_set(err, r, "cannot access '%s': %s", path, strerror(-r));
	if (inode.type == GS_INODE_DIR && !inode.is_mount_point) {
		snprintf(fd_path, sizeof fd_path, "/proc/self/fd/%d", fd);
		inode.acl_hidden = gs_acl_read(fd, false, &inode.acl_access) < 0;
		inode.acl_default = gs_acl_text(fd, true);
	}
	*ret = inode;
	return 0;
}

uint32_t gs_rootfs_random_id(struct gs_sys *sys)
{
	uint32_t id = 0;

	(void)sys;
	while (!id)
		if (getrandom(&id, sizeof id, 0) < 0)
			id = (uint32_t)getpid();
	return id;
}

/* The mode goes last: chown clears setgid, and an access ACL rewrites the group bits. */
static int set_dir(int fd, const struct gs_dir_spec *spec, struct gs_err *err)
{
	int r;

	if (fchown(fd, spec->uid, spec->gid) < 0)
		return gs_err_set(err, errno, "cannot set the owner: %s", strerror(errno));
	if (fchmod(fd, spec->mode) < 0)
		return gs_err_set(err, errno, "cannot set the mode: %s", strerror(errno));
	r = gs_acl_set(fd, false, spec->acl_access, err);
	if (r == 0)
		r = gs_acl_set(fd, true, spec->acl_default, err);
	if (r == 0 && fsync(fd) < 0)
		return gs_err_set(err, errno, "cannot sync: %s", strerror(errno));
	return r;
}

void gs_temp_name(const char *name, char ret[static GS_TEMP_NAME_BYTES])
{
	uint64_t random = 0;

	if (getrandom(&random, sizeof random, GRND_NONBLOCK) < 0)
		random = (uint64_t)getpid();
	snprintf(ret, GS_TEMP_NAME_BYTES, GS_TEMP_PREFIX "%016llx-%.*s", (unsigned long long)random,
		 GS_TEMP_NAME_MAX, name);
}

bool gs_temp_is_of(const char *entry, const char *name)
{
	size_t at = sizeof GS_TEMP_PREFIX - 1, digits;

	if (strncmp(entry, GS_TEMP_PREFIX, at) != 0)
		return false;
	digits = strspn(entry + at, "0123456789abcdef");
	return digits == GS_TEMP_DIGITS && entry[at + digits] == '-' &&
	       !strncmp(entry + at + digits + 1, name, GS_TEMP_NAME_MAX) &&
	       strlen(entry + at + digits + 1) <= GS_TEMP_NAME_MAX;
}

static bool is_over(const struct gs_temp_filter *filter)
{
	return filter && filter->end_ns && gs_now_ns() >= filter->end_ns;
}

int gs_temps_of(int dir, const char *name, const struct gs_temp_filter *filter, struct gs_strs *ret)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!list) {
		int r = -errno;

		if (fd >= 0)
			close(fd);
		return r;
	}
	while (!is_over(filter) && (entry = readdir(list)))
		if (gs_temp_is_of(entry->d_name, name) &&
		    (!filter || filter->is_meant(filter->arg, dir, entry->d_name)))
			gs_strs_add(ret, entry->d_name);
	closedir(list);
	return 0;
}

int gs_rename_to_free(int parent, const char *from, const char *to)
{
	struct stat st;

	if (renameat2(parent, from, parent, to, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL)
		return -errno;
	if (fstatat(parent, to, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return -EEXIST;
	return renameat(parent, from, parent, to) < 0 ? -errno : 0;
}

/*
 * Opens the directory just made: mkdir(2) returns no descriptor, and where others may rename in
 * parent the name may be another directory's by now. Ours is empty and 0700: any other such
 * directory has nothing in it that a new owner or mode could expose.
 */
static int open_made(int parent, const char *temp)
{
	int fd = openat(parent, temp, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char fd_path[FD_PATH_BYTES];
	struct stat st;
	int r;

	if (fd < 0)
		return -errno;
	snprintf(fd_path, sizeof fd_path, "/proc/self/fd/%d", fd);
	r = fstat(fd, &st) < 0 ? -errno : 0;
	if (r == 0 &&
	    (st.st_uid != geteuid() || (st.st_mode & 0777) != 0700 || has_entries(fd_path)))
		r = -ESTALE;
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

int gs_rootfs_make_dir(struct gs_sys *sys, const char *path, const struct gs_dir_spec *spec,
		       struct gs_err *err)
{
	const char *name = NULL;
	gs_autoclose int parent = gs_open_parent(sys, path, O_RDONLY, GS_LINKS_NONE, &name);
	char temp[GS_TEMP_NAME_BYTES];
	int fd, r;

	if (parent < 0)
		return gs_err_set(err, parent, "cannot create '%s': %s", path, strerror(-parent));
	gs_temp_name(name, temp);
	if (mkdirat(parent, temp, 0700) < 0)
		return gs_err_set(err, errno, "cannot create '%s': %s", path, strerror(errno));
	fd = open_made(parent, temp);
	if (fd == -ESTALE)
		r = gs_err_set(err, fd, "it was replaced by another directory during the run");
	else
		r = fd < 0 ? gs_err_set(err, fd, "%s", strerror(-fd)) : set_dir(fd, spec, err);
	if (fd >= 0)
		close(fd);
	if (r == 0) {
		r = gs_rename_to_free(parent, temp, name);
		if (r == 0 && fsync(parent) < 0) {
			r = -errno;
			unlinkat(parent, name, AT_REMOVEDIR);
		}
		if (r < 0)
			gs_err_set(err, r, "%s", strerror(-r));
	}
	if (r < 0) {
		unlinkat(parent, temp, AT_REMOVEDIR);
		return gs_err_prefix(err, "cannot create '%s'", path);
	}
	return 0;
}

int gs_rootfs_remove_dir(struct gs_sys *sys, const char *path, struct gs_err *err)
{
	const char *name = NULL;
	gs_autoclose int parent = gs_open_parent(sys, path, O_RDONLY, GS_LINKS_NONE, &name);

	if (parent < 0)
		return gs_err_set(err, parent, "cannot remove '%s': %s", path, strerror(-parent));
	if (unlinkat(parent, name, AT_REMOVEDIR) < 0)
		return gs_err_set(err, errno, "cannot remove '%s': %s", path, strerror(errno));
	if (fsync(parent) < 0)
		return gs_err_set(err, errno, "cannot sync the directory of '%s': %s", path,
				  strerror(errno));
	return 0;
}

static bool has_acl(int fd, bool is_default, const char *want)
{
	gs_autofree char *text = want ? gs_acl_text(fd, is_default) : NULL;

	return !want || (text && !strcmp(text, want));
}

static bool is_set(int fd, const struct gs_dir_spec *spec)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_uid == spec->uid && st.st_gid == spec->gid &&
	       (st.st_mode & 07777) == spec->mode && has_acl(fd, false, spec->acl_access) &&
	       has_acl(fd, true, spec->acl_default);
}

/* Changes all attributes or, on failure, restores from's. */
static int change_set_dir(int fd, const struct gs_dir_spec *from, const struct gs_dir_spec *to,
			  struct gs_err *err)
{
	struct gs_err stays = { 0 };
	gs_autofree char *why = NULL;

	if (set_dir(fd, to, err) == 0 || set_dir(fd, from, &stays) == 0)
		return err->code;
	why = gs_strdup(err->msg);
	return gs_err_set(err, GS_E_LEFT, "%s; and it could not be rolled back: %s", why,
			  stays.msg);
}

int gs_rootfs_set_dir(struct gs_sys *sys, const char *path, const struct gs_dir_spec *from,
		      const struct gs_dir_spec *to, struct gs_err *err)
{
	gs_autoclose int fd = gs_open_in_root(sys, path, O_RDONLY | O_DIRECTORY, GS_LINKS_NONE);
	struct gs_alarm alarm;
	int r;

	if (fd < 0)
		return gs_err_set(err, fd, "cannot open '%s': %s", path, strerror(-fd));
	if (!is_set(fd, from))
		return gs_err_set(err, ESTALE, "owner, mode or ACL of '%s' changed during the run",
				  path);
	gs_alarm_begin(&alarm, sys->offline ? 0 : sys->deadline_ns);
	r = gs_alarm_end(&alarm, change_set_dir(fd, from, to, err));
	if (r == -ETIMEDOUT)
		return gs_alarm_held(path, err);
	return r < 0 ? gs_err_prefix(err, "'%s'", path) : 0;
}

/* A change of the name needs the directory, RENAME_EXCHANGE and unlink(2) the old file too. */
enum gs_obstacle gs_rootfs_obstacle(int dir, const char *name)
{
	struct statx of_dir = { 0 }, of_file = { 0 };
	struct statvfs fs;

	/* What cannot be looked at is no obstacle: writing the file tells. */
	(void)statx(dir, "", AT_EMPTY_PATH, STATX_TYPE, &of_dir);
	(void)statx(dir, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_TYPE, &of_file);
	if (of_file.stx_attributes & STATX_ATTR_MOUNT_ROOT)
		return GS_OBSTACLE_MOUNT;
	if (fstatvfs(dir, &fs) == 0 && fs.f_flag & ST_RDONLY)
		return GS_OBSTACLE_READ_ONLY;
	if (of_file.stx_attributes & STATX_ATTR_IMMUTABLE)
		return GS_OBSTACLE_IMMUTABLE;
	if (of_file.stx_attributes & STATX_ATTR_APPEND)
		return GS_OBSTACLE_APPEND;
	if (of_dir.stx_attributes & STATX_ATTR_IMMUTABLE)
		return GS_OBSTACLE_DIR_IMMUTABLE;
	return of_dir.stx_attributes & STATX_ATTR_APPEND ? GS_OBSTACLE_DIR_APPEND
							 : GS_OBSTACLE_NONE;
}

void gs_rootfs_way(struct gs_sys *sys, const char *path, struct gs_way *ret)
{
	const char *name = NULL;
	int fd = gs_open_way(sys, path, ret, &name);

	if (fd >= 0)
		ret->obstacle = gs_rootfs_obstacle(fd, name);
	gs_close_indirect(&fd);
}
