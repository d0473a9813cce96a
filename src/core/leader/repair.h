/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/leader/request.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"

/*
 * leader repair: what the leader's root or containers made in the dataset directories, and the
 * owner cannot change. Tools that set a mode themselves (cp, install, tar, rsync, mkstemp and
 * rename) bypass the default ACLs. Pure: judgements on what a walk shows.
 */

enum {
	GS_REPAIR_LISTED_MAX = 1000, /* lines that somebody reads */
};

enum gs_repair_verdict {
	GS_REPAIR_FINE,	  /* the owner can change it, or nobody has to */
	GS_REPAIR_GIVE,	  /* cannot, and shall */
	GS_REPAIR_LINKED, /* cannot; another name may lie outside of the share */
	GS_REPAIR_SETID,  /* cannot; who may write a program that runs with rights has them */
	GS_REPAIR_FIXED,  /* cannot; somebody has locked it */
	GS_REPAIR_ALIEN,  /* cannot; nothing says that it was made here, and not everybody may read
			     it */
};

/**
 * gs_repair_can_change - may the owner, without other groups, read and write a file, or read,
 * fill and search a directory?
 * By owner, mode and ACL, in the order of acl(5) ACCESS CHECK ALGORITHM. What is the owner's own
 * it can change whatever the mode says: it can give itself the right.
 */
bool gs_repair_can_change(const struct gs_inode *inode, const struct gs_account *owner);

/** gs_repair_judge - what is to be done with an entry */
enum gs_repair_verdict gs_repair_judge(const struct gs_entry *entry,
				       const struct gs_account *owner);

/** gs_repair_cause - why an entry stays as it is; NULL for FINE and GIVE */
const char *gs_repair_cause(enum gs_repair_verdict verdict);

/**
 * gs_repair_acls - the ACLs of an entry whose verdict is GIVE
 * The owner and its group get read and write; also execute (search) for directories, and files
 * that somebody may execute. The mask is widened to that, and nobody else gets by it what the old
 * mask kept away. A directory gets the default ACL of a dataset directory, or the one it has
 * with the owner and the group added.
 */
void gs_repair_acls(const struct gs_inode *inode, const struct gs_account *owner,
		    struct gs_acls *ret);

/** struct gs_repair_line - one entry of the list */
struct gs_repair_line {
	char *path;	 /* owned, below the share */
	const char *why; /* it stays as it is: one clause, static; NULL where it is changed */
	int error;	 /* of the call that failed, 0 where a rule says so */
	bool is_dir;
	mode_t mode;
	uid_t uid;
	gid_t gid;
};

struct gs_repair_lines {
	struct gs_repair_line *v;
	size_t n, room;
};

/** struct gs_repair - what a walk found, or what became of it */
struct gs_repair {
	size_t files, dirs;		   /* that the owner cannot change and shall */
	size_t n_left;			   /* that stay as they are */
	size_t n_failed;		   /* of those: no rule says so, a call has failed */
	size_t entries;			   /* seen */
	bool cut;			   /* there was more than time allowed to see */
	struct gs_repair_lines give, left; /* the first GS_REPAIR_LISTED_MAX of each */
};

void gs_repair_done(struct gs_repair *repair);

/** gs_repair_add - count an entry to be changed, and list it while there is room */
void gs_repair_add(struct gs_repair *repair, const struct gs_entry *entry);

/** gs_repair_leave - the same for one that stays; why is static; error: a call's, 0 for a rule */
void gs_repair_leave(struct gs_repair *repair, const char *path, const char *why, int error);

/**
 * gs_repair_check - -EIO where a call has failed: what, how many, why
 * Cause REPAIR_FAILED; CLIENT_DELEGATION where it was -ETIMEDOUT: the server rolls it back in time.
 */
int gs_repair_check(const struct gs_repair *repair, struct gs_err *err);

/** struct gs_repair_facts - what is there, for leader repair */
struct gs_repair_facts {
	char *path; /* the share */
	struct gs_account owner;
	struct gs_fs fs;
	char *escape; /* the export by which followers can link anything into it; then found is
			 empty */
	struct gs_strs names; /* of its dataset directories that the owner can fill */
	struct gs_repair found;
};

/**
 * gs_plan_repair - the step, where there is something to repair
 * @each: list every entry, not only how many
 * Errors: -EPERM, cause REPAIR_UNSAFE, with facts->escape: what root gives by an inode found in the
 * share must be the share's; gs_repair_check()'s where nothing was found but not all could be
 * looked at.
 */
int gs_plan_repair(const struct gs_repair_facts *facts, bool each, struct gs_plan *plan,
		   struct gs_err *err);

/** gs_repair_needed - the finding of leader init; nothing where nothing was found */
void gs_repair_needed(const struct gs_leader_req *req, const struct gs_leader_facts *facts,
		      struct gs_findings *findings);

/** gs_repair_findings - what was left, and what was not reached */
void gs_repair_findings(const struct gs_repair *repair, const struct gs_account *owner,
			struct gs_findings *findings);
