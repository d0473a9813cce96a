/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/shareid.h"
#include "base/str.h"
#include "base/types.h"
#include "core/plan/finding.h"

/* The request of verify, and its report of what each user can do. */

/** struct gs_id - a user to test as */
struct gs_id {
	uid_t uid;
	gid_t gid;
};

/** struct gs_verify_req - verify */
struct gs_verify_req {
	const char *path;  /* NULL: the only share or mount of gshare on this node */
	struct gs_strs as; /* USER, UID, UID:GID or "container" */
	const char *exports_file;
	const char *postgres; /* env follower: the host of PostgreSQL; NULL: not given */
	bool unverified;      /* env: go on although the verification fails */
};

enum gs_answer { GS_ANSWER_UNTRIED, GS_ANSWER_YES, GS_ANSWER_NO };

/** struct gs_act - one operation that a user tried; @error: errno of a NO */
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

/** The cause of a denial: gs_cause_find(). */
enum gs_cause {
	GS_CAUSE_UNKNOWN,
	GS_CAUSE_MODE_BITS,
	GS_CAUSE_ACL,
	GS_CAUSE_SQUASH,
	GS_CAUSE_RO_MOUNT,
	GS_CAUSE_RO_LEADER,
	GS_CAUSE_STICKY,
	GS_CAUSE_NOT_ROOT,
	GS_CAUSE_FIXED,
	GS_CAUSE_QUOTA,
	GS_CAUSE_FULL,
	GS_CAUSE_ID_MAPPING,
	GS_CAUSE_STALE,
	GS_CAUSE_TICKET,
};

/** struct gs_denial - the first act that was refused to a user in a directory, or the chown */
struct gs_denial {
	char *dir; /* owned */
	enum gs_act_kind act;
	int error;
	struct gs_dir_look look;
	enum gs_cause cause;
	char *why; /* owned; the evidence */
	char *fix; /* owned; NULL where nothing fixes it */
};

/** struct gs_row - what one user can do in the share */
struct gs_row {
	uid_t uid;
	gid_t gid;
	struct gs_act create, read, change, rename, remove, chown_;
	bool has_owner, readonly, timed_out;
	bool cut_short;	   /* time was too short to try everything, so it was not begun */
	bool restrained;   /* root, where others can write: tested without its capabilities */
	bool is_left_out;  /* root, where followers can forge file handles: not tested */
	uid_t owner;	   /* of the file it made, as this node sees it */
	gid_t owner_group; /* the same */
	struct gs_denial *refused;
	size_t n_refused, room_refused;
};

/** struct gs_seen - the time until a file made on another node is seen on this node */
struct gs_seen {
	bool measured;
	unsigned us; /* from the server's reply until the mount showed it */
	char *why;   /* owned; why it was not measured; NULL: nothing to measure */
	bool has_lag;
	unsigned lag_s; /* at most, for a name that was looked up before the file was made */
};

/**
 * Requests of a probe to the server until its file is removed: mountstats counts 24, a few of them
 * after that.
 */
enum { GS_PROBE_TRIPS = 20 };

/** struct gs_access_report - the result of verify */
struct gs_access_report {
	char *path;
	struct gs_mounted mount; /* that holds path */
	bool is_nfs, is_leader;
	bool maps_ids; /* this node's NFS client sends owners by name, not by UID */
	struct gs_seen seen;
	char *own_addr;	       /* owned; this node's address towards the server; NULL: not known */
	struct gs_err silence; /* why the server does not respond; then there is no row */
	bool is_stuck;	       /* the server answers, the mount does not; then there is no row */
	struct gs_err stuck;   /* the server's answer to a new client, where is_stuck */
	unsigned trip_us;      /* duration of a request to the server; 0: not known */
	bool id_read;	       /* false: it could not be read */
	bool id_broken;	       /* the file holds no id; id_error says what it is */
	struct gs_err id_error;
	char id[GS_SHARE_ID_BYTES];   /* of the share, "" where it has none */
	char kept[GS_SHARE_ID_BYTES]; /* in fstab, "" where it has none */
	char *escape; /* owned; an export through which followers can leave the share, or NULL */
	struct gs_row *row;
	size_t n, room;
	struct gs_findings findings;
};

const char *gs_answer_name(enum gs_answer answer); /* "yes" */
