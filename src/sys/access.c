/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/access.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "sys/child.h"
#include "sys/fd.h"
#include "sys/privs.h"
#include "sys/proc.h"

#define PREFIX ".gshare-probe-"

enum {
	NUMBER_DIGITS = 16,
	NAME_BYTES = sizeof((struct gs_access_result *)0)->left,
	PAYLOAD_BYTES = 4096, /* a page: more than what travels inside the metadata */
	SHARE_FILE_BYTES = 4096,
	OLD_S = 7200, /* twice what any --timeout allows */
	LOOK_MS = 1000,
	LISTED = 4096, /* entries: several READDIR replies; a dataset may have millions */
};

static const char *const ids[] = { "NEED_ROOT", NULL };

/*
 * struct board - what worker and parent both see, in shared memory: when the worker is killed,
 * what it had found out and whether its file may exist is still there.
 */
struct board {
	struct gs_access_result result;
	bool begun; /* from the instant before the file can exist */
	bool clean; /* and from the instant it is known not to */
};

struct probe {
	const struct gs_access_req *req;
	struct board *board;
	pid_t parent;
	int dir;
	char name[NAME_BYTES];	/* as created */
	char moved[NAME_BYTES]; /* as renamed */
	const char *now;	/* which of the two it has */
	bool made;		/* the worker has seen it come to be */
	time_t made_at;		/* by the clock of the file system, which may be a server's */
	char bytes[PAYLOAD_BYTES];
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

static int act_create(struct probe *p)
{
	struct gs_access_result *result = &p->board->result;
	struct stat st;
	int fd, r;

	p->board->begun = true;
	fd = openat(p->dir, p->name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return errno;
	p->made = true;
	r = write_all(fd, p->bytes, PAYLOAD_BYTES);
	if (!r && fsync(fd) < 0)
		r = errno;
	if (!r && fstat(fd, &st) < 0)
		r = errno;
	r = close_told(fd, r);
	if (r)
		return r;
	result->owner_uid = st.st_uid;
	result->owner_gid = st.st_gid;
	p->made_at = st.st_mtime;
	return 0;
}

/* The file shall hold the page, and after it extra bytes of 'x'. */
static int compare(struct probe *p, size_t extra)
{
	char seen[PAYLOAD_BYTES + 2];
	size_t size = 0, want = PAYLOAD_BYTES + extra;
	int fd = openat(p->dir, p->now, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), r = 0;

	if (fd < 0)
		return errno;
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
	if (!r && (size != want || memcmp(seen, p->bytes, PAYLOAD_BYTES) ||
		   (extra && seen[PAYLOAD_BYTES] != 'x')))
		r = EIO;
	return close_told(fd, r);
}

static int act_read(struct probe *p)
{
	return compare(p, 0);
}

static int act_change(struct probe *p)
{
	int fd = openat(p->dir, p->now, O_WRONLY | O_NOFOLLOW | O_CLOEXEC), r;

	if (fd < 0)
		return errno;
	for (size_t i = 0; i < PAYLOAD_BYTES; i++)
		p->bytes[i] ^= 0x55;
	r = close_told(fd, write_all(fd, p->bytes, PAYLOAD_BYTES));
	if (r)
		return r;
	fd = openat(p->dir, p->now, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno;
	r = write_all(fd, "x", 1);
	if (!r && fsync(fd) < 0)
		r = errno;
	r = close_told(fd, r);
	return r ? r : compare(p, 1);
}

static int act_rename(struct probe *p)
{
	/* Plain rename: NFS knows no RENAME_NOREPLACE, and the name is random. */
	if (renameat(p->dir, p->name, p->dir, p->moved) < 0)
		return errno;
	p->now = p->moved;
	return 0;
}

static int act_chown(struct probe *p)
{
	struct stat st, then;
	uid_t other;

	if (fstatat(p->dir, p->now, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno;
	other = st.st_uid == 1 ? 2 : 1;
	if (fchownat(p->dir, p->now, other, (gid_t)-1, AT_SYMLINK_NOFOLLOW) < 0)
		return errno;
	if (fstatat(p->dir, p->now, &then, AT_SYMLINK_NOFOLLOW) < 0)
		return errno;
	if (then.st_uid != other)
		return EOPNOTSUPP; /* taken without an error, and not done */
	/* Back, so that a sticky directory lets us remove it; what fails here shows at remove. */
	return fchownat(p->dir, p->now, st.st_uid, (gid_t)-1, AT_SYMLINK_NOFOLLOW) < 0 ? errno : 0;
}

/*
 * The file was synced, so its end must be too: after a power cut it would be back. An NFS server
 * does that by itself (RFC 8881, 18.25.4); where the directory cannot be read it is left to chance.
 */
static void sync_dir(const struct probe *p)
{
	gs_autoclose int fd = openat(p->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		(void)fsync(fd);
}

static int act_remove(struct probe *p)
{
	if (unlinkat(p->dir, p->now, 0) < 0)
		return errno;
	p->board->clean = true;
	sync_dir(p);
	return 0;
}

/* Reading where nothing could be made: the directory, and the share's name card if it has one. */
static int act_look(struct probe *p)
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

/* PREFIX, 16 hexadecimal digits, and what access.c or seen.c put after them. */
static bool is_probe_name(const char *name)
{
	static const char *const ends[] = { "", ".b", ".l" };
	size_t n = sizeof PREFIX - 1;

	if (strncmp(name, PREFIX, n) != 0 || strspn(name + n, "0123456789abcdef") != NUMBER_DIGITS)
		return false;
	for (size_t i = 0; i < GS_COUNT(ends); i++)
		if (!strcmp(name + n + NUMBER_DIGITS, ends[i]))
			return true;
	return false;
}

/* What every process of a run left when all of them were killed at once, or the power failed. */
static void sweep(const struct probe *p)
{
	int fd = openat(p->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	struct stat st;

	for (int i = 0; dir && i < LISTED && (entry = readdir(dir)); i++) {
		if (!is_probe_name(entry->d_name) ||
		    fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode)) ||
		    st.st_size > PAYLOAD_BYTES + 1 || st.st_mtime > p->made_at - OLD_S)
			continue;
		(void)unlinkat(fd, entry->d_name, 0);
	}
	if (dir)
		closedir(dir);
}

/* ---- the worker -------------------------------------------------------------------------- */

/* The parent is gone: nobody waits for an answer, only the file has to go. */
static bool is_orphan(const struct probe *p)
{
	return getppid() != p->parent;
}

static bool try_act(struct probe *p, int (*act)(struct probe *), struct gs_try *ret)
{
	int error;

	if (is_orphan(p))
		return false;
	error = act(p);
	ret->error = error;
	ret->can = error ? GS_CAN_NO : GS_CAN_YES;
	return !error;
}

static bool is_gone(int dir, const char *name)
{
	struct stat st;

	if (!unlinkat(dir, name, 0) || errno == ENOENT)
		return true;
	/* A read-only mount says so before it looks for the name. */
	return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT;
}

static void remove_both(struct probe *p)
{
	bool name = is_gone(p->dir, p->name), moved = is_gone(p->dir, p->moved);

	p->board->clean = name && moved;
	sync_dir(p);
}

/* Did the server or the kernel say no before there was a file? Other errors leave that open. */
static bool is_refused(const struct probe *p)
{
	const struct gs_try *create = &p->board->result.create;

	if (p->made)
		return false;
	return create->error == EACCES || create->error == EPERM || create->error == EROFS;
}

static void work(struct probe *p)
{
	struct gs_access_result *result = &p->board->result;
	bool made = try_act(p, act_create, &result->create);

	result->readonly_fs = is_refused(p) && result->create.error == EROFS;
	if (made && !p->req->ro) {
		try_act(p, act_read, &result->read);
		try_act(p, act_change, &result->change);
		try_act(p, act_rename, &result->rename);
		try_act(p, act_chown, &result->chown_);
	} else {
		try_act(p, act_look, &result->read);
	}
	if (made)
		try_act(p, act_remove, &result->remove);
	else if (is_refused(p))
		p->board->clean = true;
	/* Also after a create that failed: on NFS its reply may have been lost, not its effect. */
	if (!p->board->clean)
		remove_both(p);
	if (made && p->req->sweep)
		sweep(p);
}

static const char *where(const struct gs_access_req *req)
{
	return req->at ? req->at : req->dir;
}

/*
 * The directory is opened with the caller's rights where they reach: a mount is proved in a place
 * that only root can get to, and a server does not look at the parents of what it exports either.
 */
static int open_dir_and_become(struct probe *p, struct gs_err *err)
{
	const struct gs_access_req *req = p->req;
	enum { FLAGS = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };
	int r, error;

	p->dir = gs_child_open(where(req), FLAGS);
	error = p->dir < 0 ? errno : 0;
	r = gs_privs_become(req->uid, req->gid, req->uid ? GS_KEEP_NOTHING : GS_KEEP_FILES, err);
	if (r < 0)
		return r;
	if (error != EACCES)
		return error;
	p->dir = gs_child_open(where(req),
			       FLAGS); /* root squashed away may reach less than the user */
	return p->dir < 0 ? errno : 0;
}

static int work_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	struct probe *p = arg;
	int r = open_dir_and_become(p, err);

	(void)ret_answer;
	if (r < 0)
		return r;
	umask(022);
	if (r) {
		p->board->result.create = (struct gs_try){ GS_CAN_NO, r };
		p->board->result.read = (struct gs_try){ GS_CAN_NO, r };
		p->board->result.hidden = r == EACCES;
		p->board->clean = true;
		return 0;
	}
	work(p);
	return 0;
}

static int tidy_as_user_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	struct probe *p = arg;
	int r = open_dir_and_become(p, err);

	(void)ret_answer;
	if (r)
		return r < 0 ? r : gs_err_set(err, r, "cannot open '%s'", p->req->dir);
	remove_both(p);
	return 0;
}

/* As who we are, with a root's rights over files: where the user may make but not remove. */
static int tidy_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	struct probe *p = arg;
	const struct gs_access_req ours = {
		.dir = p->req->dir, .at = p->req->at, .uid = geteuid(), .gid = getegid()
	};

	p->req = &ours;
	return tidy_as_user_in_child(p, ret_answer, err);
}

/* ---- why somebody is refused ------------------------------------------------------------- */

/* NFSv4 hands out the server's own kind of ACL, all others what the kernel itself goes by. */
static void look_at_acl(int dir, struct gs_dir_look *look)
{
	static const struct {
		const char *name;
		enum gs_acl_kind kind;
	} acls[] = { { "system.posix_acl_access", GS_ACL_POSIX },
		     { "system.nfs4_acl", GS_ACL_NFS4 } };
	gs_autofree char *path = gs_printf("/proc/self/fd/%d", dir);

	for (size_t i = 0; i < GS_COUNT(acls); i++) {
		ssize_t n = getxattr(path, acls[i].name, look->acl, sizeof look->acl);

		if (n >= 0) {
			look->acl_kind = acls[i].kind;
			look->acl_len = (uint16_t)n;
			return;
		}
		if (errno != ENODATA && errno != EOPNOTSUPP) {
			look->acl_kind = GS_ACL_HIDDEN;
			return;
		}
	}
}

static int look_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const struct probe *p = arg;
	enum { FLAGS = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };
	gs_autoclose int dir = gs_child_open(where(p->req), FLAGS);
	struct gs_dir_look look = { 0 };
	struct statvfs fs;
	struct statx st;

	(void)ret_answer;
	if (dir < 0 || fstatvfs(dir, &fs) < 0 ||
	    statx(dir, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &st) < 0)
		return gs_err_set(err, errno, "cannot look at '%s'", p->req->dir);
	look = (struct gs_dir_look){
		.known = true,
		.is_ro = fs.f_flag & ST_RDONLY,
		.is_fixed = st.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND),
		.mode = st.stx_mode & 07777,
		.uid = st.stx_uid,
		.gid = st.stx_gid,
		.free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize,
		.free_files = fs.f_favail,
	};
	look_at_acl(dir, &look);
	p->board->result.look = look;
	return 0;
}

