/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as the reply to a compound, which the first of them picks: what is accepted lies within
 * the reply, needs all of it and nothing more, and is what libnfs makes of it, too. What is not
 * accepted never gets to libnfs, which writes past arrays.
 */
#include "fuzz.h"

#include <string.h>

#include "base/nfs4.h"

#ifdef HAVE_LIBNFS
#include <arpa/inet.h>
#include <nfsc/libnfs.h> /* the others lean on it */

#include <nfsc/libnfs-raw-nfs4.h>
#include <nfsc/libnfs-zdr.h>
#endif

enum { MAX_DATA = 512 };

static bool is_within(struct gs_span part, struct gs_span all)
{
	return !part.len || (part.ptr >= all.ptr && part.ptr + part.len <= all.ptr + all.len);
}

/* An operation each, as a look puts them together. */
static void put_ops(struct gs_nfs4_call *call, unsigned choice)
{
	static const char *const shapes[] = { "/g", "hd", "/lg",	"hr", "ha",
					      "hi", "hc", "/llllllllg", "hx", "hlg" };
	static const struct gs_nfs4_handle handle = { .len = 1 };
	static const struct gs_nfs4_cookie start = { 0 };
	const struct gs_span name = gs_span_of("name");

	for (const char *at = shapes[choice % GS_COUNT(shapes)]; *at; at++) {
		switch (*at) {
		case '/':
			gs_nfs4_put_root(call);
			break;
		case 'h':
			gs_nfs4_put_handle(call, &handle);
			break;
		case 'g':
			gs_nfs4_put_get_handle(call);
			break;
		case 'l':
			gs_nfs4_put_lookup(call, name);
			break;
		case 'a':
			gs_nfs4_put_access(call, GS_NFS4_MAY_MODIFY);
			break;
		case 'r':
			gs_nfs4_put_read(call, MAX_DATA);
			break;
		case 'd':
			gs_nfs4_put_list(call, &start, 4096);
			break;
		case 'i':
			gs_nfs4_put_inode(call);
			break;
		case 'c':
			gs_nfs4_put_link(call, name, name);
			break;
		case 'x':
			gs_nfs4_put_remove(call, name);
			break;
		}
	}
}

static bool is_accepted(struct gs_span bytes, const struct gs_nfs4_call *call)
{
	struct gs_xdr xdr = { .rest = bytes };
	struct gs_nfs4_reply ignored;

	return gs_nfs4_take_reply(&xdr, call, &ignored);
}

static size_t entries_of(const struct gs_nfs4_reply *reply, struct gs_span all)
{
	struct gs_xdr entries = reply->entries;
	struct gs_nfs4_entry entry;
	size_t n = 0;

	for (; gs_nfs4_next_entry(&entries, &entry); n++)
		LAW(is_within(entry.name, all));
	LAW(!entries.wrong || !reply->entries.rest.ptr); /* it was no listing */
	return n;
}

#ifdef HAVE_LIBNFS
/* libnfs lays results out without regard to what their members want: a copy is in line. */
static nfs_resop4 result_of(const COMPOUND4res *res, size_t i)
{
	nfs_resop4 copy;

	memcpy(&copy, (const char *)res->resarray.resarray_val + i * sizeof copy, sizeof copy);
	return copy;
}

static bool same_bytes(struct gs_span managed, const char *theirs, uint32_t len)
{
	return managed.len == len && (!len || !memcmp(managed.ptr, theirs, len));
}

static void compare_listing(const struct gs_nfs4_reply *reply, const READDIR4resok *ok)
{
	struct gs_xdr entries = reply->entries;
	struct gs_nfs4_entry managed;
	uint64_t cookie = 0;

	for (const void *at = ok->reply.entries; at;) {
		uint32_t word = 0, type;
		entry4 theirs;

		memcpy(&theirs, at, sizeof theirs);
		LAW(gs_nfs4_next_entry(&entries, &managed));
		LAW(same_bytes(managed.name, theirs.name.utf8string_val,
			       theirs.name.utf8string_len));
		if (theirs.attrs.attrmask.bitmap4_len)
			memcpy(&word, theirs.attrs.attrmask.bitmap4_val, sizeof word);
		if (word & 1U << FATTR4_TYPE) {
			memcpy(&type, theirs.attrs.attr_vals.attrlist4_val, sizeof type);
			LAW(managed.is_dir == (ntohl(type) == NF4DIR));
		}
		cookie = theirs.cookie;
		at = theirs.nextentry;
	}
	LAW(!gs_nfs4_next_entry(&entries, &managed));
	LAW(reply->next.number == cookie && reply->is_end == (ok->reply.eof != 0));
	LAW(!memcmp(reply->next.verifier, ok->cookieverf, sizeof reply->next.verifier));
}

