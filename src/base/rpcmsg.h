/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/xdr.h"

/* ONC RPC's messages (RFC 5531), as a caller writes and reads them. */

/** struct gs_rpc_user - AUTH_SYS credentials (RFC 5531 appendix A); no supplementary groups */
struct gs_rpc_user {
	uint32_t uid, gid;
};

/** gs_rpc_tls - instead of a user: AUTH_TLS, which asks a server for TLS (RFC 9289 section 4.1) */
extern const struct gs_rpc_user gs_rpc_tls;

/**
 * gs_rpc_put_call - add a whole call, with its record mark
 * @user: NULL for AUTH_NONE; @args: encoded
 */
void gs_rpc_put_call(struct gs_str *out, uint32_t xid, uint32_t prog, uint32_t vers, uint32_t proc,
		     const struct gs_rpc_user *user, struct gs_span args);

enum gs_rpc_said {
	GS_RPC_SAID_RESULTS,	    /* the results follow */
	GS_RPC_SAID_NO_PROGRAM,	    /* RPC, but not this program */
	GS_RPC_SAID_OTHER_VERSIONS, /* this program, versions low to high */
	GS_RPC_SAID_NO_RPC_VERSION, /* RPC, versions low to high */
	GS_RPC_SAID_WEAK,	    /* the auth flavor is too weak (AUTH_TOOWEAK) */
	GS_RPC_SAID_NO,		    /* refused the credentials for another reason */
};

struct gs_rpc_head {
	enum gs_rpc_said said;
	uint32_t low, high;
	bool offers_tls; /* the answer to AUTH_TLS */
};

/**
 * gs_rpc_take_head - decode the header of a reply, up to the results
 * Returns false, *ret untouched, for a reply to another call or a malformed one; xdr then has the
 * error.
 */
bool gs_rpc_take_head(struct gs_xdr *xdr, uint32_t xid, struct gs_rpc_head *ret);