/* ---- the parent -------------------------------------------------------------------------- */

static int run(struct probe *p, int (*fn)(void *, struct gs_str *, struct gs_err *),
	       int64_t deadline_ns, struct gs_err *err)
{
	gs_autostr struct gs_str nothing = { 0 };
	int keep = gs_child_keep(where(p->req));
	struct gs_child_req req = {
		.fn = fn,
		.arg = p,
		.ids = ids,
		.keep = &keep,
		.n_keep = keep >= 0,
		.deadline_ns = deadline_ns,
		.survive = true,
	};

	return gs_child_run(&req, &nothing, err);
}

static void tidy(struct probe *p)
{
	/* What the first leaves of its half is the second's. */
	struct gs_err ignored = { 0 };
	int64_t now = gs_now_ns();

	if (p->board->begun && !p->board->clean)
		run(p, tidy_as_user_in_child, now + (p->req->deadline_ns - now) / 2, &ignored);
	if (p->board->begun && !p->board->clean)
		run(p, tidy_in_child, p->req->deadline_ns, &ignored);
}

static bool is_any_refused(const struct gs_access_result *result)
{
	const struct gs_try *tries[] = { &result->create, &result->read,   &result->change,
					 &result->rename, &result->chown_, &result->remove };

	for (size_t i = 0; i < GS_COUNT(tries); i++)
		if (tries[i]->can == GS_CAN_NO)
			return true;
	return false;
}

