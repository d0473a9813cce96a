/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/rpcprobe.h"

#include <errno.h>
#include <poll.h>
#include <rpc/rpc.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/child.h"
#include "sys/privs.h"
#include "sys/proc.h"

/* RFC 5531 section 11: the top bit of a record mark says "last fragment", the rest is a length. */
enum {
	CALL_BYTES = 64, /* a NULL call with AUTH_NONE takes 40 */
	MARK_BYTES = 4,
	REPLY_MIN_BYTES = 12,  /* xid, direction, status */
	REPLY_MAX_BYTES = 512, /* 24 as a rule, and a verifier of at most 400 */
};

#define LAST_FRAGMENT 0x80000000U

struct call {
	int fd;
	uint32_t prog, vers, xid;
	int64_t deadline_ns;
	struct gs_rpc_result result;
};

static int encode_call(const struct call *call, char out[MARK_BYTES + CALL_BYTES], size_t *ret_size)
{
	struct rpc_msg msg = {
		.rm_xid = call->xid,
		.rm_direction = CALL,
		.rm_call = {
			.cb_rpcvers = RPC_MSG_VERSION,
			.cb_prog = call->prog,
			.cb_vers = call->vers,
			.cb_proc = NULLPROC,
		},
	};
	uint32_t mark;
	XDR xdr;

	xdrmem_create(&xdr, out + MARK_BYTES, CALL_BYTES, XDR_ENCODE);
	if (!xdr_callmsg(&xdr, &msg))
		return -EPROTO;
	mark = htonl(LAST_FRAGMENT | xdr_getpos(&xdr));
	memcpy(out, &mark, sizeof mark);
	*ret_size = MARK_BYTES + xdr_getpos(&xdr);
	return 0;
}

/* One try to move bytes, waiting for events first; bytes moved, 0 at the end, -errno. */
static ssize_t move_some(const struct call *call, short events, char *bytes, size_t size)
{
	struct pollfd watch = { .fd = call->fd, .events = events };
	ssize_t n;

	for (;;) {
		int ready = poll(&watch, 1, gs_poll_ms(call->deadline_ns));

		if (ready == 0)
			return -ETIMEDOUT;
		if (ready < 0 && errno != EINTR)
			return -errno;
		if (ready < 0)
			continue;
		n = events & POLLOUT ? send(call->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT)
				     : recv(call->fd, bytes, size, MSG_DONTWAIT);
		if (n >= 0)
			return n;
		if (errno != EINTR && errno != EAGAIN)
			return -errno;
	}
}

static int move_all(const struct call *call, short events, char *bytes, size_t size,
		    size_t *ret_moved)
{
	size_t moved = 0;
	ssize_t n = 0;

	while (moved < size) {
		n = move_some(call, events, bytes + moved, size - moved);
		if (n <= 0)
			break;
		moved += (size_t)n;
	}
	*ret_moved = moved;
	return n < 0 ? (int)n : 0;
}

/* What did it mean that reading stopped before the reply was whole? */
static enum gs_rpc incomplete(int r, size_t seen)
{
	if (r == -ETIMEDOUT)
		return seen ? GS_RPC_SLOW : GS_RPC_SILENT;
	return GS_RPC_CLOSED;
}

static void decode_reply(struct call *call, char *bytes, size_t size)
{
	struct gs_rpc_result *result = &call->result;
	struct rpc_msg msg = { 0 };
	char verifier[MAX_AUTH_BYTES];
	struct rpc_err why = { 0 };
	XDR xdr;

	result->state = GS_RPC_GARBAGE;
	msg.acpted_rply.ar_verf.oa_base = verifier; /* else libtirpc allocates */
	msg.acpted_rply.ar_results.proc = (xdrproc_t)(void (*)(void))xdr_void;
	xdrmem_create(&xdr, bytes, (u_int)size, XDR_DECODE);
	if (!xdr_replymsg(&xdr, &msg) || msg.rm_xid != call->xid || msg.rm_direction != REPLY)
		return;
	_seterr_reply(&msg, &why);
	if (why.re_status == RPC_SUCCESS) {
		result->state = GS_RPC_OK;
	} else if (why.re_status == RPC_PROGUNAVAIL) {
		result->state = GS_RPC_PROG_UNAVAIL;
	} else if (why.re_status == RPC_PROGVERSMISMATCH) {
		result->state = GS_RPC_VERS_MISMATCH;
		result->low = why.re_vers.low;
		result->high = why.re_vers.high;
	} else if (why.re_status == RPC_AUTHERROR || why.re_status == RPC_VERSMISMATCH) {
		result->state = GS_RPC_DENIED;
	}
}

