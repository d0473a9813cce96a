/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/nfs40.h"

#include <arpa/inet.h>
#include <errno.h>
#include <nfsc/libnfs.h> /* libnfs-raw.h leans on it */
#include <poll.h>
#include <string.h>
#include <time.h>

#include <nfsc/libnfs-raw-nfs4.h>
#include <nfsc/libnfs-raw.h>

#include "base/shareid.h"
#include "sys/proc.h"

enum {
	LOOKUPS = 8,		 /* in one compound; Linux takes 16 operations in all */
	READDIR_BYTES = 32768,	 /* of one reply */
	DELAY_NS = 50 * 1000000, /* before what the server put off is asked again */
};

struct fh {
	u_int len;
	char bytes[NFS4_FHSIZE];
};

static const struct {
	nfsstat4 status;
	int error;
} statuses[] = {
	{ NFS4ERR_PERM, EPERM },     { NFS4ERR_NOENT, ENOENT },
	{ NFS4ERR_IO, EIO },	     { NFS4ERR_ACCESS, EACCES },
	{ NFS4ERR_NOTDIR, ENOTDIR }, { NFS4ERR_ISDIR, EISDIR },
	{ NFS4ERR_INVAL, EINVAL },   { NFS4ERR_NAMETOOLONG, ENAMETOOLONG },
	{ NFS4ERR_STALE, ESTALE },   { NFS4ERR_DELAY, EBUSY },
	{ NFS4ERR_GRACE, EAGAIN },   { NFS4ERR_WRONGSEC, ENOKEY },
	{ NFS4ERR_ROFS, EROFS },     { NFS4ERR_EXIST, EEXIST },
	{ NFS4ERR_NOSPC, ENOSPC },   { NFS4ERR_DQUOT, EDQUOT },
	{ NFS4ERR_SYMLINK, ELOOP },  { NFS4ERR_MINOR_VERS_MISMATCH, EPROTONOSUPPORT },
};

static int error_of(nfsstat4 status)
{
	for (size_t i = 0; i < GS_COUNT(statuses); i++)
		if (statuses[i].status == status)
			return -statuses[i].error;
	return -EREMOTEIO;
}

static void on_connected(struct rpc_context *rpc, int status, void *data, void *private)
{
	struct gs_nfs40 *nfs = private;

	(void)rpc;
	(void)data;
	nfs->error = status == RPC_STATUS_SUCCESS ? 0 : -ECONNRESET;
	nfs->done = true;
}

static void copy(void *to, const void *from, size_t n, size_t size)
{
	memcpy(to, (const char *)from + n * size, size);
}

static void on_reply(struct rpc_context *rpc, int status, void *data, void *private)
{
	struct gs_nfs40 *nfs = private;
	const COMPOUND4res *res = data;
	const char *said = rpc_get_error(rpc);
	nfs_resop4 last;

	nfs->done = true;
	if (status != RPC_STATUS_SUCCESS) {
		/* A refusal by RPC: knfsd denies an address that no export names any credentials,
		 * which libnfs 4.0.0 has no words for. */
		nfs->error = said && strstr(said, "AUTH_") ? -ENOKEY : -ENOENT;
		return;
	}
	nfs->error = res->status ? error_of(res->status) : 0;
	if (nfs->error)
		return;
	if (!res->resarray.resarray_len) {
		nfs->error = -EPROTO;
		return;
	}
	/* libnfs lays results out without regard to what their members want: a copy is in line. */
	copy(&last, res->resarray.resarray_val, res->resarray.resarray_len - 1, sizeof last);
	if (last.resop == nfs->wanted)
		nfs->take(nfs, &last);
	else
		nfs->error = -EPROTO;
}

static int await(struct gs_nfs40 *nfs)
{
	while (!nfs->done) {
		struct pollfd watch = { .fd = rpc_get_fd(nfs->rpc),
					.events = (short)rpc_which_events(nfs->rpc) };
		int ready = watch.fd < 0 ? 0 : poll(&watch, 1, gs_poll_ms(nfs->deadline_ns));

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready < 0)
			return -errno;
		if (watch.fd < 0)
			return -ECONNRESET;
		if (!ready)
			return -ETIMEDOUT;
		if (rpc_service(nfs->rpc, watch.revents) < 0)
			return -ECONNRESET;
	}
	return nfs->error;
}

