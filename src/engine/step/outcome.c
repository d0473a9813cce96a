/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/step/outcome.h"

#include "core/plan/finding.h"
#include "core/plan/plan.h"

void gs_done_done(struct gs_done *done)
{
	gs_strs_done(&done->verified);
	gs_writing_done(&done->open);
	gs_findings_done(&done->findings);
	gs_repair_done(&done->repair);
	*done = (struct gs_done){ 0 };
}
