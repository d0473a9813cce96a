/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/command.h"
#include "core/check/pair.h"

/* The way between two nodes, who they are to each other, and how old a report is. */

enum {
	NOBODY_UID = 65534,	/* where a squashed user is mapped to nobody in particular */
	AHEAD_MS = 1000,	/* no clock of a cluster is that far from another */
	OLD_MS = 10 * 60 * 1000 /* what changes in a node has changed by then, or may have */
};

/* ---- the way between them -------------------------------------------------------------------- */

/* It is a client of the leader, and its only server is elsewhere: that must be the leader. */
static bool is_elsewhere(const struct gs_facts *facts)
{
	const struct gs_pair_fact *pair = facts->pair;
	const struct gs_node *follower = pair->follower;

	if (!pair->mount || !pair->mount->server || !gs_pair_path(pair) || !gs_pair_client(pair) ||
	    gs_pair_mounts(follower, pair->leader) || pair->leader->left_out || follower->left_out)
		return false;
	for (size_t i = 0; i < follower->mounts.n; i++)
		if (!follower->mounts.v[i].server ||
		    strcmp(follower->mounts.v[i].server, pair->mount->server) != 0)
			return false;
	return true;
}

static void say_elsewhere(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_pair_fact *pair = facts->pair;

	gs_str_addf(out, "%s is mounted from %s, which is none of the addresses of %s (",
		    pair->mount->path, pair->mount->server, gs_pair_name(pair, pair->leader));
	gs_pair_add_addresses(pair->leader, out);
	gs_str_addf(out,
		    "), though %s is a client of it: its address was taken away, or something "
		    "between them forwards",
		    gs_pair_name(pair, pair->follower));
}

/* Where something forwards, the mount works, and files may be open there: nothing is to be done. */
static void fix_elsewhere(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_pair_fact *pair = facts->pair;
	const char *addr = gs_pair_beside(pair->leader, pair->follower);
	const char *when = "if that address is gone: ";
	struct gs_str *command;

	if (!addr)
		return;
	command = pair->follower == pair->here ? gs_fix_here(out, when)
					       : gs_fix_on_if(out, pair->follower->name, when);
	gs_command(command, "sudo", "gshare", "follower", "unmount", pair->mount->path, "--forget",
		   "--lazy");
	gs_command_and(command);
	gs_command(command, "sudo", "gshare", "follower", "mount", addr, pair->mount->path,
		   "--export", gs_pair_path(pair));
}

/* The two ends of the link that the mount goes over; false: there is a router between them. */
static bool ends_of(const struct gs_pair_fact *pair, const struct gs_node_address **ret_leader,
		    const struct gs_node_address **ret_follower)
{
	if (!pair->mount)
		return false;
	*ret_leader = gs_node_address(pair->leader, pair->mount->server);
	*ret_follower = gs_node_address(pair->follower, pair->mount->local);
	return *ret_leader && *ret_follower && gs_pair_is_link(*ret_leader, *ret_follower);
}

static bool has_other_mtu(const struct gs_facts *facts)
{
	const struct gs_node_address *leader, *follower;

	return ends_of(facts->pair, &leader, &follower) && leader->mtu && follower->mtu &&
	       leader->mtu != follower->mtu;
}

static void say_other_mtu(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_pair_fact *pair = facts->pair;
	const struct gs_node_address *leader, *follower;

	if (!ends_of(pair, &leader, &follower))
		return;
	gs_str_addf(out,
		    "%s of %s (%s) has an MTU of %llu, and %s of %s (%s) one of %llu on the same "
		    "network: packets that are too long for an end are lost there",
		    leader->interface, gs_pair_name(pair, pair->leader), leader->addr,
		    (unsigned long long)leader->mtu, follower->interface,
		    gs_pair_name(pair, pair->follower), follower->addr,
		    (unsigned long long)follower->mtu);
}

/* The smaller one is right for sure: what is between them may not take more. */
static void fix_other_mtu(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_pair_fact *pair = facts->pair;
	const struct gs_node_address *leader, *follower;
	struct gs_str *command;
	bool is_leader;

	if (!ends_of(pair, &leader, &follower))
		return;
	is_leader = leader->mtu > follower->mtu;
	command = gs_pair_fix(pair, is_leader ? pair->leader : pair->follower, out);
	gs_command(command, "sudo", "ip", "link", "set", "dev",
		   is_leader ? leader->interface : follower->interface, "mtu");
	gs_command_wordf(command, "%llu",
			 (unsigned long long)(is_leader ? follower->mtu : leader->mtu));
}

