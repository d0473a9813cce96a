/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "nfsreply.h"

#include <string.h>

#include "base/xdr.h"

static void put(struct reply *reply, uint32_t value, bool is_size)
{
	reply->field[reply->n].at = reply->bytes.len;
	reply->field[reply->n++].is_size = is_size;
	gs_xdr_put_number(&reply->bytes, value);
}

static void put_bytes(struct reply *reply, const char *text)
{
	put(reply, (uint32_t)strlen(text), true);
	gs_str_adds(&reply->bytes, text);
	gs_str_add(&reply->bytes, gs_span("\0\0\0", -strlen(text) % 4));
}

void reply_head(struct reply *reply, uint32_t xid)
{
	put(reply, xid, false);
	put(reply, 1, false); /* a reply */
	put(reply, 0, false); /* accepted */
	put(reply, 0, false); /* a verifier of no kind */
	put(reply, 0, true);  /* and of no length */
	put(reply, 0, false); /* carried out */
}

static void put_entry(struct reply *reply, const char *name, uint32_t type)
{
	put(reply, 1, false); /* follows */
	gs_xdr_put_long(&reply->bytes, 7);
	put_bytes(reply, name);
	put(reply, 2, true); /* words of the set */
	put(reply, 1 << 1 | 1 << 11, false);
	put(reply, 0, false);
	put(reply, 8, true); /* bytes of the values */
	gs_xdr_put_number(&reply->bytes, type);
	gs_xdr_put_number(&reply->bytes, 0);
}

static void put_change(struct reply *reply)
{
	gs_xdr_put_number(&reply->bytes, 1);
	gs_xdr_put_long(&reply->bytes, 1);
	gs_xdr_put_long(&reply->bytes, 2);
}

/* What an operation gives, by its letter. */
static void put_result(struct reply *reply, char letter)
{
	static const struct {
		char letter;
		uint32_t op;
	} ops[] = { { 'a', 3 },	 { 'c', 6 },  { 'i', 9 },  { 'g', 10 }, { 'l', 15 },
		    { 'h', 22 }, { '/', 24 }, { 'r', 25 }, { 'd', 26 }, { 'x', 28 } };

	for (size_t i = 0; i < GS_COUNT(ops); i++)
		if (ops[i].letter == letter)
			put(reply, ops[i].op, false);
	put(reply, 0, false); /* NFS4_OK */
	if (letter == 'g')
		put_bytes(reply, "a handle");
	if (letter == 'a') {
		put(reply, 0x3f, false);
		put(reply, 0x3f, false);
	}
	if (letter == 'r') {
		put(reply, 1, false); /* the end */
		put_bytes(reply, "gshare 1\nid 7c1e52d0\n");
	}
	if (letter == 'i') {
		put(reply, 1, true);
		put(reply, 1 << 20, false);
		put(reply, 8, true);
		gs_xdr_put_long(&reply->bytes, 4711);
	}
	if (letter == 'c' || letter == 'x')
		put_change(reply);
	if (letter == 'c')
		put(reply, 0, true);
	if (letter == 'd') {
		gs_xdr_put_long(&reply->bytes, 1); /* a verifier */
		put_entry(reply, "mnt", 2);
		put_entry(reply, "file", 1);
		put(reply, 0, false); /* nothing follows */
		put(reply, 1, false); /* the end */
	}
}

void reply_compound(struct reply *reply, const char *letters)
{
	put(reply, 0, false); /* NFS4_OK */
	put(reply, 0, true);  /* the tag */
	put(reply, (uint32_t)strlen(letters), true);
	for (; *letters; letters++)
		put_result(reply, *letters);
}

void reply_exports(struct reply *reply)
{
	put(reply, 1, false);
	put_bytes(reply, "/mnt/data/shared");
	put(reply, 1, false);
	put_bytes(reply, "192.0.2.8");
	put(reply, 0, false);
	put(reply, 1, false);
	put_bytes(reply, "/srv");
	put(reply, 0, false);
	put(reply, 0, false);
}