static void name_file(struct probe *p)
{
	uint64_t number;

	if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
		number = (uint64_t)gs_now_ns() ^ (uint64_t)getpid() << 40;
	snprintf(p->name, sizeof p->name, PREFIX "%016llx", (unsigned long long)number);
	snprintf(p->moved, sizeof p->moved, PREFIX "%016llx.b", (unsigned long long)number);
	p->now = p->name;
	for (size_t i = 0; i < PAYLOAD_BYTES; i++)
		p->bytes[i] = (char)(number >> (i % 8 * 8) ^ i);
}

/* The worker's share of the time: what tidying needs is set aside, but never more than half. */
static int64_t work_deadline(int64_t deadline_ns)
{
	int64_t now = gs_now_ns(), aside = (int64_t)GS_ACCESS_TIDY_MS * 1000000;

	if (deadline_ns - now < 2 * aside)
		return now + (deadline_ns - now) / 2;
	return deadline_ns - aside;
}

/* A reason is worth less than the answer for the next user. */
static int64_t look_deadline(int64_t deadline_ns)
{
	int64_t soon = gs_deadline_in(LOOK_MS);

	return soon < deadline_ns ? soon : deadline_ns;
}

int gs_access_probe(const struct gs_access_req *req, struct gs_access_result *ret,
		    struct gs_err *err)
{
	struct board *board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct probe probe = { .req = req, .board = board, .parent = getpid(), .dir = -1 };
	int64_t begin_ns = gs_now_ns();
	struct gs_err failed = { 0 }, unseen = { 0 };
	int r;

	if (board == MAP_FAILED)
		return gs_err_set(err, errno, "cannot share memory: %s", strerror(errno));
	name_file(&probe);
	r = run(&probe, work_in_child, work_deadline(req->deadline_ns), &failed);
	tidy(&probe);
	if (r == 0 && req->look && is_any_refused(&board->result))
		run(&probe, look_in_child, look_deadline(req->deadline_ns), &unseen);
	if (r == -ETIMEDOUT) {
		board->result.timed_out = true;
		r = 0;
	}
	if (board->begun && !board->clean)
		memcpy(board->result.left, probe.name, sizeof probe.name);
	board->result.ms = (unsigned)((gs_now_ns() - begin_ns) / 1000000);
	if (!r)
		*ret = board->result;
	munmap(board, sizeof *board);
	if (r < 0) {
		*err = failed;
		return gs_err_prefix(err, "cannot probe '%s' as %u:%u", req->dir, req->uid,
				     req->gid);
	}
	return 0;
}