static void converse(struct call *call)
{
	char out[MARK_BYTES + CALL_BYTES], reply[REPLY_MAX_BYTES];
	struct gs_rpc_result *result = &call->result;
	int64_t begin_ns = gs_now_ns();
	uint32_t head[2] = {
		0
	}; /* mark and xid: enough to know a reply to us from anything else */
	size_t size = 0, seen = 0;
	int r;

	r = encode_call(call, out, &size);
	if (!r)
		r = move_all(call, POLLOUT, out, size, &seen);
	if (!r)
		r = move_all(call, POLLIN, (char *)head, sizeof head, &seen);
	if (r < 0 || seen < sizeof head) {
		result->state = incomplete(r, seen);
		return;
	}
	size = ntohl(head[0]) & ~LAST_FRAGMENT;
	if (!(ntohl(head[0]) & LAST_FRAGMENT) || ntohl(head[1]) != call->xid ||
	    size < REPLY_MIN_BYTES || size > sizeof reply) {
		result->state = GS_RPC_GARBAGE;
		return;
	}
	memcpy(reply, &head[1], sizeof head[1]);
	size -= sizeof head[1];
	r = move_all(call, POLLIN, reply + sizeof head[1], size, &seen);
	if (seen < size) {
		result->state = incomplete(r, sizeof head);
		return;
	}
	result->rtt_us = (unsigned)((gs_now_ns() - begin_ns) / 1000);
	decode_reply(call, reply, size + sizeof head[1]);
}

static int converse_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	struct call *call = arg;
	int r = gs_privs_confine(GS_KEEP_NOTHING, err);

	if (r < 0)
		return r;
	converse(call);
	gs_str_add(ret_answer, gs_span((const char *)&call->result, sizeof call->result));
	return 0;
}

int gs_rpc_null(int fd, uint32_t prog, uint32_t vers, int64_t deadline_ns,
		struct gs_rpc_result *ret, struct gs_err *err)
{
	enum { MARGIN_NS = 100 * 1000000 }; /* for the child to say what it saw */
	struct call call = { .fd = fd, .prog = prog, .vers = vers, .deadline_ns = deadline_ns };
	gs_autostr struct gs_str answer = { 0 };
	struct gs_rpc_result result = { 0 };
	struct gs_child_req req = {
		.fn = converse_in_child,
		.arg = &call,
		.keep = &fd,
		.n_keep = 1,
		.deadline_ns = deadline_ns + MARGIN_NS,
		.max_answer = sizeof result,
	};
	int r;

	if (getrandom(&call.xid, sizeof call.xid, 0) != (ssize_t)sizeof call.xid)
		call.xid = (uint32_t)gs_now_ns();
	r = gs_child_run(&req, &answer, err);
	if (r < 0)
		return gs_err_prefix(err, "cannot make an RPC call");
	if (answer.len == sizeof result)
		memcpy(&result, answer.ptr, sizeof result);
	if (answer.len != sizeof result || (unsigned)result.state > GS_RPC_CLOSED)
		return gs_err_set(err, EPROTO, "a child process gave a malformed answer");
	*ret = result;
	return 0;
}

const char *gs_rpc_cause(enum gs_rpc state)
{
	switch (state) {
	case GS_RPC_OK:
		break;
	case GS_RPC_SILENT:
		return "RPC_SILENT";
	case GS_RPC_SLOW:
		return "RPC_SLOW";
	case GS_RPC_GARBAGE:
		return "RPC_GARBAGE";
	case GS_RPC_PROG_UNAVAIL:
		return "RPC_PROG_UNAVAIL";
	case GS_RPC_VERS_MISMATCH:
		return "RPC_VERS_MISMATCH";
	case GS_RPC_DENIED:
		return "RPC_DENIED";
	case GS_RPC_CLOSED:
		return "RPC_CLOSED";
	}
	return NULL;
}
