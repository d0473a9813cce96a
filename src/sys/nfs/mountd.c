/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/nfs/mountd.h"

#include <errno.h>
#include <netinet/in.h>

#include "sys/net/rpc_call.h"
#include "sys/net/rpc_null.h"
#include "sys/net/tcp.h"
#include "sys/proc/child.h"
#include "sys/proc/fd.h"
#include "sys/proc/proc.h"

enum {
	RPCBIND_PROGRAM = 100000,
	RPCBIND_VERSION = 2, /* the oldest, and the only one that answers with a plain port */
	RPCBIND_GETPORT = 3,
	MOUNT_PROGRAM = 100005,
	MOUNT_VERSION = 3,
	MOUNT_EXPORT = 5,
	LIST_BYTES = 64 * 1024,	       /* a thousand clients and more */
	FRAGMENTS = 64,		       /* libtirpc sends a fragment per 9000 bytes */
	MAX_WORD = 1024,	       /* RFC 1813 MNTPATHLEN */
	ANSWER_BYTES = LIST_BYTES * 2, /* a name takes 8 bytes less here than encoded */
};

/* One call to one port, by a child of its own: a child that has read peer data connects no more. */
struct question {
	const char *server, *who;
	unsigned port;
	struct gs_rpc_call call;
	/* turns the results into the child's answer; false where they are malformed */
	bool (*tell)(struct gs_xdr *results, struct gs_str *ret_answer);
	int fd;
};

/* ---- the child ----------------------------------------------------------------------------- */

static int ask_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	GS_AUTO(gs_rpc_answer_done) struct gs_rpc_answer answer = { 0 };
	struct question *q = arg;
	struct gs_xdr xdr;

	if (gs_rpc_begin_confined(&q->call.xid, err) < 0)
		return err->code;
	gs_rpc_converse(q->fd, &q->call, &answer);
	if (answer.result.state == GS_RPC_GARBAGE)
		return gs_err_set(err, ENOENT, "port %u of %s sent an invalid RPC reply: %s",
				  q->port, q->server, answer.wrong);
	if (answer.result.state != GS_RPC_OK)
		return gs_err_set(err, ENOENT, "port %u of %s: %s", q->port, q->server,
				  gs_rpc_cause(answer.result.state));
	xdr = (struct gs_xdr){ .rest = answer.results };
	if (q->tell(&xdr, ret_answer))
		return 0;
	gs_xdr_explain(&xdr, answer.wrong);
	return gs_err_set(err, ENOENT, "%s of %s sent an invalid reply: %s", q->who, q->server,
			  answer.wrong);
}

/* Control bytes would break the lines of the answer. */
static bool is_plain(struct gs_span text)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f)
			return false;
	return text.len > 0;
}

static bool take_word(struct gs_xdr *xdr, struct gs_span *ret)
{
	struct gs_span word;

	if (!gs_xdr_opaque(xdr, MAX_WORD, &word))
		return false;
	if (!is_plain(word))
		return gs_xdr_fail(xdr, "an invalid name of a path or client", (uint32_t)word.len);
	*ret = word;
	return true;
}

/* An export without a client is everyone's: exports(5). */
static bool tell_clients(struct gs_xdr *xdr, struct gs_str *answer)
{
	bool more = false;
	struct gs_span name;
	size_t n = 0;

	while (gs_xdr_bool(xdr, &more) && more) {
		if (!take_word(xdr, &name))
			return false;
		gs_str_addc(answer, ' ');
		gs_str_add(answer, name);
		gs_str_addc(answer, '\n');
		n++;
	}
	if (!n)
		gs_str_adds(answer, " *\n");
	return !xdr->wrong;
}

bool gs_mountd_take(struct gs_xdr *xdr, struct gs_str *answer)
{
	bool more = false;
	struct gs_span path;

	while (gs_xdr_bool(xdr, &more) && more) {
		if (!take_word(xdr, &path))
			return false;
		if (path.ptr[0] != '/')
			return gs_xdr_fail(xdr, "a path that is not absolute", (uint32_t)path.len);
		gs_str_add(answer, path);
		gs_str_addc(answer, '\n');
		if (!tell_clients(xdr, answer))
			return false;
	}
	gs_str_adds(answer, "all\n");
	return gs_xdr_end(xdr);
}

static bool tell_port(struct gs_xdr *xdr, struct gs_str *answer)
{
	uint32_t port = 0;

	if (!gs_xdr_number(xdr, &port) || !gs_xdr_end(xdr))
		return false;
	if (port > 65535)
		return gs_xdr_fail(xdr, "an invalid port", port);
	gs_str_addf(answer, "%u", port);
	return true;
}

