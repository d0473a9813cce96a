/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "sys/rpcprobe.h"

/**
 * struct gs_rpc_call - a call over a TCP connection, with AUTH_NONE
 * @args:  encoded arguments, at most GS_RPC_ARGS_BYTES
 * @max_reply: bytes of the whole reply; a longer one is GARBAGE
 * @max_fragments: 1 where the reply is too short to be cut
 */
enum { GS_RPC_ARGS_BYTES = 64 };
struct gs_rpc_call {
	uint32_t prog, vers, proc;
	struct gs_span args;
	size_t max_reply;
	unsigned max_fragments;
	int64_t deadline_ns;
};

/**
 * gs_rpc_converse - in a confined child: load libtirpc, give up all else, call, read the reply
 * @fd: connected; non-blocking or not
 * @ret_results: encoded results, added where the state is OK
 * Never blocks past the deadline: libtirpc only encodes and decodes messages in memory.
 * Errors: -ENOENT where libtirpc is not there; of gs_privs_confine() and gs_seal(); what the peer
 * does is in the result.
 */
int gs_rpc_converse(int fd, const struct gs_rpc_call *call, struct gs_rpc_result *ret,
		    struct gs_str *ret_results, struct gs_err *err);
