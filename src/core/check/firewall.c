/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/firewall.h"

#include "base/command.h"
#include "core/check/row.h"

/* Does the leader's own firewall let its followers in? core/firewall has the rows that know. */

static bool is_gate(const struct gs_facts *facts, enum gs_gate gate)
{
	const struct gs_verdict *verdict = facts->firewall->verdict;

	return verdict && gs_firewall_gate(verdict) == gate;
}

static bool is_unread(const struct gs_facts *facts)
{
	return facts->firewall->firewall->unread &&
	       facts->firewall->firewall->charge == GS_CHARGE_NOW;
}

static bool is_stale(const struct gs_facts *facts)
{
	return is_gate(facts, GS_GATE_CLOSED) && facts->firewall->verdict->is_stale;
}

static bool is_closed(const struct gs_facts *facts)
{
	return is_gate(facts, GS_GATE_CLOSED) && !facts->firewall->verdict->is_stale;
}

static bool is_denied(const struct gs_facts *facts)
{
	return is_gate(facts, GS_GATE_DENIED);
}

/* In charge is no tool, or one that is not enabled: somebody else's rules are loaded. */
static bool is_nobodys(const struct gs_facts *facts)
{
	return facts->firewall->firewall->charge == GS_CHARGE_LATER;
}

static const char *name_of(const struct gs_facts *facts)
{
	return is_nobodys(facts) ? "loaded rules" : facts->firewall->firewall->kind->name;
}

static void say_unread(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "the rules of the firewall (%s) cannot be read: %s", name_of(facts),
		    facts->firewall->firewall->unread);
}

static void say_stale(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "the rule of %s that lets %s reach port %u is in its files, not loaded",
		    name_of(facts), facts->firewall->knock->host->text,
		    facts->firewall->knock->port);
}

/* The rule, or the policy, that decides. */
static void add_rule(const struct gs_facts *facts, struct gs_str *out)
{
	if (!facts->firewall->verdict->rule.len)
		return;
	gs_str_adds(out, ": ");
	gs_str_add_safe(out, gs_str_span(&facts->firewall->verdict->rule));
}

static void say_closed(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "the firewall (%s) has no rule that lets %s reach port %u", name_of(facts),
		    facts->firewall->knock->host->text, facts->firewall->knock->port);
	/* Then the rule admits it, and is not loaded; else one of the kernel decides. */
	if (facts->firewall->verdict->kept == GS_GATE_OPEN &&
	    !gs_span_has_prefix(gs_str_span(&facts->firewall->verdict->rule), "table "))
		gs_str_adds(out, ", though one that a reload or a boot loads is kept");
	add_rule(facts, out);
}

static void say_denied(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "a rule of %s denies %s port %u", name_of(facts),
		    facts->firewall->knock->host->text, facts->firewall->knock->port);
	add_rule(facts, out);
}

/* By the tool itself where gshare cannot. */
static void fix_by_tool(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_firewall_fact *fact = facts->firewall;

	if (fact->firewall->kind->fix)
		fact->firewall->kind->fix(fact->firewall, fact->knock, fact->verdict,
					  gs_fix_here(out, ""));
}

/*
 * A rule of others that is the same leaves nothing to gshare. Where nobody's tool loaded them the
 * message names the rule: whoever did knows how to change it.
 */
static void fix_closed(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_firewall_fact *fact = facts->firewall;
	const struct gs_hostspec *host = fact->knock->host;
	struct gs_str *command;

	if (is_nobodys(facts))
		return;
	if (!fact->firewall->kind->command || fact->verdict->is_same) {
		fix_by_tool(facts, out);
		return;
	}
	command = gs_fix_here(out, "");
	gs_command(command, "sudo", "gshare", "leader", "add", host->text, "--path", fact->path);
	if (fact->firewall->kind->asks)
		gs_command(command, "--firewall", fact->firewall->kind->name);
	else if (is_denied(facts))
		gs_command(command, "--firewall-first");
	if (gs_hostspec_is_wide(host))
		gs_command(command, "--allow-wide");
}

const struct gs_check gs_checks_firewall[] = {
	{ "FIREWALL_UNREAD", "The rules of the leader's firewall cannot be read.", GS_ON_LEADER,
	  GS_GIVEN(FIREWALL), GS_NOTE, is_unread, .message = say_unread, .ends = true },
	{ "FIREWALL_CLOSED", "The leader's firewall does not let a follower reach the NFS port.",
	  GS_ON_LEADER, GS_GIVEN(FIREWALL), GS_FAIL, is_closed, .message = say_closed,
	  .fix = fix_closed },
	{ "FIREWALL_DENIED", "A rule of the leader's firewall denies a follower the NFS port.",
	  GS_ON_LEADER, GS_GIVEN(FIREWALL), GS_FAIL, is_denied, .message = say_denied,
	  .fix = fix_closed },
	{ "FIREWALL_NOT_LOADED", "A rule that the leader's firewall keeps is not loaded.",
	  GS_ON_LEADER, GS_GIVEN(FIREWALL), GS_FAIL, is_stale, .message = say_stale,
	  .fix = fix_by_tool },
	{ 0 },
};