/* ---- checking the answer ------------------------------------------------------------------- */

static int ask(struct question *q, struct gs_str *ret_answer, struct gs_err *err)
{
	struct gs_reach_result at = { .fd = -1 };
	struct gs_endpoint to = { 0 };
	struct gs_child_req req = {
		.fn = ask_in_child,
		.arg = q,
		.keep = &q->fd,
		.n_keep = 1,
		.deadline_ns = q->call.deadline_ns,
		.max_answer = ANSWER_BYTES,
		.confined = true,
	};
	int r = gs_endpoint_of(q->server, q->port, &to, err);

	if (r == 0)
		r = gs_reach_one(&to, (unsigned)gs_poll_ms(q->call.deadline_ns), &at, err);
	if (r < 0)
		return r;
	gs_autoclose int fd = at.fd;
	if (at.state != GS_REACH_OPEN)
		return gs_err_set(err, ENOENT, "port %u of %s: %s", q->port, q->server,
				  gs_errno_text(at.error));
	q->fd = fd;
	return gs_child_run(&req, ret_answer, err);
}

static int find_port(const char *server, unsigned rpcbind, int64_t deadline_ns, unsigned *ret_port,
		     struct gs_err *err)
{
	static const uint32_t args[] = { MOUNT_PROGRAM, MOUNT_VERSION, IPPROTO_TCP, 0 };
	struct question q = {
		.server = server,
		.who = "rpcbind",
		.port = rpcbind,
		.call = {
			.prog = RPCBIND_PROGRAM,
			.vers = RPCBIND_VERSION,
			.proc = RPCBIND_GETPORT,
			.max_reply = 512,
			.max_fragments = 1,
			.deadline_ns = deadline_ns,
		},
		.tell = tell_port,
	};
	gs_autostr struct gs_str encoded = { 0 }, answer = { 0 };
	uint64_t port = 0;
	int r;

	for (size_t i = 0; i < GS_COUNT(args); i++)
		gs_xdr_put_number(&encoded, args[i]);
	q.call.args = gs_str_span(&encoded);
	r = ask(&q, &answer, err);
	if (r < 0)
		return r;
	if (!gs_span_number(gs_str_span(&answer), 65535, &port) || !port)
		return gs_err_set(err, ENOENT, "rpcbind of %s has no mountd registered", server);
	*ret_port = (unsigned)port;
	return 0;
}

bool gs_mountd_parse(struct gs_span text, struct gs_grants *ret)
{
	GS_AUTO(gs_grants_done) struct gs_grants grants = { 0 };
	struct gs_span line;

	while (gs_span_cut(&text, '\n', &line)) {
		gs_autofree char *word = NULL;

		if (gs_span_is_text(line, "all")) {
			if (text.len)
				return false;
			*ret = grants;
			grants = (struct gs_grants){ 0 };
			return true;
		}
		if (!is_plain(line) || (line.ptr[0] == ' ' && (line.len < 2 || !grants.n)) ||
		    (line.ptr[0] != ' ' && line.ptr[0] != '/'))
			return false;
		if (line.ptr[0] == '/') {
			word = gs_span_dup(line);
			gs_grants_add(&grants, word);
			continue;
		}
		word = gs_span_dup(gs_span_from(line, 1));
		gs_strs_add(&grants.v[grants.n - 1].clients, word);
	}
	return false;
}

int gs_mountd_list(const char *server, unsigned port, int64_t deadline_ns, struct gs_grants *ret,
		   struct gs_err *err)
{
	struct question q = {
		.server = server,
		.who = "mountd",
		.call = {
			.prog = MOUNT_PROGRAM,
			.vers = MOUNT_VERSION,
			.proc = MOUNT_EXPORT,
			.max_reply = LIST_BYTES,
			.max_fragments = FRAGMENTS,
			.deadline_ns = deadline_ns,
		},
		.tell = gs_mountd_take,
	};
	gs_autostr struct gs_str answer = { 0 };
	int r = find_port(server, port, deadline_ns, &q.port, err);

	if (r == 0)
		r = ask(&q, &answer, err);
	if (r < 0)
		return gs_err_prefix(err, "cannot ask mountd of %s", server);
	if (!gs_mountd_parse(gs_str_span(&answer), ret))
		return gs_err_set(err, EPROTO, "a child process gave a malformed reply");
	return 0;
}
