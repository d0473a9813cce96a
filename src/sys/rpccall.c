/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/rpccall.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <rpc/rpc.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "sys/child.h"
#include "sys/privs.h"
#include "sys/proc.h"
#include "sys/seal.h"

/* RFC 5531 section 11: the top bit of a record mark says "last fragment", the rest is a length. */
enum {
	HEAD_BYTES = 64, /* a call with AUTH_NONE takes 40 */
	MARK_BYTES = 4,
	XID_BYTES = 4,
	CALL_BYTES = MARK_BYTES + HEAD_BYTES + GS_RPC_ARGS_BYTES,
	REPLY_MIN_BYTES = 12,	 /* xid, direction, status */
	MEMORY_BYTES = 64 << 20, /* far more than any reply can take */
};

#define LAST_FRAGMENT 0x80000000U

/*
 * libtirpc brings Kerberos along: eight libraries that every run would relocate and every fork
 * copy, for the few runs that make a call. So the child that calls loads it. What is taken from
 * it, typed by its own header:
 */
struct tirpc {
	typeof(xdrmem_create) *open_memory;
	typeof(xdr_callmsg) *callmsg;
	typeof(xdr_replymsg) *replymsg;
	typeof(xdr_void) *nothing;
	typeof(_seterr_reply) *explain;
};

#define TIRPC_LIBRARY "libtirpc.so.3" /* since 1.0 */

struct talk {
	int fd;
	const struct gs_rpc_call *call;
	const struct tirpc *tirpc;
	uint32_t xid;
};

/* Never closed: the child ends soon. */
static int load_tirpc(struct tirpc *ret, struct gs_err *err)
{
	void *library = dlopen(TIRPC_LIBRARY, RTLD_LAZY | RTLD_LOCAL);
	struct tirpc tirpc = { 0 };
	const struct {
		const char *name;
		void *to;
	} symbols[] = {
		{ "xdrmem_create", &tirpc.open_memory }, { "xdr_callmsg", &tirpc.callmsg },
		{ "xdr_replymsg", &tirpc.replymsg },	 { "xdr_void", &tirpc.nothing },
		{ "_seterr_reply", &tirpc.explain },
	};

	for (size_t i = 0; i < GS_COUNT(symbols); i++) {
		void *found = library ? dlsym(library, symbols[i].name) : NULL;

		if (!found)
			return gs_err_set(err, ENOENT, "cannot load " TIRPC_LIBRARY ": %s",
					  dlerror());
		/* dlsym(3): a function's address in a void pointer, which C leaves open. */
		memcpy(symbols[i].to, &found, sizeof found);
	}
	*ret = tirpc;
	return 0;
}

static int encode_call(const struct talk *talk, char out[CALL_BYTES], size_t *ret_size)
{
	struct gs_span args = talk->call->args;
	struct rpc_msg msg = {
		.rm_xid = talk->xid,
		.rm_direction = CALL,
		.rm_call = {
			.cb_rpcvers = RPC_MSG_VERSION,
			.cb_prog = talk->call->prog,
			.cb_vers = talk->call->vers,
			.cb_proc = talk->call->proc,
		},
	};
	size_t size;
	uint32_t mark;
	XDR xdr;

	talk->tirpc->open_memory(&xdr, out + MARK_BYTES, HEAD_BYTES, XDR_ENCODE);
	if (!talk->tirpc->callmsg(&xdr, &msg) || args.len > GS_RPC_ARGS_BYTES)
		return -EPROTO;
	size = xdr_getpos(&xdr);
	if (args.len)
		memcpy(out + MARK_BYTES + size, args.ptr, args.len);
	size += args.len;
	mark = htonl(LAST_FRAGMENT | (uint32_t)size);
	memcpy(out, &mark, sizeof mark);
	*ret_size = MARK_BYTES + size;
	return 0;
}

/* One try to move bytes, waiting for events first; bytes moved, 0 at the end, -errno. */
static ssize_t move_some(const struct talk *talk, short events, char *bytes, size_t size)
{
	struct pollfd watch = { .fd = talk->fd, .events = events };
	ssize_t n;

	for (;;) {
		int ready = poll(&watch, 1, gs_poll_ms(talk->call->deadline_ns));

		if (ready == 0)
			return -ETIMEDOUT;
		if (ready < 0 && errno != EINTR)
			return -errno;
		if (ready < 0)
			continue;
		n = events & POLLOUT ? send(talk->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT)
				     : recv(talk->fd, bytes, size, MSG_DONTWAIT);
		if (n >= 0)
			return n;
		if (errno != EINTR && errno != EAGAIN)
			return -errno;
	}
}

