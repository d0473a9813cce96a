/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/nfs4.h"
#include "base/rpcmsg.h"
#include "base/xdr.h"
#include "table.h"

/* What a peer's bytes are taken for, and what is said of those that are nothing. */

enum { MAX = 16, XID = 7 };

static bool number(struct gs_xdr *xdr)
{
	uint32_t value;

	return gs_xdr_number(xdr, &value);
}

static bool longer(struct gs_xdr *xdr)
{
	uint64_t value;

	return gs_xdr_long(xdr, &value);
}

static bool yes_or_no(struct gs_xdr *xdr)
{
	bool value;

	return gs_xdr_bool(xdr, &value);
}

static bool opaque(struct gs_xdr *xdr)
{
	struct gs_span value;

	return gs_xdr_opaque(xdr, MAX, &value);
}

static bool fixed(struct gs_xdr *xdr)
{
	struct gs_span value;

	return gs_xdr_fixed(xdr, 6, &value);
}

static bool head(struct gs_xdr *xdr)
{
	struct gs_rpc_head value;

	return gs_rpc_take_head(xdr, XID, &value);
}

static bool root(struct gs_xdr *xdr)
{
	GS_AUTO(gs_nfs4_call_done) struct gs_nfs4_call call = { 0 };
	struct gs_nfs4_reply value;

	gs_nfs4_put_root(&call);
	return gs_nfs4_take_reply(xdr, &call, &value);
}

#define REPLY "\0\0\0\7\0\0\0\1"

static const struct row {
	const char *name;
	bool (*take)(struct gs_xdr *);
	struct text bytes;
	const char *wrong; /* NULL: nothing; and then: */
	size_t left;
} rows[] = {
	{ "a number", number, T("\0\0\0\1\0"), NULL, 1 },
	{ "a part of a number", number, T("\0\0\0"), "the reply is truncated", 0 },
	{ "nothing", number, T(""), "the reply is truncated", 0 },
	{ "a long number", longer, T("\0\0\0\1\0\0\0\1"), NULL, 0 },
	{ "half a long number", longer, T("\0\0\0\1\0\0"), "the reply is truncated", 0 },
	{ "yes", yes_or_no, T("\0\0\0\1"), NULL, 0 },
	{ "two", yes_or_no, T("\0\0\0\2"), "neither true nor false: 0x2", 0 },
	{ "a string", opaque, T("\0\0\0\3abc\0"), NULL, 0 },
	{ "an empty string", opaque, T("\0\0\0\0x"), NULL, 1 },
	{ "a string without its padding", opaque, T("\0\0\0\3abc"),
	  "a length beyond the end of the reply: 0x3", 0 },
	{ "a string that is too long", opaque,
	  T("\0\0\0\x11"
	    "01234567890123456789"),
	  "an impossible length: 0x11", 0 },
	{ "a length whose padding wraps", opaque,
	  T("\xff\xff\xff\xff"
	    "0123"),
	  "a length beyond the end of the reply: 0xffffffff", 0 },
	{ "a length that wraps by four", opaque,
	  T("\x40\0\0\1"
	    "0123"),
	  "a length beyond the end of the reply: 0x40000001", 0 },
	{ "a length with the top bit", opaque,
	  T("\x80\0\0\0"
	    "0123"),
	  "a length beyond the end of the reply: 0x80000000", 0 },
	{ "bytes of a known number", fixed, T("01234500"), NULL, 0 },
	{ "too few of them", fixed, T("0123450"), "a length beyond the end of the reply: 0x6", 0 },
	{ "results follow", head, T(REPLY "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0rest"), NULL, 4 },
	{ "another call's", head, T("\0\0\0\6\0\0\0\1\0\0\0\0"), "a reply to another call: 0x6",
	  0 },
	{ "a call", head, T("\0\0\0\7\0\0\0\0\0\0\0\0"), "not a reply: 0x0", 0 },
	{ "neither one nor the other", head, T(REPLY "\0\0\0\2"),
	  "neither accepted nor denied: 0x2", 0 },
	{ "denied for no reason", head, T(REPLY "\0\0\0\1\0\0\0\2"),
	  "an unknown reason for a denial: 0x2", 0 },
	{ "a system error", head, T(REPLY "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\5"),
	  "an error for a NULL call: 0x5", 0 },
	{ "denied, and more", head, T(REPLY "\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\0"),
	  "bytes after the end of the reply: 0x4", 0 },
	{ "a compound", root, T("\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\x18\0\0\0\0"), NULL, 0 },
	{ "more results than operations", root, T("\0\0\0\0\0\0\0\0\0\0\0\2"),
	  "not one result for each operation: 0x2", 0 },
	{ "no results", root, T("\0\0\0\0\0\0\0\0\0\0\0\0"),
	  "not one result for each operation: 0x0", 0 },
	{ "no results, with a reason", root, T("\0\0\x27\x25\0\0\0\0\0\0\0\0"), NULL, 0 },
	{ "another operation's", root, T("\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\x16\0\0\0\0"),
	  "the result of another operation: 0x16", 0 },
	{ "a success that failed", root, T("\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\x18\0\0\0\2"),
	  "a status other than that of the last result: 0x2", 0 },
};

