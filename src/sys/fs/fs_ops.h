/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "base/trust.h"
#include "base/types.h"
#include "sys/fs/file_swap.h"
#include "sys/fs/walk.h"

struct gs_sys;

/** struct gs_fs_ops - files; all paths stay below root_fd. What every table is: sys.h */
struct gs_fs_ops {
	/** the whole file; *ret_exists false (and 0) where it is absent; -EFBIG over max bytes */
	int (*read_file)(struct gs_sys *, const char *path, size_t max, struct gs_str *ret_text,
			 bool *ret_exists, struct gs_err *);
	/** names in a directory that end in suffix, sorted bytewise; an absent one has none */
	int (*list_dir)(struct gs_sys *, const char *path, const char *suffix,
			struct gs_strs *ret_names, struct gs_err *);
	/** lstat and ACLs; a link among the parents makes it a LINK, an absent parent or one that
	 * is no directory makes it ABSENT */
	int (*look)(struct gs_sys *, const char *path, struct gs_inode *ret, struct gs_err *);
	/** appears complete (owner, mode, ACLs) or not at all; -EEXIST where something is there */
	int (*make_dir)(struct gs_sys *, const char *path, const struct gs_dir_spec *,
			struct gs_err *);
	/** an empty directory; -ENOTEMPTY otherwise */
	int (*remove_dir)(struct gs_sys *, const char *path, struct gs_err *);
	/**
	 * owner, mode and ACLs of a directory itself, where they are from's (else -ESTALE); all of
	 * it or, after a failure, from's again. An ACL that to does not name stays.
	 */
	int (*set_dir)(struct gs_sys *, const char *path, const struct gs_dir_spec *from,
		       const struct gs_dir_spec *to, struct gs_err *);
	int (*replace_file)(struct gs_sys *, const struct gs_replace *, struct gs_err *);
	/**
	 * the way to a file that is to be written, as sys->trust has it, as far as it is there;
	 * -ETIMEDOUT where a silent server is on it. read_file, replace_file and settle have that
	 * error too: far.h
	 */
	int (*way)(struct gs_sys *, const char *path, struct gs_way *ret, struct gs_err *);
	/** one gshare at a time; held until the process ends; -GS_E_LOCKED names a holder that
	 * can be seen */
	int (*lock)(struct gs_sys *, struct gs_err *);
	/** does another gshare hold the lock? never waits, keeps nothing */
	bool (*is_locked)(struct gs_sys *);
	/**
	 * what a killed run left beside a path: its temporaries are removed; where one of them
	 * came out of an exchange and is not what the run had read, it is put back in its place.
	 * What others have made to look like one stays, and nothing fails because of it.
	 * @replace: the step of that run; NULL where it made a directory
	 * @dir: that directory; NULL where it wrote a file
	 */
	int (*settle)(struct gs_sys *, const char *path, const struct gs_replace *replace,
		      const struct gs_dir_spec *dir, struct gs_err *);
	/** every entry below some directories, and ACLs for those that need them: walk.h */
	int (*walk)(struct gs_sys *, const struct gs_tree_walk *, struct gs_tree_walked *ret,
		    struct gs_err *);
	/** entries opened by a user who shall be able to change them: walk.h */
	int (*open_as)(struct gs_sys *, const struct gs_open_req *, struct gs_opened *ret,
		       struct gs_err *);
	/** the file system that path is on: fsinfo.h */
	int (*info)(struct gs_sys *, const char *path, struct gs_fs *ret, struct gs_err *);
	uint32_t (*random_id)(struct gs_sys *); /* never 0 */
};

extern const struct gs_fs_ops gs_fs_host;
/** gs_fs_offline - a tree's; without is_locked, settle, walk, open_as and info */
extern const struct gs_fs_ops gs_fs_offline;