static void compare_result(const struct gs_nfs4_reply *reply, const nfs_resop4 *op)
{
	if (op->resop == OP_GETFH) {
		const nfs_fh4 *fh = &op->nfs_resop4_u.opgetfh.GETFH4res_u.resok4.object;

		LAW(same_bytes(reply->handle, fh->nfs_fh4_val, fh->nfs_fh4_len));
	} else if (op->resop == OP_READ) {
		const READ4resok *ok = &op->nfs_resop4_u.opread.READ4res_u.resok4;

		LAW(same_bytes(reply->data, ok->data.data_val, ok->data.data_len));
	} else if (op->resop == OP_ACCESS) {
		LAW(reply->access == op->nfs_resop4_u.opaccess.ACCESS4res_u.resok4.access);
	} else if (op->resop == OP_READDIR) {
		compare_listing(reply, &op->nfs_resop4_u.opreaddir.READDIR4res_u.resok4);
	} else if (op->resop == OP_GETATTR) {
		const fattr4 *attrs =
			&op->nfs_resop4_u.opgetattr.GETATTR4res_u.resok4.obj_attributes;
		uint32_t half[2];

		LAW(attrs->attr_vals.attrlist4_len == sizeof half);
		memcpy(half, attrs->attr_vals.attrlist4_val, sizeof half);
		LAW(reply->inode == ((uint64_t)ntohl(half[0]) << 32 | ntohl(half[1])));
	}
}

static void compare(struct gs_span bytes, const struct gs_nfs4_reply *reply, uint32_t ops)
{
	gs_autofree char *own = gs_dup(bytes.ptr, bytes.len); /* libnfs takes no const */
	COMPOUND4res res = { 0 };
	ZDR zdr;

	libnfs_zdrmem_create(&zdr, own, (uint32_t)bytes.len, ZDR_DECODE);
	LAW(zdr_COMPOUND4res(&zdr, &res));
	LAW(res.status == (nfsstat4)reply->status && res.resarray.resarray_len <= ops);
	for (uint32_t i = 0; !reply->status && i < ops; i++) {
		const nfs_resop4 op = result_of(&res, i);

		compare_result(reply, &op);
	}
	libnfs_zdr_destroy(&zdr);
}
#else
static void compare(struct gs_span bytes, const struct gs_nfs4_reply *reply, uint32_t ops)
{
	(void)bytes;
	(void)reply;
	(void)ops;
}
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct gs_nfs4_reply reply = { .status = 4711 };
	GS_AUTO(gs_nfs4_call_done) struct gs_nfs4_call call = { 0 };
	gs_autostr struct gs_str longer = { 0 };
	struct gs_span bytes;
	struct gs_xdr xdr = { 0 };

	if (!size)
		return 0;
	put_ops(&call, data[0]);
	bytes = gs_span((const char *)data + 1, size - 1);
	xdr.rest = bytes;
	if (!gs_nfs4_take_reply(&xdr, &call, &reply)) {
		LAW(xdr.wrong && reply.status == 4711);
		return 0;
	}
	LAW(!xdr.wrong && !xdr.rest.len);
	LAW(is_within(reply.handle, bytes) && reply.handle.len <= GS_NFS4_HANDLE_BYTES);
	LAW(is_within(reply.data, bytes) && reply.data.len <= MAX_DATA);
	LAW(reply.status || entries_of(&reply, bytes) <= bytes.len / 24);
	LAW(!is_accepted(gs_span(bytes.ptr, bytes.len - 1), &call));
	gs_str_add(&longer, bytes);
	gs_xdr_put_number(&longer, 0);
	LAW(!is_accepted(gs_str_span(&longer), &call));
	compare(bytes, &reply, call.n);
	return 0;
}
