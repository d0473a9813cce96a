/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/access/visibility.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/command.h"
#include "sys/access/access_acts.h"
#include "sys/nfs/browse_v40.h"
#include "sys/proc/child.h"
#include "sys/proc/fd.h"
#include "sys/proc/privs.h"
#include "sys/proc/proc.h"
#include "sys/proc/seal.h"

enum {
	LOOK_NS = 200 * 1000, /* between two looks */
	WAIT_MS = 2000,	      /* for the name to be seen */
	END_MS = 50,	      /* for the looker to end, after the measurement */
	REMOVE_MS = 1000,     /* set aside for removing the link */
	LATER_MS = 900,	      /* of it, for a share that became read-only in between */
	AGAIN_MS = 100,
	CHILD_DATA_BYTES = 256 << 20,
};

static const char *const ids[] = { "NEED_ROOT", GS_USER_UNMAPPED, "PROBE_LEFT", NULL };

/*
 * Two processes run beside gshare: the maker, which is confined and talks to the server, and the
 * looker, which may block in the mount. Neither can affect the other.
 */
struct board {
	_Atomic uint64_t inode; /* of the directory, as the looker sees it */
	_Atomic int64_t made_ns, seen_ns;
	_Atomic int error;  /* the looker's errno */
	_Atomic bool over;  /* the measurement has ended */
	_Atomic bool tried; /* the link may have been made */
};

struct measure {
	const struct gs_seen_req *req;
	struct board *board;
	pid_t parent; /* gshare */
	int life[2];  /* a pipe; only gshare has its write end: the maker sees it closed */
	char name[40];
};

static void rest(void)
{
	const struct timespec time = { .tv_nsec = LOOK_NS };

	nanosleep(&time, NULL);
}

static int failed(int r, struct gs_err *err)
{
	static const struct {
		int error;
		const char *text;
	} words[] = {
		{ EPROTONOSUPPORT, "the server does not support NFSv4.0" },
		{ ESTALE, "the server has another directory at that path" },
		{ ECONNRESET, "the server accepts no new connection" },
		{ EBADMSG, "the server sent an invalid NFS reply" },
		{ ETIMEDOUT, "timed out" },
		{ ENOKEY, "the share demands Kerberos or TLS, which this measurement has not" },
		{ EAGAIN, "the server was started a moment ago" },
	};

	for (size_t i = 0; i < GS_COUNT(words); i++)
		if (words[i].error == -r)
			return gs_err_set(err, r, "%s", words[i].text);
	return gs_err_set(err, r, "%s", gs_errno_text(r));
}

/* ---- the looker --------------------------------------------------------------------------- */

static int open_dir(const struct measure *m, uint64_t *ret_inode)
{
	struct gs_err ignored = { 0 };
	struct stat st;
	int dir = open(m->req->dir, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir < 0 || fstat(dir, &st) < 0)
		return -errno;
	if (gs_privs_become(m->req->uid, m->req->gid, GS_KEEP_NOTHING, &ignored) < 0)
		return -EPERM;
	*ret_inode = st.st_ino;
	return dir;
}

/* A timer ends the looker, even if gshare has ended or the mount blocks it. */
static void end_at(int64_t deadline_ns)
{
	int64_t us = (deadline_ns - gs_now_ns()) / 1000 + INT64_C(1000) * END_MS;
	struct itimerval timer = { .it_value.tv_usec = 1 };

	if (us > 0)
		timer.it_value = (struct timeval){ us / 1000000, us % 1000000 };
	setitimer(ITIMER_REAL, &timer, NULL);
}

/*
 * Never looks up the name before it is made: the client would cache that it is absent, and the
 * result would be that cache's lifetime.
 */
static _Noreturn void look(const struct measure *m)
{
	struct board *board = m->board;
	uint64_t inode = 0;
	struct stat st;
	int dir;

	gs_proc_close_all_but(NULL, 0);
	end_at(m->req->deadline_ns);
	dir = open_dir(m, &inode);
	if (dir < 0)
		board->error = -dir;
	board->inode = inode;
	while (dir >= 0 && !board->made_ns && !board->over && getppid() == m->parent)
		rest();
	while (dir >= 0 && !board->over && getppid() == m->parent &&
	       fstatat(dir, m->name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno != ENOENT) {
			board->error = errno;
			_exit(0);
		}
		rest();
	}
	board->seen_ns = gs_now_ns();
	_exit(0);
}

/* ---- the maker ---------------------------------------------------------------------------- */

/* In its own pid namespace the maker cannot see its parent by getppid(2); the pipe tells. */
static bool is_over(const struct measure *m, int64_t until_ns)
{
	struct pollfd watch = { .fd = m->life[0] };

	return m->board->error || gs_now_ns() >= until_ns || poll(&watch, 1, 0) != 0;
}

