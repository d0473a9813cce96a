/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/nfs/browse.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/types.h"
#include "sys/net/rpc_null.h"
#include "sys/nfs/browse_mount.h"
#include "sys/nfs/browse_v40.h"
#include "sys/nfs/ping.h"
#include "sys/proc/child.h"
#include "sys/proc/privs.h"
#include "sys/proc/proc.h"
#include "sys/proc/seal.h"

/*
 * The children that look at a server, through either view; gs_nfs_exports_parse() checks what they
 * answer.
 */

enum {
	OPEN_MS = 1000,		      /* of the second connection */
	CHILD_DATA_BYTES = 256 << 20, /* far more than the names of a walk can take */
};

struct question {
	const char *server, *path;
	unsigned port;
	bool walk; /* walk from the root, else only read path's .gshare-id */
	int64_t deadline_ns;
};

static int look(const struct question *q, struct gs_nfs_view *view, struct gs_str *ret_answer,
		struct gs_err *err)
{
	return q->walk ? gs_nfs_walk(view, q->server, ret_answer, err)
		       : gs_nfs_card(view, q->server, q->path, ret_answer, err);
}

static int look_by_40(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const struct question *q = arg;
	GS_AUTO(gs_nfs40_done) struct gs_nfs40 nfs = { 0 };
	int r;

	if (gs_privs_confine(GS_KEEP_NET_BIND, err) < 0)
		return err->code;
	gs_child_limit_memory(CHILD_DATA_BYTES);
	r = gs_nfs40_open(&nfs, q->server, q->port, q->deadline_ns);
	if (r < 0)
		return gs_nfs_failed(&nfs.view, q->server, q->path, r, err);
	if (gs_seal(err) < 0)
		return err->code;
	return look(q, &nfs.view, ret_answer, err);
}

static int look_by_stage(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const struct question *q = arg;
	struct gs_nfs_stage stage;
	int r = gs_nfs_stage_open(&stage, q->server, q->port, err);

	if (r < 0)
		return err->code ? r : gs_nfs_failed(NULL, q->server, q->path, r, err);
	gs_child_limit_memory(CHILD_DATA_BYTES);
	return look(q, &stage.view, ret_answer, err);
}

static size_t max_answer(const struct question *q)
{
	enum { WALK_BYTES = 1 << 20 }; /* 256 exports of 4 KiB paths */

	return q->walk ? WALK_BYTES : (size_t)2 * GS_SHARE_FILE_BYTES;
}

/* The error of a look in the words of who asked; r */
static int settle(const struct question *q, int r, struct gs_err *err)
{
	if (r < 0 && !err->id) {
		gs_err_prefix(err, "cannot access '%s' on %s", q->path, q->server);
		return gs_nfs_blame(q->server, r, err);
	}
	return r < 0 ? gs_nfs_fix(q->server, err) : 0;
}

static int ask_by(int (*way)(void *, struct gs_str *, struct gs_err *), struct question *q,
		  struct gs_str *ret, struct gs_err *err)
{
	struct gs_child_req req = {
		.fn = way,
		.arg = q,
		.ids = gs_nfs_ids,
		.deadline_ns = q->deadline_ns,
		.max_answer = max_answer(q),
		.confined = true,
	};

	return settle(q, gs_child_run(&req, ret, err), err);
}

#define OTHER                                                                                      \
	"another security flavor than sys: Kerberos (sec=krb5, krb5i or krb5p) or none (sec=none)"

/*
 * AUTH_SYS over an open connection is refused, and the refusal does not say what would do. That the
 * server offers TLS does not mean that this export demands it: it may demand Kerberos all the same.
 * None of them is weakened by a fix.
 */
