/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/net/rpc_call.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/random.h>
#include <unistd.h>

#include "sys/proc/child.h"
#include "sys/proc/privs.h"
#include "sys/proc/proc.h"
#include "sys/proc/seal.h"

/* RFC 5531 section 11: the top bit of a record mark says "last fragment", the rest is a length. */
enum {
	NUMBER_BYTES = 4,
	MARK_SEEN = NUMBER_BYTES, /* bytes received before the first one of a reply */
	REPLY_MIN_BYTES = 12,	  /* xid, direction, status */
	CHUNK_BYTES = 8192,
	MEMORY_BYTES = 64 << 20, /* far more than any reply can take */
};

#define LAST_FRAGMENT 0x80000000U

struct talk {
	int fd;
	const struct gs_rpc_call *call;
};

uint32_t gs_rpc_begin(void)
{
	uint32_t xid;

	signal(SIGPIPE, SIG_IGN);
	if (getrandom(&xid, sizeof xid, 0) != (ssize_t)sizeof xid)
		xid = (uint32_t)gs_now_ns();
	return xid;
}

int gs_rpc_begin_confined(uint32_t *ret_xid, struct gs_err *err)
{
	uint32_t xid = gs_rpc_begin();

	if (gs_privs_confine(GS_KEEP_NOTHING, err) < 0)
		return err->code;
	gs_child_limit_memory(MEMORY_BYTES);
	if (gs_seal(err) < 0)
		return err->code;
	*ret_xid = xid;
	return 0;
}

void gs_rpc_answer_done(struct gs_rpc_answer *answer)
{
	gs_str_done(&answer->reply);
	*answer = (struct gs_rpc_answer){ 0 };
}

/* Waits until the connection is ready for events; 0 or -errno. */
static int wait_for(const struct talk *talk, short events)
{
	struct pollfd watch = { .fd = talk->fd, .events = events };
	int ready;

	do
		ready = poll(&watch, 1, gs_poll_ms(talk->call->deadline_ns));
	while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return -errno;
	return ready ? 0 : -ETIMEDOUT;
}

/* Is the descriptor not ready after all? */
static bool is_later(ssize_t moved)
{
	return moved < 0 && (errno == EINTR || errno == EAGAIN);
}

static int send_all(const struct talk *talk, struct gs_span bytes)
{
	while (bytes.len) {
		int r = wait_for(talk, POLLOUT);
		ssize_t n;

		if (r < 0)
			return r;
		n = write(talk->fd, bytes.ptr, bytes.len);
		if (is_later(n))
			continue;
		if (n < 0)
			return -errno;
		bytes = gs_span_from(bytes, (size_t)n);
	}
	return 0;
}

/* Why did reading stop before the reply was complete? */
static enum gs_rpc incomplete(int r, size_t seen)
{
	if (r == -ETIMEDOUT)
		return seen ? GS_RPC_SLOW : GS_RPC_TIMED_OUT;
	return GS_RPC_CLOSED;
}

/* Reads size more bytes; where the connection ends early, bytes holds all that came. */
static enum gs_rpc receive(const struct talk *talk, struct gs_str *bytes, size_t size, size_t seen)
{
	while (size) {
		char chunk[CHUNK_BYTES];
		int r = wait_for(talk, POLLIN);
		ssize_t n;

		if (r < 0)
			return incomplete(r, seen);
		n = read(talk->fd, chunk, size < sizeof chunk ? size : sizeof chunk);
		if (is_later(n))
			continue;
		if (n <= 0)
			return GS_RPC_CLOSED;
		gs_str_add(bytes, gs_span(chunk, (size_t)n));
		size -= (size_t)n;
		seen += (size_t)n;
	}
	return GS_RPC_OK;
}

static enum gs_rpc garbage(struct gs_rpc_answer *answer, const struct gs_xdr *xdr)
{
	gs_xdr_explain(xdr, answer->wrong);
	return GS_RPC_GARBAGE;
}

static enum gs_rpc mismatch(struct gs_rpc_answer *answer, const char *what, uint32_t value)
{
	struct gs_xdr xdr = { 0 };

	gs_xdr_fail(&xdr, what, value);
	return garbage(answer, &xdr);
}

