/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/command.h"
#include "core/check/pair.h"

/*
 * What is between two nodes: packets that one sends and the other never sees. Only both together
 * know it: the follower that they are lost, the leader that its own firewall lets them in.
 */

/* The follower's knock at the leader; NULL: it has none, or another server is silent as well. */
static const struct gs_node_knock *knock_of(const struct gs_pair_fact *pair)
{
	const struct gs_node_knock *found = NULL;

	for (size_t i = 0; i < pair->follower->knocks.n; i++) {
		const struct gs_node_knock *knock = &pair->follower->knocks.v[i];

		if (!strcmp(knock->state, "reached"))
			continue;
		if (!gs_node_has(pair->leader, knock->addr))
			return NULL;
		found = knock;
	}
	return found;
}

/* What the leader's firewall does with the follower; NULL: not known of any of its addresses. */
static const struct gs_node_gate *gate_of(const struct gs_pair_fact *pair)
{
	for (size_t i = 0; i < pair->leader->gates.n; i++)
		if (gs_node_has(pair->follower, pair->leader->gates.v[i].addr))
			return &pair->leader->gates.v[i];
	return NULL;
}

static bool is_gate(const struct gs_facts *facts, const char *state)
{
	const struct gs_node_gate *gate = gate_of(facts->pair);

	return !facts->pair->mount && knock_of(facts->pair) && gate && !strcmp(gate->state, state);
}

static bool is_shut(const struct gs_facts *facts)
{
	return is_gate(facts, "closed") || is_gate(facts, "denied");
}

static void say_shut(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_node_knock *knock = knock_of(facts->pair);
	const struct gs_node_gate *gate = gate_of(facts->pair);

	if (!gate || !knock)
		return;
	gs_str_addf(out, "the firewall of %s keeps %s out of port %llu",
		    gs_pair_name(facts->pair, facts->pair->leader), gate->addr,
		    (unsigned long long)knock->port);
	if (!gate->said)
		return;
	gs_str_adds(out, ": ");
	gs_str_add_safe(out, gs_span_of(gate->said));
}

/* There the rule is named, and the command that helps. */
static void fix_shut(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_command(gs_pair_fix(facts->pair, facts->pair->leader, out), "sudo", "gshare", "doctor");
}

/* What is rejected was answered by somebody: that one is named. */
static bool is_lost(const struct gs_facts *facts)
{
	const struct gs_node_knock *knock = knock_of(facts->pair);

	return is_gate(facts, "open") && (!strcmp(knock->state, "PORT_FILTERED") ||
					  !strcmp(knock->state, "HOST_NOT_RESPONDING"));
}

static void say_lost(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_node_knock *knock = knock_of(facts->pair);
	const struct gs_node_gate *gate = gate_of(facts->pair);

	if (gate && knock)
		gs_str_addf(out,
			    "packets of %s to port %llu of %s are lost between them: the firewall "
			    "of %s lets them in, and neither node has an answer",
			    gate->addr, (unsigned long long)knock->port, knock->addr,
			    gs_pair_name(facts->pair, facts->pair->leader));
}

static void fix_lost(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_node_knock *knock = knock_of(facts->pair);
	const struct gs_node_gate *gate = gate_of(facts->pair);

	if (gate && knock)
		gs_fix_advise(out,
			      "let tcp port %llu from %s to %s through what is between them: a "
			      "router, a switch, or the security groups of the cloud",
			      (unsigned long long)knock->port, gate->addr, knock->addr);
}

const struct gs_check gs_checks_gate[] = {
	{ "PEER_FIREWALL", "The firewall of the other node keeps this one out.", GS_ON_ANY,
	  GS_GIVEN(PAIR), GS_FAIL, is_shut, .message = say_shut, .fix = fix_shut },
	{ "LOST_BETWEEN",
	  "Packets between two nodes are lost on the way, by neither node's firewall.", GS_ON_ANY,
	  GS_GIVEN(PAIR), GS_FAIL, is_lost, .message = say_lost, .fix = fix_lost },
	{ 0 },
};
