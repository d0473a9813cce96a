/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/clients.h"

#include <string.h>

#include "base/command.h"
#include "core/check/row.h"
#include "core/exports/nfsd_peers.h"

/* Has each node an NFSv4 client of its own? By what a leader sees, and by what a follower counts.
 */

#define CONF	  "/etc/modprobe.d/nfs-client-id.conf"
#define PARAMETER "/sys/module/nfs/parameters/nfs4_unique_id"

void gs_client_id_command(const char *id, struct gs_str *out)
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
	return facts->peer->twin;
}

static void say_twin(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_peer_fact *peer = facts->peer;

	gs_str_addf(out, "%s and %s have one NFSv4 client together, since both are called '",
		    peer->addr, peer->twin->addr);
	gs_str_add_safe(out, gs_span_of(peer->twin->host ? peer->twin->host : peer->twin->name));
	gs_str_adds(out, "': each takes the other's session and open files away");
}

/* Its own address is a name that no other follower has. */
static void fix_twin(const struct gs_facts *facts, struct gs_fixes *out)
{
	struct gs_str *command = gs_fix_on(out, facts->peer->addr);

	gs_client_id_command(facts->peer->addr, command);
	gs_command(command, "sudo", "gshare", "follower", "unmount");
	gs_command_and(command);
	gs_command(command, "sudo", "mount", "-a", "-t", "nfs4");
}

static bool is_hidden(const struct gs_facts *facts)
{
	return facts->peer->is_hidden && !facts->peer->twin;
}

static void say_hidden(const struct gs_facts *facts, struct gs_str *out)
{
	gs_nfs_hidden_tell(facts->peer->addr, out);
}

static void fix_hidden(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_command(gs_fix_on(out, facts->peer->addr), "sudo", "gshare", "follower", "status");
}

const struct gs_check gs_checks_clients[] = {
	{ "CLIENT_ID_SHARED", "Two nodes have the same NFSv4 client identity, by one host name.",
	  GS_ON_ANY, 1 << GS_FACT_PEER, GS_WARN, has_twin, .message = say_twin, .fix = fix_twin },
	{ "CLIENT_HIDDEN", "A follower is connected, but has no NFSv4 client of its own.",
	  GS_ON_LEADER, 1 << GS_FACT_PEER, GS_WARN, is_hidden, .message = say_hidden,
	  .fix = fix_hidden },
	{ 0 },
};
