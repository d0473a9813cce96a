/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/step/step.h"
#include "core/step/step_state.h"

enum gs_step_state gs_step_judge_unit(const struct gs_step *step, bool is_active)
{
	bool shall = step->kind == GS_STEP_START_UNIT;

	return is_active == shall && is_active != step->unit.was_active ? GS_STEP_DONE
									: GS_STEP_UNDONE;
}

const struct gs_step_info gs_info_start_unit = {
	.name = "START_UNIT",
	.words = "systemctl daemon-reload && systemctl restart",
	.with_path = true,
};

const struct gs_step_info gs_info_stop_unit = {
	.name = "STOP_UNIT",
	.words = "systemctl stop",
	.with_path = true,
};
