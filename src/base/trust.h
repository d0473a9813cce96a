/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/types.h"

/*
 * Which users root trusts on a path. Whoever can replace one of its components decides where root
 * reads and writes: only root and the user who called gshare may. Core checks the path of a mount
 * point with these functions, sys the path of a file while it opens it.
 */

/** struct gs_trusted - a user trusted besides root; uid 0: nobody */
struct gs_trusted {
	uid_t uid;
	gid_t group; /* private group of the user, by the same name; 0: none */
};

/**
 * struct gs_trust - the trusted users: root and these
 * @caller: who called gshare; @author: the caller of the run that is rolled back, or the owner of
 *          the tree of --root; @others: --allow-user-path
 */
struct gs_trust {
	struct gs_trusted caller, author;
	bool others;
};

bool gs_trust_has(const struct gs_trust *trust, uid_t uid);

/**
 * gs_trust_is_replaceable - can an untrusted user replace an entry?
 * @dir: with its ACL, if its group may write
 */
bool gs_trust_is_replaceable(const struct gs_trust *trust, const struct gs_inode *dir,
			     const struct gs_inode *entry);

/** enum gs_obstacle - why root itself cannot replace a file */
enum gs_obstacle {
	GS_OBSTACLE_NONE,
	GS_OBSTACLE_MOUNT,     /* something is mounted on the file itself */
	GS_OBSTACLE_READ_ONLY, /* its file system is */
	GS_OBSTACLE_IMMUTABLE, /* chattr(1) +i, or +a, of the file */
	GS_OBSTACLE_APPEND,
	GS_OBSTACLE_DIR_IMMUTABLE, /* the same of its directory */
	GS_OBSTACLE_DIR_APPEND,
};

/** struct gs_way - the result of checking the components of a path */
struct gs_way {
	bool refused;
	bool ends_in_link;     /* the file itself is a symbolic link, which nothing follows */
	bool is_link;	       /* refused for a link owned by others, not for a directory */
	char *dir, *entry;     /* owned; the first component that others can replace; NULL: none */
	struct gs_inode inode; /* the directory's, or the link's; without ACL */
	char *callers;	       /* owned; the first directory that the caller owns; NULL: none */
	uid_t callers_uid;
	enum gs_obstacle obstacle; /* of the file, where the path is not refused */
};

void gs_way_done(struct gs_way *way);

/**
 * gs_way_refuse - describe why a path was refused: causes PATH_OF_OTHERS, LINK_OF_OTHERS
 * @path: the file, in the tree of @root; @trust: for "and you" in the message; @again: the command
 * that accepts such a directory, NULL: none. Returns -EPERM.
 */
int gs_way_refuse(const struct gs_way *way, const char *path, const char *root,
		  const struct gs_trust *trust, const char *again, struct gs_err *err);
