/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/nfs4.h"

#include <string.h>

enum {
	OP_ACCESS = 3,
	OP_CREATE = 6,
	OP_GETATTR = 9,
	OP_GETFH = 10,
	OP_LOOKUP = 15,
	OP_PUTFH = 22,
	OP_PUTROOTFH = 24,
	OP_READ = 25,
	OP_READDIR = 26,
	OP_REMOVE = 28,
	ATTR_TYPE = 1 << 1,
	ATTR_RDATTR_ERROR = 1 << 11,
	ATTR_FILEID = 1 << 20,
	TYPE_DIR = 2,
	TYPE_LINK = 5,
	STATEID_BYTES = 16,
	VERIFIER_BYTES = 8,
	NAME_BYTES = 1024, /* 255 characters of up to four bytes */
	TAG_BYTES = 1024,  /* gshare sends an empty tag; servers return it */
	MAX_WORDS = 8,	   /* of an attribute bitmap; NFSv4.2 has three */
	CHANGE_BYTES = 20, /* change_info4 */
};

/* ---- arguments ----------------------------------------------------------------------------- */

void gs_nfs4_call_done(struct gs_nfs4_call *call)
{
	gs_str_done(&call->args);
	*call = (struct gs_nfs4_call){ 0 };
}

static void put_op(struct gs_nfs4_call *call, uint32_t op)
{
	if (call->n < GS_NFS4_OPS)
		call->op[call->n++] = op;
	gs_xdr_put_number(&call->args, op);
}

/* A bitmap of the first 32 attributes. */
static void put_set(struct gs_str *out, uint32_t mask)
{
	gs_xdr_put_number(out, 1);
	gs_xdr_put_number(out, mask);
}

void gs_nfs4_put_root(struct gs_nfs4_call *call)
{
	put_op(call, OP_PUTROOTFH);
}

void gs_nfs4_put_handle(struct gs_nfs4_call *call, const struct gs_nfs4_handle *handle)
{
	put_op(call, OP_PUTFH);
	gs_xdr_put_opaque(&call->args, gs_span(handle->bytes, handle->len));
}

void gs_nfs4_put_lookup(struct gs_nfs4_call *call, struct gs_span name)
{
	put_op(call, OP_LOOKUP);
	gs_xdr_put_opaque(&call->args, name);
}

void gs_nfs4_put_get_handle(struct gs_nfs4_call *call)
{
	put_op(call, OP_GETFH);
}

void gs_nfs4_put_access(struct gs_nfs4_call *call, uint32_t mask)
{
	put_op(call, OP_ACCESS);
	gs_xdr_put_number(&call->args, mask);
}

void gs_nfs4_put_read(struct gs_nfs4_call *call, uint32_t bytes)
{
	static const char anonymous[STATEID_BYTES];

	put_op(call, OP_READ);
	gs_str_add(&call->args, gs_span(anonymous, sizeof anonymous));
	gs_xdr_put_long(&call->args, 0);
	gs_xdr_put_number(&call->args, bytes);
	call->max_data = bytes;
}

void gs_nfs4_put_list(struct gs_nfs4_call *call, const struct gs_nfs4_cookie *at, uint32_t bytes)
{
	put_op(call, OP_READDIR);
	gs_xdr_put_long(&call->args, at->number);
	gs_str_add(&call->args, gs_span(at->verifier, sizeof at->verifier));
	gs_xdr_put_number(&call->args, bytes); /* dircount: names and cookies */
	gs_xdr_put_number(&call->args, bytes); /* maxcount: the whole result */
	put_set(&call->args, ATTR_TYPE | ATTR_RDATTR_ERROR);
}

void gs_nfs4_put_inode(struct gs_nfs4_call *call)
{
	put_op(call, OP_GETATTR);
	put_set(&call->args, ATTR_FILEID);
}

void gs_nfs4_put_link(struct gs_nfs4_call *call, struct gs_span name, struct gs_span target)
{
	put_op(call, OP_CREATE);
	gs_xdr_put_number(&call->args, TYPE_LINK);
	gs_xdr_put_opaque(&call->args, target);
	gs_xdr_put_opaque(&call->args, name);
	gs_xdr_put_number(&call->args, 0); /* attributes: an empty bitmap and no values */
	gs_xdr_put_number(&call->args, 0);
}

void gs_nfs4_put_remove(struct gs_nfs4_call *call, struct gs_span name)
{
	put_op(call, OP_REMOVE);
	gs_xdr_put_opaque(&call->args, name);
}

void gs_nfs4_put_compound(struct gs_str *out, const struct gs_nfs4_call *call)
{
	gs_xdr_put_number(out, 0); /* an empty tag */
	gs_xdr_put_number(out, 0); /* the minor version */
	gs_xdr_put_number(out, call->n);
	gs_str_add(out, gs_str_span(&call->args));
}

