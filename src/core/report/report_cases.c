/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/report/report_cases.h"

#include "core/check/causes.h"

static const char *verdict_of(const struct gs_case *c)
{
	static const char *const names[] = {
		[GS_NOTE] = "note", [GS_WARN] = "warn", [GS_FAIL] = "FAIL"
	};

	if (!c->finding.id)
		return "ok";
	return c->because == GS_NO_CASE ? names[c->finding.severity] : "skip";
}

static const char *area_of(const struct gs_case *c)
{
	if (c->finding.id)
		return gs_area(c->finding.id);
	return c->side == GS_SIDE_LEADER     ? "leader"
	       : c->side == GS_SIDE_FOLLOWER ? "follower"
					     : "node";
}

/* @cause: its fix is told at the end */
static void add_case(const struct gs_cases *cases, const struct gs_case *c,
		     const struct gs_case *cause, struct gs_str *out)
{
	gs_str_addf(out, "  %-5s %-9s ", verdict_of(c), area_of(c));
	if (c->because != GS_NO_CASE)
		gs_str_addf(out, "because of %s: ", cases->v[c->because].finding.id);
	if (!c->finding.id && c->place) {
		gs_str_add_safe(out, gs_span_of(c->place));
		gs_str_adds(out, "  ");
	}
	gs_str_adds(out, c->finding.text);
	if (c->finding.id)
		gs_str_addf(out, " (%s)", c->finding.id);
	gs_str_addc(out, '\n');
	if (!c->finding.fix || c->because != GS_NO_CASE || c == cause)
		return;
	gs_str_adds(out, "        fix     ");
	gs_str_add_message(out, gs_span_of(c->finding.fix));
	gs_str_addc(out, '\n');
}

void gs_report_cases(const struct gs_cases *cases, struct gs_str *out)
{
	const struct gs_case *cause = gs_cases_cause(cases);

	for (size_t i = 0; i < cases->n; i++)
		add_case(cases, &cases->v[i], cause, out);
	if (!cause)
		return;
	gs_str_addf(out, "cause: %s\n", cause->finding.id);
	if (!cause->finding.fix)
		return;
	gs_str_adds(out, "fix:   ");
	gs_str_add_message(out, gs_span_of(cause->finding.fix));
	gs_str_addc(out, '\n');
}
