/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/str.h"
#include "base/types.h"
#include "core/exports/option.h"
#include "core/share/names.h"

/*
 * What lies at the top of a share and is not the followers': PostgreSQL's data above all. Whoever
 * owns a thing replaces it, and under all_squash every user of every follower is the owner.
 *
 * What PostgreSQL has not taken over yet, root's still, holds nothing; what is mounted there is not
 * exported.
 */

/** The system account that followers act as where nobody else is named. */
#define GS_SYSTEM_ACCOUNT "gshare"

/** struct gs_spare - who else followers could act as: looked for where the owner will not do */
struct gs_spare {
	uid_t system_uid; /* of what --owner GS_SYSTEM_ACCOUNT stands for; 0: it is not there */
	uint32_t free_id; /* for another system account; 0: not looked for */
	const char *free_name; /* for the same: no user or group has it; static, NULL: none */
};

/** struct gs_typed - leader init as it was typed, which a fix repeats */
struct gs_typed {
	struct gs_strs words;	    /* those that no fix changes; owned */
	const char *owner, *squash; /* NULL: not given */
};

/** struct gs_top - a share's top and whom followers act as there; borrowed */
struct gs_top {
	const char *path;
	const char *tree; /* --root's, for commands; NULL: this machine */
	const struct gs_inode *root;
	const struct gs_path_inodes *dirs; /* those at the top that are known; absent ones too */
	const struct gs_inode *id;	   /* its .gshare-id */
	uid_t uid;			   /* whom followers act as */
	gid_t gid;
	enum gs_squash squash;
	bool crosses; /* an entry has crossmnt: what is mounted below is exported too */
	const struct gs_spare *spare;
	const struct gs_typed *typed; /* NULL: the share as it stands */
};

/** The entries at a share's top that followers must not own, NULL at the end; .gshare-id beside. */
extern const char *const gs_top_dirs[];

/** gs_top_is_owned - does the owner own one of those entries? Then gs_top.spare is wanted. */
bool gs_top_is_owned(const struct gs_top *top);
