/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/str.h"
#include "base/types.h"
#include "core/exports/option.h"
#include "core/share/names.h"

/*
 * Entries at the top of a share that must not belong to followers, above all PostgreSQL's data. An
 * owner can replace a file, and under all_squash every user of every follower is the owner.
 *
 * A directory that still belongs to root holds no data of PostgreSQL yet; a file system mounted
 * there is not exported.
 */

/** The system account that followers are mapped to by default. */
#define GS_SYSTEM_ACCOUNT "gshare"

/** struct gs_spare - another user to map followers to, if the present owner is unsuitable */
struct gs_spare {
	uid_t system_uid;      /* of GS_SYSTEM_ACCOUNT; 0: no such account */
	uint32_t free_id;      /* for another system account; 0: not looked for */
	const char *free_name; /* its name, that no user or group has; static, NULL: none */
};

/** struct gs_typed - leader init as it was typed, for a fix to repeat */
struct gs_typed {
	struct gs_strs words;	    /* options that no fix changes; owned */
	const char *owner, *squash; /* NULL: not given */
};

/** gs_typed_add - the typed options, --owner and --squash last; @typed: NULL adds nothing */
void gs_typed_add(const struct gs_typed *typed, struct gs_str *out);

/** struct gs_top - a share's top and the user that followers are mapped to; borrowed */
struct gs_top {
	const char *path;
	const char *tree; /* --root's, for commands; NULL: this machine */
	const struct gs_inode *root;
	const struct gs_path_inodes *dirs; /* of gs_top_dirs, as far as known; also absent ones */
	const struct gs_inode *id;	   /* its .gshare-id */
	uid_t uid;			   /* followers are mapped to */
	gid_t gid;
	enum gs_squash squash;
	bool crosses; /* an entry has crossmnt: file systems mounted below are exported too */
	const struct gs_spare *spare;
	const struct gs_typed *typed; /* NULL: the existing share */
};

/** Entries at a share's top that followers must not own, besides .gshare-id; NULL at the end. */
extern const char *const gs_top_dirs[];

/** gs_top_is_owned - does the owner own one of those entries? Then set gs_top.spare. */
bool gs_top_is_owned(const struct gs_top *top);