static int move_all(const struct talk *talk, short events, char *bytes, size_t size,
		    size_t *ret_moved)
{
	size_t moved = 0;
	ssize_t n = 0;

	while (moved < size) {
		n = move_some(talk, events, bytes + moved, size - moved);
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

/* A mark and, of the first fragment, our xid: enough to know a reply to us from anything else. */
static enum gs_rpc read_mark(const struct talk *talk, struct gs_str *reply, size_t *ret_size,
			     bool *ret_last)
{
	bool is_first = !reply->len;
	size_t want = MARK_BYTES + (is_first ? XID_BYTES : 0), seen = 0;
	uint32_t head[2] = { 0 };
	int r = move_all(talk, POLLIN, (char *)head, want, &seen);

	if (r < 0 || seen < want)
		return incomplete(r, seen + reply->len);
	*ret_last = ntohl(head[0]) & LAST_FRAGMENT;
	*ret_size = ntohl(head[0]) & ~LAST_FRAGMENT;
	if (!is_first)
		return GS_RPC_OK;
	if (ntohl(head[1]) != talk->xid || *ret_size < REPLY_MIN_BYTES)
		return GS_RPC_GARBAGE;
	gs_str_add(reply, gs_span((const char *)&head[1], XID_BYTES));
	*ret_size -= XID_BYTES;
	return GS_RPC_OK;
}

/* The lengths are the peer's word: none is believed beyond max_reply. */
static enum gs_rpc read_reply(const struct talk *talk, struct gs_str *reply)
{
	gs_autofree char *bytes = gs_alloc(talk->call->max_reply);
	bool last = false;

	for (unsigned i = 0; !last; i++) {
		size_t size = 0, seen = 0;
		enum gs_rpc state = read_mark(talk, reply, &size, &last);
		int r;

		if (state != GS_RPC_OK)
			return state;
		if (size > talk->call->max_reply - reply->len ||
		    (!last && i + 1 >= talk->call->max_fragments))
			return GS_RPC_GARBAGE;
		r = move_all(talk, POLLIN, bytes, size, &seen);
		if (seen < size)
			return incomplete(r, reply->len);
		gs_str_add(reply, gs_span(bytes, size));
	}
	return GS_RPC_OK;
}

static void decode_reply(const struct talk *talk, struct gs_str *reply,
			 struct gs_rpc_result *result, struct gs_str *ret_results)
{
	const struct tirpc *tirpc = talk->tirpc;
	struct rpc_msg msg = { 0 };
	char verifier[MAX_AUTH_BYTES];
	struct rpc_err why = { 0 };
	XDR xdr;

	result->state = GS_RPC_GARBAGE;
	msg.acpted_rply.ar_verf.oa_base = verifier; /* else libtirpc allocates */
	msg.acpted_rply.ar_results.proc = (xdrproc_t)(void (*)(void))tirpc->nothing;
	tirpc->open_memory(&xdr, reply->ptr, (u_int)reply->len, XDR_DECODE);
	if (!tirpc->replymsg(&xdr, &msg) || msg.rm_xid != talk->xid || msg.rm_direction != REPLY)
		return;
	tirpc->explain(&msg, &why);
	if (why.re_status == RPC_SUCCESS) {
		result->state = GS_RPC_OK;
		gs_str_add(ret_results, gs_span_from(gs_str_span(reply), xdr_getpos(&xdr)));
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

int gs_rpc_converse(int fd, const struct gs_rpc_call *call, struct gs_rpc_result *ret,
		    struct gs_str *ret_results, struct gs_err *err)
{
	struct tirpc tirpc = { 0 };
	struct talk talk = { .fd = fd, .call = call, .tirpc = &tirpc };
	gs_autostr struct gs_str reply = { 0 };
	char out[CALL_BYTES];
	size_t size = 0, sent = 0;
	int64_t begin_ns;
	int r;

	if (getrandom(&talk.xid, sizeof talk.xid, 0) != (ssize_t)sizeof talk.xid)
		talk.xid = (uint32_t)gs_now_ns();
	if (load_tirpc(&tirpc, err) < 0 || gs_privs_confine(GS_KEEP_NOTHING, err) < 0)
		return err->code;
	gs_child_limit_memory(MEMORY_BYTES);
	if (gs_seal(err) < 0)
		return err->code;
	begin_ns = gs_now_ns();
	r = encode_call(&talk, out, &size);
	if (!r)
		r = move_all(&talk, POLLOUT, out, size, &sent);
	ret->state = r < 0 ? incomplete(r, 0) : read_reply(&talk, &reply);
	if (ret->state != GS_RPC_OK)
		return 0;
	ret->rtt_us = (unsigned)((gs_now_ns() - begin_ns) / 1000);
	decode_reply(&talk, &reply, ret, ret_results);
	return 0;
}
