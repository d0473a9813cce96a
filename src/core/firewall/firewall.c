/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/firewall/firewall.h"

#include <stdlib.h>
#include <string.h>

#include "base/command.h"

void gs_firewall_done(struct gs_firewall *firewall)
{
	for (size_t i = 0; i < GS_COUNT(firewall->text); i++)
		gs_str_done(&firewall->text[i]);
	free(firewall->unread);
	gs_ruleset_done(&firewall->loaded);
	*firewall = (struct gs_firewall){ 0 };
}

const char *gs_gate_name(enum gs_gate gate)
{
	static const char *const names[] = {
		[GS_GATE_UNKNOWN] = "unknown",
		[GS_GATE_OPEN] = "open",
		[GS_GATE_CLOSED] = "closed",
		[GS_GATE_DENIED] = "denied",
	};

	return names[gate];
}

void gs_verdict_done(struct gs_verdict *verdict)
{
	gs_str_done(&verdict->rule);
	gs_str_done(&verdict->zone);
	*verdict = (struct gs_verdict){ 0 };
}

bool gs_firewall_packet(const struct gs_knock *knock, struct gs_nf_packet *ret)
{
	const struct gs_hostspec *host = knock->host;
	struct gs_nf_packet packet = {
		.family = host->is_v6 ? 6 : 4,
		.prefix = host->prefix,
		.interface = knock->interface,
		.port = knock->port,
	};
	unsigned family = 0;

	if (host->kind != GS_HOST_ADDR && host->kind != GS_HOST_NET)
		return false;
	memcpy(packet.from, host->addr, GS_NF_BYTES);
	packet.has_to = gs_nf_address(gs_span_of(knock->to), packet.to, &family) &&
			family == packet.family;
	*ret = packet;
	return true;
}

bool gs_firewall_way(const struct gs_ruleset *rules, const struct gs_knock *knock,
		     struct gs_way_in *ret)
{
	struct gs_nf_packet packet;

	if (!gs_firewall_packet(knock, &packet))
		return false;
	gs_way_in(rules, &packet, ret);
	return true;
}

/* A rule that names addresses is about them; else nothing is, and the rest is refused. */
static bool is_about_it(const struct gs_nf_rule *rule)
{
	for (size_t i = 0; rule && i < rule->n; i++)
		for (size_t k = 0; k < rule->item[i].keys; k++)
			if (rule->item[i].key[k] == GS_NF_SADDR)
				return true;
	return false;
}

enum gs_gate gs_firewall_gate_of(const struct gs_way_in *way)
{
	if (way->way == GS_FATE_ADMITTED)
		return GS_GATE_OPEN;
	if (way->way == GS_FATE_UNCLEAR)
		return GS_GATE_UNKNOWN;
	return is_about_it(way->rule) ? GS_GATE_DENIED : GS_GATE_CLOSED;
}

/* What is loaded counts, whoever loaded it; of a refusal the tool's own words are kept. */
static void judge_loaded(const struct gs_firewall *firewall, const struct gs_knock *knock,
			 struct gs_verdict *ret)
{
	struct gs_way_in way = { 0 };
	enum gs_gate gate;

	if (!firewall->knows_loaded || !gs_firewall_way(&firewall->loaded, knock, &way))
		return;
	gate = gs_firewall_gate_of(&way);
	if (gate == GS_GATE_UNKNOWN)
		return;
	if (gate != GS_GATE_OPEN && (ret->now < GS_GATE_CLOSED || !ret->rule.len)) {
		gs_str_done(&ret->rule);
		gs_way_in_tell(&way, &ret->rule);
	}
	if (gate == GS_GATE_OPEN || ret->now < gate)
		ret->now = gate;
}

void gs_firewall_judge(const struct gs_firewall *firewall, const struct gs_knock *knock,
		       struct gs_verdict *ret)
{
	*ret = (struct gs_verdict){ 0 };
	if (!firewall->kind || firewall->unread ||
	    (knock->host->kind != GS_HOST_ADDR && knock->host->kind != GS_HOST_NET))
		return;
	firewall->kind->judge(firewall, knock, ret);
	/* One that is not enabled keeps nobody out. */
	if (firewall->charge == GS_CHARGE_LATER)
		ret->now = firewall->unlisted ? GS_GATE_UNKNOWN : GS_GATE_OPEN;
	judge_loaded(firewall, knock, ret);
}

enum gs_gate gs_firewall_gate(const struct gs_verdict *verdict)
{
	return verdict->now > verdict->kept ? verdict->now : verdict->kept;
}

const char *gs_firewall_file(const struct gs_firewall *firewall, const struct gs_opening *opening)
{
	const struct gs_firewall_kind *kind = firewall->kind;
	size_t file = kind->file ? kind->file(firewall, opening) : GS_FIREWALL_READS;

	return file < GS_FIREWALL_READS ? kind->reads[file].file : NULL;
}

void gs_firewall_openings(const struct gs_firewall *firewall, struct gs_openings *ret)
{
	if (firewall->kind && firewall->kind->openings && !firewall->unread)
		firewall->kind->openings(firewall, ret);
}

void gs_opening_command(const struct gs_opening *opening, bool removes, struct gs_str *out)
{
	for (size_t i = 0;; i++) {
		GS_AUTO(gs_strs_done) struct gs_strs words = { 0 };

		if (!opening->kind->command(opening, removes, i, &words))
			return;
		if (i)
			gs_command_and(out);
		/* Programs are named as an administrator types them. */
		gs_command(out, strrchr(words.v[0], '/') + 1);
		for (size_t k = 1; k < words.n; k++)
			gs_command(out, words.v[k]);
	}
}
