/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/types.h"

/*
 * Whom root follows on a path. Whoever can put something else in the place of one of its components
 * decides where root reads and writes: root itself may, and who called it, and nobody else. Core
 * judges a mount point's path by this, sys the way to a file, at the moment it is gone.
 */

/** struct gs_trusted - a user beside root; uid 0: nobody */
struct gs_trusted {
	uid_t uid;
	gid_t group; /* that the user is alone in, as groups named like users; 0: none */
};

/**
 * struct gs_trust - root and these
 * @caller: who called; @author: who did so for the run that is rolled back, or whose the tree
 *          of --root is; @others: --allow-user-path
 */
struct gs_trust {
	struct gs_trusted caller, author;
	bool others;
};

bool gs_trust_has(const struct gs_trust *trust, uid_t uid);

/**
 * gs_trust_is_replaceable - could somebody else put another thing in an entry's place?
 * @dir: with its ACL, where its group may write
 */
bool gs_trust_is_replaceable(const struct gs_trust *trust, const struct gs_inode *dir,
			     const struct gs_inode *entry);

/** struct gs_way - what somebody who went the way to a file saw */
struct gs_way {
	bool refused;
	bool is_link;	       /* refused for a link of others, not for its place */
	char *dir, *entry;     /* owned; the first component that others can replace; NULL: none */
	struct gs_inode inode; /* the directory's, or the link's; without ACL */
	char *callers;	       /* owned; the first directory of the caller's; NULL: none */
	uid_t callers_uid;
};

void gs_way_done(struct gs_way *way);

/**
 * gs_way_refuse - tell why a way was not gone: PATH_OF_OTHERS, LINK_OF_OTHERS
 * @path: the file, in the tree of @root; @trust: for "and you"; @again: the command that takes such
 * a place all the same, NULL: none Returns -EPERM.
 */
int gs_way_refuse(const struct gs_way *way, const char *path, const char *root,
		  const struct gs_trust *trust, const char *again, struct gs_err *err);
