/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/share/names.h"
#include "sys/sys.h"

/*
 * A machine in memory, for the engine's tests: files, directories and exports are lists, exportfs
 * is our own parser. The N-th call can be made to fail, once or from then on. One file here for
 * each subject of sys.h.
 */
/** struct fake_tool - a run of the package manager; says NULL: it cannot be started */
struct fake_tool {
	const char *says;
	bool ends;   /* with status 0 */
	bool brings; /* the programs are there then */
	bool hangs;  /* until its deadline */
};

/** enum fake_firewall_fault - how a ufw misbehaves that is to change its rules */
enum fake_firewall_fault { FAKE_WORKS, FAKE_FAILS, FAKE_HANGS, FAKE_LIES };

struct fake {
	struct gs_sys sys; /* first: the ops get a pointer to it */
	struct gs_files files;
	struct gs_path_inodes dirs;
	struct gs_strs accounts;
	struct gs_strs groups; /* without a user: "name", then its number */
	struct gs_str etab;
	struct gs_server server;
	bool lacks_programs;	       /* those of NFS */
	const struct fake_tool *tools; /* what the manager does next */
	enum fake_firewall_fault firewall;
	bool systemd; /* runs it, with these units active, */
	struct gs_strs active;
	struct gs_strs skipped; /* and these skipped at their last start, by a condition */
	int64_t held_until_ns;	/* its lock, by another program */
	bool locked;
	int64_t other_until_ns; /* another gshare holds the lock */
	bool mounted;
	bool mountd_dies;     /* with the write of /etc/exports */
	unsigned flushes;     /* of the server's caches */
	unsigned room_files;  /* that were said to be written before the new etab */
	size_t etab_bytes;    /* that it was said to take */
	const char *odd;      /* a file that somebody has put something else in the place of, */
	const char *odd_from; /* once this call was made; NULL: from the start */
	int odd_error;	      /* what opening it gives: an errno */
	const char *flags;    /* of what is mounted */
	bool stale;	      /* what is mounted is */
	bool silent;	      /* and its server */
	bool staged;	      /* mounted out of sight */
	const char *shows;    /* the only export; NULL: the usual one, with its id */
	bool shows_rw;	      /* and grants writing there */
	unsigned top_mode;    /* of what is mounted */
	const char *hollow;   /* this directory has none in it; NULL: all exist */
	const char *unknown;  /* a name that does not resolve */
	bool lints;	      /* a plan warned of such a name */
	unsigned port;	      /* of the leader, that was asked */
	bool is_old;	      /* the leader: no NFS 4.2 */
	bool guard_sticks;    /* it is set, and said not to be */
	bool guarded;	      /* the bare directory */
	unsigned ahead_kib;   /* of what is mounted */
	bool lies;	      /* exportfs says yes and does nothing */
	const char *refuses;  /* nobody can write in this directory */
	bool swaps;	      /* somebody swaps the probe's file in every directory */
	bool whole;	      /* the share is a file system of its own */
	const char *bound;    /* where the share's file system is mounted once more */
	const char *hides;    /* nor in this one, and nobody can see what is in it */
	bool leaves;	      /* a probe's file could not be removed */
	const char *unfit;    /* a file of root's that the owner cannot change; NULL: none */
	bool stubborn;	      /* and that keeps its ACL */
	bool slow;	      /* a walk never comes to its end */
	unsigned interrupt_at, interrupt_looks; /* SIGTERM at this look for it; 0: never */
	int64_t now_ns;	    /* moved on by pauses, and by requests to a mount that is far */
	unsigned trip_ms;   /* what such a request takes */
	const char *writes; /* a follower's file, open until then; NULL: none */
	int64_t writes_until_ns;
	bool races;		  /* it is opened again after the first look */
	unsigned looks;		  /* at the server's clients */
	unsigned unread;	  /* from that look on they fail; 0: never */
	int unread_error;	  /* an errno */
	uint32_t undo;		  /* the run that an undo is to take back */
	bool force;		  /* what is asked of the leader, is by force */
	const char *last_finding; /* of the last run; NULL: none */
	struct gs_str last_text;  /* the same one's */
	const char *recovered;	  /* the last finding of a recovery */
	unsigned calls, fail_at;  /* 0: never */
	bool fail_on;		  /* from fail_at on, not once */
	unsigned changes;	  /* calls that changed something */
	struct gs_strs command;	  /* what the journal is told */
	struct gs_who who;
	struct gs_str told; /* lines of what was waited for */
};

void fake_init(struct fake *fake);
void fake_done(struct fake *fake);

/** fake_put - a file; fake_text - its text, NULL where it is absent */
void fake_put(struct fake *fake, const char *path, const char *text);
const char *fake_text(struct fake *fake, const char *path);

/** fake_picture - everything that a run may change, as one text; without the journal */
void fake_picture(const struct fake *fake, struct gs_str *out);

/* ---- among these files ------------------------------------------------------------------- */

extern const struct gs_fs_ops fake_fs;
extern const struct gs_journal_ops fake_journal;
extern const struct gs_account_ops fake_accounts;
extern const struct gs_nfsd_ops fake_server;
extern const struct gs_mount_ops fake_mount;
extern const struct gs_net_ops fake_net;
extern const struct gs_nfs_ops fake_nfs;
extern const struct gs_access_ops fake_access;
extern const struct gs_package_ops fake_package;
extern const struct gs_firewall_ops fake_firewall;
extern const struct gs_service_ops fake_service;
extern const struct gs_clock_ops fake_clock;

static inline struct fake *fake_of(struct gs_sys *sys)
{
	return (struct fake *)sys;
}

/**
 * fake_step - count a call, and fail it where that was asked for
 * fake_change - the same for one that changes something
 */
int fake_step(struct gs_sys *sys, const char *what, struct gs_err *err);
int fake_change(struct gs_sys *sys, const char *what, struct gs_err *err);

/** fake_find, fake_find_dir - NULL: never there; a file that was removed does not exist */
struct gs_file *fake_find(struct fake *fake, const char *path);
struct gs_path_inode *fake_find_dir(struct fake *fake, const char *path);
void fake_put_dir(struct fake *fake, const char *path, const struct gs_dir_spec *spec);
