/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/shareid.h"
#include "base/str.h"
#include "base/types.h"
#include "core/exports/exports.h"
#include "core/exports/host.h"
#include "core/exports/option.h"

/*
 * The data model: what was asked (req), what is there (facts), what shall be done (plan) and what
 * was seen (findings). Data only; plan.h, report.h and the engine give it life.
 */

/* ---- what was asked ---------------------------------------------------------------------- */

/** struct gs_wish - one follower as the administrator named it */
struct gs_wish {
	struct gs_hostspec host;
	enum gs_access access;
	bool access_given; /* false: keep what is in force, rw for a new follower */
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
	struct gs_wish *wish;
	size_t n_wishes, room_wishes;
	const char *owner;     /* USER[:GROUP], NULL: not given */
	const char *sudo_user; /* who called sudo, by name or number; NULL: nobody */
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

/** struct gs_id - a user to be */
struct gs_id {
	uid_t uid;
	gid_t gid;
};

/** struct gs_verify_req - verify */
struct gs_verify_req {
	const char *path;  /* NULL: the only share or mount of gshare on this node */
	struct gs_strs as; /* USER, UID, UID:GID or "container" */
	const char *exports_file;
};

/** struct gs_follower_req - follower mount */
struct gs_follower_req {
	const char *leader;  /* as typed */
	const char *target;  /* NULL: the export's own path, where offer.h lets it be */
	const char *export_; /* NULL: the only one */
	const char *id;	     /* 8 hex digits, NULL: trust the first sight */
	bool ro;
	bool no_persist;
	bool unproved; /* keep a mount whose proof failed */
	uid_t caller;  /* who called sudo; 0: nobody but root */
	bool allow_user_path;
	const char *again; /* the command with --allow-user-path */
	unsigned minor;	   /* of NFS 4, 0: as mounted or kept, else 2 */
	const char *root;  /* --root, to repeat it in a command; NULL: this node */
};

/* ---- what is there ----------------------------------------------------------------------- */

/** struct gs_place - a path and what stands there */
struct gs_place {
	char *path;
	struct gs_node node;
};

struct gs_places {
	struct gs_place *v;
	size_t n, room;
};

/** struct gs_name - what a name that was asked for or stands in a file resolves to now */
struct gs_name {
	char *name;
	struct gs_strs addrs; /* numeric; empty: does not resolve */
};

struct gs_names {
	struct gs_name *v;
	size_t n, room;
	char *silent; /* the first name whose name server did not answer; NULL: none */
};

enum gs_owner_source {
	GS_OWNER_ASKED,	 /* --owner */
	GS_OWNER_EXPORT, /* anonuid of the share's entries */
	GS_OWNER_TREE,	 /* the path's owner, or the ACL of a dataset directory */
	GS_OWNER_SUDO,	 /* the user who called sudo */
	GS_OWNER_SYSTEM, /* the account gshare */
};

/** struct gs_docs - every file that exportfs reads, parsed; in the order of the files */
struct gs_docs {
	struct gs_exports *v;
	size_t n;
};

/** The system account that followers act as where nobody else is named. */
#define GS_SYSTEM_ACCOUNT "gshare"

/** struct gs_spare - who else followers could act as: looked for where the owner will not do */
struct gs_spare {
	uid_t system_uid; /* of what --owner GS_SYSTEM_ACCOUNT stands for; 0: it is not there */
	uint32_t free_id; /* for another system account; 0: not looked for */
	const char *free_name; /* for the same: no user or group has it; static, NULL: none */
};

/** struct gs_leader_facts - a leader before anything is done */
struct gs_leader_facts {
	bool offline;		 /* --root: files only */
	const char *tree;	 /* --root's DIR, for commands; NULL: this machine; borrowed */
	char *path;		 /* the share that the verb works on */
	struct gs_files exports; /* the file to edit first, then all others exportfs reads */
	struct gs_docs docs;	 /* those, parsed; the plan takes and edits them */
	bool lacks_exports_dir;	 /* of the file to edit: Debian has no /etc/exports.d */
	struct gs_places chain;	 /* every component of path, the path itself last */
	struct gs_places dirs;	 /* the share's directories */
	struct gs_file id_file;	 /* PATH/.gshare-id */
	struct gs_node id_node;	 /* the same, as it stands there */
	struct gs_file fstab;
	char fresh_id[GS_SHARE_ID_BYTES]; /* for a share that has none yet */
	struct gs_fs fs;
	struct gs_server server;
	struct gs_str etab; /* in force, empty while the server does not run */
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
	bool guards_sticky;	/* fs.protected_regular is 2: see plan_follower.c */
	char *target;		/* NULL: none was typed, and the export's own path is not used */
	char *free_place;	/* then: a TARGET that could be typed; NULL: none was found */
	struct gs_places chain; /* every component of target */
	gid_t caller_group; /* that the caller is alone in, as groups named like users; 0: none */
	bool is_mounted;    /* something is mounted exactly at target */
	struct gs_mounted mounted;
	struct gs_node bare; /* the directory below that mount; ABSENT where it is not known */
	unsigned ahead_kib;  /* read-ahead of that mount; 0: the kernel shows none */
};

/* ---- what shall be done ------------------------------------------------------------------ */

enum gs_step_kind {
	GS_STEP_ADD_ACCOUNT,
	GS_STEP_MAKE_DIR,
	GS_STEP_CHECK_EXPORTS,
	GS_STEP_DRAIN,
	GS_STEP_WRITE_FILE,
	GS_STEP_START_SERVER,
	GS_STEP_APPLY_EXPORTS,
	GS_STEP_STAGE,
	GS_STEP_GUARD,
	GS_STEP_MOUNT,
	GS_STEP_READ_AHEAD,
	GS_STEP_PROVE,
	GS_STEP_UMOUNT,
	GS_STEP_REMOUNT,
	GS_STEP_RENEW,
	GS_STEP_REPAIR,
	GS_STEP_STOP_SERVER,
	GS_STEP_REMOVE_DIR,
	GS_STEP_DRESS_DIR,
};

enum { GS_STEP_KINDS = GS_STEP_DRESS_DIR + 1 }; /* outside: no kind that a switch would name */

/** struct gs_prediction - an export as etab shall hold it after the run; or shall not */
struct gs_prediction {
	const char *path, *host;
	struct gs_exportopts opts;
	bool gone;
	bool any; /* with whatever options: the line that comes back cannot be read */
};

/** struct gs_step - one effect, as data; every string is the plan's */
struct gs_step {
	enum gs_step_kind kind;
	const char *path; /* absolute inside the root; the account's name for ADD_ACCOUNT */
	const char *why;  /* one clause, shown by --dry-run and in errors */
	union {
		struct gs_dir_spec dir; /* of REMOVE_DIR: to make it again */
		struct {
			struct gs_dir_spec from, to; /* from = what observe saw */
		} dress;
		struct {
			uint32_t id; /* of the user and of its group */
		} account;
		struct {
			struct gs_span old, text; /* old = what observe saw */
			bool old_exists;
			bool remove; /* take the file away; text is empty */
			bool secret; /* the journal keeps masks: envmask.h */
			bool masked; /* old and text are masks: of a record of such a step */
			mode_t mode; /* of a new file, or of the one that goes */
		} write;
		struct {
			const char *source, *type, *options;
		} mount; /* of STAGE, and of MOUNT, which attaches what STAGE has mounted */
		struct {
			const char *was, *flags; /* as gs_mountpoint_flags() */
		} remount;
		struct {
			const char *source, *type, *options; /* to mount it again */
			bool force, lazy;
			unsigned ahead_kib; /* read-ahead it had; 0: not known */
		} umount; /* of RENEW too, which attaches what STAGE has mounted */
		struct {
			bool on; /* false: no longer */
		} guard;
		struct {
			unsigned kib, was_kib; /* was 0: a mount of this run */
		} ahead;
		struct {
			bool was_running, was_enabled; /* STOP: as it shall be again */
		} server;
		struct {
			uid_t uid; /* the owner, who gets the rights */
			gid_t gid;
		} repair;
	};
};

/** struct gs_proof - what PROVE has to show */
struct gs_proof {
	struct gs_strs dirs; /* absolute; where files are written */
	uid_t uid;	     /* the identity that writes */
	gid_t gid;
	const char *who;    /* the name of uid */
	bool skip;	    /* an offline run proves nothing */
	bool writable;	    /* false: reading and the refusal are the proof */
	bool keep_unproved; /* go on although the proof failed */
	const char *id;	    /* share id expected in ROOT/.gshare-id, NULL: none known */
	const char *root;   /* of the share, as seen here */
	const char *id_fix; /* what gives the share an id where it has none; NULL: not known */
};

enum gs_severity { GS_NOTE, GS_WARN, GS_FAIL };

/** struct gs_finding - something that an administrator should know; strings owned */
struct gs_finding {
	enum gs_severity severity;
	const char *id; /* UPPER_SNAKE, static */
	char *text;
	char *mend; /* NULL: nothing to do */
};

struct gs_findings {
	struct gs_finding *v;
	size_t n, room;
};

/** struct gs_item - one line of a summary for people: "  + export  192.168.18.8  rw  …" */
struct gs_item {
	char mark;	  /* '+' will be made, '=' is so already, '-' is withdrawn,
			     '!' stays and should not */
	const char *what; /* one word */
	char *text;
};

struct gs_items {
	struct gs_item *v;
	size_t n, room;
};

/* ---- what was seen ----------------------------------------------------------------------- */

enum gs_answer { GS_ANSWER_UNTRIED, GS_ANSWER_YES, GS_ANSWER_NO };

/** struct gs_act - one thing a user tried; @error: errno of a NO */
struct gs_act {
	enum gs_answer answer;
	int error;
};

enum gs_act_kind {
	GS_ACT_READ,
	GS_ACT_CREATE,
	GS_ACT_CHANGE,
	GS_ACT_RENAME,
	GS_ACT_DELETE,
	GS_ACT_CHOWN,
};

/** Why somebody is refused: core/verify/explain.h. */
enum gs_reason {
	GS_REASON_UNKNOWN,
	GS_REASON_MODE_BITS,
	GS_REASON_ACL,
	GS_REASON_SQUASH,
	GS_REASON_RO_MOUNT,
	GS_REASON_RO_LEADER,
	GS_REASON_STICKY,
	GS_REASON_NOT_ROOT,
	GS_REASON_FIXED,
	GS_REASON_QUOTA,
	GS_REASON_FULL,
	GS_REASON_ID_MAPPING,
	GS_REASON_STALE,
};

/** struct gs_refusal - the first act that a user was refused in a directory, or its chown */
struct gs_refusal {
	char *dir; /* owned */
	enum gs_act_kind act;
	int error;
	struct gs_dir_look look;
	enum gs_reason reason;
	char *why;  /* owned; the evidence */
	char *mend; /* owned; NULL where nothing mends it */
};

/** struct gs_row - what one user can do in the share */
struct gs_row {
	uid_t uid;
	gid_t gid;
	struct gs_act create, read, change, rename, remove, chown_;
	bool has_owner, readonly, timed_out;
	bool cut_short;	   /* there was no time to try everything, and it was not begun */
	bool restrained;   /* root, where others write: it was tried without its powers */
	bool is_left_out;  /* root, where followers can forge file handles: it was not tried */
	uid_t owner;	   /* of the file it made, as this node sees it */
	gid_t owner_group; /* the same */
	struct gs_refusal *refused;
	size_t n_refused, room_refused;
};

/** struct gs_seen - how fast a name that another node made is seen here */
struct gs_seen {
	bool measured;
	unsigned us; /* from the server's answer until it was found through the mount */
	char *why;   /* owned; why it was not measured, NULL where there is nothing to measure */
	bool has_lag;
	unsigned lag_s; /* until one that was looked for before it was made is seen, at most */
};

/**
 * What a probe asks of a server until its file is gone: 24 requests by mountstats, a few of them
 * after that.
 */
enum { GS_PROBE_TRIPS = 20 };

/** struct gs_survey - verify's answer */
struct gs_survey {
	char *path;
	struct gs_mounted mount; /* that holds path */
	bool is_nfs, is_leader;
	bool maps_ids; /* this node's NFS client speaks of owners by name, not by number */
	struct gs_seen seen;
	struct gs_err silence; /* why the server does not answer at all; then there is no row */
	bool is_stuck;	       /* the server answers, the mount does not; then there is no row */
	struct gs_err stuck;   /* what the server says to somebody new, where the mount is silent */
	unsigned trip_us;      /* what a request to the server takes; 0: not known */
	bool id_read;	       /* false: it could not be looked for */
	bool id_broken;	       /* what is there holds no id; id_error says what it is */
	struct gs_err id_error;
	char id[GS_SHARE_ID_BYTES];   /* of the share, "" where it has none */
	char kept[GS_SHARE_ID_BYTES]; /* as fstab keeps it, "" where it keeps none */
	char *escape; /* owned; the export by which followers can reach beyond the share, or NULL */
	struct gs_row *row;
	size_t n, room;
	struct gs_findings findings;
};

/** struct gs_env - the values of cluster.env that belong to this node; strings borrowed */
struct gs_env {
	bool is_leader;
	const char *dataset_dir;
	const char *postgres_host;
};

/** enum gs_loss - what becomes of a file that a follower has open for writing, the worst last */
enum gs_loss {
	GS_LOSS_NONE,
	GS_LOSS_HANDLE,	  /* its handle is read another way */
	GS_LOSS_IDENTITY, /* who writes is somebody else */
	GS_LOSS_ACCESS,	  /* nobody writes */
};

/** struct gs_drain - what DRAIN waits for: no file open for writing by the clients of hosts */
struct gs_drain {
	struct gs_strs hosts;  /* addresses and networks that lose their write access */
	struct gs_strs spared; /* addresses inside them that have an entry of their own */
	unsigned seconds;
	enum gs_loss loss; /* of all hosts the worst */
	bool force;
	const char
		*again; /* the command that does it by force; NULL: what was typed, and --force */
};

/** struct gs_switch - a follower whose access changes; strings are the plan's */
struct gs_switch {
	const char *host;
	enum gs_access from, to;
};

/** struct gs_plan - ordered steps, and what is to be told about them; owns all it points to */
struct gs_plan {
	struct gs_step *v;
	size_t n, room;
	struct gs_prediction *predict;
	size_t n_predict, room_predict;
	struct gs_files exports;   /* the candidate: every file exportfs would read after the run */
	struct gs_str etab_before; /* in force when observed */
	bool etab_known;	   /* false: the server did not run */
	struct gs_str hosts;	   /* names already resolved, as hosts(5) lines, for the check */
	struct gs_proof proof;
	struct gs_drain drain;
	struct gs_switch *change; /* of leader ro and rw */
	size_t n_changes, room_changes;
	struct gs_items items;
	struct gs_findings findings;
	struct gs_strs next; /* commands for the other nodes */
	uint32_t undoes;     /* the run that this one takes back; 0: none */
	struct gs_strs keep; /* owns the steps' strings */
};
