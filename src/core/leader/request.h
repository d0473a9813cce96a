/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "base/shareid.h"
#include "base/types.h"
#include "core/check/served.h"
#include "core/check/top.h"
#include "core/exports/docs.h"
#include "core/exports/nfsd_offer.h"
#include "core/firewall/firewall.h"
#include "core/share/container.h"
#include "core/share/names.h"

/*
 * The shares in the exports files of a leader, and checks of a request's arguments: the pure parts
 * that are needed to find the paths to look at.
 */

/** struct gs_client_spec - one follower as given by the administrator */
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
 * enum gs_subtree - subtree_check of a share's entries, as given by the administrator
 * UNSAID: existing entries keep theirs, since it changes the file handles that followers hold; new
 * ones get it where the share is no file system of its own.
 */
enum gs_subtree { GS_SUBTREE_UNSAID, GS_SUBTREE_CHECK, GS_SUBTREE_NO_CHECK };

/** struct gs_leader_req - the request of leader init, add, remove ... */
struct gs_leader_req {
	enum gs_leader_verb verb;
	const char *path; /* NULL: not given */
	struct gs_client_spec *spec;
	size_t n_specs, room_specs;
	const char *owner;  /* USER[:GROUP], NULL: not given */
	const char *caller; /* the user who called sudo, by name or UID; NULL: nobody */
	enum gs_squash squash;
	bool squash_given;
	enum gs_subtree subtree;
	struct gs_strs dirs;	  /* --dir, in addition to the standard ones */
	const char *exports_file; /* "/etc/exports" unless given */
	bool allow_wide;
	bool no_firewall;      /* neither look at the firewall nor change it */
	const char *firewall;  /* of INIT, ADD: the one whose rules may be changed; NULL: any but
				  one that asks */
	bool firewall_first;   /* of INIT, ADD: a rule may come before those that deny */
	bool no_install;       /* of INIT: where the server is missing, refuse */
	bool new_id;	       /* of INIT: give the share a new id */
	bool crossmnt;	       /* of INIT: export file systems mounted in the share, too */
	enum gs_access access; /* of SWITCH: for all followers given */
	bool all;	       /* of SWITCH: every follower of the share */
	unsigned drain_s;      /* time to wait for open files of followers that lose write access */
	bool drain_given;
	bool force; /* go on after drain_s though files are open */
};

enum gs_owner_source {
	GS_OWNER_ASKED,	 /* --owner */
	GS_OWNER_EXPORT, /* anonuid of the share's entries */
	GS_OWNER_TREE,	 /* the path's owner, or the ACL of a dataset directory */
	GS_OWNER_CALLER, /* the user who called sudo, or the like */
	GS_OWNER_SYSTEM, /* the account gshare */
};

/** struct gs_leader_facts - a leader before the run */
struct gs_leader_facts {
	bool offline;		 /* --root: files only */
	const char *tree;	 /* --root's DIR, for commands; NULL: this machine; borrowed */
	char *path;		 /* the share that the verb works on */
	struct gs_files exports; /* the file to edit first, then all others exportfs reads */
	struct gs_docs docs;	 /* those files, parsed; moved to the plan, which edits them */
	bool lacks_exports_dir;	 /* of the file to edit: Debian has no /etc/exports.d */
	struct gs_path_inodes ancestors; /* every component of path, the path itself last */
	struct gs_path_inodes dirs;	 /* the share's directories */
	struct gs_file id_file;		 /* PATH/.gshare-id */
	struct gs_inode id_inode;	 /* the inode at that path */
	struct gs_file fstab;
	char fresh_id[GS_SHARE_ID_BYTES]; /* a new id, for a share without one */
	struct gs_fs fs;
	struct gs_served served; /* not observed offline, and for a request that only removes */
	struct gs_server server;
	bool installs; /* it is installed first, and taken as installed */
	struct gs_nfsd_offer offer;
	struct gs_container container;
	const struct gs_server_ops *server_ops; /* planner.h; a row of core/server */
	struct gs_str etab;			/* active; empty while the server does not run */
	struct gs_account owner;
	bool owner_missing; /* the account gshare must be created */
	enum gs_owner_source owner_source;
	struct gs_spare spare;
	struct gs_account before; /* the user followers are mapped to until now; no name: none */
	struct gs_firewall firewall;
	struct gs_names names;
	bool names_removed;    /* the run that is over removed the hosts: they were not looked up */
	struct gs_names faces; /* per follower address: this node's address towards it */
	struct gs_names ways;  /* per follower: the interface by which its packets come */
	size_t unchangeable;   /* entries of dataset directories that the owner cannot change */
	bool unchangeable_cut; /* time ran out before INIT had seen all */
};

/** gs_leader_gives - does the verb grant access? Other verbs change existing access. */
bool gs_leader_gives(enum gs_leader_verb verb);

/**
 * gs_leader_takes - does the request only take access away?
 * Then no file that followers can create in the share may make it fail: its id and its directories
 * are not checked.
 */
bool gs_leader_takes(const struct gs_leader_req *req);

/** gs_leader_check_owner - check USER[:GROUP]; errors: -GS_E_USAGE where no user can be that */
int gs_leader_check_owner(const char *asked, struct gs_err *err);

/**
 * gs_leader_pick_path - the share a verb works on
 * The path given; else, for init, the default; else the only marked share; else the only exported
 * path with an entry of one of the hosts given. DESTROY without a share takes the default path.
 * @ret_path: owned, clean. Errors: NO_SHARE, SHARE_AMBIGUOUS, with the list.
 */
int gs_leader_pick_path(const struct gs_leader_req *req, const struct gs_docs *docs,
			char **ret_path, struct gs_err *err);

/** gs_leader_entry_owner - anonuid and anongid of the share's first squashing entry */
bool gs_leader_entry_owner(const struct gs_docs *docs, const char *path, uid_t *ret_uid,
			   gid_t *ret_gid);

/**
 * gs_leader_read_id - the share's id, from an existing .gshare-id
 * Errors: -EBADMSG, cause ID_BROKEN.
 */
int gs_leader_read_id(const struct gs_file *file, char ret_id[GS_SHARE_ID_BYTES],
		      struct gs_err *err);

/** gs_leader_acl_owner - the named user and group of a dataset directory's access ACL */
bool gs_leader_acl_owner(const char *acl, uid_t *ret_uid, gid_t *ret_gid);

/** gs_leader_names - every host name that is a client in the files, each once */
void gs_leader_names(const struct gs_docs *docs, struct gs_strs *ret_names);
