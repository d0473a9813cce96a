/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/clients.h"

#include <string.h>

#include "base/command.h"
#include "core/check/mount.h"
#include "core/check/row.h"
#include "core/exports/nfsd_peers.h"
#include "core/format/fstab.h"

/* Has each node an NFSv4 client of its own? As a leader sees it, and as a follower counts it. */

enum {
	FORGOTTEN_MIN = 3,	 /* times, more than a server that restarts explains, */
	FORGOTTEN_EVERY_S = 600, /* and so often on average */
};

#define CONF	  "/etc/modprobe.d/nfs-client-id.conf"
#define PARAMETER "/sys/module/nfs/parameters/nfs4_unique_id"

/*
 * The kernel takes the new identity once no share of the server is mounted: another command
 * follows. Source: Documentation/filesystems/nfs/client-identifier.rst
 */
static void add_identity(const char *id, struct gs_str *out)
{
	gs_autostr struct gs_str script = { 0 };
	gs_autofree char *option = gs_printf("nfs4_unique_id=%s", id);

	gs_command(&script, "echo", "options", "nfs", option);
	gs_str_adds(&script, " >" CONF);
	gs_command_and(&script);
	gs_command(&script, "echo", id);
	gs_str_adds(&script, " >" PARAMETER);
	gs_command(out, "sudo", "sh", "-c", script.ptr);
	gs_command_and(out);
}

static bool has_twin(const struct gs_facts *facts)
{
	return facts->clients->peer && facts->clients->peer->twin;
}

static void say_twin(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_peer_fact *peer = facts->clients->peer;

	gs_str_addf(out, "%s and %s have one NFSv4 client together, since both are called '",
		    peer->addr, peer->twin->addr);
	gs_str_add_safe(out, gs_span_of(peer->twin->host ? peer->twin->host : peer->twin->name));
	gs_str_adds(out, "': each takes the other's session and open files away");
}

/* What is mounted there is known there: its own status has the commands. */
static void fix_twin(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_command(gs_fix_on(out, facts->clients->peer->addr), "sudo", "gshare", "follower",
		   "status");
}

static bool is_hidden(const struct gs_facts *facts)
{
	const struct gs_peer_fact *peer = facts->clients->peer;

	return peer && peer->is_hidden && !peer->twin;
}

static void say_hidden(const struct gs_facts *facts, struct gs_str *out)
{
	gs_nfs_hidden_tell(facts->clients->peer->addr, out);
}

static void fix_hidden(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_command(gs_fix_on(out, facts->clients->peer->addr), "sudo", "gshare", "follower",
		   "status");
}

/*
 * A new client tells the server twice who it is, and again each time that the server has forgotten
 * its session: after a restart, which breaks the connection too, or since another node said to be
 * the same one.
 */
static uint64_t times_forgotten(const struct gs_health *h)
{
	uint64_t explained = 2 + h->stats.reconnects;

	return h->has_stats && h->stats.identified > explained ? h->stats.identified - explained
							       : 0;
}

static bool is_forgotten(const struct gs_facts *facts)
{
	uint64_t times = times_forgotten(facts->mount);

	return times >= FORGOTTEN_MIN && times * FORGOTTEN_EVERY_S >= facts->mount->stats.oldest_s;
}

static void say_forgotten(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_health *h = facts->mount;

	gs_str_addf(out,
		    "%s has forgotten this node's NFSv4 session %llu times in %u minute%s, though "
		    "the connection lasted: most likely another node that mounts from it has this "
		    "node's host name, and each takes the other's open files away",
		    h->server, (unsigned long long)times_forgotten(h), h->stats.oldest_s / 60 + 1,
		    h->stats.oldest_s / 60 ? "s" : "");
}

/* As the server knows this node: no other has that name. nfs(5) clientaddr. */
static void fix_forgotten(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_health *h = facts->mount;
	const char *path = h->mount.source ? strstr(h->mount.source, ":/") : NULL;
	struct gs_span value = { 0 };
	gs_autofree char *id = NULL;
	struct gs_str *command;

	if (!gs_mountopt_get(h->mount.options, "clientaddr", &value))
		return;
	id = gs_span_dup(value);
	command = gs_fix_here(out, "");
	add_identity(id, command);
	gs_command(command, "sudo", "gshare", "follower", "unmount", h->path);
	gs_command_and(command);
	gs_command(command, "sudo", "gshare", "follower", "mount", h->server, h->path,
		   path ? "--export" : NULL, path ? path + 1 : NULL,
		   gs_health_is_ro(h) ? "--ro" : NULL, h->is_kept ? NULL : "--no-persist");
	if (h->id_read && h->id[0])
		gs_command(command, "--id", h->id);
	gs_health_add_port(h, command);
}

const struct gs_check gs_checks_clients[] = {
	{ "CLIENT_ID_SHARED", "Two nodes have the same NFSv4 client identity, by one host name.",
	  GS_ON_LEADER, GS_GIVEN(CLIENTS), GS_WARN, has_twin, .message = say_twin,
	  .fix = fix_twin },
	{ "CLIENT_HIDDEN", "A follower is connected, but has no NFSv4 client of its own.",
	  GS_ON_LEADER, GS_GIVEN(CLIENTS), GS_WARN, is_hidden, .message = say_hidden,
	  .fix = fix_hidden },
	{ "CLIENT_ID_SHARED", NULL, GS_ON_FOLLOWER, GS_GIVEN(MOUNT), GS_WARN, is_forgotten,
	  .message = say_forgotten, .fix = fix_forgotten },
	{ 0 },
};
