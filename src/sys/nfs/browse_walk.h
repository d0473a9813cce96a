/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "base/xdr.h"

/*
 * The directories that a server shows, through either view: over NFSv4.0 (browse_v40.h) or through
 * the kernel's client (browse_mount.h). For children only: names and bytes come from the network.
 */

/** struct gs_nfs_listing - what is found in one directory */
struct gs_nfs_listing {
	struct gs_strs names; /* of directories */
	size_t n, max;	      /* entries of any kind */
	bool has_files, has_more;
};

/** gs_nfs_listing_add - add one entry ("." and ".." are skipped); false: no more are needed */
bool gs_nfs_listing_add(struct gs_nfs_listing *listing, struct gs_span name, bool is_dir);

/**
 * struct gs_nfs_view - a means of access to a server; the first member of its implementation's
 * struct
 * Paths are absolute, as the server names them; every function returns 0 or -errno, see
 * gs_nfs_failed().
 */
struct gs_nfs_view {
	/** does dir exist, for us? */
	int (*enter)(struct gs_nfs_view *, const char *dir);
	/** the text of dir's .gshare-id, at most GS_SHARE_FILE_BYTES of it */
	int (*read_card)(struct gs_nfs_view *, const char *dir, struct gs_str *ret);
	/** may root of this host make entries? 0 where it may */
	int (*may_change)(struct gs_nfs_view *, const char *dir);
	int (*list)(struct gs_nfs_view *, const char *dir, struct gs_nfs_listing *);
	/** are two directories known to be of one export? NULL: that cannot be told */
	bool (*is_same_export)(struct gs_nfs_view *, const char *one, const char *other);
	bool lacks_port; /* every port below 1024 that it may have is taken */
	/** what was wrong with the reply, where a function returned -EBADMSG; else empty */
	char wrong[GS_XDR_WRONG_BYTES];
};

/** GS_NFS_SECURITY - the cause where AUTH_SYS, or AUTH_SYS in clear, is refused */
#define GS_NFS_SECURITY "NFS_SECURITY"

/** gs_nfs_walk - the walk of gs_nfs_find_exports(); its answer is for gs_nfs_exports_parse() */
int gs_nfs_walk(struct gs_nfs_view *view, const char *server, struct gs_str *ret_answer,
		struct gs_err *err);

/* The answer of gs_nfs_card() where the directory, or its .gshare-id, is closed to us. */
#define GS_NFS_CLOSED "closed\n"

/** gs_nfs_card - the .gshare-id of one directory, empty where there is none; or GS_NFS_CLOSED */
int gs_nfs_card(struct gs_nfs_view *view, const char *server, const char *dir,
		struct gs_str *ret_card, struct gs_err *err);

/**
 * gs_nfs_failed - report what a negative errno means here, with its cause and fix
 * @view: where the error comes from; NULL where there is no view yet
 * Besides the usual: -EPROTONOSUPPORT for a refused NFSv4.0, -EPFNOSUPPORT for all of NFSv4,
 * -ENOKEY for refused credentials, -EAGAIN for the server's grace period, -EBADMSG for an invalid
 * reply.
 */
int gs_nfs_failed(const struct gs_nfs_view *view, const char *server, const char *path, int r,
		  struct gs_err *err);

/** gs_nfs_fix - set the fix for the cause that err has: a confined child names no command */
int gs_nfs_fix(const char *server, struct gs_err *err);

/** gs_nfs_blame - set only cause and fix, for a failure that has its message; returns its code */
int gs_nfs_blame(const char *server, int r, struct gs_err *err);

/** gs_nfs_ids - the causes that a child may name, for gs_child_run() */
extern const char *const gs_nfs_ids[];
