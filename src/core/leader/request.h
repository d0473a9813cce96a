/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "base/shareid.h"
#include "base/types.h"
#include "core/check/top.h"
#include "core/exports/docs.h"
#include "core/share/names.h"

/*
 * What the files of a leader say about its shares, and judgements on the words of a request:
 * the pure parts that observing needs before it knows where to look.
 */

/** struct gs_client_spec - one follower as the administrator named it */
struct gs_client_spec {
	struct gs_hostspec host;
	enum gs_access access;
	bool access_given; /* false: keep what is active, rw for a new follower */
};

enum gs_leader_verb {
	GS_LEADER_INIT,
	GS_LEADER_ADD,
	GS_LEADER_REMOVE,
	GS_LEADER_SWITCH,
	GS_LEADER_DESTROY,
	GS_LEADER_REPAIR,
};

/**
 * enum gs_subtree - subtree_check of a share's entries, as the administrator named it
 * Unsaid: those that are there keep theirs, since it is a part of the followers' file handles; new
 * ones have it where the share is no file system of its own.
 */
enum gs_subtree { GS_SUBTREE_UNSAID, GS_SUBTREE_CHECK, GS_SUBTREE_NO_CHECK };

/** struct gs_leader_req - leader init, add, remove ...: one shape, the wish differs */
struct gs_leader_req {
	enum gs_leader_verb verb;
	const char *path; /* NULL: not given */
	struct gs_client_spec *spec;
	size_t n_specs, room_specs;
	const char *owner;  /* USER[:GROUP], NULL: not given */
	const char *caller; /* who got root's rights, by name or number; NULL: nobody */
	enum gs_squash squash;
	bool squash_given;
	enum gs_subtree subtree;
	struct gs_strs dirs;	  /* --dir, beside the standard ones */
	const char *exports_file; /* "/etc/exports" unless given */
	bool allow_wide;
	enum gs_access access; /* of SWITCH: for all that are named */
	bool all;	       /* of SWITCH: every follower of the share */
	unsigned drain_s;      /* how long to wait for files of those who lose write access */
	bool drain_given;
	bool force; /* go on all the same once drain_s is over */
};

enum gs_owner_source {
	GS_OWNER_ASKED,	 /* --owner */
	GS_OWNER_EXPORT, /* anonuid of the share's entries */
	GS_OWNER_TREE,	 /* the path's owner, or the ACL of a dataset directory */
	GS_OWNER_CALLER, /* the user who called sudo, or the like */
	GS_OWNER_SYSTEM, /* the account gshare */
};

/** struct gs_leader_facts - a leader before anything is done */
struct gs_leader_facts {
	bool offline;		 /* --root: files only */
	const char *tree;	 /* --root's DIR, for commands; NULL: this machine; borrowed */
	char *path;		 /* the share that the verb works on */
	struct gs_files exports; /* the file to edit first, then all others exportfs reads */
	struct gs_docs docs;	 /* those, parsed; the plan takes and edits them */
	bool lacks_exports_dir;	 /* of the file to edit: Debian has no /etc/exports.d */
	struct gs_path_inodes ancestors; /* every component of path, the path itself last */
	struct gs_path_inodes dirs;	 /* the share's directories */
	struct gs_file id_file;		 /* PATH/.gshare-id */
	struct gs_inode id_inode;	 /* the same, as it stands there */
	struct gs_file fstab;
	char fresh_id[GS_SHARE_ID_BYTES]; /* for a share that has none yet */
	struct gs_fs fs;
	struct gs_server server;
	const struct gs_server_ops *server_ops; /* planner.h; a row of core/server */
	struct gs_str etab;			/* active, empty while the server does not run */
	struct gs_account owner;
	bool owner_missing; /* the account gshare is still to be made */
	enum gs_owner_source owner_source;
	struct gs_spare spare;
	struct gs_account before; /* whom followers act as until now; no name: nobody yet */
	struct gs_names names;
	struct gs_names faces; /* per follower address: our address that faces it */
	size_t unchangeable;   /* entries of dataset directories that the owner cannot change */
	bool unchangeable_cut; /* there was more than INIT takes the time to see */
};

/** gs_leader_gives - does the verb hand out access? The others work on what was given. */
bool gs_leader_gives(enum gs_leader_verb verb);

/**
 * gs_leader_takes - does the request only take access away?
 * Then nothing that followers can put into the share may stand in its way: neither its id nor its
 * directories decide.
 */
bool gs_leader_takes(const struct gs_leader_req *req);

/** gs_leader_check_owner - the words USER[:GROUP]; errors: -GS_E_USAGE for what nobody can be */
int gs_leader_check_owner(const char *asked, struct gs_err *err);

/**
 * gs_leader_fix_id - the command for a .gshare-id that holds no id; returns err->code
 * It stays, under another name, and init gives the share a new one.
 */
int gs_leader_fix_id(const struct gs_leader_req *req, const struct gs_leader_facts *facts,
		     struct gs_err *err);

/**
 * gs_leader_pick_path - the share a verb works on
 * The one asked for; else, for init, the default; else the only marked share; else the only
 * exported path that has one of the named hosts. DESTROY of no share is the default path.
 * @ret_path: owned, clean. Errors: NO_SHARE, SHARE_AMBIGUOUS, with the list.
 */
int gs_leader_pick_path(const struct gs_leader_req *req, const struct gs_docs *docs,
			char **ret_path, struct gs_err *err);

/** gs_leader_entry_owner - anonuid and anongid of the share's first squashing entry */
bool gs_leader_entry_owner(const struct gs_docs *docs, const char *path, uid_t *ret_uid,
			   gid_t *ret_gid);

/**
 * gs_leader_read_id - the share's id, of a .gshare-id that is there
 * Errors: -EBADMSG, cause ID_BROKEN.
 */
int gs_leader_read_id(const struct gs_file *file, char ret_id[GS_SHARE_ID_BYTES],
		      struct gs_err *err);

/** gs_leader_acl_owner - the named user and group of a dataset directory's access ACL */
bool gs_leader_acl_owner(const char *acl, uid_t *ret_uid, gid_t *ret_gid);

/** gs_leader_names - every name that stands as a client in the files, once each */
void gs_leader_names(const struct gs_docs *docs, struct gs_strs *ret_names);
