/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/exports/change.h"
#include "core/exports/docs.h"

/*
 * Can clients of an export reach what lies beside it? Where the exported directory is not the root
 * of its file system, a client that makes up a file handle reaches every file of that file system
 * unless nfsd walks up from the file to the export, which subtree_check has it do. The server's
 * squash and the files' modes still count; but an entry that is reached so can be linked into the
 * share, where root's own steps would meet it.
 * Source: exports(5), "Subdirectory Exports" and subtree_check; fs/nfsd/nfsfh.c nfsd_acceptable().
 */

/**
 * struct gs_escape - the facts
 * @is_fs_root: @path is the root of its file system: there is nothing beside it
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

/** gs_share_escapees - the clients of @path whose made-up handles are taken, each once, by name */
void gs_share_escapees(const struct gs_escape *escape, struct gs_strs *ret);

/** gs_predicted_escapees - the same after a run, of a share that is no file system's root */
void gs_predicted_escapees(const struct gs_exports_change *change, struct gs_strs *ret);

/**
 * gs_fs_takes_subtree_check - can nfsd walk up from a file of such a file system to the export?
 * Overlayfs encodes no handle that names a parent: files under subtree_check would be refused,
 * directories not (fs/overlayfs/export.c ovl_encode_fh()). Of NFS, exported again, nfsd takes no
 * such export at all (EXPORT_OP_NOSUBTREECHK).
 */
bool gs_fs_takes_subtree_check(const char *type);

/** struct gs_escape_fact - who can reach what lies around a share */
struct gs_escape_fact {
	const struct gs_escape *of;
	const struct gs_strs *hosts; /* the clients */
	const struct gs_docs *files; /* who is active and not in them has to be removed first */
	bool is_closed;		     /* a run gives nobody that, and it is worth a word */
};

/*
 * A client that may write in the share links any file of that file system into it: then an inode
 * found in the share says nothing about where it belongs, and root must not act on it. The handle
 * of that file may come from another export than the one that is written, and from a read-only one:
 * nfsd asks nothing of what a link is made to.
 * Source: fs/nfsd/vfs.c nfsd_link(), NFSD_MAY_NOP, which nfsd_permission() grants at once.
 */

/** gs_escape_opens - are its clients' made-up handles taken? What was not understood may be so */
bool gs_escape_opens(const struct gs_export *entry);

/** gs_escape_writes - may its clients make entries? */
bool gs_escape_writes(const struct gs_export *entry);

/** GS_TELLS_ESCAPE - how findings say it; takes the path of the export */
#define GS_TELLS_ESCAPE                                                                            \
	"'%s' is exported so that handles from outside the share are taken: a follower's root "    \
	"can link any file of the share's file system into the share, and root here would take "   \
	"it for one of the share's"

/**
 * gs_escape_fix - the command that closes it
 * @fs_type: of the share; NULL: not known
 * Nothing where the export is not the share's own, as it is somebody else's to edit, or where the
 * file system takes no subtree_check.
 */
void gs_escape_fix(const char *share, const char *escape, const char *fs_type, struct gs_str *out);