static int send_compound(struct gs_nfs40 *nfs, COMPOUND4args *args)
{
#ifdef LIBNFS_API_V2 /* libnfs 6 renamed it */
	return rpc_nfs4_compound_task(nfs->rpc, on_reply, args, nfs) ? 0 : -1;
#else
	return rpc_nfs4_compound_async(nfs->rpc, on_reply, args, nfs);
#endif
}

/* The result of the last operation goes to take(), which puts it into taken. */
static int compound(struct gs_nfs40 *nfs, nfs_argop4 *ops, u_int n,
		    void (*take)(struct gs_nfs40 *, const void *), void *taken)
{
	const struct timespec rest = { .tv_nsec = DELAY_NS };
	COMPOUND4args args = { .argarray = { n, ops } };
	int r;

	nfs->take = take;
	nfs->taken = taken;
	nfs->wanted = ops[n - 1].argop;
	for (;;) {
		nfs->done = false;
		if (send_compound(nfs, &args) < 0)
			return -ENAMETOOLONG; /* libnfs' room for a call is what it is */
		r = await(nfs);
		if (r != -EBUSY)
			return r;
		if (gs_now_ns() >= nfs->deadline_ns)
			return -ETIMEDOUT;
		nanosleep(&rest, NULL);
	}
}

static void take_fh(struct gs_nfs40 *nfs, const void *result)
{
	const nfs_resop4 *op = result;
	const nfs_fh4 *fh = &op->nfs_resop4_u.opgetfh.GETFH4res_u.resok4.object;
	struct fh *ret = nfs->taken;

	if (fh->nfs_fh4_len > sizeof ret->bytes) {
		nfs->error = -EPROTO;
		return;
	}
	ret->len = fh->nfs_fh4_len;
	memcpy(ret->bytes, fh->nfs_fh4_val, fh->nfs_fh4_len);
}

static nfs_argop4 put_fh(struct fh *fh)
{
	nfs_argop4 op = { .argop = OP_PUTFH };

	op.nfs_argop4_u.opputfh.object = (nfs_fh4){ fh->len, fh->bytes };
	return op;
}

/* From the root down, as many names at a time as fit into a compound. */
static int find(struct gs_nfs40 *nfs, const char *path, struct fh *ret)
{
	gs_autofree char *names = gs_strdup(path); /* libnfs takes no const */
	struct gs_span rest = gs_span_of(names), name;
	struct fh fh = { 0 };
	bool at_root = true;
	int r;

	do {
		nfs_argop4 ops[1 + LOOKUPS + 1] = { { .argop = OP_PUTROOTFH } };
		u_int n = 1;

		if (!at_root)
			ops[0] = put_fh(&fh);
		while (n <= LOOKUPS && gs_span_cut(&rest, '/', &name)) {
			if (!name.len)
				continue;
			ops[n].argop = OP_LOOKUP;
			ops[n++].nfs_argop4_u.oplookup.objname =
				(component4){ (u_int)name.len, names + (name.ptr - names) };
		}
		ops[n++].argop = OP_GETFH;
		r = compound(nfs, ops, n, take_fh, &fh);
		at_root = false;
	} while (r == 0 && rest.len);
	if (r == 0)
		*ret = fh;
	return r;
}

static int enter(struct gs_nfs_view *view, const char *dir)
{
	struct fh fh;

	return find((struct gs_nfs40 *)view, dir, &fh);
}

static void take_bytes(struct gs_nfs40 *nfs, const void *result)
{
	const nfs_resop4 *op = result;
	const READ4resok *ok = &op->nfs_resop4_u.opread.READ4res_u.resok4;

	if (ok->data.data_len > GS_SHARE_FILE_BYTES)
		nfs->error = -EPROTO;
	else
		gs_str_add(nfs->taken, gs_span(ok->data.data_val, ok->data.data_len));
}

