/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/net/rpc_null.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "sys/net/rpc_call.h"
#include "sys/proc/child.h"

struct call {
	int fd;
	struct gs_rpc_call rpc;
};

void gs_rpc_call_null(int fd, const struct gs_rpc_call *call, struct gs_rpc_answer *ret)
{
	gs_rpc_converse(fd, call, ret);
	if (ret->result.state == GS_RPC_OK && ret->results.len)
		ret->result.state = GS_RPC_GARBAGE; /* NULL has no results */
}

static int converse_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	struct call *call = arg;
	GS_AUTO(gs_rpc_answer_done) struct gs_rpc_answer answer = { 0 };

	if (gs_rpc_begin_confined(&call->rpc.xid, err) < 0)
		return err->code;
	gs_rpc_call_null(call->fd, &call->rpc, &answer);
	gs_str_add(ret_answer, gs_span((const char *)&answer.result, sizeof answer.result));
	return 0;
}

int gs_rpc_null(int fd, uint32_t prog, uint32_t vers, const struct gs_rpc_user *user,
		struct gs_span args, int64_t deadline_ns, struct gs_rpc_result *ret,
		struct gs_err *err)
{
	enum { MARGIN_NS = 100 * 1000000 }; /* for the child to report what it saw */
	struct call call = {
		.fd = fd,
		.rpc = {
			.prog = prog,
			.vers = vers,
			.user = user,
			.args = args,
			.max_reply = GS_RPC_NULL_BYTES,
			.max_fragments = 1,
			.deadline_ns = deadline_ns,
		},
	};
	gs_autostr struct gs_str answer = { 0 };
	struct gs_rpc_result result = { 0 };
	struct gs_child_req req = {
		.fn = converse_in_child,
		.arg = &call,
		.keep = &fd,
		.n_keep = 1,
		.deadline_ns = deadline_ns + MARGIN_NS,
		.max_answer = sizeof result,
		.confined = true,
	};
	int r;

	r = gs_child_run(&req, &answer, err);
	if (r == -ETIMEDOUT) { /* with little time left the child may not have reached the call */
		*err = (struct gs_err){ 0 };
		*ret = (struct gs_rpc_result){ .state = GS_RPC_TIMED_OUT };
		return 0;
	}
	if (r < 0)
		return gs_err_prefix(err, "cannot make an RPC call");
	if (answer.len == sizeof result)
		memcpy(&result, answer.ptr, sizeof result);
	if (answer.len != sizeof result || (unsigned)result.state > GS_RPC_CLOSED)
		return gs_err_set(err, EPROTO, "a child process gave a malformed reply");
	*ret = result;
	return 0;
}

const char *gs_rpc_cause(enum gs_rpc state)
{
	switch (state) {
	case GS_RPC_OK:
		break;
	case GS_RPC_TIMED_OUT:
		return "RPC_TIMEOUT";
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
