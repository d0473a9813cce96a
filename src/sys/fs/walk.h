/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "base/types.h"

/*
 * A walk through directories that others, some of them hostile, change meanwhile: no name is
 * resolved twice, no link is followed, no file system or mount point is crossed.
 */

enum {
	GS_TREE_DEPTH_MAX = 128, /* directories below each other; each holds two descriptors */
};

/** What a walk does next: enter a directory, enter it after the ACLs are set, or not enter it. */
enum gs_tree_turn { GS_TREE_ON, GS_TREE_GIVE, GS_TREE_BACK };

/**
 * struct gs_tree_walk - where to walk and what to do
 * @root: absolute; without a link among its components
 * @names: directories in root to walk, themselves included; absent ones are skipped
 * @deadline_ns: CLOCK_MONOTONIC; the walk ends there
 * @max_entries: the walk ends after so many; 0: no limit
 * @judge: called for each entry except links; with GIVE it puts the ACLs to be set into ret
 * @given: called once they are set, on the very inode that was judged
 * @left: called for an entry that was not reached or not changed, and why: one clause, static.
 *       error: of the call that failed, 0 where a rule excluded the entry; ETIMEDOUT: a client
 *       holds it (alarm.h)
 */
struct gs_tree_walk {
	const char *root;
	const struct gs_strs *names;
	int64_t deadline_ns;
	size_t max_entries;
	void *arg;
	enum gs_tree_turn (*judge)(void *arg, const struct gs_entry *entry, struct gs_acls *ret);
	void (*given)(void *arg, const struct gs_entry *entry);
	void (*left)(void *arg, const char *path, const char *why, int error);
};

/** struct gs_tree_walked - how far the walk came */
struct gs_tree_walked {
	size_t entries;
	bool cut; /* by the deadline or max_entries */
};

struct gs_sys;

/**
 * gs_tree_walk - walk
 * A file gets ACLs only where it has one name, had no other 20 ms before, and still has the name it
 * was found by: its owner could link a file of others into the tree, and unlink it again as soon as
 * it was looked at. link(2) and unlink(2) update the inode's ctime.
 * Errors: of opening root.
 */
int gs_tree_walk(struct gs_sys *sys, const struct gs_tree_walk *walk, struct gs_tree_walked *ret,
		 struct gs_err *err);

/**
 * struct gs_open_req - entries to open as a user, without changing them
 * @root: absolute, opened with the caller's rights; @paths: below it
 */
struct gs_open_req {
	const char *root;
	const struct gs_strs *paths;
	uid_t uid;
	gid_t gid;
	int64_t deadline_ns;
};

/** struct gs_opened - the outcome; entries that are gone by then count as neither */
struct gs_opened {
	size_t opened;
	size_t refused; /* index of the first one, n where there is none */
	int error;	/* its errno */
};

/**
 * gs_open_as - open files for reading and writing, directories for search as well
 * Runs in a child that has become the user: no other groups, no capabilities.
 * Errors: -GS_E_PRIVILEGE; -ETIMEDOUT.
 */
int gs_open_as(const struct gs_open_req *req, struct gs_opened *ret, struct gs_err *err);
