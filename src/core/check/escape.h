/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/exports/change.h"
#include "core/exports/docs.h"

/*
 * Can clients of an export reach files outside of it? Where the exported directory is not the root
 * of its file system, a client that forges a file handle reaches every file of that file system
 * unless nfsd walks up from the file to the export, as it does with subtree_check. The server's
 * squash and the files' modes still apply; but such a file can be linked into the share, where a
 * step that gshare takes as root could change it.
 * Source: exports(5), "Subdirectory Exports" and subtree_check; fs/nfsd/nfsfh.c nfsd_acceptable().
 */

/**
 * struct gs_escape - the facts about an export
 * @is_fs_root: @path is the root of its file system: nothing lies outside of it
 * @fs_type:    "ext4"; NULL where it cannot be known, as offline
 * @list, @n:   etab, for what is active; the exports files where no server runs
 */
struct gs_escape {
	const char *path;
	const char *tree; /* --root's, for commands; NULL: this machine */
	bool is_fs_root;
	const char *fs_type;
	const struct gs_exports *list;
	size_t n;
};

/** gs_share_escapees - clients of @path whose forged handles nfsd accepts, each once, as text */
void gs_share_escapees(const struct gs_escape *escape, struct gs_strs *ret);

/** gs_predicted_escapees - the same after a run, for a share that is not a file system's root */
void gs_predicted_escapees(const struct gs_exports_change *change, struct gs_strs *ret);

/**
 * gs_fs_takes_subtree_check - can nfsd walk up from a file of such a file system to the export?
 * Overlayfs encodes no handle that names a parent: files under subtree_check would be refused,
 * directories not (fs/overlayfs/export.c ovl_encode_fh()). A re-export of NFS with subtree_check
 * is refused by nfsd (EXPORT_OP_NOSUBTREECHK).
 */
bool gs_fs_takes_subtree_check(const char *type);

/** struct gs_escape_fact - the clients that can reach files outside of a share */
struct gs_escape_fact {
	const struct gs_escape *of;
	const struct gs_strs *hosts; /* the clients */
	const struct gs_docs *files; /* active clients that are not listed must be removed first */
	bool is_closed;		     /* after the run no client can, which is reported */
};

/*
 * A client that may write in the share can link any file of that file system into it: an inode
 * found in the share may belong elsewhere, and root must not act on it. The handle of the file may
 * come from another export than the one that is written, also from a read-only one: nfsd checks no
 * permission on the target of a link.
 * Source: fs/nfsd/vfs.c nfsd_link(), NFSD_MAY_NOP, which nfsd_permission() grants at once.
 */

/** gs_escape_opens - does nfsd accept its clients' forged handles? Unreadable options: perhaps */
bool gs_escape_opens(const struct gs_export *entry);

/** gs_escape_writes - may its clients create files? */
bool gs_escape_writes(const struct gs_export *entry);

/** GS_TELLS_ESCAPE - the text of findings; takes the path of the export */
#define GS_TELLS_ESCAPE                                                                            \
	"'%s' is exported so that handles from outside the share are taken: a follower's root "    \
	"can link any file of the share's file system into the share, and root here would take "   \
	"it for one of the share's"

/**
 * gs_escape_fix - the command that sets subtree_check
 * @fs_type: of the share; NULL: not known
 * Adds nothing where the export is not the share itself, as gshare does not edit it, or where the
 * file system does not support subtree_check.
 */
void gs_escape_fix(const char *share, const char *escape, const char *fs_type, struct gs_str *out);
