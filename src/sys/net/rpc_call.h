/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/rpcmsg.h"
#include "base/str.h"

enum gs_rpc {
	GS_RPC_OK,
	GS_RPC_TIMED_OUT,     /* accepted the connection, sent nothing in time */
	GS_RPC_SLOW,	      /* began to answer and did not finish in time */
	GS_RPC_GARBAGE,	      /* not an RPC reply to our call */
	GS_RPC_PROG_UNAVAIL,  /* RPC, but not this program */
	GS_RPC_VERS_MISMATCH, /* this program, other versions: low to high */
	GS_RPC_DENIED,	      /* refused the credentials or the RPC version */
	GS_RPC_CLOSED,	      /* closed the connection instead of answering */
};

struct gs_rpc_result {
	enum gs_rpc state;
	unsigned rtt_us;
	unsigned low, high; /* of VERS_MISMATCH */
	bool offers_tls;    /* where it was asked for: gs_rpc_tls */
};

/**
 * struct gs_rpc_call - a call over a TCP connection
 * @xid: from gs_rpc_begin(), a different one for each call
 * @user: NULL for AUTH_NONE
 * @args: encoded arguments
 * @max_reply: bytes of the whole reply; a longer one is GARBAGE
 * @max_fragments: 1 where the reply is too short to be fragmented
 */
struct gs_rpc_call {
	uint32_t xid, prog, vers, proc;
	const struct gs_rpc_user *user;
	struct gs_span args;
	size_t max_reply;
	unsigned max_fragments;
	int64_t deadline_ns;
};

/**
 * struct gs_rpc_answer - the outcome of a call; all zero to begin with
 * @too_weak: where DENIED: the server requires stronger credentials
 * @reply: all of its bytes; @results: those after its header, where the state is OK
 * @wrong: where GARBAGE: what is wrong with the reply
 */
struct gs_rpc_answer {
	struct gs_rpc_result result;
	bool too_weak;
	struct gs_str reply;
	struct gs_span results;
	char wrong[GS_XDR_WRONG_BYTES];
};

void gs_rpc_answer_done(struct gs_rpc_answer *answer);

/**
 * gs_rpc_begin - in a child, before its first call: ignore SIGPIPE
 * Returns an xid that nobody can guess. Later calls only read, write, poll and read the clock.
 */
uint32_t gs_rpc_begin(void);

/**
 * gs_rpc_begin_confined - as gs_rpc_begin(), on an existing connection: give up all else (seal.h)
 * Errors: of gs_privs_confine() and gs_seal()
 */
int gs_rpc_begin_confined(uint32_t *ret_xid, struct gs_err *err);

/**
 * gs_rpc_converse - call, and read the reply; for confined children only
 * @fd: connected, non-blocking
 * @ret: its old content is freed; failures of the peer are in its state
 * Never blocks past the deadline. Memory is allocated for received bytes, never for announced
 * lengths.
 */
void gs_rpc_converse(int fd, const struct gs_rpc_call *call, struct gs_rpc_answer *ret);
