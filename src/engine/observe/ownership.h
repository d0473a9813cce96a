/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/leader/repair.h"
#include "core/leader/request.h"
#include "core/share/names.h"
#include "sys/sys.h"

/** struct gs_ownership - whom entries are judged for, and what is told of them; borrowed */
struct gs_ownership {
	const struct gs_account *owner;
	struct gs_repair *ret;
	bool changes; /* rights are given; else they are counted */
};

/** gs_ownership_walk - everything below those names in root; 0 entries: no bound */
int gs_ownership_walk(struct gs_sys *sys, const char *root, const struct gs_strs *names,
		      int64_t deadline_ns, size_t max_entries, struct gs_ownership *look,
		      struct gs_err *err);

/** gs_part_of_rest - the instant at which this part of the time that is left is over */
int64_t gs_part_of_rest(struct gs_sys *sys, int parts, int of);

/**
 * gs_dataset_names - the directories that hold datasets, never the two of PostgreSQL
 * @owner: only those that it can fill; NULL: all
 */
void gs_dataset_names(const struct gs_path_inodes *dirs, const struct gs_account *owner,
		      struct gs_strs *ret);

/**
 * gs_count_unchangeable - for leader init: how many, within milliseconds
 * Fills facts->unchangeable; what it may not see it does not count.
 */
void gs_count_unchangeable(struct gs_sys *sys, struct gs_leader_facts *facts);
