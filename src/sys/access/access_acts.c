/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/access/access_acts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/fs/mount_table.h"
#include "sys/proc/fd.h"
#include "sys/proc/proc.h"

enum {
	SHARE_FILE_BYTES = 4096,
	MINUTE_S = 60,
	MINUTES_MASK = 0xff, /* more than the longest --timeout has */
	OLD_S = 7200,	     /* twice the longest --timeout */
	LISTED = 4096,	     /* entries: several READDIR replies; a dataset may have millions */
	NS_IN_S = 1000000000,
};

/* ---- the acts; each returns 0 or the errno of the denial --------------------------------- */

static int write_all(int fd, const char *bytes, size_t size)
{
	while (size) {
		ssize_t n = write(fd, bytes, size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		bytes += n;
		size -= (size_t)n;
	}
	return 0;
}

/* close(2) on NFS reports the errors of earlier writes. */
static int close_told(int fd, int r)
{
	if (close(fd) < 0 && !r)
		return errno;
	return r;
}

enum { SWAPPED = -1 }; /* of an act: the result is unknown, another process replaced the file */

static bool is_own(const struct gs_probe *p, const struct stat *st)
{
	return S_ISREG(st->st_mode) && st->st_dev == p->board->dev && st->st_ino == p->board->ino &&
	       st->st_nlink == 1;
}

static bool has_own(const struct gs_probe *p, const char *name)
{
	struct stat st;

	return fstatat(p->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && is_own(p, &st);
}

/*
 * Opens the probe's own file again by name; returns 0, an errno or SWAPPED. The check before the
 * open avoids opening a device that an intruder put there (some devices act on open); the check
 * after it is the one that counts. O_NONBLOCK: a FIFO put there in between must not block the
 * probe.
 */
static int reopen(const struct gs_probe *p, int flags, int *ret_fd)
{
	struct stat st;
	int fd, error = 0;

	if (!has_own(p, p->now))
		return SWAPPED;
	fd = openat(p->dir, p->now, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0) {
		error = errno;
		return has_own(p, p->now) ? error : SWAPPED;
	}
	if (fstat(fd, &st) < 0)
		error = errno;
	else if (!is_own(p, &st))
		error = SWAPPED;
	if (error)
		close(fd);
	else
		*ret_fd = fd;
	return error;
}

static int know(struct gs_probe *p)
{
	struct stat st;

	if (fstat(p->fd, &st) < 0)
		return errno;
	p->board->dev = st.st_dev;
	p->board->ino = st.st_ino;
	p->board->known = true;
	return 0;
}

static int act_create(struct gs_probe *p)
{
	struct gs_access_result *result = &p->board->result;
	struct stat st;
	int r;

	p->board->begun = true;
	p->fd = openat(p->dir, p->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (p->fd < 0)
		return errno;
	p->made = true;
	r = know(p);
	if (!r)
		r = write_all(p->fd, p->bytes, GS_PROBE_BYTES);
	if (!r && fsync(p->fd) < 0)
		r = errno;
	if (!r && fstat(p->fd, &st) < 0)
		r = errno;
	if (r)
		return r;
	result->owner_uid = st.st_uid;
	result->owner_gid = st.st_gid;
	p->made_at = st.st_mtime;
	return 0;
}

/* The file must hold the page, followed by extra bytes of 'x'. */
static int compare(struct gs_probe *p, size_t extra)
{
	char seen[GS_PROBE_BYTES + 2];
	size_t size = 0, want = GS_PROBE_BYTES + extra;
	int fd = -1, r = reopen(p, O_RDONLY, &fd);

	if (r)
		return r;
	while (size < sizeof seen) {
		ssize_t n = read(fd, seen + size, sizeof seen - size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			r = errno;
		if (n <= 0)
			break;
		size += (size_t)n;
	}
	if (!r && (size != want || memcmp(seen, p->bytes, GS_PROBE_BYTES) ||
		   (extra && seen[GS_PROBE_BYTES] != 'x')))
		r = EIO;
	return close_told(fd, r);
}

static int act_read(struct gs_probe *p)
{
	return compare(p, 0);
}

static int act_change(struct gs_probe *p)
{
	int fd = -1, r = reopen(p, O_WRONLY, &fd);

	if (r)
		return r;
	for (size_t i = 0; i < GS_PROBE_BYTES; i++)
		p->bytes[i] ^= 0x55;
	r = close_told(fd, write_all(fd, p->bytes, GS_PROBE_BYTES));
	if (!r)
		r = reopen(p, O_WRONLY | O_APPEND, &fd);
	if (r)
		return r;
	r = write_all(fd, "x", 1);
	if (!r && fsync(fd) < 0)
		r = errno;
	r = close_told(fd, r);
	return r ? r : compare(p, 1);
}

static int act_rename(struct gs_probe *p)
{
	if (!has_own(p, p->name))
		return SWAPPED;
	/* Plain rename: NFS knows no RENAME_NOREPLACE, and the name is random. */
	if (renameat(p->dir, p->name, p->dir, p->moved) < 0)
		return errno;
	p->now = p->moved;
	return has_own(p, p->now) ? 0 : SWAPPED;
}

static int act_chown(struct gs_probe *p)
{
	struct stat st, then;
	uid_t other;

	if (fstat(p->fd, &st) < 0)
		return errno;
	other = st.st_uid == 1 ? 2 : 1;
	if (fchown(p->fd, other, (gid_t)-1) < 0)
		return errno;
	if (fstat(p->fd, &then) < 0)
		return errno;
	if (then.st_uid != other)
		return EOPNOTSUPP; /* the call succeeded but changed nothing */
	/*
	 * Restore the owner, so that a sticky directory lets us remove the file; an error shows at
	 * remove.
	 */
	return fchown(p->fd, st.st_uid, (gid_t)-1) < 0 ? errno : 0;
}

/*
 * The file was synced, so its removal must be synced too: a power failure would bring the file
 * back. An NFS server syncs removals itself (RFC 8881, 18.25.4); a directory that cannot be read is
 * not synced.
 */
static void sync_dir(const struct gs_probe *p)
{
	gs_autoclose int fd = openat(p->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		(void)fsync(fd);
}

/* An NFS client does not remove an open file, but renames it until it is closed (nfs(5)). */
static void let_go(struct gs_probe *p)
{
	if (p->fd >= 0)
		close(p->fd);
	p->fd = -1;
}

static int act_remove(struct gs_probe *p)
{
	let_go(p);
	if (!has_own(p, p->now))
		return SWAPPED;
	if (unlinkat(p->dir, p->now, 0) < 0)
		return errno;
	p->board->clean = true;
	sync_dir(p);
	return 0;
}

/* What is read where no file could be created: the directory, and its .gshare-id if it has one. */
static int act_look(struct gs_probe *p)
{
	char card[SHARE_FILE_BYTES];
	int fd = openat(p->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir)
		return errno;
	errno = 0;
	for (int i = 0; i < LISTED && readdir(dir); i++)
		errno = 0;
	r = errno;
	closedir(dir);
	fd = openat(p->dir, ".gshare-id", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (r || fd < 0)
		return r ? r : errno == ENOENT ? 0 : errno;
	if (read(fd, card, sizeof card) < 0)
		r = errno;
	return close_told(fd, r);
}

/* GS_PROBE_PREFIX, 16 hexadecimal digits, and the suffix that name_file() or name_link() adds. */
static bool is_probe_name(const char *name)
{
	static const char *const ends[] = { "", ".b", ".l" };
	size_t n = sizeof GS_PROBE_PREFIX - 1;

	if (strncmp(name, GS_PROBE_PREFIX, n) != 0 ||
	    strspn(name + n, "0123456789abcdef") != GS_PROBE_DIGITS)
		return false;
	for (size_t i = 0; i < GS_COUNT(ends); i++)
		if (!strcmp(name + n + GS_PROBE_DIGITS, ends[i]))
			return true;
	return false;
}

uint64_t gs_probe_number(int64_t deadline_ns)
{
	int64_t left_ns = deadline_ns - gs_now_ns(), minute_ns = (int64_t)MINUTE_S * NS_IN_S;
	uint64_t number, minutes = left_ns > 0 ? (uint64_t)(left_ns / minute_ns) + 1 : 1;

	if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
		number = (uint64_t)gs_now_ns() ^ (uint64_t)getpid() << 40;
	return (number & ~(uint64_t)MINUTES_MASK) |
	       (minutes < MINUTES_MASK ? minutes : MINUTES_MASK);
}

/* How long the probe that made the file may still have worked with it: its name tells. */
static time_t life_s(const char *name)
{
	const char *digits = name + sizeof GS_PROBE_PREFIX - 1 + GS_PROBE_DIGITS - 2;
	char two[] = { digits[0], digits[1], '\0' };
	time_t life = (time_t)(strtoul(two, NULL, 16) + 1) * MINUTE_S;

	return life < OLD_S ? life : OLD_S;
}

static bool is_before(struct timespec a, struct timespec b)
{
	return a.tv_sec < b.tv_sec || (a.tv_sec == b.tv_sec && a.tv_nsec < b.tv_nsec);
}

/* The time of this boot, to the nanosecond: a virtual machine boots in the second that it died. */
static bool find_boot(struct timespec *ret)
{
	struct timespec now, up;

	if (clock_gettime(CLOCK_BOOTTIME, &up) < 0 || clock_gettime(CLOCK_REALTIME, &now) < 0)
		return false;
	*ret = (struct timespec){ now.tv_sec - up.tv_sec, now.tv_nsec - up.tv_nsec };
	if (ret->tv_nsec < 0) {
		ret->tv_sec--;
		ret->tv_nsec += NS_IN_S;
	}
	return true;
}

/*
 * Probe files from before this are leftovers; 0: only their age tells. On a local file system these
 * are the ones made before the boot: no process of this host survived the boot, and no follower's
 * probe worked across it.
 */
static struct timespec left_before(const struct gs_probe *p)
{
	gs_autofree char *type = gs_mount_type(gs_mount_id_of(p->dir, ""));
	struct timespec boot = { 0 };

	if (!gs_mount_is_local(type) || !find_boot(&boot))
		return (struct timespec){ 0 };
	return boot;
}

static bool is_left(const struct gs_probe *p, const char *name, const struct stat *st,
		    struct timespec before)
{
	if (is_before(st->st_mtim, before))
		return true;
	return p->req->sweep && st->st_mtime < p->made_at - life_s(name);
}

/*
 * Removes what a run left when all of its processes were killed at once, the power failed, or it
 * lost its write access in between. It removes by name, as the user: a file put under such a name
 * meanwhile loses that name and nothing else. Whoever could move a file there, rather than a link
 * to one, could also remove it.
 */
static void sweep(const struct gs_probe *p)
{
	struct timespec before = left_before(p);
	bool looks = before.tv_sec || p->req->sweep;
	int fd = looks ? openat(p->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	struct stat st;

	for (int i = 0; dir && i < LISTED && (entry = readdir(dir)); i++) {
		if (!is_probe_name(entry->d_name) ||
		    fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode)) ||
		    st.st_size > GS_PROBE_BYTES + 1 || !is_left(p, entry->d_name, &st, before))
			continue;
		(void)unlinkat(fd, entry->d_name, 0);
	}
	if (dir)
		closedir(dir);
}

/* ---- the worker -------------------------------------------------------------------------- */

/* The parent has ended: nobody waits for the answer, but the file must still be removed. */
static bool is_orphan(const struct gs_probe *p)
{
	return getppid() != p->parent;
}

/* Root without its capabilities: a denial that they would have prevented is not reported as one. */
static bool is_for_want_of_powers(const struct gs_probe *p, const struct gs_try *act, int error)
{
	const struct gs_access_result *result = &p->board->result;

	/* An immutable directory denies a create to everybody, with EPERM. */
	return result->restrained &&
	       (error == EACCES || (error == EPERM && act != &result->create));
}

static bool try_act(struct gs_probe *p, int (*act)(struct gs_probe *), struct gs_try *ret)
{
	int error;

	if (is_orphan(p) || p->board->result.swapped)
		return false;
	error = act(p);
	if (error == SWAPPED)
		p->board->result.swapped = true;
	else if (!is_for_want_of_powers(p, ret, error))
		*ret = (struct gs_try){ error ? GS_CAN_NO : GS_CAN_YES, error };
	/* Did the server or the kernel deny before a file existed? Other errors leave that open. */
	if (act == act_create && !p->made)
		p->refused = error == EACCES || error == EPERM || error == EROFS;
	return !error;
}

/* Where the worker did not record the inode of its file, only the random name identifies it. */
static bool is_gone(struct gs_probe *p, const char *name)
{
	struct stat st;
	bool seen = fstatat(p->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;

	if (seen && p->board->known && (st.st_dev != p->board->dev || st.st_ino != p->board->ino)) {
		p->board->result.swapped = true; /* another file, not ours to remove */
		return true;
	}
	if (!unlinkat(p->dir, name, 0) || errno == ENOENT)
		return true;
	/* On a read-only mount unlinkat(2) fails with EROFS even where the name is absent. */
	return fstatat(p->dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT;
}

void gs_probe_remove(struct gs_probe *p)
{
	bool name, moved;

	let_go(p);
	name = is_gone(p, p->name);
	moved = is_gone(p, p->moved);
	p->board->clean = name && moved;
	sync_dir(p);
}

void gs_probe_work(struct gs_probe *p)
{
	struct gs_access_result *result = &p->board->result;
	bool made = try_act(p, act_create, &result->create);

	result->readonly_fs = p->refused && result->create.error == EROFS;
	if (made && !p->req->ro) {
		try_act(p, act_read, &result->read);
		try_act(p, act_change, &result->change);
		try_act(p, act_rename, &result->rename);
		if (!result->restrained)
			try_act(p, act_chown, &result->chown_);
	} else {
		try_act(p, act_look, &result->read);
	}
	if (made)
		try_act(p, act_remove, &result->remove);
	else if (p->refused)
		p->board->clean = true;
	/* A failed create needs it too: on NFS the file may exist although the reply was lost. */
	if (!p->board->clean)
		gs_probe_remove(p);
	if (made)
		sweep(p);
}
