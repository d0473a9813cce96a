/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/shareid.h"
#include "base/types.h"
#include "core/boot/boot.h"
#include "core/fskind/nfs_profile.h"
#include "core/share/names.h"

/* The request of follower mount, and its facts. */

/** struct gs_follower_req - follower mount */
struct gs_follower_req {
	const char *leader;   /* as typed */
	const char *target;   /* NULL: the export's path, if gs_offer_check() allows it */
	const char *export_;  /* NULL: the only one */
	const char *id;	      /* 8 hex digits, NULL: trust on first use */
	const char *postgres; /* the host of PostgreSQL; NULL: as in fstab, else the leader */
	bool ro;
	bool no_persist;
	bool no_install; /* where the client is missing, refuse */
	bool unverified; /* keep a mount whose verification failed */
	uid_t caller;	 /* the user who called gshare; 0: root */
	bool allow_user_path;
	const char *again; /* the command with --allow-user-path */
	unsigned port;	   /* of the leader; 0: as in fstab or mounted, else 2049 */
	unsigned minor;	   /* of NFS 4, 0: as mounted or in fstab, else 2 */
	const struct gs_nfs_profile *profile; /* NULL: as in fstab */
	const char *options;		      /* of --options, checked; NULL: none */
	const char *root;	      /* --root, to repeat it in a command; NULL: this node */
	const struct gs_strs *before; /* units to be ordered after the share; NULL: none */
};

/** struct gs_export_seen - an export that the server shows to this node over its NFS port */
struct gs_export_seen {
	char *path;
	char id[GS_SHARE_ID_BYTES]; /* "" where it has no .gshare-id */
	bool is_closed; /* no id: the directory, or its .gshare-id, is closed to this node */
	bool may_lead;	/* no id, not writable: perhaps a pseudo-directory above a hidden export */
};

struct gs_exports_seen {
	struct gs_export_seen *v;
	size_t n, room;
};

/** struct gs_follower_facts - a follower before the run */
struct gs_follower_facts {
	bool offline;
	bool client_installed;		  /* mount.nfs is installed */
	const struct gs_manager *manager; /* else: what can install it; NULL: none known */
	bool installs;			  /* it is installed first, and taken as installed */
	bool unseen;	      /* then: without it the leader's exports could not be read */
	char *addr;	      /* numeric address of the leader that answered */
	char *own_addr;	      /* this node's address towards the leader, NULL where unknown */
	unsigned port;	      /* that it answered on */
	unsigned connect_us;  /* time of the TCP connection */
	unsigned link_mbit;   /* speed of the link to the leader; 0: not known, or not asked for */
	unsigned connections; /* that this node has with it now, for all mounts; 0: none is mounted
			       */
	struct gs_exports_seen exports;
	bool grants_known;	 /* mountd answered; asked only if no export with an id was seen */
	struct gs_grants grants; /* mountd's export list */
	char *missing;		 /* an export of it that was not seen; NULL: none known */
	char *renamed;		 /* what was seen for the named export, below another; NULL: none */
	struct gs_strs own_addrs;
	struct gs_file fstab;
	unsigned guards;     /* fs.protected_regular: see struct gs_target_fact */
	unsigned top_mode;   /* of what is mounted at target; 0: not looked at */
	unsigned top_uid;    /* its owner */
	char *target;	     /* NULL: none was typed, and the export's own path is not used */
	char *boot_unit;     /* a unit file that beats its entry in fstab; NULL: none */
	bool is_masked;	     /* boot_unit is a mask */
	char *free_place;    /* then: a TARGET to propose; NULL: none was found */
	struct gs_inode top; /* "/", on which a missing directory is made */
	struct gs_path_inodes ancestors; /* every component of target */
	gid_t caller_group; /* private group of the caller, by the same name; 0: none */
	bool is_mounted;    /* target is a mount point */
	struct gs_mounted mounted;
	struct gs_mounts all; /* every NFS mount of this node */
	bool is_new;	      /* this run mounted it: nothing was mounted there when it began */
	int mount_code;	      /* what the server answers through that mount: 0 or -errno */
	bool mount_read;      /* its .gshare-id was read, or it has none */
	bool is_given_ro;     /* it is mounted rw, and the leader refuses writes with EROFS */
	char mount_id[GS_SHARE_ID_BYTES];
	struct gs_inode bare; /* the directory below that mount; ABSENT where unknown */
	unsigned ahead_kib;   /* read-ahead of that mount; 0: the kernel shows none */
	struct gs_boot boot;  /* not looked at with no_persist */
};