static int demanded(const struct question *q, struct gs_err *err)
{
	bool tls = gs_nfs_offers_tls(q->server, q->port, q->deadline_ns);

	gs_err_set(err, EPERM, "%s%s%s on %s demands %s, which gshare does not set up",
		   q->walk ? "what is exported" : "'", q->walk ? "" : q->path, q->walk ? "" : "'",
		   q->server,
		   tls ? "TLS (xprtsec=tls or mtls), which that server offers, or " OTHER : OTHER);
	gs_err_cause(err, GS_NFS_SECURITY);
	return gs_err_advise(err,
			     "set that up on both nodes, and put %s into the entry of /etc/fstab",
			     tls ? "xprtsec= or sec=" : "sec=");
}

static bool is_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* What was looked at ahead is the answer to this question, once. */
static bool recall(const struct question *q, struct gs_nfs_ahead *ahead, int *ret_r,
		   struct gs_str *ret, struct gs_err *err)
{
	if (!ahead || !ahead->looked || !is_text(ahead->server, q->server) ||
	    ahead->port != q->port || !is_text(ahead->path, q->walk ? NULL : q->path))
		return false;
	ahead->looked = false;
	*ret_r = settle(q, ahead->r, &ahead->err);
	*ret = ahead->answer;
	*err = ahead->err;
	ahead->answer = (struct gs_str){ 0 };
	return true;
}

static int ask(struct question *q, struct gs_nfs_ahead *ahead, struct gs_str *ret,
	       struct gs_err *err)
{
	struct gs_err first = { 0 }, unprivileged = { 0 };
	int r;

	if (!recall(q, ahead, &r, ret, &first))
		r = ask_by(look_by_40, q, ret, &first);

	if (r == -EPROTONOSUPPORT && gs_privs_need(GS_PHASE_APPLY, &unprivileged) == 0)
		return ask_by(look_by_stage, q, ret, err);
	if (r < 0)
		*err = first;
	return r < 0 && err->id && !strcmp(err->id, GS_NFS_SECURITY) ? demanded(q, err) : r;
}

/* ---- NULL and the look by one child ---------------------------------------------------------- */

/* Shared with the child: what NULL has shown is known where the look outlasts its time. */
struct board {
	struct gs_rpc_result null;
	uint8_t called, looked;
};

struct both {
	struct question q;
	struct gs_nfs_ahead *ahead;
	struct board *board;
	int fd;
	int64_t null_ns;
};

static void call_null(struct both *both)
{
	GS_AUTO(gs_rpc_answer_done) struct gs_rpc_answer answer = { 0 };
	struct gs_rpc_call call = gs_nfs_null;

	call.xid = gs_rpc_begin();
	call.deadline_ns = both->null_ns;
	gs_rpc_call_null(both->fd, &call, &answer);
	both->board->null = answer.result;
	both->board->called = 1;
}

/* The connection for the look is made before the seal; where that takes long, another child looks.
 */
static int call_and_look(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	struct both *both = arg;
	GS_AUTO(gs_nfs40_done) struct gs_nfs40 nfs = { 0 };
	int r;

	if (gs_privs_confine(GS_KEEP_NET_BIND, err) < 0)
		return err->code;
	gs_child_limit_memory(CHILD_DATA_BYTES);
	r = gs_nfs40_open(&nfs, both->q.server, both->q.port, gs_deadline_in(OPEN_MS));
	if (gs_seal(err) < 0)
		return err->code;
	call_null(both);
	if (r < 0 || both->board->null.state != GS_RPC_OK)
		return 0;
	nfs.deadline_ns = both->q.deadline_ns;
	both->board->looked = 1;
	return look(&both->q, &nfs.view, ret_answer, err);
}

static int null_and_look(void *arg, int fd, int64_t deadline_ns, struct gs_rpc_result *ret,
			 struct gs_err *err)
{
	struct both *both = arg;
	struct gs_nfs_ahead *ahead = both->ahead;
	struct board seen;
	const struct gs_child_req req = {
		.fn = call_and_look,
		.arg = both,
		.ids = gs_nfs_ids,
		.keep = &fd,
		.n_keep = 1,
		.deadline_ns = both->q.deadline_ns,
		.max_answer = max_answer(&both->q),
		.confined = true,
	};