/* ---- results ------------------------------------------------------------------------------- */

/* Decodes a bitmap; *ret is its first word. Attributes not in @asked are an error; 0 allows all. */
static bool take_set(struct gs_xdr *xdr, uint32_t asked, uint32_t *ret)
{
	uint32_t n, word, first = 0;

	if (!gs_xdr_number(xdr, &n))
		return false;
	if (n > MAX_WORDS)
		return gs_xdr_fail(xdr, "an impossible set of attributes", n);
	for (uint32_t i = 0; i < n; i++) {
		if (!gs_xdr_number(xdr, &word))
			return false;
		if (asked && word & ~(i ? 0 : asked))
			return gs_xdr_fail(xdr, "attributes that were not requested", word);
		if (!i)
			first = word;
	}
	*ret = first;
	return true;
}

/* Attributes come in the order of their bits. */
static bool take_attributes(struct gs_xdr *xdr, uint32_t asked, uint32_t *ret_set,
			    struct gs_xdr *ret_values)
{
	static const struct {
		uint32_t bit, bytes;
	} sizes[] = { { ATTR_TYPE, 4 }, { ATTR_RDATTR_ERROR, 4 }, { ATTR_FILEID, 8 } };
	uint32_t set, bytes = 0;
	struct gs_span values;

	if (!take_set(xdr, asked, &set))
		return false;
	for (size_t i = 0; i < GS_COUNT(sizes); i++)
		bytes += set & sizes[i].bit ? sizes[i].bytes : 0;
	if (!gs_xdr_opaque(xdr, bytes, &values))
		return false;
	if (values.len != bytes)
		return gs_xdr_fail(xdr, "attributes without their values", set);
	*ret_set = set;
	*ret_values = (struct gs_xdr){ .rest = values };
	return true;
}

static bool take_entry(struct gs_xdr *xdr, uint64_t *ret_cookie, struct gs_nfs4_entry *ret)
{
	struct gs_nfs4_entry entry = { .is_dir = true };
	uint32_t set, type;
	struct gs_xdr values;
	uint64_t cookie;

	if (!gs_xdr_long(xdr, &cookie) || !gs_xdr_opaque(xdr, NAME_BYTES, &entry.name) ||
	    !take_attributes(xdr, ATTR_TYPE | ATTR_RDATTR_ERROR, &set, &values))
		return false;
	/* The type comes first; it is missing where the server could not look behind a mount. */
	if (set & ATTR_TYPE && gs_xdr_number(&values, &type))
		entry.is_dir = type == TYPE_DIR;
	*ret_cookie = cookie;
	*ret = entry;
	return true;
}

bool gs_nfs4_next_entry(struct gs_xdr *entries, struct gs_nfs4_entry *ret)
{
	bool follows = false;
	uint64_t cookie;

	return gs_xdr_bool(entries, &follows) && follows && take_entry(entries, &cookie, ret);
}

static bool take_list(struct gs_xdr *xdr, const struct gs_nfs4_call *call,
		      struct gs_nfs4_reply *reply)
{
	struct gs_nfs4_entry entry;
	struct gs_span verifier;
	bool follows = false;

	(void)call;
	if (!gs_xdr_fixed(xdr, VERIFIER_BYTES, &verifier))
		return false;
	memcpy(reply->next.verifier, verifier.ptr, sizeof reply->next.verifier);
	reply->entries = *xdr;
	while (gs_xdr_bool(xdr, &follows) && follows)
		if (!take_entry(xdr, &reply->next.number, &entry))
			return false;
	return gs_xdr_bool(xdr, &reply->is_end);
}

static bool take_handle(struct gs_xdr *xdr, const struct gs_nfs4_call *call,
			struct gs_nfs4_reply *reply)
{
	(void)call;
	return gs_xdr_opaque(xdr, GS_NFS4_HANDLE_BYTES, &reply->handle);
}

static bool take_access(struct gs_xdr *xdr, const struct gs_nfs4_call *call,
			struct gs_nfs4_reply *reply)
{
	uint32_t supported;

	(void)call;
	return gs_xdr_number(xdr, &supported) && gs_xdr_number(xdr, &reply->access);
}

static bool take_data(struct gs_xdr *xdr, const struct gs_nfs4_call *call,
		      struct gs_nfs4_reply *reply)
{
	bool is_end;

	return gs_xdr_bool(xdr, &is_end) && gs_xdr_opaque(xdr, call->max_data, &reply->data);
}

static bool take_inode(struct gs_xdr *xdr, const struct gs_nfs4_call *call,
		       struct gs_nfs4_reply *reply)
{
	struct gs_xdr values;
	uint32_t set;

