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

void gs_firewall_judge(const struct gs_firewall *firewall, const struct gs_knock *knock,
		       struct gs_verdict *ret)
{
	*ret = (struct gs_verdict){ 0 };
	if (!firewall->kind || firewall->unread ||
	    (knock->host->kind != GS_HOST_ADDR && knock->host->kind != GS_HOST_NET))
		return;
	firewall->kind->judge(firewall, knock, ret);
	if (firewall->charge == GS_CHARGE_LATER)
		ret->now = GS_GATE_OPEN;
}

enum gs_gate gs_firewall_gate(const struct gs_verdict *verdict)
{
	return verdict->now > verdict->kept ? verdict->now : verdict->kept;
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
