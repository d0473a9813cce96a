/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/command.h"
#include "core/check/row.h"
#include "core/check/starting.h"
#include "core/package/package.h"

/* Does the leader's NFS server run, will it after a boot, and which facts could not be read? */

static bool is_missing(const struct gs_facts *facts)
{
	return !facts->server->installed;
}

static void say_missing(const struct gs_facts *facts, struct gs_str *out)
{
	if (facts->server->lacks)
		gs_str_addf(out, "the NFS server is not complete: there is no '%s'",
			    facts->server->lacks);
	else
		gs_str_adds(out, "the NFS server is not installed");
}

static void fix_missing(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_server *server = facts->server;

	if (server->lacks)
		gs_reinstall_fix(server->manager, GS_ROLE_LEADER, gs_fix_here(out, ""));
	else
		gs_install_fix(server->manager, GS_ROLE_LEADER, gs_fix_here(out, ""));
}

static bool is_down(const struct gs_facts *facts)
{
	return facts->server->installed && !facts->server->threads &&
	       !(facts->starting && gs_server_is_hindered(facts->starting));
}

static bool lacks_mountd(const struct gs_facts *facts)
{
	return facts->server->installed && facts->server->threads && !facts->server->mountd;
}

static bool has_stopped_mountd(const struct gs_facts *facts)
{
	return facts->server->installed && facts->server->threads && facts->server->mountd_stopped;
}

static bool would_hang(const struct gs_facts *facts)
{
	return facts->changing->threads && !facts->changing->mountd;
}

static bool would_hang_stopped(const struct gs_facts *facts)
{
	return facts->changing->threads && facts->changing->mountd_stopped;
}

static bool does_not_start(const struct gs_facts *facts)
{
	return facts->server->installed && facts->server->systemd &&
	       (!facts->server->enabled || facts->server->masked) && !facts->server->unsaid &&
	       !(facts->starting && gs_server_is_hindered(facts->starting));
}

/* A mask keeps it from starting, and gshare takes nobody's mask away. */
static bool will_not_start(const struct gs_facts *facts)
{
	return facts->changing->threads && facts->changing->masked;
}

static const struct gs_server *looked_at(const struct gs_facts *facts)
{
	return facts->server ? facts->server : facts->changing;
}

static void say_at_boot(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_adds(out, "the NFS server does not start at boot");
	if (looked_at(facts)->masked)
		gs_str_addf(out, ": %s is masked", looked_at(facts)->masked);
}

/* A unit that is masked cannot be enabled. */
static void fix_at_boot(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_server *server = looked_at(facts);
	struct gs_str *command = gs_fix_here(out, "");

	if (server->masked) {
		gs_command(command, "sudo", "systemctl", "unmask",
			   server->masked_until_boot ? "--runtime" : NULL, server->masked);
		gs_command_and(command);
	}
	gs_command(command, "sudo", "systemctl", "enable", "nfs-server");
}

static void say_down(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_adds(out, "the NFS server is not running");
	if (facts->server->failed)
		gs_str_addf(out, ": %s has failed", facts->server->failed);
}

/* Of a unit that is active, a start does nothing: the threads come as by the unit's own line. */
static void fix_down(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_server *server = facts->server;

	if (server->failed)
		gs_command(gs_fix_here(out, "see why: "), "sudo", "journalctl", "--boot",
			   "--no-pager", "--lines", "20", "--unit", server->failed);
	gs_server_start(server, gs_fix_here(out, server->failed ? "then: " : ""));
}

static void fix_mountd(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_server_start(looked_at(facts), gs_fix_here(out, ""));
}

static void say_name(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_name_fact *name = facts->name;

	gs_str_addf(out, "%s%sthe name server is not responding for '%s'",
		    name->place ? name->place : "", name->place ? ": " : "", name->name);
}

static void fix_name(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_fix_advise(out, "%s, or restore the name server",
		      facts->name->place ? "write the address instead of the name"
					 : "write addresses instead of names");
	if (facts->name->loses)
		gs_command(gs_fix_here(out, "then: "), "sudo", "exportfs", "-ra");
}

