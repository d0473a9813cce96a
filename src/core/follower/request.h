/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/shareid.h"
#include "base/types.h"
#include "core/share/names.h"

/* What follower mount is asked, and what is there. */

/** struct gs_follower_req - follower mount */
struct gs_follower_req {
	const char *leader;  /* as typed */
	const char *target;  /* NULL: the export's own path, where offer.h lets it be */
	const char *export_; /* NULL: the only one */
	const char *id;	     /* 8 hex digits, NULL: trust the first use */
	bool ro;
	bool no_persist;
	bool unverified; /* keep a mount whose proof failed */
	uid_t caller;	 /* who called; 0: nobody but root */
	bool allow_user_path;
	const char *again; /* the command with --allow-user-path */
	unsigned minor;	   /* of NFS 4, 0: as mounted or kept, else 2 */
	const char *root;  /* --root, to repeat it in a command; NULL: this node */
};

/** struct gs_export_seen - an export that the server showed us over port 2049 */
struct gs_export_seen {
	char *path;
	char id[GS_SHARE_ID_BYTES]; /* "" where it has no .gshare-id */
	bool may_lead; /* no id, no writing: perhaps only on the way to what is not shown */
};

struct gs_exports_seen {
	struct gs_export_seen *v;
	size_t n, room;
};

/** struct gs_follower_facts - a follower before anything is done */
struct gs_follower_facts {
	bool offline;
	bool client_installed; /* mount.nfs is there */
	char *addr;	       /* numeric address of the leader that answered */
	char *own_addr;	       /* our address that faces the leader, NULL where unknown */
	unsigned connect_us;   /* time of the TCP connection */
	struct gs_exports_seen exports;
	bool grants_known;	 /* mountd could be asked; only where no export was seen */
	struct gs_grants grants; /* what it said */
	struct gs_strs own_addrs;
	struct gs_file fstab;
	bool guards_sticky; /* fs.protected_regular is 2: see plan_mount.c */
	char *target;	    /* NULL: none was typed, and the export's own path is not used */
	char *free_place;   /* then: a TARGET that could be typed; NULL: none was found */
	struct gs_path_inodes ancestors; /* every component of target */
	gid_t caller_group; /* that the caller is alone in, as groups named like users; 0: none */
	bool is_mounted;    /* something is mounted exactly at target */
	struct gs_mounted mounted;
	struct gs_inode bare; /* the directory below that mount; ABSENT where it is not known */
	unsigned ahead_kib;   /* read-ahead of that mount; 0: the kernel shows none */
};
