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
#include "sys/fs/find.h"
#include "sys/fs/walk.h"

struct gs_sys;

/** struct gs_fs_ops - files; all paths stay below root_fd; see sys.h */
struct gs_fs_ops {
	/** the whole file; *ret_exists false (and 0) where it is absent; -EFBIG over max bytes */
	int (*read_file)(struct gs_sys *, const char *path, size_t max, struct gs_str *ret_text,
			 bool *ret_exists, struct gs_err *);
	/** names in a directory that end in suffix, sorted bytewise; an absent one has none */
	int (*list_dir)(struct gs_sys *, const char *path, const char *suffix,
			struct gs_strs *ret_names, struct gs_err *);
	/**
	 * lstat and ACLs; LINK where a parent is a link, ABSENT where a parent is absent or is no
	 * directory
	 */
	int (*look)(struct gs_sys *, const char *path, struct gs_inode *ret, struct gs_err *);
	/** appears complete (owner, mode, ACLs) or not at all; -EEXIST where something is there */
	int (*make_dir)(struct gs_sys *, const char *path, const struct gs_dir_spec *,
			struct gs_err *);
	/** an empty directory; -ENOTEMPTY otherwise */
	int (*remove_dir)(struct gs_sys *, const char *path, struct gs_err *);
	/**
	 * owner, mode and ACLs of a directory itself, where they match from (else -ESTALE); sets
	 * all of them or, on failure, restores from's. An ACL that to does not name stays.
	 */
	int (*set_dir)(struct gs_sys *, const char *path, const struct gs_dir_spec *from,
		       const struct gs_dir_spec *to, struct gs_err *);
	int (*replace_file)(struct gs_sys *, const struct gs_replace *, struct gs_err *);
	/**
	 * has anybody written to the files that replace_file replaced, as they were before? -ESTALE
	 * then, and going back with replace_file keeps that; -ETXTBSY where one stays open for it.
	 * Where nobody has, they are let go.
	 * @ret_path: which file, where there is one; lasts until sys ends
	 */
	int (*look_back)(struct gs_sys *, const char **ret_path, struct gs_err *);
	/**
	 * a new file appears whole or not at all, and replaces nothing: -EEXIST; its directories
	 * are judged as by way
	 */
	int (*make_file)(struct gs_sys *, const struct gs_new_file *, struct gs_err *);
	/**
	 * the directories that lead to a file to be written, judged by sys->trust, as far as they
	 * exist; -ETIMEDOUT where one is on a server that does not respond. read_file, replace_file
	 * and settle have that error too: far.h
	 */
	int (*way)(struct gs_sys *, const char *path, struct gs_way *ret, struct gs_err *);
	/**
	 * one gshare at a time; held until the process ends; -GS_E_LOCKED names the holder if it
	 * can be seen
	 */
	int (*lock)(struct gs_sys *, struct gs_err *);
	/** does another gshare hold the lock? never waits, keeps nothing */
	bool (*is_locked)(struct gs_sys *);
	/**
	 * remove the temporaries that a killed run left beside a path; one that came out of an
	 * exchange and is not what the run had read is moved back to its path. Files of others that
	 * only look like temporaries stay, and cause no failure.
	 * @replace: the step of that run; NULL where it made a directory
	 * @dir: that directory; NULL where it wrote a file
	 */
	int (*settle)(struct gs_sys *, const char *path, const struct gs_replace *replace,
		      const struct gs_dir_spec *dir, struct gs_err *);
	/** every entry below some directories, and ACLs for those that need them: walk.h */
	int (*walk)(struct gs_sys *, const struct gs_tree_walk *, struct gs_tree_walked *ret,
		    struct gs_err *);
	/** entries below a directory, in a child that can be killed: find.h */
	int (*find)(struct gs_sys *, const struct gs_tree_find *, struct gs_tree_hits *ret,
		    struct gs_err *);
	/** open entries as a user who must be able to change them: walk.h */
	int (*open_as)(struct gs_sys *, const struct gs_open_req *, struct gs_opened *ret,
		       struct gs_err *);
	/** the file system that path is on: fsinfo.h */
	int (*info)(struct gs_sys *, const char *path, struct gs_fs *ret, struct gs_err *);
	uint32_t (*random_id)(struct gs_sys *); /* never 0 */
};

extern const struct gs_fs_ops gs_fs_host;
/** gs_fs_offline - files of a tree; without is_locked, settle, walk, find, open_as and info */
extern const struct gs_fs_ops gs_fs_offline;
