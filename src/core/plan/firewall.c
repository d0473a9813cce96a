/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/plan/firewall.h"

#include "core/plan/plan.h"

static const char *keep(struct gs_plan *plan, const char *text)
{
	return text ? gs_plan_keep(plan, gs_span_of(text)) : NULL;
}

void gs_plan_opening(struct gs_plan *plan, enum gs_step_kind kind, const struct gs_opening *rule,
		     const char *why)
{
	const char *host = gs_plan_keep(plan, gs_span_of(rule->host));
	struct gs_step *step = gs_plan_step(plan, kind, host, why);

	step->opening = *rule;
	step->opening.host = host;
	step->opening.tag = keep(plan, rule->tag);
	step->opening.was = keep(plan, rule->was);
	step->opening.zone = keep(plan, rule->zone);
}
