/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/nfs/browse_v40.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/nfs4.h"
#include "base/shareid.h"
#include "sys/net/tcp.h"
#include "sys/proc/fd.h"
#include "sys/proc/proc.h"

enum {
	NFS_PROGRAM = 100003,
	NFS_VERSION = 4,
	NFS_COMPOUND = 1,
	LOOKUPS = 8,		 /* in one compound; Linux takes 16 operations in all */
	LIST_BYTES = 32768,	 /* of one reply to READDIR */
	REPLY_BYTES = 64 * 1024, /* of any reply: a page of a listing, far more than its header */
	FRAGMENTS = 64,		 /* libtirpc, which other servers use, sends one per 9000 bytes */
	DELAY_MS = 50,		 /* before a request that the server put off is sent again */
};

static const struct {
	enum gs_nfs4_status status;
	int error;
} statuses[] = {
	{ GS_NFS4_PERM, EPERM },     { GS_NFS4_NOENT, ENOENT },
	{ GS_NFS4_IO, EIO },	     { GS_NFS4_ACCESS, EACCES },
	{ GS_NFS4_NOTDIR, ENOTDIR }, { GS_NFS4_ISDIR, EISDIR },
	{ GS_NFS4_INVAL, EINVAL },   { GS_NFS4_NAMETOOLONG, ENAMETOOLONG },
	{ GS_NFS4_STALE, ESTALE },   { GS_NFS4_DELAY, EBUSY },
	{ GS_NFS4_GRACE, EAGAIN },   { GS_NFS4_WRONGSEC, ENOKEY },
	{ GS_NFS4_ROFS, EROFS },     { GS_NFS4_EXIST, EEXIST },
	{ GS_NFS4_NOSPC, ENOSPC },   { GS_NFS4_DQUOT, EDQUOT },
	{ GS_NFS4_SYMLINK, ELOOP },  { GS_NFS4_MINOR_VERS_MISMATCH, EPROTONOSUPPORT },
};

static int error_of(uint32_t status)
{
	for (size_t i = 0; i < GS_COUNT(statuses); i++)
		if (statuses[i].status == status)
			return -statuses[i].error;
	return -EREMOTEIO;
}

static int garbage(struct gs_nfs40 *nfs, const char *wrong)
{
	memcpy(nfs->view.wrong, wrong, sizeof nfs->view.wrong);
	return -EBADMSG;
}

/* No later request over this connection would be answered: each returns r instead. */
static int give_up(struct gs_nfs40 *nfs, int r)
{
	nfs->broken = r;
	return r;
}

/* What the server did with the call; 0 where it returned results. */
static int judge(struct gs_nfs40 *nfs)
{
	switch (nfs->answer.result.state) {
	case GS_RPC_OK:
		break;
	case GS_RPC_TIMED_OUT:
	case GS_RPC_SLOW:
		return give_up(nfs, -ETIMEDOUT);
	case GS_RPC_CLOSED:
		return give_up(nfs, -ECONNRESET);
	case GS_RPC_GARBAGE: /* the start of the next reply is unknown */
		return give_up(nfs, garbage(nfs, nfs->answer.wrong));
	case GS_RPC_DENIED:
		/*
		 * knfsd rejects all credentials from an address that no export names: AUTH_BADCRED.
		 */
		return nfs->answer.too_weak ? -ENOKEY : -ENOENT;
	case GS_RPC_PROG_UNAVAIL:
	case GS_RPC_VERS_MISMATCH:
		return -ENOENT;
	}
	return 0;
}

static int converse(struct gs_nfs40 *nfs, struct gs_span args, const struct gs_nfs4_call *ops,
		    struct gs_nfs4_reply *ret)
{
	const struct gs_rpc_call call = {
		.xid = nfs->xid++,
		.prog = NFS_PROGRAM,
		.vers = NFS_VERSION,
		.proc = NFS_COMPOUND,
		.user = &nfs->user,
		.args = args,
		.max_reply = REPLY_BYTES,
		.max_fragments = FRAGMENTS,
		.deadline_ns = nfs->deadline_ns,
	};
	char wrong[GS_XDR_WRONG_BYTES];
	struct gs_nfs4_reply reply;
	struct gs_xdr xdr = { 0 };
	int r;

	gs_rpc_converse(nfs->fd, &call, &nfs->answer);
	r = judge(nfs);
	if (r < 0)
		return r;
	xdr.rest = nfs->answer.results;
	if (!gs_nfs4_take_reply(&xdr, ops, &reply)) {
		gs_xdr_explain(&xdr, wrong);
		return garbage(nfs, wrong);
	}
	if (reply.status)
		return error_of(reply.status);
	*ret = reply;
	return 0;
}

