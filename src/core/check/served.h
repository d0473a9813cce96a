/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/types.h"
#include "core/check/top.h"
#include "core/exports/docs.h"
#include "core/exports/option.h"
#include "core/format/fstab.h"

/*
 * What a client of a share meets, and not what the exports files say: the directory that is served
 * must be the one that is meant, be writable if the export is, and be the whole share.
 */

/**
 * struct gs_served - the directory at a share's path, as it is now; owned
 * @ancestors: every component of the path, the path itself last
 * @dirs:      the dataset directories
 * @inside:    what is mounted below the path
 * @held:      the directories that nfsd holds: gs_held_paths(); empty where that is not known
 * @old_id:    of gs_share_id_away(), beside a .gshare-id that is missing; else ABSENT
 * @known_id, @known_uuid: the share's id and its file system, by the journal, where the id is
 *             missing or was made on another file system; NULL: not known
 * @is_covered: that file system is mounted there all the same, below what is at the path now
 * @owner:     the user that followers are mapped to; numbers for names that are not known
 * @lacks_owner, @lacks_group: that user, or the group, has no name here
 */
struct gs_served {
	struct gs_path_inodes ancestors, dirs;
	struct gs_mounts inside;
	struct gs_fs fs;
	struct gs_strs held;
	char *known_id, *known_uuid;
	struct gs_account owner;
	struct gs_inode old_id;
	bool is_covered, lacks_owner, lacks_group;
};

/**
 * struct gs_served_fact - the same with what it must be; borrowed
 * @is_marked: gshare made the share
 * @makes:     the run makes the share's directory and its id, where they are missing
 * @makes_dirs: the run makes dataset directories that are missing
 * @sets_top: the run sets owner and mode of the share's directory
 * @uid, @gid, @squash: followers are mapped to
 * @changes:   the run changes the share: what it does not make worse is a warning
 * @gives_rw:  at least one follower may write
 * @crosses:   every entry has crossmnt
 * @wants_mount: an entry has mountpoint, for its own path: exports(5)
 * @added:     hosts that are added, besides those of etab; NULL: none
 * @files, @docs: the exports files, and as parsed; NULL: fixes name no line of them
 * @typed:     leader init as it was typed; NULL: another command
 */
struct gs_served_fact {
	const char *path;
	const struct gs_served *is;
	const struct gs_file *id_file;
	bool is_marked, makes, makes_dirs, sets_top, changes, gives_rw, crosses, wants_mount;
	uid_t uid;
	gid_t gid;
	enum gs_squash squash;
	const struct gs_exports *etab;
	const struct gs_strs *added;
	const struct gs_files *files;
	const struct gs_docs *docs;
	const struct gs_typed *typed;
};

/** struct gs_unmounted_fact - a line of fstab for a path of the share, which is not mounted */
struct gs_unmounted_fact {
	const char *file;
	const struct gs_fstab_entry *entry;
};

/**
 * gs_find_unmounted - the first of these paths that fstab mounts something on, and that is none
 * Swap has no mount point. NULL: none.
 */
const struct gs_fstab_entry *gs_find_unmounted(const struct gs_fstab *fstab,
					       const struct gs_path_inodes *paths);

/**
 * struct gs_pseudo - the root of what NFSv4 clients see: an export with fsid=0, for every client
 * @root:   its path; "/" where there is none
 * @client: the first that it is exported to
 * @below:  the share's path below it, "/" for the root itself; "" where the share is outside
 * Source: exports(5), fsid.
 */
struct gs_pseudo {
	const char *root, *client, *below;
};

/** gs_served_pseudo - @ret: borrows from etab and path */
void gs_served_pseudo(const struct gs_exports *etab, const char *path, struct gs_pseudo *ret);

/** gs_served_top - the path itself, of ancestors that were looked at */
const struct gs_path_inode *gs_served_top(const struct gs_served *served);

/** gs_served_init - leader init as typed, for this share, with one more option; NULL: none */
void gs_served_init(const struct gs_served_fact *fact, const char *option, struct gs_str *out);

void gs_served_done(struct gs_served *served);
