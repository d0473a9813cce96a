/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/leader/repair.h"
#include "core/leader/request.h"
#include "core/share/names.h"
#include "sys/sys.h"

/** struct gs_ownership - the owner that entries are judged for, and the result; borrowed */
struct gs_ownership {
	const struct gs_account *owner;
	struct gs_repair *ret;
	bool changes; /* give the owner rights to entries; else count the entries */
};

/** gs_ownership_walk - judge all entries in the directories names; max_entries 0: no bound */
int gs_ownership_walk(struct gs_sys *sys, const char *root, const struct gs_strs *names,
		      int64_t deadline_ns, size_t max_entries, struct gs_ownership *look,
		      struct gs_err *err);

/** gs_part_of_rest - the instant at which parts/of of the time until the deadline are over */
int64_t gs_part_of_rest(struct gs_sys *sys, int parts, int of);

/**
 * gs_dataset_names - the directories that hold datasets, never the two of PostgreSQL
 * @owner: only those where this user can create files; NULL: all
 */
void gs_dataset_names(const struct gs_path_inodes *dirs, const struct gs_account *owner,
		      struct gs_strs *ret);

/**
 * gs_count_unchangeable - count entries that the owner cannot change, within milliseconds
 * For leader init. Fills facts->unchangeable, without entries that the caller may not see.
 */
void gs_count_unchangeable(struct gs_sys *sys, struct gs_leader_facts *facts);