/* The reply's spans are valid until the next call. */
static int compound(struct gs_nfs40 *nfs, const struct gs_nfs4_call *ops, struct gs_nfs4_reply *ret)
{
	gs_autostr struct gs_str args = { 0 };
	int r = nfs->broken;

	gs_nfs4_put_compound(&args, ops);
	while (!nfs->broken) {
		r = converse(nfs, gs_str_span(&args), ops, ret);
		if (r != -EBUSY)
			return r;
		if (gs_now_ns() >= nfs->deadline_ns)
			return -ETIMEDOUT;
		poll(NULL, 0, DELAY_MS);
	}
	return r;
}

/* Looks up path from the root, as many names at a time as fit into a compound. */
static int find(struct gs_nfs40 *nfs, const char *path, struct gs_nfs4_handle *ret)
{
	struct gs_span rest = gs_span_of(path), name;
	struct gs_nfs4_handle handle = { 0 };
	bool at_root = true;
	int r;

	do {
		GS_AUTO(gs_nfs4_call_done) struct gs_nfs4_call ops = { 0 };
		struct gs_nfs4_reply reply = { 0 };

		if (at_root)
			gs_nfs4_put_root(&ops);
		else
			gs_nfs4_put_handle(&ops, &handle);
		while (ops.n <= LOOKUPS && gs_span_cut(&rest, '/', &name))
			if (name.len)
				gs_nfs4_put_lookup(&ops, name);
		gs_nfs4_put_get_handle(&ops);
		r = compound(nfs, &ops, &reply);
		if (r < 0)
			return r;
		handle.len = (uint32_t)reply.handle.len;
		if (handle.len)
			memcpy(handle.bytes, reply.handle.ptr, handle.len);
		at_root = false;
	} while (rest.len);
	*ret = handle;
	return 0;
}

static int enter(struct gs_nfs_view *view, const char *dir)
{
	struct gs_nfs4_handle handle;

	return find((struct gs_nfs40 *)view, dir, &handle);
}

static int read_card(struct gs_nfs_view *view, const char *dir, struct gs_str *ret)
{
	struct gs_nfs40 *nfs = (struct gs_nfs40 *)view;
	gs_autofree char *path = gs_printf("%s/%s", dir, GS_SHARE_FILE);
	GS_AUTO(gs_nfs4_call_done) struct gs_nfs4_call ops = { 0 };
	struct gs_nfs4_handle handle;
	struct gs_nfs4_reply reply = { 0 };
	int r = find(nfs, path, &handle);

	if (r < 0)
		return r;
	gs_nfs4_put_handle(&ops, &handle);
	gs_nfs4_put_read(&ops, GS_SHARE_FILE_BYTES);
	r = compound(nfs, &ops, &reply);
	if (r == 0)
		gs_str_add(ret, reply.data);
	return r;
}

static int may_change(struct gs_nfs_view *view, const char *dir)
{
	const uint32_t wanted = GS_NFS4_MAY_MODIFY | GS_NFS4_MAY_EXTEND;
	struct gs_nfs40 *nfs = (struct gs_nfs40 *)view;
	GS_AUTO(gs_nfs4_call_done) struct gs_nfs4_call ops = { 0 };
	struct gs_nfs4_handle handle;
	struct gs_nfs4_reply reply = { 0 };
	int r = find(nfs, dir, &handle);

	if (r < 0)
		return r;
	gs_nfs4_put_handle(&ops, &handle);
	gs_nfs4_put_access(&ops, wanted);
	r = compound(nfs, &ops, &reply);
	if (r < 0)
		return r;
	return reply.access & wanted ? 0 : -EACCES;
}

static bool is_same_export(struct gs_nfs_view *view, const char *one, const char *other)
{
	struct gs_nfs40 *nfs = (struct gs_nfs40 *)view;
	struct gs_nfs4_handle a, b;
	int r;

	if (find(nfs, one, &a) < 0)
		return false;
	r = find(nfs, other, &b);
	/* On the way to an export everybody may look up its names: who is denied one is in it. */
	return r == -EACCES || (r == 0 && gs_nfs4_is_same_export(&a, &b));
}

/* Reads one page of a listing; *ret_more: is there another, and is it wanted? */
static int list_page(struct gs_nfs40 *nfs, const struct gs_nfs4_handle *handle,
		     struct gs_nfs4_cookie *at, struct gs_nfs_listing *listing, bool *ret_more)
{
	GS_AUTO(gs_nfs4_call_done) struct gs_nfs4_call ops = { 0 };
	struct gs_nfs4_entry entry;
	struct gs_nfs4_reply reply = { 0 };
	bool some = false;
	int r;

