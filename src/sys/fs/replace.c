/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "base/command.h"
#include "sys/fs/outgoing.h"
#include "sys/fs/rootfs.h"
#include "sys/fs/spare.h"
#include "sys/proc/alarm.h"
#include "sys/proc/fd.h"

/*
 * Replaces a file as a compare-and-swap. A new file is written beside the old one, gets the old
 * one's owner, mode, ACL and labels (all of them extended attributes), is synced, and the two names
 * are exchanged. Then the old file is compared with what the plan saw, so that a write between our
 * check and the exchange is not lost. A lease keeps out processes that would write to the old file
 * after the exchange.
 */

enum {
	XATTR_MAX_BYTES = 64 * 1024, /* XATTR_SIZE_MAX and XATTR_LIST_MAX of linux/limits.h */
	FILE_MAX_BYTES = 64 << 20,
	OPENERS_MS = 5, /* in a test under load somebody needed more than 1 */
};

static int copy_xattrs(int from, int to)
{
	gs_autofree char *names = gs_alloc(XATTR_MAX_BYTES);
	gs_autofree char *value = gs_alloc(XATTR_MAX_BYTES);
	ssize_t len = flistxattr(from, names, XATTR_MAX_BYTES);

	if (len < 0)
		return errno == EOPNOTSUPP ? 0 : -errno;
	for (const char *name = names; name < names + len; name += strlen(name) + 1) {
		ssize_t n = fgetxattr(from, name, value, XATTR_MAX_BYTES);

		if (n < 0 || fsetxattr(to, name, value, (size_t)n, 0) < 0)
			return -errno;
	}
	return 0;
}

/* Owner first (it clears setuid bits), attributes next (an ACL sets group bits), mode last. */
static int copy_owner(int from, int to)
{
	struct stat st;
	int r;

	if (fstat(from, &st) < 0 || fchown(to, st.st_uid, st.st_gid) < 0)
		return -errno;
	r = copy_xattrs(from, to);
	if (r < 0)
		return r;
	return fchmod(to, st.st_mode & 07777) < 0 ? -errno : 0;
}

/* Does the file hold what the plan saw? 0, -ESTALE or another -errno. */
static int compare_content(int fd, struct gs_span want)
{
	gs_autostr struct gs_str have = { 0 };
	int r;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	r = gs_read_fd(fd, FILE_MAX_BYTES, &have);
	if (r == -EFBIG)
		return -ESTALE;
	return r < 0 ? r : gs_span_is(gs_str_span(&have), want) ? 0 : -ESTALE;
}

/* The old file's descriptor, -ENOENT where the plan saw none and none is there, or -errno. */
static int open_seen(int parent, const char *name, const struct gs_replace *replace)
{
	int fd = gs_open_regular_at(parent, name, FILE_MAX_BYTES);
	int r;

	if (fd < 0)
		return fd == -EFBIG || (fd == -ENOENT && replace->old_exists) ? -ESTALE : fd;
	r = replace->old_exists ? compare_content(fd, replace->old) : -ESTALE;
	if (r < 0) {
		close(fd);
		return r;
	}
	return fd;
}

static int fill_temp(int fd, int old, const struct gs_replace *replace)
{
	int r = gs_write_fd(fd, replace->text);

	if (r == 0 && ftruncate(fd, (off_t)replace->text.len) < 0)
		r = -errno;
	if (r == 0 && old >= 0)
		r = copy_owner(old, fd);
	else if (r == 0 && (fchown(fd, 0, 0) < 0 || fchmod(fd, replace->mode) < 0))
		r = -errno;
	if (r == 0 && fsync(fd) < 0)
		r = -errno;
	return r;
}

