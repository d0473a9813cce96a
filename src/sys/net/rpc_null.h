/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "sys/net/rpc_call.h"

/* Does the peer of a connection speak RPC? */

/**
 * gs_rpc_null - call procedure 0 (RFC 5531 section 12.1)
 * @fd: connected TCP socket, non-blocking; only good for closing afterwards
 * @prog: 100003 for NFS; @vers: 3 or 4
 * @user: NULL, or gs_rpc_tls to ask for TLS: the connection would then begin a handshake
 * @args: usually none; NULL takes none, and servers pass over what is there
 * The reply is read whole and bounded (record mark, our xid), in a confined child. Errors: of the
 * child; what the server does is in the result.
 */
int gs_rpc_null(int fd, uint32_t prog, uint32_t vers, const struct gs_rpc_user *user,
		struct gs_span args, int64_t deadline_ns, struct gs_rpc_result *ret,
		struct gs_err *err);

enum { GS_RPC_NULL_BYTES = 512 }; /* a reply: usually 24, plus a verifier of at most 400 */

/** gs_rpc_call_null - the same in a confined child of the caller's, by gs_rpc_converse() */
void gs_rpc_call_null(int fd, const struct gs_rpc_call *call, struct gs_rpc_answer *ret);

/** gs_rpc_cause - RPC_TIMEOUT, RPC_SLOW, RPC_GARBAGE ...; NULL for OK */
const char *gs_rpc_cause(enum gs_rpc state);
