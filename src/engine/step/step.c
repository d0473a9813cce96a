/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/step/step.h"

int gs_step_nothing(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	(void)run;
	(void)step;
	(void)err;
	return 0;
}
