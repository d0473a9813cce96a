/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/str.h"
#include "core/share/select.h"

/* A cluster.env as containers will read it, against what this node shares and mounts. */

enum gs_cluster_key {
	GS_CLUSTER_MODE, /* ENABLE_CLUSTER_MODE */
	GS_CLUSTER_NODE, /* NODE_TYPE */
	GS_CLUSTER_DIR,	 /* LOCAL_DATASET_CACHE_DIR */
	GS_CLUSTER_POSTGRES,
	GS_CLUSTER_KEYS,
};

/**
 * struct gs_cluster_value - what a file sets a key to; strings owned
 * @text:    of its last line, which counts; NULL: the key is not set
 * @earlier: another value, of a line above; NULL: there is none
 * @line, @earlier_line: from 1
 */
struct gs_cluster_value {
	char *text, *earlier;
	size_t line, earlier_line;
};

struct gs_cluster_values {
	struct gs_cluster_value of[GS_CLUSTER_KEYS];
};

/** gs_cluster_read - the four values of a cluster.env; those of a text that is none are not set */
void gs_cluster_read(struct gs_span text, struct gs_cluster_values *ret);
void gs_cluster_values_done(struct gs_cluster_values *values);

/**
 * struct gs_cluster_fact - a cluster.env and its node; borrowed
 * @file:   its path; @is_there: it exists
 * @custom: path of the custom.env beside it, which it overrides, and that one's values; NULL: none
 * @shared, @mounted: the paths of this node that are exported, and mounted by NFS or meant to be
 * @side:   of the share that LOCAL_DATASET_CACHE_DIR is, or is in; ANY: it is in none
 * @is_known: that share, of a follower, is of a gshare leader
 * @env:    what gshare env would write it for, here: "leader", "follower"; NULL: it could not
 */
struct gs_cluster_fact {
	const char *file;
	bool is_there;
	const struct gs_cluster_values *values;
	const char *custom;
	const struct gs_cluster_values *customs;
	const struct gs_strs *shared, *mounted;
	enum gs_side side;
	bool is_known;
	const char *env;
};

/** gs_cluster_side - of the share that a directory is, or is in */
enum gs_side gs_cluster_side(const char *dir, const struct gs_strs *shared,
			     const struct gs_strs *mounted);

/** gs_cluster_is_follower - do its values make this node a follower? */
bool gs_cluster_is_follower(const struct gs_cluster_values *values);

/** gs_cluster_is_here - does POSTGRES_HOST name this node, or the container beside it? */
bool gs_cluster_is_here(const char *host);