/* Reads one number, without waiting for the bytes after it. */
static enum gs_rpc receive_number(const struct talk *talk, struct gs_str *bytes, size_t seen,
				  uint32_t *ret)
{
	enum gs_rpc state = receive(talk, bytes, NUMBER_BYTES, seen);
	struct gs_xdr xdr = { 0 };

	if (state != GS_RPC_OK)
		return state;
	xdr.rest = gs_span_from(gs_str_span(bytes), bytes->len - NUMBER_BYTES);
	gs_xdr_number(&xdr, ret);
	return GS_RPC_OK;
}

/* The peer chooses the lengths: none beyond max_reply is accepted. */
static enum gs_rpc read_mark(const struct talk *talk, struct gs_rpc_answer *answer, unsigned i,
			     uint32_t *ret_size, bool *ret_last)
{
	gs_autostr struct gs_str bytes = { 0 };
	uint32_t mark = 0;
	enum gs_rpc state = receive_number(talk, &bytes, answer->reply.len, &mark);

	if (state != GS_RPC_OK)
		return state;
	*ret_last = mark & LAST_FRAGMENT;
	*ret_size = mark & ~LAST_FRAGMENT;
	if (*ret_size > talk->call->max_reply - answer->reply.len)
		return mismatch(answer, "a record longer than any reply", *ret_size);
	if (!i && *ret_size < REPLY_MIN_BYTES)
		return mismatch(answer, "a record shorter than any reply", *ret_size);
	if (!*ret_last && i + 1 >= talk->call->max_fragments)
		return mismatch(answer, "a record in too many fragments", i + 1);
	return GS_RPC_OK;
}

/*
 * A plausible length and our xid distinguish a reply from anything else, such as the greeting of
 * another protocol, before we wait for as many bytes as the length claims.
 */
static enum gs_rpc read_reply(const struct talk *talk, struct gs_rpc_answer *answer)
{
	struct gs_str *reply = &answer->reply;
	bool last = false;

	for (unsigned i = 0; !last; i++) {
		uint32_t size = 0, xid = 0;
		enum gs_rpc state = read_mark(talk, answer, i, &size, &last);

		if (state == GS_RPC_OK && !i) {
			state = receive_number(talk, reply, MARK_SEEN, &xid);
			size -= NUMBER_BYTES;
		}
		if (state != GS_RPC_OK)
			return state;
		if (!i && xid != talk->call->xid)
			return mismatch(answer, "a reply to another call", xid);
		state = receive(talk, reply, size, reply->len);
		if (state != GS_RPC_OK)
			return state;
	}
	return GS_RPC_OK;
}

static enum gs_rpc take_head(const struct talk *talk, struct gs_rpc_answer *answer)
{
	static const enum gs_rpc states[] = {
		[GS_RPC_SAID_RESULTS] = GS_RPC_OK,
		[GS_RPC_SAID_NO_PROGRAM] = GS_RPC_PROG_UNAVAIL,
		[GS_RPC_SAID_OTHER_VERSIONS] = GS_RPC_VERS_MISMATCH,
		[GS_RPC_SAID_NO_RPC_VERSION] = GS_RPC_DENIED,
		[GS_RPC_SAID_WEAK] = GS_RPC_DENIED,
		[GS_RPC_SAID_NO] = GS_RPC_DENIED,
	};
	struct gs_xdr xdr = { .rest = gs_str_span(&answer->reply) };
	struct gs_rpc_head head = { 0 };

	if (!gs_rpc_take_head(&xdr, talk->call->xid, &head))
		return garbage(answer, &xdr);
	answer->results = xdr.rest;
	answer->too_weak = head.said == GS_RPC_SAID_WEAK;
	answer->result.offers_tls = head.offers_tls;
	if (head.said == GS_RPC_SAID_OTHER_VERSIONS) {
		answer->result.low = head.low;
		answer->result.high = head.high;
	}
	return states[head.said];
}

void gs_rpc_converse(int fd, const struct gs_rpc_call *call, struct gs_rpc_answer *ret)
{
	struct talk talk = { .fd = fd, .call = call };
	gs_autostr struct gs_str out = { 0 };
	int64_t begin_ns = gs_now_ns();
	enum gs_rpc state;
	int r;

	gs_rpc_answer_done(ret);
	gs_rpc_put_call(&out, call->xid, call->prog, call->vers, call->proc, call->user,
			call->args);
	r = send_all(&talk, gs_str_span(&out));
	state = r < 0 ? incomplete(r, 0) : read_reply(&talk, ret);
	if (state == GS_RPC_OK) {
		ret->result.rtt_us = (unsigned)((gs_now_ns() - begin_ns) / 1000);
		state = take_head(&talk, ret);
	}
	ret->result.state = state;
}
