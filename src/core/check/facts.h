/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/types.h"
#include "core/exports/docs.h"

/*
 * The input of the checks: a caller sets the pointers to what it has looked at, and those checks
 * run that need no other facts. All of it is borrowed.
 */

/** struct gs_name_fact - a name of the exports files whose name server does not answer */
struct gs_name_fact {
	const char *name;
	const char *place; /* "/etc/exports:9"; NULL: not looked for */
	bool loses;	   /* an entry by a name is not active: exportfs leaves it out */
};

/** struct gs_clients_fact - nfsd's clients, as far as they could be seen */
struct gs_clients_fact {
	bool known;			 /* false: not root */
	const char *unread;		 /* why not all could be read; NULL: all were */
	bool late;			 /* time ran out */
	const struct gs_peer_fact *peer; /* clients.h: one address that is connected; or NULL */
};

/** struct gs_line_fact - a line of an exports file that exportfs reads differently or rejects */
struct gs_line_fact {
	const char *file;
	size_t number;
	const char *id, *why;
	bool is_fatal;	    /* exportfs drops this line and all below */
	const char *script; /* for sed(1): the edit that mends the line; NULL: none is known */
	const char *like, *like_script; /* what may be meant instead, and the edit that writes it */
	const char *path, *host;	/* of CLIENT_BLANK: the entry that was meant */
	const char *tree;		/* --root's, for commands; NULL: this machine */
	const char *instead; /* of OWNED: the command with a file of its own; NULL: none */
};

/** struct gs_entry_fact - one client of a share: configured in the files, active in nfsd */
struct gs_entry_fact {
	const char *path, *host;
	const struct gs_exportopts *configured, *active; /* NULL: none */
	bool several;					 /* shares: commands must name one */
	bool is_unknown;      /* configured, by a name that does not resolve */
	bool is_wide;	      /* more than a few hosts: leader add would ask */
	const char *file;     /* of configured */
	size_t number;	      /* its line there */
	const char *mistyped; /* the only active client in no file that it may be; NULL: none */
	const char *script;   /* for sed(1): writes that client instead; NULL: none is known */
	const char *same;     /* the client of an earlier entry that is this host; NULL: none */
	const char *same_file;
	size_t same_number; /* its line */
};

/** struct gs_share_fact - a share of this leader as a whole */
struct gs_share_fact {
	const char *path;
	const struct gs_inode *root;
	const struct gs_file *id_file;
	const struct gs_err
		*id_odd; /* why it cannot hold the id; code 0: it may, or nobody knows */
	size_t followers;
};

/** struct gs_kept_fact - a directory of a share that was there before gshare */
struct gs_kept_fact {
	const char *path;
	const struct gs_inode *inode;
	const struct gs_account *owner; /* followers are mapped to */
	bool acts;			/* followers are squashed to it */
	bool can_write;			/* the owner may, by mode and ACL */
	bool is_root;			/* the share's own directory */
};

/** struct gs_copy_fact - a share's id, the file system that it was given on, and the present one */
struct gs_copy_fact {
	const char *path; /* of the share */
	const char *id;
	struct gs_span then; /* empty: not recorded */
	const char *now;     /* NULL: no UUID */
	const char *of;	     /* another share of this leader with that id; NULL: none is known */
};

/** struct gs_overlap_fact - entries or shares that cover the same hosts or files */
struct gs_overlap_fact {
	enum {
		GS_OVERLAP_HOST,     /* this host lies in the other, a network */
		GS_OVERLAP_HOSTS,    /* this network contains the others, a list */
		GS_OVERLAP_NETWORKS, /* this one and the other have hosts in common */
		GS_OVERLAP_INSIDE,   /* this share lies in the other, whose followers reach it */
		GS_OVERLAP_AROUND,   /* this share contains the other */
	} kind;
	const char *this, *other, *other_access;
	const char *counts;  /* of networks: the one whose entry counts */
	const char *access;  /* of the entry that counts; INSIDE: the other's followers */
	bool is_by_place;    /* it counts by its order in the files, not by its kind */
	const char *carried; /* options that the new entry has as the other one; NULL: none */
	const char *differs; /* another option: "sync, not async"; NULL: none */
};

/** struct gs_wide_fact - an entry for more than a few hosts, to which nobody consented */
struct gs_wide_fact {
	const char *file, *path, *host;
	size_t number;
	const char *gains; /* what the run would give it: "rw, not ro"; NULL: nothing new */
	const char *again; /* the command as typed, with --allow-wide */
	const char *tree;  /* --root's, for commands; NULL: this machine */
	const struct gs_strs *removable; /* all that leader remove can name and has to; or none */
};

/** struct gs_stranger_fact - a HOST to be removed that has no entry of the share */
struct gs_stranger_fact {
	const char *host, *path;
	const char *list; /* the clients that have one; NULL: none */
	const char
		*serving; /* the wider entry by which it has the share all the same; NULL: none */
	const char *like; /* the only client that it may be a typo of; NULL: none */
	bool is_offline;  /* leader status cannot look */
};

/** struct gs_cut_off_fact - a follower that is connected, and whom the run takes something */
struct gs_cut_off_fact {
	const char *path, *addr;
	const char *host; /* its name, as it says; NULL: none */
	bool stops;	  /* the server is stopped as well */
	bool remapped;	  /* it keeps the share; its users become others there */
};

