/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/access/access_acts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/fs/mount_table.h"
#include "sys/proc/fd.h"

enum {
	SHARE_FILE_BYTES = 4096,
	OLD_S = 7200,  /* twice what any --timeout allows */
	LISTED = 4096, /* entries: several READDIR replies; a dataset may have millions */
};

/* ---- the acts; each returns 0 or the errno that says no ---------------------------------- */

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

/* NFS tells at close(2) what went wrong with earlier writes. */
static int close_told(int fd, int r)
{
	if (close(fd) < 0 && !r)
		return errno;
	return r;
}

enum { SWAPPED = -1 }; /* of an act: nothing can be said, somebody has replaced the file */

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
 * Our own file, once more by its name: 0, errno or SWAPPED. The look before it spares an intruder's
 * device the open, which some take for a command; the one after it is what counts. A FIFO that
 * comes between them must not hold us.
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

/* The file shall hold the page, and after it extra bytes of 'x'. */
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
		return EOPNOTSUPP; /* taken without an error, and not done */
	/* Back, so that a sticky directory lets us remove it; what fails here shows at remove. */
	return fchown(p->fd, st.st_uid, (gid_t)-1) < 0 ? errno : 0;
}

/*
 * The file was synced, so its end must be too: after a power cut it would be back. An NFS server
 * does that by itself (RFC 8881, 18.25.4); where the directory cannot be read it is left to chance.
 */
static void sync_dir(const struct gs_probe *p)
{
	gs_autoclose int fd = openat(p->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		(void)fsync(fd);
}

/* An NFS client does not remove a file that is open, but hides it until it is not (nfs(5)). */
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

/* Reading where nothing could be made: the directory, and the share's name card if it has one. */
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

/* GS_PROBE_PREFIX, 16 hexadecimal digits, and what access.c or visibility.c put after them. */
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

/*
 * What is older than this was left, 0: nothing is. On a disk of this machine's that is what was
 * made before it was booted: no process of ours lives since, and no follower's did its work through
 * us.
 */
static time_t left_before(const struct gs_probe *p)
{
	time_t before = p->req->sweep ? p->made_at - OLD_S : 0;
	gs_autofree char *type = gs_mount_type(gs_mount_id_of(p->dir, ""));
	struct timespec up;

	if (!gs_mount_is_local(type) || clock_gettime(CLOCK_BOOTTIME, &up) < 0)
		return before;
	return p->made_at - up.tv_sec > before ? p->made_at - up.tv_sec : before;
}

/*
 * What every process of a run left when all of them were killed at once, or the power failed. By
 * name, as the user: what is put there in between loses that name and nothing else. Whoever could
 * move a file there, instead of a link to it, could remove it as well.
 */
static void sweep(const struct gs_probe *p)
{
	time_t before = left_before(p);
	int fd = before ? openat(p->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	struct stat st;

	for (int i = 0; dir && i < LISTED && (entry = readdir(dir)); i++) {
		if (!is_probe_name(entry->d_name) ||
		    fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode)) ||
		    st.st_size > GS_PROBE_BYTES + 1 || st.st_mtime >= before)
			continue;
		(void)unlinkat(fd, entry->d_name, 0);
	}
	if (dir)
		closedir(dir);
}

/* ---- the worker -------------------------------------------------------------------------- */

/* The parent is gone: nobody waits for an answer, only the file has to go. */
static bool is_orphan(const struct gs_probe *p)
{
	return getppid() != p->parent;
}

/* Root without its powers: what they would have changed is not known to be refused. */
static bool is_for_want_of_powers(const struct gs_probe *p, const struct gs_try *act, int error)
{
	const struct gs_access_result *result = &p->board->result;

	/* A directory that nothing can be made in because it is immutable says EPERM to all. */
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
	/* Did the server or the kernel say no before there was a file? Others leave that open. */
	if (act == act_create && !p->made)
		p->refused = error == EACCES || error == EPERM || error == EROFS;
	return !error;
}

/* Where the worker did not come to know its file there is only the name, which is random. */
static bool is_gone(struct gs_probe *p, const char *name)
{
	struct stat st;
	bool seen = fstatat(p->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;

	if (seen && p->board->known && (st.st_dev != p->board->dev || st.st_ino != p->board->ino)) {
		p->board->result.swapped = true; /* not ours to remove */
		return true;
	}
	if (!unlinkat(p->dir, name, 0) || errno == ENOENT)
		return true;
	/* A read-only mount says so before it looks for the name. */
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
	/* Also after a create that failed: on NFS its reply may have been lost, not its effect. */
	if (!p->board->clean)
		gs_probe_remove(p);
	if (made)
		sweep(p);
}