/* @ret_fd: the temporary, even if it could not be written; -1 if it was not made */
static int write_temp(int parent, const char *temp, int old, const struct gs_replace *replace,
		      int *ret_fd)
{
	*ret_fd = openat(parent, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return *ret_fd < 0 ? -errno : fill_temp(*ret_fd, old, replace);
}

/* For a full file system. @fd: in: the temporary that could not be written; out: the spare */
static int write_spare(struct gs_sys *sys, int parent, const char *temp, int old,
		       const struct gs_replace *replace, int *fd)
{
	if (unlinkat(parent, temp, 0) < 0 && errno != ENOENT)
		return -errno;
	gs_close_indirect(fd);
	*fd = gs_spare_take(sys, parent, temp);
	return *fd < 0 ? *fd : fill_temp(*fd, old, replace);
}

/*
 * A read lease (fcntl(2), "Leases") is granted only where nobody has the file open for writing; a
 * process that opens it for writing then waits until the lease ends with close. Not every file
 * system has leases. Returns -ETXTBSY where somebody has it open.
 */
static int lease(int fd, bool *ret_leased)
{
	/* SIGIO, which announces such a process, would kill us; SIGURG is ignored. */
	bool leased = fcntl(fd, F_SETSIG, SIGURG) == 0 && fcntl(fd, F_SETLEASE, F_RDLCK) == 0;

	if (!leased && errno == EAGAIN)
		return -ETXTBSY;
	*ret_leased = leased;
	return 0;
}

/*
 * Removes a temporary that holds our text; fd comes from O_EXCL. The directory may be a user's, or
 * writable by followers: if somebody has put another file there by now, it loses that name, and
 * ours is emptied through its descriptor. A temporary that stays becomes empty and 0600, as no file
 * of others is: the next run recognizes it (gs_clear_temps()), even if it writes another text.
 */
static void discard(int parent, const char *temp, int fd)
{
	struct stat st;

	if (fd < 0)
		return;
	(void)unlinkat(parent, temp, 0);
	if (fstat(fd, &st) == 0 && !st.st_nlink)
		return;
	if (ftruncate(fd, 0) == 0 && fchown(fd, 0, 0) == 0)
		(void)fchmod(fd, 0600);
}

/* Without RENAME_EXCHANGE only a comparison just before the rename protects the file. */
static int overwrite(int parent, const char *temp, const char *name, int old,
		     const struct gs_replace *replace)
{
	int r = compare_content(old, replace->old);

	return r < 0 ? r : renameat(parent, temp, parent, name) < 0 ? -errno : 0;
}

/* A process that waits for the lease has already opened the old file. */
static int compare_out(int parent, const char *temp, int old, bool leased,
		       const struct gs_replace *replace)
{
	struct stat seen, out;
	int r;

	if (fstat(old, &seen) < 0 || fstatat(parent, temp, &out, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	r = seen.st_dev == out.st_dev && seen.st_ino == out.st_ino
		    ? compare_content(old, replace->old)
		    : -ESTALE;
	return r == 0 && leased && fcntl(old, F_GETLEASE) != F_RDLCK ? -ESTALE : r;
}

/*
 * A process that found the old file by its name, and lost its processor before it opened it, writes
 * to it once the lease has ended. While the lease lasts it shows; one that comes later is found
 * before the run ends (outgoing.h).
 */
static void await_openers(void)
{
	const struct timespec moment = { .tv_nsec = OPENERS_MS * 1000000L };

	(void)nanosleep(&moment, NULL);
}

/* What another process has written to the new file, while it had the name, is the only copy. */
static bool is_untouched(int fd, const struct gs_replace *replace)
{
	struct stat st;

	return fstat(fd, &st) < 0 || st.st_size == (off_t)replace->text.len;
}

/*
 * Exchanges the names, then checks the old file; if another process has written it in between, or
 * if it cannot be checked or removed, it is put back. If even that fails it keeps the temporary
 * name: it is the only copy. While the lease lasts nobody writes to the old file, so it is compared
 * before as well: going back would lose what is written to the new one meanwhile.
 */
static int exchange(struct gs_sys *sys, int parent, const char *temp, int fd, const char *name,
		    int *old_fd, const struct gs_replace *replace)
{
	int old = *old_fd;
	bool leased = false;
	int r = lease(old, &leased);

	if (r == 0)
		r = compare_content(old, replace->old);
	if (r == 0 && renameat2(parent, temp, parent, name, RENAME_EXCHANGE) < 0) {
		r = errno == EINVAL ? overwrite(parent, temp, name, old, replace) : -errno;
	} else if (r == 0) {
		if (leased)
			await_openers();
		r = compare_out(parent, temp, old, leased, replace);
		if (r == 0 && unlinkat(parent, temp, 0) < 0)
			r = -errno;
		if (r < 0 && renameat2(parent, temp, parent, name, RENAME_EXCHANGE) < 0)
			return -errno;
		if (r < 0 && !is_untouched(fd, replace))
			return -ENOTUNIQ;
	}
	if (leased)
		(void)fcntl(old, F_SETLEASE, F_UNLCK);
	if (r < 0)
		discard(parent, temp, fd);
	else
		gs_outgoing_keep(sys, replace, old_fd);
	return r;
}

static int replace_in(struct gs_sys *sys, int parent, const char *name,
		      const struct gs_replace *replace)
{
	char temp[GS_TEMP_NAME_BYTES];
	gs_autoclose int old = open_seen(parent, name, replace);
	gs_autoclose int fd = -1;
	int r;

	if (old < 0 && (old != -ENOENT || replace->old_exists))
		return old;
	if (replace->remove)
		return old >= 0 && unlinkat(parent, name, 0) < 0 ? -errno : 0;
	gs_temp_name(name, temp);
	r = write_temp(parent, temp, old, replace, &fd);
	if (gs_spare_is_for(sys, r))
		r = write_spare(sys, parent, temp, old, replace, &fd);
	if (r == 0 && old >= 0)
		return exchange(sys, parent, temp, fd, name, &old, replace);
	if (r == 0)
		r = gs_rename_to_free(parent, temp, name);
	if (r < 0)
		discard(parent, temp, fd);
	return r == -EEXIST ? -ESTALE : r;
}

/*
 * The new name may not be durable: the old file is restored, so that the caller does not find half
 * of a change. A failed fsync is not retried: the kernel forgets the pages it could not write.
 */
static int sync_or_revert(struct gs_sys *sys, int parent, const char *name,
			  const struct gs_replace *replace, struct gs_err *err)
{
	const struct gs_replace back = {
		.path = replace->path,
		.old = replace->text,
		.old_exists = !replace->remove,
		.text = replace->old,
		.remove = !replace->old_exists,
		.mode = replace->mode,
	};
	int r = fsync(parent) < 0 ? -errno : 0;

	if (r == 0 || replace_in(sys, parent, name, &back) == 0)
		return r;
	gs_err_set(err, GS_E_LEFT, "'%s' is new, but its directory could not be synced: %s",
		   replace->path, strerror(-r));
	return gs_err_cause(err, "LEFT");
}

static int replace_file(struct gs_sys *sys, const struct gs_replace *replace, struct gs_err *err)
{
	const char *name = NULL;
	gs_autoclose int parent = gs_open_written(sys, replace->path, &name, err);
	struct gs_alarm alarm;
	int r = parent;

	if (parent < 0 && err->code)
		return r;
	/* No server holds delegations of files in a tree below --root. */
	gs_alarm_begin(&alarm, sys->offline ? 0 : sys->deadline_ns);
	if (parent >= 0) {
		gs_clear_temps(sys, parent, name, replace);
		r = replace_in(sys, parent, name, replace);
	}
	if (r == 0)
		r = sync_or_revert(sys, parent, name, replace, err);
	r = gs_alarm_end(&alarm, r);
	if (r == -GS_E_LEFT)
		return r;
	if (r == -ETIMEDOUT)
		return gs_alarm_held(replace->path, err);
	if (r == -ESTALE) {
		gs_err_set(err, r, "'%s' has changed since it was read; gshare did not write to it",
			   replace->path);
		return gs_err_advise(err, "run the same command again");
	}
	if (r == -ENOTUNIQ)
		return gs_err_set(
			err, GS_E_LEFT,
			"'%s' was written to by other processes while gshare replaced it: "
			"what the last of them wrote is in a file beside it, '%s*'",
			replace->path, GS_TEMP_PREFIX);
	if (r == -ETXTBSY) {
		gs_err_set(err, r, "'%s' is open for writing by another process", replace->path);
		return gs_err_fix(err, "see which one: ", "sudo", "fuser", "-v", replace->path);
	}
	if (r < 0)
		return gs_err_set(err, r, "cannot %s '%s': %s",
				  replace->remove ? "remove" : "replace", replace->path,
				  strerror(-r));
	return 0;
}

int gs_rootfs_replace_file(struct gs_sys *sys, const struct gs_replace *replace, struct gs_err *err)
{
	struct gs_replace now = *replace;
	gs_autostr struct gs_str text = { 0 };

	if (gs_outgoing_text(sys, replace, &text))
		now.text = gs_str_span(&text);
	return replace_file(sys, &now, err);
}