/* ---- who they are ---------------------------------------------------------------------------- */

/* Another live client with the name of the follower's. */
static const struct gs_node_client *twin_of(const struct gs_pair_fact *pair)
{
	const struct gs_node_client *own = gs_pair_client(pair);

	for (size_t i = 0; own && own->name && gs_pair_is_live(own) && i < pair->leader->clients.n;
	     i++) {
		const struct gs_node_client *client = &pair->leader->clients.v[i];

		if (gs_pair_is_live(client) && client->name && client->minor == own->minor &&
		    !strcmp(client->name, own->name) && !gs_node_has(pair->follower, client->addr))
			return client;
	}
	return NULL;
}

/* A leader tells it by itself. */
static bool is_shared(const struct gs_facts *facts)
{
	return !facts->pair->mount && facts->pair->here == facts->pair->follower &&
	       twin_of(facts->pair);
}

static void say_shared(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_pair_fact *pair = facts->pair;
	const struct gs_node_client *own = gs_pair_client(pair), *twin = twin_of(pair);

	if (!own || !twin)
		return;
	gs_str_addf(out,
		    "%s has one NFSv4 client for this node (%s) and for %s, since both are "
		    "called '",
		    pair->leader->name, own->addr, twin->addr);
	gs_str_add_safe(out, gs_span_of(own->host ? own->host : own->name));
	gs_str_adds(out, "': each takes the other's session and open files away");
}

static void fix_shared(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_command(gs_fix_here(out, ""), "sudo", "gshare", "follower", "status",
		   facts->pair->follower->mounts.n == 1 ? facts->pair->follower->mounts.v[0].path
							: NULL);
}

static const struct gs_node_owner *owner_of(const struct gs_pair_fact *pair)
{
	const char *path = gs_pair_path(pair);

	for (size_t i = 0; path && i < pair->leader->owners.n; i++)
		if (!strcmp(pair->leader->owners.v[i].path, path))
			return &pair->leader->owners.v[i];
	return NULL;
}

/* By name or by number the owner's, but not by both. */
static const struct gs_node_account *other_account(const struct gs_pair_fact *pair)
{
	const struct gs_node_owner *owner = owner_of(pair);

	for (size_t i = 0;
	     owner && owner->name && owner->uid != NOBODY_UID && i < pair->follower->accounts.n;
	     i++) {
		const struct gs_node_account *account = &pair->follower->accounts.v[i];

		if (!strcmp(account->name, owner->name) != (account->uid == owner->uid))
			return account;
	}
	return NULL;
}

static bool is_other_account(const struct gs_facts *facts)
{
	const struct gs_pair_fact *pair = facts->pair;

	return pair->mount && gs_node_has(pair->leader, pair->mount->server) && other_account(pair);
}

static void say_other_account(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_pair_fact *pair = facts->pair;
	const struct gs_node_account *account = other_account(pair);
	const struct gs_node_owner *owner = owner_of(pair);

	if (!owner || !account)
		return;
	gs_str_addf(out,
		    "%s: followers are mapped to '%s', %llu:%llu on %s, and %s has '%s' as "
		    "%llu:%llu: NFS has the numbers alone, so files show as another user's",
		    pair->mount->path, owner->name, (unsigned long long)owner->uid,
		    (unsigned long long)owner->gid, gs_pair_name(pair, pair->leader),
		    gs_pair_name(pair, pair->follower), account->name,
		    (unsigned long long)account->uid, (unsigned long long)account->gid);
}

static bool has_other_domain(const struct gs_facts *facts)
{
	const struct gs_pair_fact *pair = facts->pair;
	const char *security = pair->mount ? pair->mount->security : NULL;

	return security && !strncmp(security, "krb5", 4) && pair->leader->domain &&
	       gs_node_has(pair->leader, pair->mount->server) && pair->follower->domain &&
	       strcmp(pair->leader->domain, pair->follower->domain) != 0;
}

