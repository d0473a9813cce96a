/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "base/types.h"

/*
 * A search through a tree whose disk may be stuck: the walk of walk.h, which changes nothing, in a
 * child that is killed at the deadline.
 */

/**
 * struct gs_tree_find - where to search and what for; the functions are called in the child
 * @root: absolute; without a link among its components
 * @max_entries: the search ends after so many; @max_found: of each kind; further ones are left out
 * @enters: is this directory searched, too?
 * @finds: 0: not searched for; else a number that is returned with the entry, below 256
 */
struct gs_tree_find {
	const char *root;
	int64_t deadline_ns;
	size_t max_entries, max_found;
	const void *arg;
	bool (*enters)(const void *arg, const struct gs_entry *entry);
	unsigned (*finds)(const void *arg, const struct gs_entry *entry);
};

/** struct gs_tree_hit - @path: below root, "uploads/a", or "." for the root itself; owned */
struct gs_tree_hit {
	char *path;
	unsigned kind; /* of finds() */
	bool is_block; /* of a device */
};

/** struct gs_tree_hits - @entries: looked at; @cut: by the deadline or max_entries */
struct gs_tree_hits {
	struct gs_tree_hit *v;
	size_t n, room;
	size_t entries;
	bool cut;
};

struct gs_sys;

/**
 * gs_tree_find - search
 * A deadline that comes while the child works is -ETIMEDOUT only if the disk is stuck; else cut.
 * Errors: of opening root; -ETIMEDOUT, -GS_E_CHILD, -EPROTO: child.h.
 */
int gs_tree_find(struct gs_sys *sys, const struct gs_tree_find *find, struct gs_tree_hits *ret,
		 struct gs_err *err);
void gs_tree_hits_done(struct gs_tree_hits *hits);