/** struct gs_target_fact - the mount point of a mount that is being made */
struct gs_target_fact {
	const char *path;
	const char *replaceable;      /* what others can replace; NULL: no component */
	const char *dir;	      /* its directory, or one of the caller's; NULL: none */
	const struct gs_inode *inode; /* of dir */
	bool is_unguarded;	      /* its file system supports no immutable flag */
	bool guard_denied;	      /* this node may not set it */
	bool lacks_systemd;	      /* the entry is new, and nothing waits for the leader */
	const char *boot_unit;	      /* a unit file that beats its entry in fstab; NULL: none */
	bool is_masked;		      /* boot_unit is a mask */
	unsigned guards, top_mode;    /* fs.protected_regular; the share's top; 0: not known */
	uid_t top_uid, file_uid;      /* its owner, and that of a file made in the share */
	const char *leader;	      /* as typed */
	const char *missing;	      /* another export of it without a directory; NULL: none */
};

/** struct gs_seen_id_fact - the share's id at a mount that is being made */
struct gs_seen_id_fact {
	const char *id; /* "" where it has none */
	bool known;	/* it was given, or is in fstab */
	bool is_kept;	/* fstab will have it */
};

/** struct gs_facts - what was looked at; NULL: not looked at, or not to be checked now */
struct gs_facts {
	const struct gs_server *server;		 /* as it runs now */
	const struct gs_starting_fact *starting; /* starting.h */
	const struct gs_server *changing;	 /* a server that the run will change */
	const struct gs_name_fact *name;
	const struct gs_clients_fact *clients;
	const struct gs_line_fact *line;
	const struct gs_entry_fact *entry;
	const struct gs_share_fact *share;
	const struct gs_served_fact *served;	   /* served.h */
	const struct gs_served_fact *around;	   /* the same, its ancestors suffice */
	const struct gs_unmounted_fact *unmounted; /* served.h */
	const struct gs_offered_fact *offered;	   /* offered.h */
	const struct gs_top *top;		   /* top.h */
	const struct gs_account *owner;		   /* of the top's directory */
	const struct gs_top *lost;		   /* the top, where its data may be gone */
	const char *becomes;	    /* of lost: what will happen, one clause; or NULL */
	const struct gs_top *image; /* the top, where containers may have its owner's UID */
	const struct gs_kept_fact *kept;
	const struct gs_copy_fact *copy;
	const struct gs_escape_fact *escape; /* escape.h */
	const struct gs_overlap_fact *overlap;
	const struct gs_wide_fact *wide;
	const struct gs_stranger_fact *stranger;
	const struct gs_cut_off_fact *cut_off;
	const struct gs_target_fact *target;
	const struct gs_seen_id_fact *seen_id;
	const struct gs_health *mount;		 /* mount.h */
	const struct gs_access_report *answer;	 /* access_report.h: does the server answer? */
	const struct gs_access_report *access;	 /* what all users can do */
	const struct gs_row_fact *row;		 /* access.h */
	const struct gs_denial_fact *denial;	 /* access.h */
	const struct gs_firewall_fact *firewall; /* firewall.h */
	const struct gs_envfile_fact *envfile;	 /* envfile.h */
	const struct gs_file_fact *file;	 /* file.h */
	const struct gs_audit_entry_fact *audit_entry; /* audit.h, and all below */
	const struct gs_audit_server_fact *audit_server;
	const struct gs_audit_tree_fact *audit_tree;
	const struct gs_audit_mount_fact *audit_mount;
	const struct gs_fstab_line_fact *fstab_line; /* fstab_line.h */
	const struct gs_unwritten_fact *unwritten;   /* unwritten.h */
	const struct gs_pair_fact *pair;	     /* pair.h */
	const struct gs_told_fact *told;	     /* pair.h */
	const struct gs_cluster_fact *cluster;	     /* cluster.h */
	const struct gs_postgres_fact *postgres;     /* postgres.h */
	const struct gs_forgotten_fact *forgotten;   /* forgotten.h */
};

/** enum gs_fact - which facts a check needs, as 1 << GS_FACT_x */
enum gs_fact {
	GS_FACT_SERVER,
	GS_FACT_CHANGING,
	GS_FACT_NAME,
	GS_FACT_CLIENTS,
	GS_FACT_LINE,
	GS_FACT_ENTRY,
	GS_FACT_SHARE,
	GS_FACT_SERVED,
	GS_FACT_AROUND,
	GS_FACT_UNMOUNTED,
	GS_FACT_OFFERED,
	GS_FACT_TOP,
	GS_FACT_OWNER,
	GS_FACT_LOST,
	GS_FACT_IMAGE,
	GS_FACT_KEPT,
	GS_FACT_COPY,
	GS_FACT_ESCAPE,
	GS_FACT_OVERLAP,
	GS_FACT_WIDE,
	GS_FACT_STRANGER,
	GS_FACT_CUT_OFF,
	GS_FACT_TARGET,
	GS_FACT_SEEN_ID,
	GS_FACT_MOUNT,
	GS_FACT_STARTING,
	GS_FACT_ANSWER,
	GS_FACT_ACCESS,
	GS_FACT_ROW,
	GS_FACT_DENIAL,
	GS_FACT_FIREWALL,
	GS_FACT_ENVFILE,
	GS_FACT_FILE,
	GS_FACT_AUDIT_ENTRY,
	GS_FACT_AUDIT_SERVER,
	GS_FACT_AUDIT_TREE,
	GS_FACT_AUDIT_MOUNT,
	GS_FACT_FSTAB_LINE,
	GS_FACT_UNWRITTEN,
	GS_FACT_PAIR,
	GS_FACT_TOLD,
	GS_FACT_CLUSTER,
	GS_FACT_POSTGRES,
	GS_FACT_FORGOTTEN,
	GS_FACTS,
};