static int read_card(struct gs_nfs_view *view, const char *dir, struct gs_str *ret)
{
	struct gs_nfs40 *nfs = (struct gs_nfs40 *)view;
	gs_autofree char *path = gs_printf("%s/%s", dir, GS_SHARE_FILE);
	nfs_argop4 ops[] = { { 0 }, { .argop = OP_READ } };
	READ4args *args = &ops[1].nfs_argop4_u.opread;
	struct fh fh;
	int r = find(nfs, path, &fh);

	if (r < 0)
		return r;
	ops[0] = put_fh(&fh);
	args->count = GS_SHARE_FILE_BYTES;
	/* Anonymous, all zeros: unlike all ones, a server in its grace period refuses it (RFC 7530
	 * section 9.1.4.3), which is to be known before a mount waits that out. */
	memset(&args->stateid, 0, sizeof args->stateid);
	return compound(nfs, ops, GS_COUNT(ops), take_bytes, ret);
}

static void take_access(struct gs_nfs40 *nfs, const void *result)
{
	const nfs_resop4 *op = result;

	*(uint32_t *)nfs->taken = op->nfs_resop4_u.opaccess.ACCESS4res_u.resok4.access;
}

static int may_change(struct gs_nfs_view *view, const char *dir)
{
	struct gs_nfs40 *nfs = (struct gs_nfs40 *)view;
	nfs_argop4 ops[] = { { 0 }, { .argop = OP_ACCESS } };
	uint32_t granted = 0;
	struct fh fh;
	int r = find(nfs, dir, &fh);

	if (r < 0)
		return r;
	ops[0] = put_fh(&fh);
	ops[1].nfs_argop4_u.opaccess.access = ACCESS4_MODIFY | ACCESS4_EXTEND;
	r = compound(nfs, ops, GS_COUNT(ops), take_access, &granted);
	if (r < 0)
		return r;
	return granted & (ACCESS4_MODIFY | ACCESS4_EXTEND) ? 0 : -EACCES;
}

struct page {
	struct gs_nfs_listing *listing;
	nfs_cookie4 cookie;
	verifier4 verifier;
	bool more;
};

/* The type comes first; without it the server could not look behind a mount: it may be an export.
 */
static bool is_directory(const fattr4 *attrs)
{
	uint32_t type, mask = 0;

	if (attrs->attrmask.bitmap4_len)
		copy(&mask, attrs->attrmask.bitmap4_val, 0, sizeof mask);
	if (!(mask & 1U << FATTR4_TYPE) || attrs->attr_vals.attrlist4_len < sizeof type)
		return true;
	memcpy(&type, attrs->attr_vals.attrlist4_val, sizeof type);
	return ntohl(type) == NF4DIR;
}

static void take_page(struct gs_nfs40 *nfs, const void *result)
{
	const nfs_resop4 *op = result;
	const READDIR4resok *ok = &op->nfs_resop4_u.opreaddir.READDIR4res_u.resok4;
	struct page *page = nfs->taken;

	memcpy(page->verifier, ok->cookieverf, sizeof page->verifier);
	page->more = !ok->reply.eof && ok->reply.entries;
	for (const void *at = ok->reply.entries; at;) {
		struct gs_span name;
		entry4 e;

		copy(&e, at, 0, sizeof e);
		name = gs_span(e.name.utf8string_val, e.name.utf8string_len);
		page->cookie = e.cookie;
		at = e.nextentry;
		if (gs_nfs_listing_add(page->listing, name, is_directory(&e.attrs)))
			continue;
		page->more = false;
		return;
	}
}

static int list(struct gs_nfs_view *view, const char *dir, struct gs_nfs_listing *listing)
{
	struct gs_nfs40 *nfs = (struct gs_nfs40 *)view;
	uint32_t wanted = 1U << FATTR4_TYPE | 1U << FATTR4_RDATTR_ERROR;
	struct page page = { .listing = listing };
	struct fh fh;
	int r = find(nfs, dir, &fh);

	if (r < 0)
		return r;
	do {
		nfs_argop4 ops[] = { put_fh(&fh), { .argop = OP_READDIR } };
		READDIR4args *args = &ops[1].nfs_argop4_u.opreaddir;

		args->cookie = page.cookie;
		memcpy(args->cookieverf, page.verifier, sizeof args->cookieverf);
		args->dircount = args->maxcount = READDIR_BYTES;
		args->attr_request = (bitmap4){ 1, &wanted };
		r = compound(nfs, ops, GS_COUNT(ops), take_page, &page);
	} while (r == 0 && page.more);
	return r;
}

