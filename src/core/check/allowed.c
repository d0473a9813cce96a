/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/command.h"
#include "core/check/pair.h"
#include "core/exports/host.h"

/* Which addresses a leader exports to, and which its follower has. */

static bool is_of(const struct gs_node_export *export, const char *path)
{
	return !path || !strcmp(export->path, path);
}

/* Names and netgroups cannot be compared: they may be for any address. */
static bool may_cover(const char *client, const char *addr)
{
	GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 }, own = { 0 };

	gs_hostspec_read(gs_span_of(client), &host);
	gs_hostspec_read(gs_span_of(addr), &own);
	return (host.kind != GS_HOST_ADDR && host.kind != GS_HOST_NET) ||
	       gs_hostspec_covers(&host, &own);
}

/* @path: NULL for any that the leader exports */
static bool may_have(const struct gs_pair_fact *pair, const char *path, const char *addr)
{
	for (size_t i = 0; i < pair->leader->exports.n; i++)
		if (is_of(&pair->leader->exports.v[i], path) &&
		    may_cover(pair->leader->exports.v[i].client, addr))
			return true;
	return pair->leader->left_out > 0;
}

static bool may_have_by_any(const struct gs_pair_fact *pair, const char *path)
{
	for (size_t i = 0; i < pair->follower->addresses.n; i++)
		if (may_have(pair, path, pair->follower->addresses.v[i].addr))
			return true;
	return pair->follower->left_out > 0;
}

static void add_clients(const struct gs_pair_fact *pair, const char *path, struct gs_str *out)
{
	size_t n = 0;

	for (size_t i = 0; i < pair->leader->exports.n; i++)
		if (is_of(&pair->leader->exports.v[i], path))
			gs_str_addf(out, "%s%s", n++ ? ", " : "",
				    pair->leader->exports.v[i].client);
}

static bool is_managed(const struct gs_node *leader, const char *path)
{
	for (size_t i = 0; i < leader->owners.n; i++)
		if (!strcmp(leader->owners.v[i].path, path))
			return true;
	return false;
}

static void fix_by_adding(const struct gs_pair_fact *pair, const char *path, const char *addr,
			  struct gs_fixes *out)
{
	if (!path)
		return;
	if (is_managed(pair->leader, path))
		gs_command(gs_pair_fix(pair, pair->leader, out), "sudo", "gshare", "leader", "add",
			   addr, "--path", path);
	else
		gs_command(gs_pair_fix(pair, pair->leader, out), "sudo", "gshare", "leader", "init",
			   path, "--follower", addr);
}

static bool comes_as_another(const struct gs_facts *facts)
{
	const struct gs_pair_fact *pair = facts->pair;
	const struct gs_node_client *seen = gs_pair_stranger(pair);

	return pair->mount && gs_pair_path(pair) && seen && !gs_pair_client(pair) &&
	       gs_node_has(pair->leader, pair->mount->server) &&
	       !may_have(pair, gs_pair_path(pair), seen->addr);
}

static void say_another(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_pair_fact *pair = facts->pair;
	const struct gs_node_client *seen = gs_pair_stranger(pair);

	gs_str_addf(out, "%s sees %s as %s, which is none of its addresses (",
		    gs_pair_name(pair, pair->leader), gs_pair_name(pair, pair->follower),
		    seen ? seen->addr : "");
	gs_pair_add_addresses(pair->follower, out);
	gs_str_addf(out, "): something between them translates addresses, and %s is exported to ",
		    gs_pair_path(pair));
	add_clients(pair, gs_pair_path(pair), out);
}

static void fix_another(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_node_client *seen = gs_pair_stranger(facts->pair);

	if (seen)
		fix_by_adding(facts->pair, gs_pair_path(facts->pair), seen->addr, out);
}

/* Where the follower comes by another address than its own, its own need no export. */
static bool is_not_exported(const struct gs_facts *facts)
{
	const struct gs_pair_fact *pair = facts->pair;

	return pair->mount && gs_node_has(pair->leader, pair->mount->server) &&
	       gs_pair_path(pair) && !gs_pair_stranger(pair) &&
	       !may_have_by_any(pair, gs_pair_path(pair));
}

static void say_not_exported(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_pair_fact *pair = facts->pair;

	gs_str_addf(out, "%s: %s exports %s to ", pair->mount->path,
		    gs_pair_name(pair, pair->leader), gs_pair_path(pair));
	add_clients(pair, gs_pair_path(pair), out);
	gs_str_addf(out, ", and %s has none of these addresses, but ",
		    gs_pair_name(pair, pair->follower));
	gs_pair_add_addresses(pair->follower, out);
}

static void fix_not_exported(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_pair_fact *pair = facts->pair;

	if (gs_node_has(pair->follower, pair->mount->local))
		fix_by_adding(pair, gs_pair_path(pair), pair->mount->local, out);
}

/* Nothing is mounted yet: a node that exports nothing itself can only be meant as a follower. */
static bool is_no_follower(const struct gs_facts *facts)
{
	const struct gs_pair_fact *pair = facts->pair;

	return !pair->mount && pair->leader->exports.n && !pair->follower->exports.n &&
	       !pair->follower->left_out && !gs_pair_mounts(pair->follower, pair->leader) &&
	       !gs_pair_stranger(pair) && !may_have_by_any(pair, NULL);
}

static void say_no_follower(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_pair_fact *pair = facts->pair;

	gs_str_addf(out, "%s exports nothing to %s, which has the addresses ",
		    gs_pair_name(pair, pair->leader), gs_pair_name(pair, pair->follower));
	gs_pair_add_addresses(pair->follower, out);
	gs_str_adds(out, ", but to ");
	add_clients(pair, NULL, out);
}

/* Only where there is one path, and one link, is it known what is meant. */
static void fix_no_follower(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_pair_fact *pair = facts->pair;
	const char *path = pair->leader->exports.v[0].path;
	const char *addr = gs_pair_beside(pair->follower, pair->leader);

	for (size_t i = 0; i < pair->leader->exports.n; i++)
		if (!is_of(&pair->leader->exports.v[i], path))
			return;
	if (addr)
		fix_by_adding(pair, path, addr, out);
}

const struct gs_check gs_checks_allowed[] = {
	{ "PEER_ADDRESS_DIFFERS",
	  "The leader sees a follower at an address that it has not, which has no export.",
	  GS_ON_ANY, GS_GIVEN(PAIR), GS_FAIL, comes_as_another, .message = say_another,
	  .fix = fix_another },
	{ "NOT_EXPORTED", "The leader exports nothing to this node.", GS_ON_ANY, GS_GIVEN(PAIR),
	  GS_FAIL, is_not_exported, .message = say_not_exported, .fix = fix_not_exported },
	{ "NOT_EXPORTED", NULL, GS_ON_ANY, GS_GIVEN(PAIR), GS_FAIL, is_no_follower,
	  .message = say_no_follower, .fix = fix_no_follower },
	{ 0 },
};
