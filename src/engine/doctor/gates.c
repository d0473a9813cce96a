/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/doctor/gates.h"

#include <string.h>

#include "core/check/firewall.h"
#include "core/check/judge.h"
#include "core/exports/host.h"
#include "engine/observe/firewall.h"
#include "engine/phase.h"

enum { GATES_MAX = 64 }; /* each is judged by all rules */

static void add_gate(struct gs_sys *sys, const struct gs_firewall *firewall, const char *addr,
		     struct gs_node *node)
{
	GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };
	GS_AUTO(gs_verdict_done) struct gs_verdict verdict = { 0 };
	GS_AUTO(gs_findings_done) struct gs_findings told = { 0 };
	GS_AUTO(gs_names_done) struct gs_names ways = { 0 };
	const struct gs_strs *way;
	struct gs_node_gate *gate;
	struct gs_knock knock;

	gs_observe_way(sys, addr, &ways);
	way = gs_names_find(&ways, addr);
	gs_hostspec_read(gs_span_of(addr), &host);
	knock = (struct gs_knock){ &host, way && way->n ? way->v[0] : NULL, (unsigned)node->port,
				   way && way->n > 1 ? way->v[1] : NULL };
	gs_firewall_judge(firewall, &knock, &verdict);
	/* What is not enabled lacks nothing: only what is loaded counts. */
	if (firewall->charge == GS_CHARGE_LATER)
		verdict.kept = verdict.now;
	(void)gs_firewall_tell(&(struct gs_firewall_fact){ firewall, &knock, &verdict, "/" },
			       GS_FAIL, &told);
	gate = gs_node_add(node, GS_NODE_GATE);
	gate->addr = gs_strdup(addr);
	gate->state = gs_strdup(gs_gate_name(gs_firewall_gate(&verdict)));
	gate->said = told.n ? gs_strdup(told.v[0].text) : NULL;
}

void gs_look_gates(struct gs_sys *sys, const struct gs_strs *addrs, struct gs_node *node)
{
	GS_AUTO(gs_firewall_done) struct gs_firewall firewall = { 0 };

	if (!node->port || !addrs->n)
		return;
	gs_observe_firewall(sys, false, &firewall);
	for (size_t i = 0; !firewall.unread && i < addrs->n && i < GATES_MAX; i++)
		add_gate(sys, &firewall, addrs->v[i], node);
}

void gs_look_client_gates(struct gs_sys *sys, struct gs_node *node)
{
	GS_AUTO(gs_strs_done) struct gs_strs addrs = { 0 };

	for (size_t i = 0; i < node->exports.n; i++) {
		const char *client = node->exports.v[i].client;

		if (gs_node_is_address(client) && !gs_strs_has(&addrs, client))
			gs_strs_add(&addrs, client);
	}
	gs_look_gates(sys, &addrs, node);
}

void gs_look_peer_gates(struct gs_sys *sys, const struct gs_node *peer, struct gs_node *here)
{
	GS_AUTO(gs_strs_done) struct gs_strs addrs = { 0 };
	struct gs_err unseen = { 0 };

	for (size_t i = 0; i < peer->addresses.n; i++)
		if (!gs_node_has(here, peer->addresses.v[i].addr))
			gs_strs_add(&addrs, peer->addresses.v[i].addr);
	if (sys->ops->privs->enter(GS_PHASE_OBSERVE, &unseen) < 0)
		return;
	gs_look_gates(sys, &addrs, here);
	(void)gs_phase_end(sys, 0, &unseen);
}
