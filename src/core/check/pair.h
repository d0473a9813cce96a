/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/check/row.h"
#include "core/peer/node.h"

/*
 * What two nodes that share a dataset know of each other, compared: facts of this node, and those
 * of a report of the other. Pure.
 */

/**
 * struct gs_pair_fact - one node as the leader of the other
 * @here:   the one of both that gshare runs on; the other one is known by its report
 * @mount:  a mount of the follower, from the leader as far as its address tells; NULL: the rules of
 *          the pair as a whole
 */
struct gs_pair_fact {
	const struct gs_node *leader, *follower, *here;
	const struct gs_node_mount *mount;
};

/** gs_pair_name - "this node", or the other's name */
const char *gs_pair_name(const struct gs_pair_fact *pair, const struct gs_node *node);

/** gs_pair_fix - an empty command for one of both */
struct gs_str *gs_pair_fix(const struct gs_pair_fact *pair, const struct gs_node *node,
			   struct gs_fixes *out);

/** gs_pair_path - the export that holds the mount's path, the longest one; NULL: none is listed */
const char *gs_pair_path(const struct gs_pair_fact *pair);

/** gs_pair_is_live - is the client there, and connected? */
bool gs_pair_is_live(const struct gs_node_client *client);

/**
 * gs_pair_client - the follower's own, at one of its addresses
 * It may just have lost its connection.
 */
const struct gs_node_client *gs_pair_client(const struct gs_pair_fact *pair);

/** gs_pair_stranger - one of the follower's name, at an address that the follower has not */
const struct gs_node_client *gs_pair_stranger(const struct gs_pair_fact *pair);

/** gs_pair_mounts - is anything mounted there from an address of the leader? */
bool gs_pair_mounts(const struct gs_node *follower, const struct gs_node *leader);

/**
 * gs_pair_is_link - are they two addresses of one network?
 * The same address is not: that of docker0 is on every node.
 */
bool gs_pair_is_link(const struct gs_node_address *a, const struct gs_node_address *b);

/** gs_pair_beside - an address of a node on a network of the other; NULL: they share none */
const char *gs_pair_beside(const struct gs_node *node, const struct gs_node *other);

/** gs_pair_add_addresses - "10.0.0.1, fd00::1" */
void gs_pair_add_addresses(const struct gs_node *node, struct gs_str *out);

/** struct gs_told_fact - the report of the other node, as such; @now_ms: by this node's clock */
struct gs_told_fact {
	const struct gs_node *peer;
	uint64_t now_ms;
};
