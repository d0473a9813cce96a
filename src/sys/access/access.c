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
	DIR_FLAGS = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
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
static void open_dir(struct gs_probe *p)
{
	p->dir = gs_child_open(where(p->req), DIR_FLAGS);
	p->dir_error = p->dir < 0 ? errno : 0;
	p->keep = p->req->uid ? GS_KEEP_NOTHING : powers_in(p->dir);
	p->restrained = !p->req->uid && !p->dir_error && p->keep == GS_KEEP_NOTHING;
}

/* A squashed root may reach less than the user. */
static void open_again(struct gs_probe *p)
{
	if (p->dir_error != EACCES)
		return;
	p->dir = gs_child_open(where(p->req), DIR_FLAGS);
	p->dir_error = p->dir < 0 ? errno : 0;
}

static int open_dir_and_become(struct gs_probe *p, struct gs_err *err)
{
	open_dir(p);
	if (gs_privs_become(p->req->uid, p->req->gid, p->keep, err) < 0)
		return err->code;
	open_again(p);
	return p->dir_error;
}

static int work_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	struct gs_probe *p = arg;
	struct gs_access_result *result = &p->board->result;

	(void)ret_answer;
	umask(022);
	if (open_dir_and_become(p, err) < 0)
		return err->code;
	result->restrained = p->restrained;
	if (!p->dir_error) {
		gs_probe_work(p);
		return 0;
	}
	result->create = result->read = (struct gs_try){ GS_CAN_NO, p->dir_error };
	result->hidden = p->dir_error == EACCES;
	p->board->clean = true;
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
	gs_autoclose int dir = gs_child_open(where(p->req), DIR_FLAGS);
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

/* @keep: what the child needs of this process; it must live as long as the request */
static struct gs_child_req request(const struct gs_access_req *at,
				   int (*fn)(void *, struct gs_str *, struct gs_err *), void *arg,
				   int *keep, int64_t deadline_ns)
{
	*keep = gs_child_keep(where(at));
	return (struct gs_child_req){
		.fn = fn,
		.arg = arg,
		.ids = ids,
		.keep = keep,
		.n_keep = *keep >= 0,
		.deadline_ns = deadline_ns,
		.survive = true,
	};
}

static int run(const struct gs_access_req *at, int (*fn)(void *, struct gs_str *, struct gs_err *),
	       void *arg, int64_t deadline_ns, struct gs_err *err)
{
	gs_autostr struct gs_str nothing = { 0 };
	int keep;
	const struct gs_child_req req = request(at, fn, arg, &keep, deadline_ns);

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
		run(p->req, tidy_as_user_in_child, p, soon_ns, &ignored);
	}
}

static void tidy(struct gs_probe *p)
{
	/* The second child also gets what the first one does not use of its half. */
	struct gs_err ignored = { 0 };
	int64_t now = gs_now_ns();

	if (p->board->begun && !p->board->clean)
		run(p->req, tidy_as_user_in_child, p, now + (p->req->deadline_ns - now) / 2,
		    &ignored);
	if (p->board->begun && !p->board->clean)
		run(p->req, tidy_in_child, p, p->req->deadline_ns, &ignored);
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

/* Tidies up, and completes the result of what the child had time for. */
static void finish(struct gs_probe *p, int r, int64_t begin_ns)
{
	struct gs_access_result *result = &p->board->result;
	struct gs_err unseen = { 0 };

	tidy(p);
	if (r == 0 && p->req->look && is_any_refused(result))
		run(p->req, look_in_child, p, look_deadline(p->req->deadline_ns), &unseen);
	result->timed_out = r == -ETIMEDOUT;
	if (p->board->begun && !p->board->clean)
		memcpy(result->left, p->name, sizeof p->name);
	result->ms = (unsigned)((gs_now_ns() - begin_ns) / 1000000);
}

/* One that works in a directory beside those for the others; r: how it ended */
struct worker {
	struct gs_child child;
	int keep, r;
};

/*
 * Most of a probe is waiting for the server: in all directories at once, for little more than the
 * longest of them. The first error of those that could not work at all is told.
 */
static int work_all(struct gs_probe *probe, struct worker *worker, size_t n, int64_t deadline_ns,
		    struct gs_err *err)
{
	size_t begun = 0;
	int r = 0;

	for (; begun < n && r == 0; begun += r == 0) {
		const struct gs_child_req req = request(probe[begun].req, work_in_child,
							&probe[begun], &worker[begun].keep,
							deadline_ns);

		r = gs_child_start(&req, &worker[begun].child, err);
	}
	while (begun) {
		gs_autostr struct gs_str nothing = { 0 };
		struct worker *w = &worker[--begun];
		struct gs_err said = { 0 };

		w->r = gs_child_finish(&w->child, &nothing, &said);
		if (w->r == 0 || w->r == -ETIMEDOUT)
			continue;
		*err = said;
		r = w->r;
	}
	return r;
}

int gs_access_probe(const struct gs_access_req *req, size_t n, struct gs_access_result *ret,
		    struct gs_err *err)
{
	struct gs_probe_board *board = mmap(NULL, n * sizeof *board, PROT_READ | PROT_WRITE,
					    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	gs_autofree struct gs_probe *probe = gs_alloc(n * sizeof *probe);
	gs_autofree struct worker *worker = gs_alloc(n * sizeof *worker);
	int64_t begin_ns = gs_now_ns();
	int r;

	if (board == MAP_FAILED)
		return gs_err_set(err, errno, "cannot share memory: %s", strerror(errno));
	for (size_t i = 0; i < n; i++) {
		probe[i] = (struct gs_probe){
			.req = &req[i], .board = &board[i], .parent = getpid(), .dir = -1, .fd = -1
		};
		name_file(&probe[i]);
	}
	r = work_all(probe, worker, n, work_deadline(req->deadline_ns), err);
	for (size_t i = 0; i < n; i++) {
		finish(&probe[i], worker[i].r, begin_ns);
		ret[i] = board[i].result;
	}
	munmap(board, n * sizeof *board);
	if (r < 0)
		return gs_err_prefix(err, "cannot probe '%s' as %u:%u", req->dir, req->uid,
				     req->gid);
	*err = (struct gs_err){ 0 };
	return 0;
}