static void bytes_are_taken(void **state)
{
	const struct row *row = *state;
	/* Of their own, so that a look beyond them is seen. */
	gs_autofree char *own = gs_dup(row->bytes.ptr, row->bytes.len);
	struct gs_xdr xdr = { .rest = gs_span(own, row->bytes.len) };
	char wrong[GS_XDR_WRONG_BYTES];
	bool good = row->take(&xdr);

	gs_xdr_explain(&xdr, wrong);
	assert_string_equal(wrong, row->wrong ? row->wrong : "");
	assert_int_equal(good, !row->wrong);
	if (good)
		assert_int_equal(xdr.rest.len, row->left);
}

/* The first thing that is wrong is told, and nothing is taken after it. */
static void what_is_wrong_stays_wrong(void **state)
{
	struct gs_xdr xdr = { .rest = gs_span("\0\0\0\2\0\0\0\1", 8) };
	char wrong[GS_XDR_WRONG_BYTES];
	struct gs_span span = { 0 };
	uint32_t value = 4711;
	bool yes = false;

	(void)state;
	assert_false(gs_xdr_bool(&xdr, &yes));
	assert_false(gs_xdr_number(&xdr, &value));
	assert_false(gs_xdr_opaque(&xdr, MAX, &span));
	assert_false(gs_xdr_end(&xdr));
	assert_false(gs_xdr_fail(&xdr, "something else", 1));
	gs_xdr_explain(&xdr, wrong);
	assert_string_equal(wrong, "neither true nor false: 0x2");
	assert_int_equal(value, 4711);
	assert_null(span.ptr);
}

static void a_call_is_encoded(void **state)
{
	static const char bytes[] =
		"\x80\0\0\x48\0\0\0\7\0\0\0\0\0\0\0\2\0\1\x86\xa3\0\0\0\4"
		"\0\0\0\1\0\0\0\1\0\0\0\x1c\0\0\0\0\0\0\0\6gshare\0\0"
		"\0\0\0\1\0\0\0\2\0\0\0\0\0\0\0\0\0\0\0\0args";
	const struct gs_rpc_user user = { .uid = 1, .gid = 2 };
	gs_autostr struct gs_str out = { 0 };

	(void)state;
	gs_rpc_put_call(&out, XID, 100003, 4, 1, &user, gs_span_of("args"));
	assert_int_equal(out.len, sizeof bytes - 1);
	assert_memory_equal(out.ptr, bytes, out.len);
}

/* RFC 9289 section 4.1: the credentials that ask for TLS, and the verifier that says yes. */
static void tls_is_asked_for(void **state)
{
	static const char asks[] =
		"\x80\0\0\x28\0\0\0\7\0\0\0\0\0\0\0\2\0\1\x86\xa3\0\0\0\4"
		"\0\0\0\0\0\0\0\7\0\0\0\0\0\0\0\0\0\0\0\0";
	static const char yes[] = "\0\0\0\7\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\x08STARTTLS\0\0\0\0";
	static const char no[] = "\0\0\0\7\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
	gs_autostr struct gs_str out = { 0 };
	struct gs_xdr xdr = { .rest = gs_span(yes, sizeof yes - 1) };
	struct gs_rpc_head head = { 0 };

	(void)state;
	gs_rpc_put_call(&out, XID, 100003, 4, 0, &gs_rpc_tls, gs_span("", 0));
	assert_int_equal(out.len, sizeof asks - 1);
	assert_memory_equal(out.ptr, asks, out.len);
	assert_true(gs_rpc_take_head(&xdr, XID, &head) && head.offers_tls);
	xdr = (struct gs_xdr){ .rest = gs_span(no, sizeof no - 1) };
	assert_true(gs_rpc_take_head(&xdr, XID, &head) && !head.offers_tls);
}

int main(void)
{
	static struct table table;

	TABLE_ADD(&table, rows, bytes_are_taken);
	table_add(&table, "what is wrong stays wrong", what_is_wrong_stays_wrong, NULL);
	table_add(&table, "TLS is asked for", tls_is_asked_for, NULL);
	table_add(&table, "a call is encoded", a_call_is_encoded, NULL);
	return table_run("xdr", &table);
}
