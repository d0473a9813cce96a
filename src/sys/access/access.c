/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/access/access.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "sys/access/access_acts.h"
#include "sys/proc/child.h"
#include "sys/proc/fd.h"
#include "sys/proc/privs.h"
#include "sys/proc/proc.h"

enum {
	LOOK_MS = 1000,
	LATER_MS = 1000, /* that a file which cannot be removed is tried again */
	AGAIN_MS = 100,
};

static const char *const ids[] = { "NEED_ROOT", GS_USER_UNMAPPED, NULL };

static const char *where(const struct gs_access_req *req)
{
	return req->at ? req->at : req->dir;
}

/*
 * Root keeps its file capabilities only in a directory that only root can write. Where others can
 * write, they can swap the file behind a name at any time, so the probe works there with a user's
 * rights. On NFS the server checks access; the client's kernel checks capabilities in a few places
 * only, such as the sticky bit. An ACL that lets others write shows in the group bits, its mask
 * (acl(5)).
 */
static enum gs_keep powers_in(int dir)
{
	struct statfs fs;
	struct stat st;

	if (dir < 0 || fstat(dir, &st) < 0)
		return GS_KEEP_NOTHING;
	if (!st.st_uid && !(st.st_mode & 022))
		return GS_KEEP_FILES;
	return fstatfs(dir, &fs) == 0 && fs.f_type == NFS_SUPER_MAGIC ? GS_KEEP_FILES
								      : GS_KEEP_NOTHING;
}

/*
 * The directory is opened with the caller's rights first: a mount is verified in a directory that
 * only root can reach, and an NFS server does not check the parents of an export either.
 */
static int open_dir_and_become(struct gs_probe *p, struct gs_err *err)
{
	const struct gs_access_req *req = p->req;
	enum { FLAGS = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };
	enum gs_keep keep = GS_KEEP_NOTHING;
	int r, error;

	p->dir = gs_child_open(where(req), FLAGS);
	error = p->dir < 0 ? errno : 0;
	if (!req->uid)
		keep = powers_in(p->dir);
	p->restrained = !req->uid && !error && keep == GS_KEEP_NOTHING;
	r = gs_privs_become(req->uid, req->gid, keep, err);
	if (r < 0)
		return r;
	if (error != EACCES)
		return error;
	p->dir = gs_child_open(where(req),
			       FLAGS); /* a squashed root may reach less than the user */
	return p->dir < 0 ? errno : 0;
}

static int work_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	struct gs_probe *p = arg;
	int r = open_dir_and_become(p, err);

	(void)ret_answer;
	if (r < 0)
		return r;
	umask(022);
	p->board->result.restrained = p->restrained;
	if (r) {
		p->board->result.create = (struct gs_try){ GS_CAN_NO, r };
		p->board->result.read = (struct gs_try){ GS_CAN_NO, r };
		p->board->result.hidden = r == EACCES;
		p->board->clean = true;
		return 0;
	}
	gs_probe_work(p);
	return 0;
}

static int tidy_as_user_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	struct gs_probe *p = arg;
	int r = open_dir_and_become(p, err);

	(void)ret_answer;
	if (r)
		return r < 0 ? r : gs_err_set(err, r, "cannot open '%s'", p->req->dir);
	gs_probe_remove(p);
	return 0;
}

/*
 * Runs as gshare's own user, with root's file capabilities: the probed user may be allowed to
 * create a file but not to remove it.
 */
static int tidy_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	struct gs_probe *p = arg;
	const struct gs_access_req request = {
		.dir = p->req->dir, .at = p->req->at, .uid = geteuid(), .gid = getegid()
	};

	p->req = &request;
	return tidy_as_user_in_child(p, ret_answer, err);
}

/* ---- the cause of a denial --------------------------------------------------------------- */

/*
 * NFSv4 returns the server's own kind of ACL, other file systems the POSIX ACL that the kernel
 * checks.
 */
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
	const struct gs_probe *p = arg;
	enum { FLAGS = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };
	gs_autoclose int dir = gs_child_open(where(p->req), FLAGS);
	struct gs_dir_look look = { 0 };
	struct statvfs fs;
	struct statx st;

	(void)ret_answer;
	if (dir < 0 || fstatvfs(dir, &fs) < 0 ||
	    statx(dir, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &st) < 0)
		return gs_err_set(err, errno, "cannot access '%s'", p->req->dir);
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

static int run(struct gs_probe *p, int (*fn)(void *, struct gs_str *, struct gs_err *),
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

/* The leader may have made the share read-only in between, and may make it writable again. */
static void tidy_later(struct gs_probe *p)
{
	const struct timespec pause = { .tv_nsec = AGAIN_MS * 1000000L };
	int64_t soon_ns = gs_deadline_in(LATER_MS);
	struct gs_err ignored = { 0 };

	if (soon_ns > p->req->deadline_ns)
		soon_ns = p->req->deadline_ns;
	while (p->board->begun && !p->board->clean && gs_now_ns() < soon_ns) {
		nanosleep(&pause, NULL);
		run(p, tidy_as_user_in_child, soon_ns, &ignored);
	}
}

static void tidy(struct gs_probe *p)
{
	/* The second child also gets what the first one does not use of its half. */
	struct gs_err ignored = { 0 };
	int64_t now = gs_now_ns();

	if (p->board->begun && !p->board->clean)
		run(p, tidy_as_user_in_child, now + (p->req->deadline_ns - now) / 2, &ignored);
	if (p->board->begun && !p->board->clean)
		run(p, tidy_in_child, p->req->deadline_ns, &ignored);
	tidy_later(p);
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

static void name_file(struct gs_probe *p)
{
	uint64_t number = gs_probe_number(p->req->deadline_ns);

	snprintf(p->name, sizeof p->name, GS_PROBE_PREFIX "%016llx", (unsigned long long)number);
	snprintf(p->moved, sizeof p->moved, GS_PROBE_PREFIX "%016llx.b",
		 (unsigned long long)number);
	p->now = p->name;
	for (size_t i = 0; i < GS_PROBE_BYTES; i++)
		p->bytes[i] = (char)(number >> (i % 8 * 8) ^ i);
}

/* The worker's part of the time: tidying up gets its time set aside, but never more than half. */
static int64_t work_deadline(int64_t deadline_ns)
{
	int64_t now = gs_now_ns(), aside = (int64_t)GS_ACCESS_TIDY_MS * 1000000;

	if (deadline_ns - now < 2 * aside)
		return now + (deadline_ns - now) / 2;
	return deadline_ns - aside;
}

/* Looking for the cause of a denial gets little time: the result for the next user matters more. */
static int64_t look_deadline(int64_t deadline_ns)
{
	int64_t soon = gs_deadline_in(LOOK_MS);

	return soon < deadline_ns ? soon : deadline_ns;
}

int gs_access_probe(const struct gs_access_req *req, struct gs_access_result *ret,
		    struct gs_err *err)
{
	struct gs_probe_board *board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE,
					    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct gs_probe probe = {
		.req = req, .board = board, .parent = getpid(), .dir = -1, .fd = -1
	};
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