/* A number of 64 bits is the only attribute that was asked for. */
static void take_fileid(struct gs_nfs40 *nfs, const void *result)
{
	const nfs_resop4 *op = result;
	const fattr4 *attrs = &op->nfs_resop4_u.opgetattr.GETATTR4res_u.resok4.obj_attributes;
	uint32_t half[2], mask = 0;

	if (attrs->attrmask.bitmap4_len)
		copy(&mask, attrs->attrmask.bitmap4_val, 0, sizeof mask);
	if (mask != 1U << FATTR4_FILEID || attrs->attr_vals.attrlist4_len < sizeof half) {
		nfs->error = -EPROTO;
		return;
	}
	memcpy(half, attrs->attr_vals.attrlist4_val, sizeof half);
	*(uint64_t *)nfs->taken = (uint64_t)ntohl(half[0]) << 32 | ntohl(half[1]);
}

static void take_nothing(struct gs_nfs40 *nfs, const void *result)
{
	(void)nfs;
	(void)result;
}

static int check_inode(struct gs_nfs40 *nfs, struct fh *fh, uint64_t inode)
{
	uint32_t wanted = 1U << FATTR4_FILEID;
	nfs_argop4 ops[] = { put_fh(fh), { .argop = OP_GETATTR } };
	uint64_t is = 0;
	int r;

	ops[1].nfs_argop4_u.opgetattr.attr_request = (bitmap4){ 1, &wanted };
	r = compound(nfs, ops, GS_COUNT(ops), take_fileid, &is);
	return r || is == inode ? r : -ESTALE;
}

static component4 component(char *name)
{
	return (component4){ (u_int)strlen(name), name };
}

int gs_nfs40_make_link(struct gs_nfs40 *nfs, const char *dir, uint64_t inode, const char *name,
		       uid_t uid, gid_t gid)
{
	static char nowhere[] = "made-by-gshare-verify";
	gs_autofree char *own = gs_strdup(name); /* libnfs takes no const */
	nfs_argop4 ops[] = { { 0 }, { .argop = OP_CREATE } };
	CREATE4args *args = &ops[1].nfs_argop4_u.opcreate;
	struct fh fh;
	int r;

	rpc_set_uid(nfs->rpc, (int)uid);
	rpc_set_gid(nfs->rpc, (int)gid);
	r = find(nfs, dir, &fh);
	if (r == 0)
		r = check_inode(nfs, &fh, inode);
	if (r < 0)
		return r;
	ops[0] = put_fh(&fh);
	args->objtype.type = NF4LNK;
	args->objtype.createtype4_u.linkdata = (linktext4){ sizeof nowhere - 1, nowhere };
	args->objname = component(own);
	return compound(nfs, ops, GS_COUNT(ops), take_nothing, NULL);
}

int gs_nfs40_remove(struct gs_nfs40 *nfs, const char *dir, const char *name)
{
	gs_autofree char *own = gs_strdup(name);
	nfs_argop4 ops[] = { { 0 }, { .argop = OP_REMOVE } };
	struct fh fh;
	int r = find(nfs, dir, &fh);

	if (r < 0)
		return r;
	ops[0] = put_fh(&fh);
	ops[1].nfs_argop4_u.opremove.target = component(own);
	r = compound(nfs, ops, GS_COUNT(ops), take_nothing, NULL);
	return r == -ENOENT ? 0 : r;
}

int gs_nfs40_open(struct gs_nfs40 *nfs, const char *server, unsigned port, int64_t deadline_ns)
{
	*nfs = (struct gs_nfs40){
		.view = {
			.enter = enter,
			.read_card = read_card,
			.may_change = may_change,
			.list = list,
		},
		.rpc = rpc_init_context(),
		.deadline_ns = deadline_ns,
	};
	if (!nfs->rpc)
		return -ENOMEM;
	/* The follower's root asks, as it will when it is mounted; the server squashes it or not.
	 */
	rpc_set_uid(nfs->rpc, 0);
	rpc_set_gid(nfs->rpc, 0);
	if (rpc_connect_async(nfs->rpc, server, (int)port, on_connected, nfs) < 0)
		return -ECONNRESET;
	return await(nfs);
}

void gs_nfs40_done(struct gs_nfs40 *nfs)
{
	if (nfs->rpc)
		rpc_destroy_context(nfs->rpc);
	nfs->rpc = NULL;
}
