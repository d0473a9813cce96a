/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/nfs/browse.h"

#include <errno.h>
#include <string.h>

#include "base/types.h"
#include "sys/nfs/browse_mount.h"
#include "sys/nfs/browse_v40.h"
#include "sys/nfs/ping.h"
#include "sys/proc/child.h"
#include "sys/proc/privs.h"
#include "sys/proc/seal.h"

/*
 * The children that look at a server, through either view; gs_nfs_exports_parse() checks what they
 * answer.
 */

enum {
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

static int ask_by(int (*way)(void *, struct gs_str *, struct gs_err *), struct question *q,
		  size_t max_answer, struct gs_str *ret, struct gs_err *err)
{
	struct gs_child_req req = {
		.fn = way,
		.arg = q,
		.ids = gs_nfs_ids,
		.deadline_ns = q->deadline_ns,
		.max_answer = max_answer,
		.confined = true,
	};
	int r = gs_child_run(&req, ret, err);

	if (r < 0 && !err->id) {
		gs_err_prefix(err, "cannot access '%s' on %s", q->path, q->server);
		return gs_nfs_blame(q->server, r, err);
	}
	return r < 0 ? gs_nfs_fix(q->server, err) : 0;
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

static int ask(struct question *q, size_t max_answer, struct gs_str *ret, struct gs_err *err)
{
	struct gs_err first = { 0 }, unprivileged = { 0 };
	int r = ask_by(look_by_40, q, max_answer, ret, &first);

	if (r == -EPROTONOSUPPORT && gs_privs_need(GS_PHASE_APPLY, &unprivileged) == 0)
		return ask_by(look_by_stage, q, max_answer, ret, err);
	if (r < 0)
		*err = first;
	return r < 0 && err->id && !strcmp(err->id, GS_NFS_SECURITY) ? demanded(q, err) : r;
}

int gs_nfs_find_exports(const char *server, unsigned port, int64_t deadline_ns,
			struct gs_nfs_exports *ret, struct gs_err *err)
{
	enum { MAX_ANSWER = 1 << 20 }; /* 256 exports of 4 KiB paths */
	struct question q = {
		.server = server,
		.path = "/",
		.port = port,
		.walk = true,
		.deadline_ns = deadline_ns,
	};
	GS_AUTO(gs_nfs_exports_done) struct gs_nfs_exports exports = { 0 };
	gs_autostr struct gs_str answer = { 0 };
	int r = ask(&q, MAX_ANSWER, &answer, err);

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
		   char ret_id[GS_SHARE_ID_BYTES], struct gs_err *err)
{
	struct question q = {
		.server = server, .path = path, .port = port, .deadline_ns = deadline_ns
	};
	gs_autostr struct gs_str card = { 0 };
	int r = ask(&q, (size_t)2 * GS_SHARE_FILE_BYTES, &card, err);

	if (r < 0)
		return r;
	if (!gs_share_id_parse(gs_str_span(&card), ret_id))
		ret_id[0] = '\0';
	return 0;
}
