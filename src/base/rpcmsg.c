/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/rpcmsg.h"

/* RFC 5531 section 9. */
enum {
	CALL = 0,
	REPLY = 1,
	RPC_VERSION = 2,
	AUTH_NONE = 0,
	AUTH_SYS = 1,
	AUTH_TLS = 7, /* RFC 9289 section 4.1 */
	AUTH_TOOWEAK = 5,
	MSG_ACCEPTED = 0,
	MSG_DENIED = 1,
	RPC_MISMATCH = 0,
	AUTH_ERROR = 1,
	SUCCESS = 0,
	PROG_UNAVAIL = 1,
	PROG_MISMATCH = 2,
	VERIFIER_BYTES = 400,
};

#define LAST_FRAGMENT 0x80000000U /* section 11 */

static void put_user(struct gs_str *out, const struct gs_rpc_user *user)
{
	gs_autostr struct gs_str body = { 0 };

	gs_xdr_put_number(&body, 0); /* a stamp: the caller's choice */
	gs_xdr_put_opaque(&body, gs_span_of("gshare"));
	gs_xdr_put_number(&body, user->uid);
	gs_xdr_put_number(&body, user->gid);
	gs_xdr_put_number(&body, 0); /* supplementary groups */
	gs_xdr_put_number(out, AUTH_SYS);
	gs_xdr_put_opaque(out, gs_str_span(&body));
}

const struct gs_rpc_user gs_rpc_tls = { 0 };

static void put_empty(uint32_t flavor, struct gs_str *out)
{
	gs_xdr_put_number(out, flavor);
	gs_xdr_put_opaque(out, gs_span("", 0));
}

void gs_rpc_put_call(struct gs_str *out, uint32_t xid, uint32_t prog, uint32_t vers, uint32_t proc,
		     const struct gs_rpc_user *user, struct gs_span args)
{
	const uint32_t head[] = { xid, CALL, RPC_VERSION, prog, vers, proc };
	gs_autostr struct gs_str call = { 0 };

	for (size_t i = 0; i < GS_COUNT(head); i++)
		gs_xdr_put_number(&call, head[i]);
	if (user && user != &gs_rpc_tls)
		put_user(&call, user);
	else
		put_empty(user ? AUTH_TLS : AUTH_NONE, &call);
	put_empty(AUTH_NONE, &call); /* the verifier */
	gs_str_add(&call, args);
	gs_xdr_put_number(out, LAST_FRAGMENT | (uint32_t)call.len);
	gs_str_add(out, gs_str_span(&call));
}

static bool take_versions(struct gs_xdr *xdr, enum gs_rpc_said said, struct gs_rpc_head *head)
{
	head->said = said;
	return gs_xdr_number(xdr, &head->low) && gs_xdr_number(xdr, &head->high) && gs_xdr_end(xdr);
}

static bool take_accepted(struct gs_xdr *xdr, struct gs_rpc_head *head)
{
	uint32_t flavour, status;
	struct gs_span verifier;

	if (!gs_xdr_number(xdr, &flavour) || !gs_xdr_opaque(xdr, VERIFIER_BYTES, &verifier) ||
	    !gs_xdr_number(xdr, &status))
		return false;
	head->offers_tls = gs_span_is_text(verifier, "STARTTLS");
	if (status == SUCCESS)
		return true;
	if (status == PROG_MISMATCH)
		return take_versions(xdr, GS_RPC_SAID_OTHER_VERSIONS, head);
	if (status != PROG_UNAVAIL)
		return gs_xdr_fail(xdr, "an error for a NULL call", status);
	head->said = GS_RPC_SAID_NO_PROGRAM;
	return gs_xdr_end(xdr);
}

static bool take_denied(struct gs_xdr *xdr, struct gs_rpc_head *head)
{
	uint32_t cause, why;

	if (!gs_xdr_number(xdr, &cause))
		return false;
	if (cause == RPC_MISMATCH)
		return take_versions(xdr, GS_RPC_SAID_NO_RPC_VERSION, head);
	if (cause != AUTH_ERROR)
		return gs_xdr_fail(xdr, "an unknown reason for a denial", cause);
	if (!gs_xdr_number(xdr, &why))
		return false;
	head->said = why == AUTH_TOOWEAK ? GS_RPC_SAID_WEAK : GS_RPC_SAID_NO;
	return gs_xdr_end(xdr);
}

bool gs_rpc_take_head(struct gs_xdr *xdr, uint32_t xid, struct gs_rpc_head *ret)
{
	struct gs_rpc_head head = { .said = GS_RPC_SAID_RESULTS };
	uint32_t its, direction, status;
	bool good;

	if (!gs_xdr_number(xdr, &its) || !gs_xdr_number(xdr, &direction) ||
	    !gs_xdr_number(xdr, &status))
		return false;
	if (its != xid)
		return gs_xdr_fail(xdr, "a reply to another call", its);
	if (direction != REPLY)
		return gs_xdr_fail(xdr, "not a reply", direction);
	if (status != MSG_ACCEPTED && status != MSG_DENIED)
		return gs_xdr_fail(xdr, "neither accepted nor denied", status);
	good = status == MSG_ACCEPTED ? take_accepted(xdr, &head) : take_denied(xdr, &head);
	if (good)
		*ret = head;
	return good;
}