	both->fd = fd;
	both->null_ns = deadline_ns;
	ahead->r = gs_child_run(&req, &ahead->answer, &ahead->err);
	seen = *both->board;
	ahead->looked = seen.looked;
	*ret = seen.called ? seen.null : (struct gs_rpc_result){ .state = GS_RPC_TIMED_OUT };
	if ((unsigned)ret->state > GS_RPC_CLOSED)
		return gs_err_set(err, EPROTO, "a child process gave a malformed reply");
	if (seen.called || ahead->r == -ETIMEDOUT)
		return 0;
	*err = ahead->err;
	return gs_err_prefix(err, "cannot make an RPC call");
}

int gs_nfs_reach_ahead(const struct gs_nfs_at *at, int64_t look_ns, unsigned *ret_connect_us,
		       struct gs_nfs_ahead *ret, struct gs_err *err)
{
	struct board *board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct both both = {
		.q = { .server = at->addr,
		       .path = at->path ? at->path : "/",
		       .port = at->port,
		       .walk = !at->path,
		       .deadline_ns = look_ns },
		.ahead = ret,
		.board = board,
	};
	const struct gs_null_call null = { null_and_look, &both };
	int r;

	if (board == MAP_FAILED)
		return gs_err_set(err, errno, "cannot share memory: %s", strerror(errno));
	gs_nfs_ahead_done(ret);
	ret->server = gs_strdup(at->addr);
	ret->path = at->path ? gs_strdup(at->path) : NULL;
	ret->port = at->port;
	r = gs_reach_nfs_by(at->addr, at->port, at->deadline_ns, &null, ret_connect_us, err);
	munmap(board, sizeof *board);
	return r;
}

void gs_nfs_ahead_done(struct gs_nfs_ahead *ahead)
{
	free(ahead->server);
	free(ahead->path);
	gs_str_done(&ahead->answer);
	*ahead = (struct gs_nfs_ahead){ 0 };
}

/* ---- the questions --------------------------------------------------------------------------- */

int gs_nfs_find_exports(const char *server, unsigned port, int64_t deadline_ns,
			struct gs_nfs_ahead *ahead, struct gs_nfs_exports *ret, struct gs_err *err)
{
	struct question q = {
		.server = server,
		.path = "/",
		.port = port,
		.walk = true,
		.deadline_ns = deadline_ns,
	};
	GS_AUTO(gs_nfs_exports_done) struct gs_nfs_exports exports = { 0 };
	gs_autostr struct gs_str answer = { 0 };
	int r = ask(&q, ahead, &answer, err);

	if (r < 0)
		return r;
	if (!gs_nfs_exports_parse(gs_str_span(&answer), &exports))
		return gs_err_set(err, EPROTO, "a child process gave a malformed reply");
	if (!exports.n) {
		gs_err_set(err, ENOENT, "%s exports nothing to this node", server);
		return gs_nfs_blame(server, -ENOENT, err);
	}
	*ret = exports;
	exports = (struct gs_nfs_exports){ 0 };
	return 0;
}

int gs_nfs_read_id(const char *server, unsigned port, const char *path, int64_t deadline_ns,
		   struct gs_nfs_ahead *ahead, struct gs_nfs_seen *ret, struct gs_err *err)
{
	struct question q = {
		.server = server, .path = path, .port = port, .deadline_ns = deadline_ns
	};
	gs_autostr struct gs_str card = { 0 };
	int r = ask(&q, ahead, &card, err);

	if (r < 0)
		return r;
	if (!gs_share_id_parse(gs_str_span(&card), ret->id))
		ret->id[0] = '\0';
	ret->is_closed = gs_span_is_text(gs_str_span(&card), GS_NFS_CLOSED);
	return 0;
}