	gs_nfs4_put_handle(&ops, handle);
	gs_nfs4_put_list(&ops, at, LIST_BYTES);
	r = compound(nfs, &ops, &reply);
	if (r < 0)
		return r;
	*ret_more = false;
	while (gs_nfs4_next_entry(&reply.entries, &entry)) {
		some = true;
		if (!gs_nfs_listing_add(listing, entry.name, entry.is_dir))
			return 0;
	}
	*at = reply.next;
	*ret_more = some && !reply.is_end;
	return 0;
}

static int list(struct gs_nfs_view *view, const char *dir, struct gs_nfs_listing *listing)
{
	struct gs_nfs40 *nfs = (struct gs_nfs40 *)view;
	struct gs_nfs4_cookie at = { 0 };
	struct gs_nfs4_handle handle;
	bool more = true;
	int r = find(nfs, dir, &handle);

	while (r == 0 && more)
		r = list_page(nfs, &handle, &at, listing, &more);
	return r;
}

static int check_inode(struct gs_nfs40 *nfs, const struct gs_nfs4_handle *handle, uint64_t inode)
{
	GS_AUTO(gs_nfs4_call_done) struct gs_nfs4_call ops = { 0 };
	struct gs_nfs4_reply reply = { 0 };
	int r;

	gs_nfs4_put_handle(&ops, handle);
	gs_nfs4_put_inode(&ops);
	r = compound(nfs, &ops, &reply);
	if (r < 0)
		return r;
	return reply.inode == inode ? 0 : -ESTALE;
}

int gs_nfs40_make_link(struct gs_nfs40 *nfs, const char *dir, uint64_t inode, const char *name,
		       uid_t uid, gid_t gid)
{
	GS_AUTO(gs_nfs4_call_done) struct gs_nfs4_call ops = { 0 };
	struct gs_nfs4_handle handle;
	struct gs_nfs4_reply reply = { 0 };
	int r;

	nfs->user = (struct gs_rpc_user){ .uid = uid, .gid = gid };
	r = find(nfs, dir, &handle);
	if (r == 0)
		r = check_inode(nfs, &handle, inode);
	if (r < 0)
		return r;
	gs_nfs4_put_handle(&ops, &handle);
	gs_nfs4_put_link(&ops, gs_span_of(name), gs_span_of("made-by-gshare-verify"));
	return compound(nfs, &ops, &reply);
}

int gs_nfs40_remove(struct gs_nfs40 *nfs, const char *dir, const char *name)
{
	GS_AUTO(gs_nfs4_call_done) struct gs_nfs4_call ops = { 0 };
	struct gs_nfs4_handle handle;
	struct gs_nfs4_reply reply = { 0 };
	int r = find(nfs, dir, &handle);

	if (r < 0)
		return r;
	gs_nfs4_put_handle(&ops, &handle);
	gs_nfs4_put_remove(&ops, gs_span_of(name));
	r = compound(nfs, &ops, &reply);
	return r == -ENOENT ? 0 : r;
}

void gs_nfs40_use(struct gs_nfs40 *nfs, int fd, int64_t deadline_ns)
{
	/* The requests come from root, as the follower's mount will; the server may squash root. */
	*nfs = (struct gs_nfs40){
		.view = {
			.enter = enter,
			.read_card = read_card,
			.may_change = may_change,
			.list = list,
			.is_same_export = is_same_export,
		},
		.is_open = true,
		.fd = fd,
		.xid = gs_rpc_begin(),
		.deadline_ns = deadline_ns,
	};
}

int gs_nfs40_open(struct gs_nfs40 *nfs, const char *server, unsigned port, int64_t deadline_ns)
{
	struct gs_reach_result at = { .fd = -1 };
	struct gs_endpoint to = { 0 };
	struct gs_err ignored = { 0 };

	*nfs = (struct gs_nfs40){ 0 };
	if (gs_endpoint_of(server, port, &to, &ignored) < 0)
		return ignored.code;
	to.reserved = true;
	if (gs_reach_one(&to, (unsigned)gs_poll_ms(deadline_ns), &at, &ignored) < 0)
		return ignored.code;
	if (at.state != GS_REACH_OPEN)
		return at.state == GS_REACH_FILTERED ? -ETIMEDOUT : -ECONNRESET;
	gs_nfs40_use(nfs, at.fd, deadline_ns);
	nfs->view.lacks_port = at.ports_taken;
	return 0;
}

void gs_nfs40_done(struct gs_nfs40 *nfs)
{
	if (nfs->is_open)
		gs_close_indirect(&nfs->fd);
	gs_rpc_answer_done(&nfs->answer);
	nfs->is_open = false;
}