static int make(const struct measure *m, struct gs_nfs40 *nfs, int64_t until_ns)
{
	const struct gs_seen_req *req = m->req;

	while (!m->board->inode && !is_over(m, until_ns))
		rest();
	if (!m->board->inode)
		return m->board->error ? -m->board->error : -ETIMEDOUT;
	if (is_over(m, until_ns))
		return -ETIMEDOUT;
	m->board->tried = true;
	return gs_nfs40_make_link(nfs, req->path, m->board->inode, m->name, req->uid, req->gid);
}

static int await(const struct measure *m)
{
	int64_t until_ns = gs_deadline_in(WAIT_MS);

	m->board->made_ns = gs_now_ns();
	while (!m->board->seen_ns && !is_over(m, until_ns))
		rest();
	if (m->board->seen_ns)
		return 0;
	return m->board->error ? -m->board->error : -ETIMEDOUT;
}

/* Did the server refuse, so that there is nothing to remove? */
static bool is_refused(int r)
{
	return r < 0 && r != -ETIMEDOUT && r != -ECONNRESET && r != -EBADMSG;
}

static int make_and_remove(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const struct measure *m = arg;
	GS_AUTO(gs_nfs40_done) struct gs_nfs40 nfs = { 0 };
	int64_t until_ns = m->req->deadline_ns - (int64_t)REMOVE_MS * 1000000, later_ns;
	const struct timespec pause = { .tv_nsec = AGAIN_MS * 1000000L };
	int r, removed;

	(void)ret_answer;
	if (gs_privs_confine(GS_KEEP_NET_BIND, err) < 0)
		return err->code;
	gs_child_limit_memory(CHILD_DATA_BYTES);
	r = gs_nfs40_open(&nfs, m->req->server, m->req->port, m->req->deadline_ns);
	if (r < 0)
		return failed(r, err);
	if (gs_seal(err) < 0)
		return err->code;
	r = make(m, &nfs, until_ns);
	if (is_refused(r) || !m->board->tried)
		return failed(r, err);
	if (r == 0)
		r = await(m);
	later_ns = gs_deadline_in(LATER_MS);
	do {
		removed = gs_nfs40_remove(&nfs, m->req->path, m->name);
	} while (removed == -EROFS && gs_now_ns() < later_ns && nanosleep(&pause, NULL) == 0);
	if (removed < 0) {
		gs_err_set(err, removed, "the test file '%s/%s' could not be removed: %s",
			   m->req->dir, m->name, gs_errno_text(removed));
		return gs_err_cause(err, "PROBE_LEFT");
	}
	return r < 0 ? failed(r, err) : 0;
}

/* ---- the parent --------------------------------------------------------------------------- */

static int measure(struct measure *m, struct gs_err *err)
{
	const struct gs_child_req maker = {
		.fn = make_and_remove,
		.arg = m,
		.ids = ids,
		.keep = m->life,
		.n_keep = 1,
		.deadline_ns = m->req->deadline_ns,
		.confined = true,
		.survive = true,
	};
	gs_autostr struct gs_str nothing = { 0 };
	struct gs_proc looker;
	bool killed;
	int r, status;

	r = gs_proc_fork(&looker, false, SIGKILL, err);
	if (r < 0)
		return r;
	if (!looker.pid)
		look(m);
	r = gs_child_run(&maker, &nothing, err);
	m->board->over = true;
	(void)gs_proc_end(&looker, gs_deadline_in(END_MS), &status, &killed);
	return r;
}

/* The server's root can remove the link, whatever the export allows. */
static void fix_left(const struct measure *m, struct gs_err *err)
{
	gs_autofree char *path = NULL;

	if (!err->id || strcmp(err->id, "PROBE_LEFT") != 0)
		return;
	path = gs_printf("%s/%s", m->req->path, m->name);
	gs_err_fix_on(err, m->req->server, "sudo", "rm", "-f", path);
}

static void name_link(struct measure *m)
{
	uint64_t number = gs_probe_number(m->req->deadline_ns);

	snprintf(m->name, sizeof m->name, GS_PROBE_PREFIX "%016llx.l", (unsigned long long)number);
}

int gs_seen_measure(const struct gs_seen_req *req, unsigned *ret_us, struct gs_err *err)
{
	struct board *board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct measure m = { .req = req, .board = board, .parent = getpid() };
	int64_t us;
	int r;

	if (board == MAP_FAILED)
		return gs_err_set(err, errno, "cannot share memory: %s", strerror(errno));
	name_link(&m);
	r = gs_proc_pipe(m.life);
	if (r < 0) {
		munmap(board, sizeof *board);
		return gs_err_set(err, r, "cannot create a pipe: %s", gs_errno_text(r));
	}
	r = measure(&m, err);
	fix_left(&m, err);
	close(m.life[0]);
	close(m.life[1]);
	us = (board->seen_ns - board->made_ns) / 1000;
	munmap(board, sizeof *board);
	if (r < 0)
		return r;
	*ret_us = us < 0 ? 0 : (unsigned)us;
	return 0;
}
