/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "base/xdr.h"

/*
 * The directories that a server shows, whichever way they are looked at: over NFSv4.0
 * (browse_v40.h) or through the kernel's client (browse_mount.h). For children only: names and
 * bytes are the network's.
 */

/** struct gs_nfs_listing - what is found in one directory */
struct gs_nfs_listing {
	struct gs_strs names; /* of directories */
	size_t n, max;	      /* entries of any kind */
	bool has_files, has_more;
};

/** gs_nfs_listing_add - one entry, "." and ".." too; false: enough has been seen */
bool gs_nfs_listing_add(struct gs_nfs_listing *listing, struct gs_span name, bool is_dir);

/**
 * struct gs_nfs_view - a way of looking; the first member of the way's own struct
 * Paths are absolute, as the server names them; every answer is 0 or -errno, see gs_nfs_failed().
 */
struct gs_nfs_view {
	/** is it there, for us? */
	int (*enter)(struct gs_nfs_view *, const char *dir);
	/** the text of its .gshare-id, at most GS_SHARE_FILE_BYTES of it */
	int (*read_card)(struct gs_nfs_view *, const char *dir, struct gs_str *ret);
	/** may root of this node make entries? 0 where it may */
	int (*may_change)(struct gs_nfs_view *, const char *dir);
	int (*list)(struct gs_nfs_view *, const char *dir, struct gs_nfs_listing *);
	/** what was no reply, where an answer is -EBADMSG; else empty */
	char wrong[GS_XDR_WRONG_BYTES];
};

/** gs_nfs_walk - what gs_nfs_find_exports() promises, as gs_nfs_exports_parse() reads it */
int gs_nfs_walk(struct gs_nfs_view *view, const char *server, struct gs_str *ret_answer,
		struct gs_err *err);

/** gs_nfs_card - the card of one directory, empty where there is none that we may read */
int gs_nfs_card(struct gs_nfs_view *view, const char *server, const char *dir,
		struct gs_str *ret_card, struct gs_err *err);

/**
 * gs_nfs_failed - say what a negative errno means here, with its cause and what helps
 * @view: whose answer it is; NULL where there is none yet
 * Beside the usual: -EPROTONOSUPPORT for a refused NFSv4.0, -EPFNOSUPPORT for all of NFSv4, -ENOKEY
 * for refused credentials, -EAGAIN for the time after the server's start, -EBADMSG for what is no
 * reply.
 */
int gs_nfs_failed(const struct gs_nfs_view *view, const char *server, const char *path, int r,
		  struct gs_err *err);

/** gs_nfs_fix - what helps against the cause that err has: a confined child names no command */
int gs_nfs_fix(const char *server, struct gs_err *err);

/** gs_nfs_blame - only the cause and what helps, for a failure that has its words; its code */
int gs_nfs_blame(const char *server, int r, struct gs_err *err);

/** gs_nfs_ids - the causes that a child may name, for gs_child_run() */
extern const char *const gs_nfs_ids[];
