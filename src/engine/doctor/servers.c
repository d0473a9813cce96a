/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/doctor/servers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/check/pair.h"
#include "engine/doctor/node.h"
#include "engine/observe/server.h"

enum {
	FEW = 4,       /* each of them may cost the time of a connection */
	ASK_MS = 3300, /* a connection's 2.5 s, and what the processes need */
	SERVERS_MAX = 512,
};

/* @said: why it is silent; nothing: it is not */
struct gs_asked {
	char *addr;
	unsigned port;
	struct gs_cases said;
};

static void add(struct gs_servers *servers, const char *addr, unsigned port)
{
	for (size_t i = 0; i < servers->n; i++)
		if (servers->v[i].port == port && !strcmp(servers->v[i].addr, addr))
			return;
	if (servers->n == SERVERS_MAX)
		return;
	gs_grow(&servers->v, servers->n, &servers->room, sizeof *servers->v);
	servers->v[servers->n++] = (struct gs_asked){ gs_strdup(addr), port, { 0 } };
}

static void add_mounts(struct gs_sys *sys, struct gs_servers *ret)
{
	GS_AUTO(gs_mounts_done) struct gs_mounts mounts = { 0 };
	struct gs_err unread = { 0 };

	/* A table that cannot be read is told by who looks at the mounts. */
	(void)sys->ops->mount->list_nfs(sys, &mounts, &unread);
	for (size_t i = 0; i < mounts.n; i++) {
		unsigned port = 0;
		gs_autofree char *addr = gs_mount_server(&mounts.v[i], &port);

		if (addr)
			add(ret, addr, port);
	}
}

void gs_list_servers(struct gs_sys *sys, const struct gs_entries *entries, bool mounts,
		     struct gs_servers *ret)
{
	if (mounts)
		add_mounts(sys, ret);
	for (size_t i = 0; i < entries->n; i++) {
		gs_autofree char *addr = NULL;

		if (gs_entry_server(entries->v[i], &addr))
			add(ret, addr, gs_mountopt_port(entries->v[i]->options));
	}
}

bool gs_servers_are_few(const struct gs_servers *servers)
{
	return servers->n <= FEW;
}

static bool is_listed(const struct gs_servers *servers, const struct gs_node *peer)
{
	for (size_t i = 0; i < servers->n; i++)
		if (gs_node_has(peer, servers->v[i].addr))
			return true;
	return false;
}

/* One from which something is mounted is listed already. */
void gs_servers_add_peer(struct gs_sys *sys, const struct gs_node *peer, struct gs_servers *ret)
{
	GS_AUTO(gs_node_done) struct gs_node here = { 0 };
	struct gs_err unseen = { 0 };
	const char *addr;

	if (!peer->port || is_listed(ret, peer) || gs_look_links(sys, &here, &unseen) < 0)
		return;
	addr = gs_pair_beside(peer, &here);
	if (addr)
		add(ret, addr, (unsigned)peer->port);
}

static void ask(struct gs_sys *sys, const struct gs_look *look, struct gs_cases *cases)
{
	const struct gs_asked *server = look->arg;
	int64_t end_ns = sys->ops->clock->now_ns(sys) + ASK_MS * INT64_C(1000000);
	struct gs_err silent = { 0 };
	unsigned rtt_us = 0;

	if (end_ns < sys->deadline_ns)
		sys->deadline_ns = end_ns;
	if (sys->ops->nfs->reach(sys, server->addr, server->port, &rtt_us, &silent) < 0)
		gs_cases_add_error(cases, look->side, NULL, &silent);
}

void gs_servers_ask(struct gs_servers *servers, struct gs_looks *looks)
{
	for (size_t i = 0; i < servers->n; i++) {
		struct gs_asked *server = &servers->v[i];

		gs_looks_add(looks, GS_SIDE_FOLLOWER, NULL, ask, server)->ret = &server->said;
	}
}

/* A look that had no time says nothing of its server. */
static void hold(struct gs_sys *sys, const struct gs_asked *server)
{
	const struct gs_finding *said = server->said.n ? &server->said.v[0].finding : NULL;
	struct gs_err err = { 0 };

	if (!said || !said->id || !strcmp(said->id, "LOOK_FAILED") || !strcmp(said->id, "NO_TIME"))
		return;
	gs_err_set(&err, ETIMEDOUT, "%s", said->text);
	gs_err_cause(&err, said->id);
	gs_err_advise(&err, "%s", said->fix ? said->fix : "");
	sys->ops->nfs->hold_silent(sys, server->addr, server->port, &err);
}

void gs_servers_hold(struct gs_sys *sys, const struct gs_servers *servers)
{
	for (size_t i = 0; i < servers->n; i++)
		hold(sys, &servers->v[i]);
}

/* One that had no time said nothing. */
void gs_servers_knocks(const struct gs_servers *servers, struct gs_node *node)
{
	for (size_t i = 0; i < servers->n; i++) {
		const struct gs_asked *server = &servers->v[i];
		const char *id = server->said.n ? server->said.v[0].finding.id : "reached";
		struct gs_node_knock *knock;

		if (!strcmp(id, "NO_TIME") || !strcmp(id, "LOOK_FAILED"))
			continue;
		knock = gs_node_add(node, GS_NODE_KNOCK);
		knock->addr = gs_strdup(server->addr);
		knock->port = server->port;
		knock->state = gs_strdup(id);
	}
}

void gs_servers_done(struct gs_servers *servers)
{
	for (size_t i = 0; i < servers->n; i++) {
		free(servers->v[i].addr);
		gs_cases_done(&servers->v[i].said);
	}
	free(servers->v);
	*servers = (struct gs_servers){ 0 };
}
