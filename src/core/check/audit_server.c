/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "core/check/audit.h"
#include "core/check/row.h"
#include "core/exports/sockets.h"

/* What a server offers that no follower needs: they mount with NFS 4 over one port. */

enum { RPCBIND_PORT = 111, VERSION_PARTS = 3 };

/* ---- the facts ---------------------------------------------------------------------------- */

void gs_audit_rpcbind(struct gs_span sockets, struct gs_str *ret_addr)
{
	struct gs_socket socket;

	while (!ret_addr->len && gs_sockets_next(&sockets, &socket))
		if (socket.state == GS_SOCKET_LISTENS && socket.port == RPCBIND_PORT &&
		    strncmp(socket.local, "127.", 4) != 0 && strcmp(socket.local, "::1") != 0)
			gs_str_adds(ret_addr, socket.local);
}

static bool read_version(struct gs_span text, uint64_t ret[static VERSION_PARTS])
{
	struct gs_span part;
	size_t n = 0;

	while (n < VERSION_PARTS && gs_span_cut(&text, '.', &part)) {
		if (!gs_span_number(part, UINT16_MAX, &ret[n]))
			return false;
		n++;
	}
	return n > 1;
}

/* "rpc.mountd version 2.6.2" */
char *gs_audit_version(struct gs_span said)
{
	struct gs_span line = { 0 }, word;

	if (!gs_span_cut(&said, '\n', &line))
		return NULL;
	line = gs_span_trim(line);
	while (gs_span_cut(&line, ' ', &word)) {
		uint64_t number[VERSION_PARTS] = { 0 };

		if (read_version(word, number))
			return gs_span_dup(word);
	}
	return NULL;
}

/* ---- known holes -------------------------------------------------------------------------- */

/* struct hole - of rpc.mountd for NFS 3; @fixed: the first version of nfs-utils without it */
static const struct hole {
	const char *id, *what;
	const char *fixed;
} holes[] = {
	/* linux-nfs, 5 March 2026, "rpc.mountd CVE-2025-12801 announcement" */
	{ "CVE-2025-12801",
	  "a client can mount any directory below an export, whatever its mode and the export's "
	  "squash say",
	  "2.8.6" },
};

static bool is_before(const char *version, const char *fixed)
{
	uint64_t a[VERSION_PARTS] = { 0 }, b[VERSION_PARTS] = { 0 };

	if (!read_version(gs_span_of(version), a) || !read_version(gs_span_of(fixed), b))
		return false;
	for (size_t i = 0; i < VERSION_PARTS; i++)
		if (a[i] != b[i])
			return a[i] < b[i];
	return false;
}

static const struct hole *find_hole(const struct gs_audit_server_fact *server)
{
	for (size_t i = 0; server->version && server->offer->has_v3 && i < GS_COUNT(holes); i++)
		if (is_before(server->version, holes[i].fixed))
			return &holes[i];
	return NULL;
}

/* ---- the checks --------------------------------------------------------------------------- */

static bool has_hole(const struct gs_facts *facts)
{
	return find_hole(facts->audit_server);
}

/* A distribution mends what it has, and keeps the number: only its own list can tell. */
static void say_hole(const struct gs_facts *facts, struct gs_str *out)
{
	const struct hole *hole = find_hole(facts->audit_server);

	if (hole)
		gs_str_addf(out,
			    "rpc.mountd is of nfs-utils %s, and by NFS 3 %s (%s), unless this "
			    "distribution has mended it, as nfs-utils %s has",
			    facts->audit_server->version, hole->what, hole->id, hole->fixed);
}

static void add_v4_only(const struct gs_audit_server_fact *server, struct gs_fixes *out)
{
	const char *file = gs_nfsd_conf_of(server->offer, "vers3");
	struct gs_str *fix = gs_fix_here(
		out,
		"if no client mounts with NFS 3, when all may wait for the server's restart: ");

	gs_command(fix, "sudo", "nfsconf", file ? "--file" : NULL, file, "--set", "nfsd", "vers3",
		   "n");
	gs_command_and(fix);
	if (server->has_systemd) {
		gs_command(fix, "sudo", "systemctl", "restart", "nfs-server");
		return;
	}
	gs_command(fix, "sudo", "rpc.nfsd", "0");
	gs_command_and(fix);
	gs_command(fix, "sudo", "rpc.nfsd");
}

static void close_v3(const struct gs_facts *facts, struct gs_fixes *out)
{
	add_v4_only(facts->audit_server, out);
}

static bool has_v3(const struct gs_facts *facts)
{
	const struct gs_nfsd_offer *offer = facts->audit_server->offer;

	return offer->has_v3 && offer->minors & GS_NFSD_MINORS_MOUNTED;
}

static void say_v3(const struct gs_facts *facts, struct gs_str *out)
{
	const char *rpcbind = facts->audit_server->rpcbind;

	gs_str_adds(out,
		    "nfsd offers NFS 3 beside NFS 4, by which followers mount: it takes "
		    "rpc.mountd, rpc.statd and rpcbind, on ports of their own");
	if (rpcbind)
		gs_str_addf(out, "; rpcbind listens on %s", rpcbind);
}

static bool is_bound(const struct gs_facts *facts)
{
	const struct gs_audit_server_fact *server = facts->audit_server;

	return server->rpcbind && !server->offer->has_v3 && !server->needs_v3;
}

static void say_bound(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "rpcbind listens on %s, port %d, though neither the server nor a mount of this "
		    "node has NFS 3",
		    facts->audit_server->rpcbind, RPCBIND_PORT);
}

/* nfs-server.service wants the socket: what is only disabled would come back with it. */
static void close_rpcbind(const struct gs_facts *facts, struct gs_fixes *out)
{
	if (facts->audit_server->has_systemd)
		gs_command(gs_fix_here(out, "if nothing else on this node needs it: "), "sudo",
			   "systemctl", "mask", "--now", "rpcbind.socket", "rpcbind.service");
	else
		gs_command(gs_fix_here(out, "if nothing else on this node needs it: "), "sudo",
			   "pkill", "-x", "rpcbind");
}

const struct gs_check gs_checks_audit_server[] = {
	{ "MOUNTD_CVE", "The installed rpc.mountd has a known hole, unless it was mended.",
	  GS_ON_LEADER, GS_GIVEN(AUDIT_SERVER), GS_WARN, has_hole, .message = say_hole,
	  .fix = close_v3 },
	{ "NFSD_V3", "nfsd offers NFS 3 as well, with the services that it needs.", GS_ON_LEADER,
	  GS_GIVEN(AUDIT_SERVER), GS_WARN, has_v3, .message = say_v3, .fix = close_v3 },
	{ "RPCBIND_OPEN", "rpcbind is open to the network, and nothing needs it for NFS.",
	  GS_ON_LEADER, GS_GIVEN(AUDIT_SERVER), GS_WARN, is_bound, .message = say_bound,
	  .fix = close_rpcbind },
	{ 0 },
};
