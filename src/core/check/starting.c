/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/starting.h"

#include "base/command.h"
#include "core/check/row.h"

/*
 * What keeps the NFS server from starting, or a client from mounting, before it is tried: nfsd and
 * the NFS client are parts of the kernel, which obeys root of the host, not root of a user
 * namespace: neither file system has FS_USERNS_MOUNT.
 */

static bool is_down(const struct gs_starting_fact *starting)
{
	return starting->server && starting->server->installed && !starting->server->threads;
}

static bool is_inside(const struct gs_facts *facts)
{
	return is_down(facts->starting) && facts->starting->container->has_userns;
}

static void say_inside(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_adds(out, "the NFS server cannot be started: this is ");
	gs_container_add(facts->starting->container, out);
	gs_str_adds(out, ", and the kernel starts nfsd only for root of the container's host");
}

static void fix_inside(const struct gs_facts *facts, struct gs_fixes *out)
{
	(void)facts;
	gs_fix_advise(
		out,
		"share the directory from the container's host: run gshare leader init there, "
		"and bind the directory into this container");
}

static bool lacks_nfsd(const struct gs_facts *facts)
{
	const struct gs_server *server = facts->starting->server;

	/* A container's host may load it: what modules that one has is not seen in there. */
	return is_down(facts->starting) && !is_inside(facts) && server->lacks_nfsd &&
	       !(server->unlisted && facts->starting->container->kind);
}

static void say_no_nfsd(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_adds(out,
		    "the NFS server cannot be started: the kernel has no nfsd, and there is "
		    "no module of it");
	if (facts->starting->container->kind) {
		gs_str_adds(out, "; this is ");
		gs_container_add(facts->starting->container, out);
		gs_str_adds(out, ", whose host has to load it");
	}
}

static void fix_no_nfsd(const struct gs_facts *facts, struct gs_fixes *out)
{
	if (facts->starting->container->kind)
		gs_command(gs_fix_here(out, "on the container's host: "), "sudo", "modprobe",
			   "nfsd");
	else
		gs_fix_advise(out,
			      "reboot if the kernel was upgraded since the last boot; else "
			      "install the package with its modules, or boot one that has "
			      "CONFIG_NFSD");
}

static bool is_masked(const struct gs_facts *facts)
{
	return is_down(facts->starting) && !is_inside(facts) && !lacks_nfsd(facts) &&
	       facts->starting->server->masked;
}

static bool is_taken(const struct gs_facts *facts)
{
	return is_down(facts->starting) && !is_inside(facts) && !lacks_nfsd(facts) &&
	       !is_masked(facts) && facts->starting->server->taker.pid;
}

static void say_taken(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_taker *taker = &facts->starting->server->taker;

	gs_str_adds(out, "the NFS server cannot be started: '");
	gs_str_add_safe(out, gs_span_of(taker->name));
	gs_str_addf(out, "' (process %llu%s%s) listens on port %d", (unsigned long long)taker->pid,
		    taker->unit[0] ? ", of " : "", taker->unit, GS_NFS_PORT);
}

/* What a unit runs would be started again. Both take a moment to end: nfsd is started after it. */
static void fix_taken(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_taker *taker = &facts->starting->server->taker;
	struct gs_str *fix = gs_fix_here(out, "if nothing needs that: ");

	if (taker->unit[0])
		gs_command(fix, "sudo", "systemctl", "stop", taker->unit);
	else {
		gs_command(fix, "sudo", "kill");
		gs_command_wordf(fix, "%llu", (unsigned long long)taker->pid);
	}
	gs_server_start(facts->starting->server, gs_fix_here(out, "then: "));
}

static void say_masked(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "the NFS server cannot be started: %s is masked",
		    facts->starting->server->masked);
}

static void unmask(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_server *server = facts->starting->server;

	gs_command(gs_fix_here(out, ""), "sudo", "systemctl", "unmask",
		   server->masked_until_boot ? "--runtime" : NULL, server->masked);
}

/* In this order: mountd and nfsd tell rpcbind of NFS 3, and nfsd does not start where it cannot. */
static void start_programs(const struct gs_server *server, struct gs_str *out)
{
	if (!server->threads && !server->rpcbind) {
		gs_command(out, "sudo", "rpcbind");
		gs_command_and(out);
	}
	if (!server->threads) {
		gs_command(out, "sudo", "exportfs", "-r");
		gs_command_and(out);
	}
	if (!server->mountd)
		gs_command(out, "sudo", "rpc.mountd");
	if (!server->mountd && !server->threads)
		gs_command_and(out);
	if (!server->threads)
		gs_command(out, "sudo", "rpc.nfsd");
}

void gs_server_start(const struct gs_server *server, struct gs_str *out)
{
	if (!server->systemd)
		start_programs(server, out);
	else if (server->stays_idle)
		gs_command(out, "sudo", "rpc.nfsd");
	else
		gs_command(out, "sudo", "systemctl", "start",
			   server->threads ? "nfs-mountd" : "nfs-server");
}

bool gs_server_is_hindered(const struct gs_starting_fact *starting)
{
	const struct gs_facts facts = { .starting = starting };

	return is_inside(&facts) || lacks_nfsd(&facts) || is_masked(&facts) || is_taken(&facts);
}

static bool cannot_mount(const struct gs_facts *facts)
{
	return facts->starting->leader && facts->starting->container->has_userns;
}

static void say_cannot_mount(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_adds(out, "this is ");
	gs_container_add(facts->starting->container, out);
	gs_str_adds(out, ": the kernel mounts NFS only for root of the container's host");
}

static void mount_outside(const struct gs_facts *facts, struct gs_fixes *out)
{
	static const char there[] = "on the container's host: ";
	const struct gs_starting_fact *starting = facts->starting;

	if (gs_fix_is_typed(starting->typed, "follower", "mount"))
		gs_fix_typed(out, there, starting->typed);
	else
		gs_command(gs_fix_here(out, there), "sudo", "gshare", "follower", "mount",
			   starting->leader, starting->target);
	gs_fix_advise(out, "then bind the mount into this container");
}

const struct gs_check gs_checks_starting[] = {
	{ "SERVER_IN_CONTAINER",
	  "The NFS server does not run, and cannot be started in this container.", GS_ON_LEADER,
	  GS_GIVEN(STARTING), GS_FAIL, is_inside, .message = say_inside, .fix = fix_inside },
	{ "KERNEL_WITHOUT_NFSD", "The NFS server does not run, and the kernel has none.",
	  GS_ON_LEADER, GS_GIVEN(STARTING), GS_FAIL, lacks_nfsd, .message = say_no_nfsd,
	  .fix = fix_no_nfsd },
	{ "UNIT_MASKED", "The NFS server does not run, and a unit that it needs is masked.",
	  GS_ON_LEADER, GS_GIVEN(STARTING), GS_FAIL, is_masked, .message = say_masked,
	  .fix = unmask },
	{ "PORT_TAKEN", "The NFS server does not run, and another program listens on its port.",
	  GS_ON_LEADER, GS_GIVEN(STARTING), GS_FAIL, is_taken, .message = say_taken,
	  .fix = fix_taken },
	{ "CLIENT_IN_CONTAINER", "NFS cannot be mounted in this container.", GS_ON_ANY,
	  GS_GIVEN(STARTING), GS_FAIL, cannot_mount, .message = say_cannot_mount,
	  .fix = mount_outside },
	{ 0 },
};
