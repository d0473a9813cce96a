/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as RPC's reply with a list of mountd's in it: a refusal says all there is to it; of a
 * list that is accepted the parent believes every word, and nothing of it may be missing.
 */
#include "fuzz.h"

#include "base/rpcmsg.h"
#include "sys/nfs/mountd.h"

/* The reply is to us, and so is what follows of interest. */
static uint32_t xid_of(struct gs_span bytes)
{
	struct gs_xdr xdr = { .rest = bytes };
	uint32_t xid = 0;

	gs_xdr_number(&xdr, &xid);
	return xid;
}

static bool takes(struct gs_span bytes, uint32_t xid, struct gs_rpc_head *ret,
		  struct gs_span *ret_results)
{
	struct gs_xdr xdr = { .rest = bytes };
	bool good = gs_rpc_take_head(&xdr, xid, ret);
	char wrong[GS_XDR_WRONG_BYTES];

	gs_xdr_explain(&xdr, wrong);
	LAW(good == !xdr.wrong && good == !wrong[0]);
	*ret_results = xdr.rest;
	return good;
}

static bool lists(struct gs_span results, struct gs_str *answer)
{
	struct gs_xdr xdr = { .rest = results };

	return gs_mountd_take(&xdr, answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gs_span bytes = gs_span((const char *)data, size), results, none;
	GS_AUTO(gs_grants_done) struct gs_grants grants = { 0 };
	gs_autostr struct gs_str answer = { 0 }, shorter = { 0 };
	struct gs_rpc_head head = { .low = 4711 }, other = { 0 };

	if (!takes(bytes, xid_of(bytes), &head, &results)) {
		LAW(head.low == 4711);
		return 0;
	}
	LAW(!takes(bytes, xid_of(bytes) + 1, &other, &none));
	LAW(head.said == GS_RPC_SAID_RESULTS || !results.len);
	if (head.said != GS_RPC_SAID_RESULTS || !lists(results, &answer))
		return 0;
	LAW(gs_mountd_parse(gs_str_span(&answer), &grants));
	LAW(grants.n <= results.len / 8);
	LAW(!lists(gs_span(results.ptr, results.len - 1), &shorter));
	return 0;
}
