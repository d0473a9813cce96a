/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/pair.h"

#include <string.h>

#include "core/exports/host.h"

const char *gs_pair_name(const struct gs_pair_fact *pair, const struct gs_node *node)
{
	return node == pair->here ? "this node" : node->name;
}

struct gs_str *gs_pair_fix(const struct gs_pair_fact *pair, const struct gs_node *node,
			   struct gs_fixes *out)
{
	return node == pair->here ? gs_fix_here(out, "") : gs_fix_on(out, node->name);
}

/* The exported path that holds the mount's, the longest one; NULL: the leader lists none. */
const char *gs_pair_path(const struct gs_pair_fact *pair)
{
	const char *asked = strstr(pair->mount->source, ":/");
	const char *found = NULL;

	for (size_t i = 0; asked && i < pair->leader->exports.n; i++) {
		const char *path = pair->leader->exports.v[i].path;

		if (gs_path_is_within(asked + 1, path) && (!found || strlen(path) > strlen(found)))
			found = path;
	}
	return found;
}

/* Its lease lasts: a minute and a half after the last sign of it. */
static bool is_confirmed(const struct gs_node_client *client)
{
	return !strcmp(client->state, "confirmed");
}

bool gs_pair_is_live(const struct gs_node_client *client)
{
	return client->connected && is_confirmed(client);
}

/* The follower's own client, at one of its addresses; it may have lost the connection just now. */
const struct gs_node_client *gs_pair_client(const struct gs_pair_fact *pair)
{
	for (size_t i = 0; i < pair->leader->clients.n; i++)
		if (is_confirmed(&pair->leader->clients.v[i]) &&
		    gs_node_has(pair->follower, pair->leader->clients.v[i].addr))
			return &pair->leader->clients.v[i];
	return NULL;
}

/* Another address, by which the leader sees a client of the follower's name. */
const struct gs_node_client *gs_pair_stranger(const struct gs_pair_fact *pair)
{
	for (size_t i = 0; i < pair->leader->clients.n; i++) {
		const struct gs_node_client *client = &pair->leader->clients.v[i];

		if (gs_pair_is_live(client) && client->host &&
		    !strcmp(client->host, pair->follower->name) &&
		    !gs_node_has(pair->follower, client->addr))
			return client;
	}
	return NULL;
}

/* Addresses of one link that are not the same: as those of docker0 are on every node. */
bool gs_pair_is_link(const struct gs_node_address *a, const struct gs_node_address *b)
{
	gs_autofree char *one = gs_printf("%s/%u", a->addr, (unsigned)a->prefix);
	gs_autofree char *other = gs_printf("%s/%u", b->addr, (unsigned)b->prefix);
	GS_AUTO(gs_hostspec_done) struct gs_hostspec x = { 0 }, y = { 0 };

	gs_hostspec_read(gs_span_of(one), &x);
	gs_hostspec_read(gs_span_of(other), &y);
	return strcmp(a->addr, b->addr) != 0 && x.kind == GS_HOST_NET &&
	       gs_hostspec_is_same(&x, &y);
}

/* An address of one node on a link of the other; NULL: they have no link together. */
const char *gs_pair_beside(const struct gs_node *node, const struct gs_node *other)
{
	for (size_t i = 0; i < node->addresses.n; i++)
		for (size_t k = 0; k < other->addresses.n; k++)
			if (gs_pair_is_link(&node->addresses.v[i], &other->addresses.v[k]))
				return node->addresses.v[i].addr;
	return NULL;
}

void gs_pair_add_addresses(const struct gs_node *node, struct gs_str *out)
{
	for (size_t i = 0; i < node->addresses.n; i++)
		gs_str_addf(out, "%s%s", i ? ", " : "", node->addresses.v[i].addr);
}

bool gs_pair_mounts(const struct gs_node *follower, const struct gs_node *leader)
{
	for (size_t i = 0; i < follower->mounts.n; i++)
		if (gs_node_has(leader, follower->mounts.v[i].server))
			return true;
	return false;
}
