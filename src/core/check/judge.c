/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/judge.h"

#include <string.h>

#include "core/check/access.h"
#include "core/check/check.h"
#include "core/check/pair.h"
#include "core/verify/errno_cause.h"
#include "core/verify/explain.h"

void gs_health_judge(struct gs_health *health)
{
	const struct gs_facts facts = { .mount = health };

	gs_checks_run(&facts, GS_FAIL, &health->findings);
}

static bool is_alike(const struct gs_denial *a, const struct gs_denial *b)
{
	return a->act == b->act && a->error == b->error && !strcmp(a->why, b->why);
}

/* What is full or stale for one directory is so for all; rights are each directory's own. */
static void add_fix(const struct gs_denial *denial, struct gs_strs *fixes)
{
	if (denial->fix && !gs_strs_has(fixes, denial->fix) &&
	    !(fixes->n && gs_errno_cause_of(denial->error)))
		gs_strs_add(fixes, denial->fix);
}

/* One finding for all directories where the same act was refused for the same cause. */
static void judge_denial(struct gs_access_report *report, const struct gs_row *row, size_t first)
{
	gs_autostr struct gs_str dirs = { 0 }, fix = { 0 };
	GS_AUTO(gs_strs_done) struct gs_strs fixes = { 0 };
	struct gs_denial_fact denial = { row, &row->refused[first], NULL, NULL };
	const struct gs_facts facts = { .denial = &denial };

	for (size_t i = 0; i < first; i++)
		if (is_alike(&row->refused[i], denial.of))
			return;
	for (size_t i = first; i < row->n_refused; i++) {
		if (!is_alike(&row->refused[i], denial.of))
			continue;
		gs_str_addf(&dirs, "%s%s", dirs.len ? " and " : "", row->refused[i].dir);
		add_fix(&row->refused[i], &fixes);
	}
	for (size_t i = 0; i < fixes.n; i++)
		gs_str_addf(&fix, "%s%s", i ? "; " : "", fixes.v[i]);
	denial.dirs = dirs.ptr;
	denial.fix = fix.ptr;
	gs_checks_run(&facts, GS_FAIL, &report->findings);
}

static void judge_row(struct gs_access_report *report, struct gs_row *row)
{
	const struct gs_row_fact seen = { report, row };
	const struct gs_facts facts = { .row = &seen };

	for (size_t i = 0; i < row->n_refused; i++)
		gs_cause_find(report, row, &row->refused[i]);
	gs_checks_run(&facts, GS_FAIL, &report->findings);
	for (size_t i = 0; i < row->n_refused && !row->timed_out; i++)
		judge_denial(report, row, i);
}

void gs_access_report_judge(struct gs_access_report *report)
{
	const struct gs_facts answer = { .answer = report }, facts = { .access = report };

	gs_checks_run(&answer, GS_FAIL, &report->findings);
	for (size_t i = 0; i < report->n; i++)
		judge_row(report, &report->row[i]);
	gs_checks_run(&facts, GS_FAIL, &report->findings);
}

size_t gs_firewall_tell(const struct gs_firewall_fact *firewall, enum gs_severity most,
			struct gs_findings *findings)
{
	const struct gs_facts facts = { .firewall = firewall };

	return gs_checks_run(&facts, most, findings);
}

static void judge_pair(const struct gs_node *leader, const struct gs_node *follower,
		       const struct gs_node *here, struct gs_findings *findings)
{
	struct gs_pair_fact pair = { .leader = leader, .follower = follower, .here = here };
	const struct gs_facts facts = { .pair = &pair };

	gs_checks_run(&facts, GS_FAIL, findings);
	for (size_t i = 0; i < follower->mounts.n; i++) {
		pair.mount = &follower->mounts.v[i];
		gs_checks_run(&facts, GS_FAIL, findings);
	}
}

void gs_pair_judge(const struct gs_node *here, const struct gs_node *peer,
		   struct gs_findings *findings)
{
	const struct gs_told_fact told = { .peer = peer, .now_ms = here->time_ms };
	const struct gs_facts facts = { .told = &told };

	gs_checks_run(&facts, GS_FAIL, findings);
	judge_pair(here, peer, here, findings);
	judge_pair(peer, here, here, findings);
}
