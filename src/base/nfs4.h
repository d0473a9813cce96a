/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/xdr.h"

/*
 * NFSv4.0 compounds (RFC 7530, encoded as RFC 7531 says), with the ten operations that looking at
 * exports without a client id needs. A reply with anything that was not requested is refused.
 */

enum gs_nfs4_status {
	GS_NFS4_OK = 0,
	GS_NFS4_PERM = 1,
	GS_NFS4_NOENT = 2,
	GS_NFS4_IO = 5,
	GS_NFS4_ACCESS = 13,
	GS_NFS4_EXIST = 17,
	GS_NFS4_NOTDIR = 20,
	GS_NFS4_ISDIR = 21,
	GS_NFS4_INVAL = 22,
	GS_NFS4_NOSPC = 28,
	GS_NFS4_ROFS = 30,
	GS_NFS4_NAMETOOLONG = 63,
	GS_NFS4_DQUOT = 69,
	GS_NFS4_STALE = 70,
	GS_NFS4_DELAY = 10008,
	GS_NFS4_GRACE = 10013,
	GS_NFS4_WRONGSEC = 10016,
	GS_NFS4_MINOR_VERS_MISMATCH = 10021,
	GS_NFS4_SYMLINK = 10029,
};

enum {
	GS_NFS4_HANDLE_BYTES = 128, /* NFS4_FHSIZE */
	GS_NFS4_MAY_MODIFY = 4,
	GS_NFS4_MAY_EXTEND = 8,
	GS_NFS4_OPS = 16, /* Linux accepts no more in a compound */
};

/** struct gs_nfs4_handle - a copy of a file handle */
struct gs_nfs4_handle {
	uint32_t len;
	char bytes[GS_NFS4_HANDLE_BYTES];
};

/**
 * gs_nfs4_is_same_export - do two handles of a Linux server name directories of one export?
 * Its handles begin with what names the export: the file system, and the inode of the exported
 * directory where that is not the file system's root. A directory on the way to an export has one
 * of its own. Handles that are not so made are of different exports. Source: fs/nfsd/nfsfh.h
 * struct knfsd_fh, key_len(); fs/nfsd/nfsfh.c set_version_and_fsid_type().
 */
bool gs_nfs4_is_same_export(const struct gs_nfs4_handle *a, const struct gs_nfs4_handle *b);

/** struct gs_nfs4_cookie - a position in a directory listing; all zero at its begin */
struct gs_nfs4_cookie {
	uint64_t number;
	char verifier[8];
};

/** struct gs_nfs4_call - a compound being built; all zero to begin with */
struct gs_nfs4_call {
	struct gs_str args;
	uint32_t op[GS_NFS4_OPS], n;
	uint32_t max_data; /* of READ */
};

void gs_nfs4_call_done(struct gs_nfs4_call *call);

/* Each adds one operation; a call holds GS_NFS4_OPS at most. */
void gs_nfs4_put_root(struct gs_nfs4_call *call);
void gs_nfs4_put_handle(struct gs_nfs4_call *call, const struct gs_nfs4_handle *handle);
void gs_nfs4_put_lookup(struct gs_nfs4_call *call, struct gs_span name);
void gs_nfs4_put_get_handle(struct gs_nfs4_call *call);
void gs_nfs4_put_access(struct gs_nfs4_call *call, uint32_t mask);
/** with the anonymous (all-zero) stateid, which a server refuses in its grace period */
void gs_nfs4_put_read(struct gs_nfs4_call *call, uint32_t bytes);
void gs_nfs4_put_list(struct gs_nfs4_call *call, const struct gs_nfs4_cookie *at, uint32_t bytes);
void gs_nfs4_put_inode(struct gs_nfs4_call *call);
void gs_nfs4_put_link(struct gs_nfs4_call *call, struct gs_span name, struct gs_span target);
void gs_nfs4_put_remove(struct gs_nfs4_call *call, struct gs_span name);

/** gs_nfs4_put_compound - add the arguments of the RPC procedure COMPOUND */
void gs_nfs4_put_compound(struct gs_str *out, const struct gs_nfs4_call *call);

/**
 * struct gs_nfs4_reply - the results of a compound
 * Of several operations of one kind the last result; only where the status is GS_NFS4_OK. Spans
 * point into the reply's bytes.
 */
struct gs_nfs4_reply {
	uint32_t status;
	struct gs_span handle, data;
	uint32_t access;
	uint64_t inode;
	struct gs_nfs4_cookie next; /* of a listing */
	struct gs_xdr entries;	    /* for gs_nfs4_next_entry() */
	bool is_end;
};

/**
 * gs_nfs4_take_reply - decode the reply to the compound @call
 * Returns false, *ret untouched, for anything but a complete reply; xdr then has the error.
 */
bool gs_nfs4_take_reply(struct gs_xdr *xdr, const struct gs_nfs4_call *call,
			struct gs_nfs4_reply *ret);

/** struct gs_nfs4_entry - @is_dir: it is or may be one: a server need not look behind a mount */
struct gs_nfs4_entry {
	struct gs_span name;
	bool is_dir;
};

/** gs_nfs4_next_entry - decode the next entry; false after the last */
bool gs_nfs4_next_entry(struct gs_xdr *entries, struct gs_nfs4_entry *ret);