static bool loses_entry(const struct gs_facts *facts)
{
	return facts->name->loses;
}

static bool loses_none(const struct gs_facts *facts)
{
	return !facts->name->loses;
}

static bool are_hidden(const struct gs_facts *facts)
{
	return !facts->clients->known;
}

static bool are_unread(const struct gs_facts *facts)
{
	return facts->clients->known && facts->clients->unread;
}

static void say_unread(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "'?' means that it is not known who is connected or what is open for "
		    "writing: %s",
		    facts->clients->unread);
}

static void fix_unread(const struct gs_facts *facts, struct gs_fixes *out)
{
	if (facts->clients->late)
		gs_command(gs_fix_here(out, ""), "sudo", "gshare", "leader", "status", "--timeout",
			   "60");
}

const struct gs_check gs_checks_server[] = {
	{ "SERVER_MISSING", "The NFS server is not installed, or a program of it is missing.",
	  GS_ON_LEADER, GS_GIVEN(SERVER), GS_FAIL, is_missing, .message = say_missing,
	  .fix = fix_missing },
	{ "SERVER_DOWN", "The NFS server is installed but not running.", GS_ON_LEADER,
	  GS_GIVEN(SERVER), GS_FAIL, is_down, .message = say_down, .fix = fix_down },
	{ "MOUNTD_DEAD",
	  "nfsd is running without rpc.mountd, which it needs for every new "
	  "client.",
	  GS_ON_LEADER, GS_GIVEN(SERVER), GS_FAIL, lacks_mountd,
	  .text = "nfsd is running but rpc.mountd is not: followers will hang", .fix = fix_mountd },
	{ "MOUNTD_DEAD", NULL, GS_ON_LEADER, GS_GIVEN(SERVER), GS_FAIL, has_stopped_mountd,
	  .text = "rpc.mountd is stopped by a signal, or by a debugger: it answers nothing, and "
		  "followers will hang",
	  .command = "sudo pkill -CONT -x rpc.mountd" },
	{ "MOUNTD_DEAD", NULL, GS_ON_LEADER, GS_GIVEN(CHANGING), GS_WARN, would_hang,
	  .text = "nfsd is running but rpc.mountd is not: a change now would hang every follower",
	  .fix = fix_mountd },
	{ "MOUNTD_DEAD", NULL, GS_ON_LEADER, GS_GIVEN(CHANGING), GS_WARN, would_hang_stopped,
	  .text = "rpc.mountd is stopped: a change now would hang every follower",
	  .command = "sudo pkill -CONT -x rpc.mountd" },
	{ "SERVER_NOT_ENABLED", "The NFS server does not start at boot.", GS_ON_LEADER,
	  GS_GIVEN(SERVER), GS_WARN, does_not_start, .message = say_at_boot, .fix = fix_at_boot },
	{ "SERVER_NOT_ENABLED", NULL, GS_ON_LEADER, GS_GIVEN(CHANGING), GS_WARN, will_not_start,
	  .message = say_at_boot, .fix = fix_at_boot },
	{ "NAME_SERVER_TIMEOUT",
	  "A name in the exports files cannot be resolved: the name server timed out.",
	  GS_ON_LEADER, GS_GIVEN(NAME), GS_FAIL, loses_entry, .message = say_name,
	  .fix = fix_name },
	{ "NAME_SERVER_TIMEOUT", NULL, GS_ON_LEADER, GS_GIVEN(NAME), GS_WARN, loses_none,
	  .message = say_name, .fix = fix_name },
	{ "CLIENTS_UNKNOWN", "Only root can read who is connected.", GS_ON_LEADER,
	  GS_GIVEN(CLIENTS), GS_NOTE, are_hidden,
	  .text = "only root can see who is connected and who writes",
	  .command = "sudo gshare leader status" },
	{ "CLIENTS_UNREAD", "Not all clients, or not all of their open files, could be read.",
	  GS_ON_LEADER, GS_GIVEN(CLIENTS), GS_WARN, are_unread, .message = say_unread,
	  .fix = fix_unread },
	{ 0 },
};
