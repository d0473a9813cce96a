/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "core/plan.h"

static void judge_row(struct gs_survey *survey, const struct gs_row *row)
{
	const struct {
		const char *verb;
		const struct gs_act *act;
		bool when_readonly;
	} acts[] = {
		{ "read", &row->read, true },
		{ "create", &row->create, false },
		{ "change", &row->change, false },
		{ "delete", &row->remove, false },
	};

	if (row->timed_out) {
		gs_findings_add(&survey->findings, GS_FAIL, "VERIFY_SILENT", NULL,
				"'%s' did not answer uid %u in time", survey->path, row->uid);
		return;
	}
	for (size_t i = 0; i < GS_COUNT(acts); i++) {
		if (acts[i].act->answer != GS_ANSWER_NO ||
		    (row->readonly && !acts[i].when_readonly))
			continue;
		gs_findings_add(&survey->findings, GS_FAIL, "VERIFY_LESS", NULL,
				"uid %u cannot %s files in %s: %s", row->uid, acts[i].verb,
				row->where ? row->where : survey->path,
				gs_errno_text(acts[i].act->error));
		return;
	}
}

void gs_survey_judge(struct gs_survey *survey)
{
	for (size_t i = 0; i < survey->n; i++)
		judge_row(survey, &survey->row[i]);
	if (survey->kept[0] && strcmp(survey->kept, survey->id) != 0)
		gs_findings_add(&survey->findings, GS_FAIL, "ID_DIFFERS", NULL,
				"the share's id is %s, not %s as kept in /etc/fstab",
				survey->id[0] ? survey->id : "missing", survey->kept);
}