	(void)call;
	if (!take_attributes(xdr, ATTR_FILEID, &set, &values))
		return false;
	if (!gs_xdr_long(&values, &reply->inode))
		return gs_xdr_fail(xdr, "an inode without its number", set);
	return true;
}

static bool take_change(struct gs_xdr *xdr, const struct gs_nfs4_call *call,
			struct gs_nfs4_reply *reply)
{
	struct gs_span change;

	(void)call;
	(void)reply;
	return gs_xdr_fixed(xdr, CHANGE_BYTES, &change);
}

static bool take_made(struct gs_xdr *xdr, const struct gs_nfs4_call *call,
		      struct gs_nfs4_reply *reply)
{
	uint32_t set;

	return take_change(xdr, call, reply) && take_set(xdr, 0, &set);
}

static bool take_nothing(struct gs_xdr *xdr, const struct gs_nfs4_call *call,
			 struct gs_nfs4_reply *reply)
{
	(void)xdr;
	(void)call;
	(void)reply;
	return true;
}

static const struct {
	uint32_t op;
	bool (*take)(struct gs_xdr *, const struct gs_nfs4_call *, struct gs_nfs4_reply *);
} results[] = {
	{ OP_ACCESS, take_access },	{ OP_CREATE, take_made },    { OP_GETATTR, take_inode },
	{ OP_GETFH, take_handle },	{ OP_LOOKUP, take_nothing }, { OP_PUTFH, take_nothing },
	{ OP_PUTROOTFH, take_nothing }, { OP_READ, take_data },	     { OP_READDIR, take_list },
	{ OP_REMOVE, take_change },
};

/* A failed operation ends the compound; its result is the status alone (RFC 7530 15.2). */
static bool take_result(struct gs_xdr *xdr, const struct gs_nfs4_call *call, uint32_t i,
			struct gs_nfs4_reply *reply, uint32_t *ret_status)
{
	uint32_t op;

	if (!gs_xdr_number(xdr, &op) || !gs_xdr_number(xdr, ret_status))
		return false;
	if (op != call->op[i])
		return gs_xdr_fail(xdr, "the result of another operation", op);
	for (size_t k = 0; !*ret_status && k < GS_COUNT(results); k++)
		if (results[k].op == op)
			return results[k].take(xdr, call, reply);
	return true;
}

bool gs_nfs4_take_reply(struct gs_xdr *xdr, const struct gs_nfs4_call *call,
			struct gs_nfs4_reply *ret)
{
	struct gs_nfs4_reply reply = { 0 };
	uint32_t n, status = GS_NFS4_OK;
	struct gs_span tag;

	if (!gs_xdr_number(xdr, &reply.status) || !gs_xdr_opaque(xdr, TAG_BYTES, &tag) ||
	    !gs_xdr_number(xdr, &n))
		return false;
	if (n > call->n || (n < call->n && !reply.status))
		return gs_xdr_fail(xdr, "not one result for each operation", n);
	for (uint32_t i = 0; i < n; i++) {
		if (status)
			return gs_xdr_fail(xdr, "results after a failure", status);
		if (!take_result(xdr, call, i, &reply, &status))
			return false;
	}
	/* A compound that the server did not begin has a status and no results. */
	if (n && status != reply.status)
		return gs_xdr_fail(xdr, "a status other than that of the last result", status);
	if (!gs_xdr_end(xdr))
		return false;
	*ret = reply;
	return true;
}

bool gs_nfs4_is_same_export(const struct gs_nfs4_handle *a, const struct gs_nfs4_handle *b)
{
	enum { HEAD = 4 }; /* fh_version, fh_auth_type, fh_fsid_type, fh_fileid_type */
	static const struct {
		char head[3];
		unsigned bytes; /* of the fsid */
	} kinds[] = {
		{ { 1, 0, 0 }, 8 }, { { 1, 0, 1 }, 4 }, { { 1, 0, 2 }, 12 }, { { 1, 0, 3 }, 8 },
		{ { 1, 0, 4 }, 8 }, { { 1, 0, 5 }, 8 }, { { 1, 0, 6 }, 16 }, { { 1, 0, 7 }, 24 },
	};

	for (size_t i = 0; i < GS_COUNT(kinds); i++) {
		unsigned n = HEAD + kinds[i].bytes;

		if (a->len < n || b->len < n || memcmp(a->bytes, kinds[i].head, 3) != 0 ||
		    memcmp(b->bytes, kinds[i].head, 3) != 0)
			continue;
		return !memcmp(a->bytes + HEAD, b->bytes + HEAD, kinds[i].bytes);
	}
	return false;
}
