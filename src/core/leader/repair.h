/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/leader/request.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"

/*
 * leader repair: files that the leader's root or containers made in the dataset directories, and
 * that the owner cannot change. Tools that set a mode themselves (cp, install, tar, rsync, mkstemp
 * and rename) bypass the default ACLs. Pure: it judges the entries of a walk.
 */

enum {
	GS_REPAIR_LISTED_MAX = 1000, /* of a list for people */
};

enum gs_repair_verdict {
	GS_REPAIR_FINE,	  /* the owner can change it, or need not */
	GS_REPAIR_GIVE,	  /* the owner cannot change it: fix it */
	GS_REPAIR_LINKED, /* cannot; another hard link may be outside of the share */
	GS_REPAIR_SETID,  /* cannot; a setuid program: its writer gets its rights */
	GS_REPAIR_FIXED,  /* cannot; immutable or append-only */
	GS_REPAIR_ALIEN,  /* cannot; perhaps not made in the share, and not readable by every
			     user */
};

/**
 * gs_repair_can_change - may the owner, without other groups, read and write a file, or read,
 * fill and search a directory?
 * By owner, mode and ACL, in the order of acl(5) ACCESS CHECK ALGORITHM. The owner can change its
 * own files whatever their mode is, as it can change the mode.
 */
bool gs_repair_can_change(const struct gs_inode *inode, const struct gs_account *owner);

/** gs_repair_judge - the verdict on an entry */
enum gs_repair_verdict gs_repair_judge(const struct gs_entry *entry,
				       const struct gs_account *owner);

/** gs_repair_cause - why an entry stays as it is; NULL for FINE and GIVE */
const char *gs_repair_cause(enum gs_repair_verdict verdict);

/**
 * gs_repair_acls - the ACLs of an entry whose verdict is GIVE
 * The owner and its group get read and write; also execute (search) for directories, and files
 * that anyone may execute. The mask is widened for that, but no other user gets rights that the old
 * mask denied. A directory gets the default ACL of a dataset directory, or keeps its own with the
 * owner and the group added.
 */
void gs_repair_acls(const struct gs_inode *inode, const struct gs_account *owner,
		    struct gs_acls *ret);

/** struct gs_repair_line - one entry of the list */
struct gs_repair_line {
	char *path;	 /* owned, below the share */
	const char *why; /* why it stays as it is: one clause, static; NULL: it is changed */
	int error;	 /* of the call that failed, 0 where a rule decided */
	bool is_dir;
	mode_t mode;
	uid_t uid;
	gid_t gid;
};

struct gs_repair_lines {
	struct gs_repair_line *v;
	size_t n, room;
};

/** struct gs_repair - what a walk found, or the result of the repair */
struct gs_repair {
	size_t files, dirs;		   /* to be fixed */
	size_t n_left;			   /* that stay as they are */
	size_t n_failed;		   /* of those, because a call has failed */
	size_t entries;			   /* examined */
	bool cut;			   /* time ran out before all were examined */
	struct gs_repair_lines give, left; /* the first GS_REPAIR_LISTED_MAX of each */
};

void gs_repair_done(struct gs_repair *repair);

/** gs_repair_add - count an entry to be changed, and list it while there is room */
void gs_repair_add(struct gs_repair *repair, const struct gs_entry *entry);

/** gs_repair_leave - the same for one that stays; why is static; error: errno, 0 for a rule */
void gs_repair_leave(struct gs_repair *repair, const char *path, const char *why, int error);

/** gs_repair_again - the command for the share at path: sudo gshare leader repair [--path PATH] */
void gs_repair_again(const char *path, struct gs_str *out);

/**
 * gs_repair_check - -EIO where a call has failed: what, how many, why
 * @path: the share
 * Cause REPAIR_FAILED; CLIENT_DELEGATION where it was -ETIMEDOUT: the server revokes it in time.
 */
int gs_repair_check(const struct gs_repair *repair, const char *path, struct gs_err *err);

/** struct gs_repair_facts - the facts of leader repair */
struct gs_repair_facts {
	char *path; /* the share */
	struct gs_account owner;
	struct gs_fs fs;
	char *escape; /* an export through which followers can link any file into it; then found
			 is empty */
	struct gs_strs names; /* of its dataset directories that the owner can fill */
	struct gs_repair found;
};

/**
 * gs_plan_repair - the step, if there is something to repair
 * @each: list every entry, not only their number
 * Errors: -EPERM, cause REPAIR_UNSAFE, with facts->escape: root may change an inode in the share
 * only if it belongs to the share; those of gs_repair_check() where nothing was found but not all
 * could be read.
 */
int gs_plan_repair(const struct gs_repair_facts *facts, bool each, struct gs_plan *plan,
		   struct gs_err *err);

/** gs_repair_needed - the finding of leader init; none if there is nothing to repair */
void gs_repair_needed(const struct gs_leader_req *req, const struct gs_leader_facts *facts,
		      struct gs_findings *findings);

/** gs_repair_findings - the findings of entries that stay or were not reached */
void gs_repair_findings(const struct gs_repair *repair, const struct gs_account *owner,
			struct gs_findings *findings);
