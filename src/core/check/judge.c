/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/judge.h"

#include <string.h>

#include "core/check/access.h"
#include "core/check/check.h"
#include "core/verify/explain.h"

void gs_health_judge(struct gs_health *health)
{
	const struct gs_facts facts = { .mount = health };

	gs_checks_run(&facts, GS_FAIL, &health->findings);
}

static bool is_alike(const struct gs_refusal *a, const struct gs_refusal *b)
{
	return a->act == b->act && a->error == b->error && !strcmp(a->why, b->why);
}

/* One finding for all directories where the same was refused for the same reason. */
static void judge_refusal(struct gs_survey *survey, const struct gs_row *row, size_t first)
{
	gs_autostr struct gs_str dirs = { 0 };
	struct gs_refusal_fact refusal = { row, &row->refused[first], NULL };
	const struct gs_facts facts = { .refusal = &refusal };

	for (size_t i = 0; i < first; i++)
		if (is_alike(&row->refused[i], refusal.of))
			return;
	for (size_t i = first; i < row->n_refused; i++)
		if (is_alike(&row->refused[i], refusal.of))
			gs_str_addf(&dirs, "%s%s", dirs.len ? " and " : "", row->refused[i].dir);
	refusal.dirs = dirs.ptr;
	gs_checks_run(&facts, GS_FAIL, &survey->findings);
}

static void judge_row(struct gs_survey *survey, struct gs_row *row)
{
	const struct gs_row_fact seen = { survey, row };
	const struct gs_facts facts = { .row = &seen };

	for (size_t i = 0; i < row->n_refused; i++)
		gs_reason_find(survey, row, &row->refused[i]);
	gs_checks_run(&facts, GS_FAIL, &survey->findings);
	for (size_t i = 0; i < row->n_refused && !row->timed_out; i++)
		judge_refusal(survey, row, i);
}

void gs_survey_judge(struct gs_survey *survey)
{
	const struct gs_facts answer = { .answer = survey }, facts = { .access = survey };

	gs_checks_run(&answer, GS_FAIL, &survey->findings);
	for (size_t i = 0; i < survey->n; i++)
		judge_row(survey, &survey->row[i]);
	gs_checks_run(&facts, GS_FAIL, &survey->findings);
}