static void say_other_domain(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_pair_fact *pair = facts->pair;

	gs_str_addf(out,
		    "%s is mounted with sec=%s, where users go by name, and the domain of NFSv4 is "
		    "'%s' on %s but '%s' on %s: files belong to nobody",
		    pair->mount->path, pair->mount->security, pair->leader->domain,
		    gs_pair_name(pair, pair->leader), pair->follower->domain,
		    gs_pair_name(pair, pair->follower));
}

static void fix_other_domain(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_pair_fact *pair = facts->pair;
	struct gs_str *command = gs_pair_fix(pair, pair->follower, out);

	gs_command(command, "sudo", "nfsconf", "--file", "/etc/idmapd.conf", "--set", "General",
		   "Domain", pair->leader->domain);
	gs_command_and(command);
	gs_command(command, "sudo", "nfsidmap", "-c");
}

/* ---- the report ------------------------------------------------------------------------------ */

/* A report from the future: whenever it was made, its clock was ahead by that much at least. */
static bool is_ahead(const struct gs_facts *facts)
{
	return facts->told->peer->time_ms > facts->told->now_ms + AHEAD_MS;
}

static void say_ahead(const struct gs_facts *facts, struct gs_str *out)
{
	uint64_t ms = facts->told->peer->time_ms - facts->told->now_ms;

	gs_str_addf(out,
		    "the clock of %s is at least %llu.%03llu s ahead of this node's: its report is "
		    "from the future",
		    facts->told->peer->name, (unsigned long long)(ms / 1000),
		    (unsigned long long)(ms % 1000));
}

static void fix_ahead(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_command(gs_fix_here(out, ""), "sudo", "timedatectl", "set-ntp", "true");
	gs_command(gs_fix_on(out, facts->told->peer->name), "sudo", "timedatectl", "set-ntp",
		   "true");
}

static bool is_old(const struct gs_facts *facts)
{
	return facts->told->now_ms > facts->told->peer->time_ms + OLD_MS;
}

static void say_old(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(
		out,
		"the report of %s is %llu minutes old, or its clock is behind: what it says may "
		"have changed",
		facts->told->peer->name,
		(unsigned long long)(facts->told->now_ms - facts->told->peer->time_ms) / 60000);
}

static void fix_old(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_command(gs_fix_on(out, facts->told->peer->name), "sudo", "gshare", "doctor",
		   "--peer-report");
}

const struct gs_check gs_checks_between[] = {
	{ "PEER_SERVER_DIFFERS",
	  "The address that a share is mounted from is none of the leader's.", GS_ON_ANY,
	  GS_GIVEN(PAIR), GS_WARN, is_elsewhere, .message = say_elsewhere, .fix = fix_elsewhere },
	{ "PEER_MTU_DIFFERS", "The two ends of a link between nodes have different MTUs.",
	  GS_ON_ANY, GS_GIVEN(PAIR), GS_WARN, has_other_mtu, .message = say_other_mtu,
	  .fix = fix_other_mtu },
	{ "CLIENT_ID_SHARED", NULL, GS_ON_ANY, GS_GIVEN(PAIR), GS_WARN, is_shared,
	  .message = say_shared, .fix = fix_shared },
	{ "PEER_OWNER_DIFFERS", "The owner's UID is another account on the other node.", GS_ON_ANY,
	  GS_GIVEN(PAIR), GS_WARN, is_other_account, .message = say_other_account },
	{ "PEER_DOMAIN_DIFFERS", "Two nodes that use Kerberos have different NFSv4 domains.",
	  GS_ON_ANY, GS_GIVEN(PAIR), GS_WARN, has_other_domain, .message = say_other_domain,
	  .fix = fix_other_domain },
	{ "PEER_CLOCK_AHEAD", "The clock of the other node is ahead of this node's.", GS_ON_ANY,
	  GS_GIVEN(TOLD), GS_WARN, is_ahead, .message = say_ahead, .fix = fix_ahead },
	{ "PEER_REPORT_OLD", "The report of the other node is old, and may be true no more.",
	  GS_ON_ANY, GS_GIVEN(TOLD), GS_WARN, is_old, .message = say_old, .fix = fix_old },
	{ 0 },
};
