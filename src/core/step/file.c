/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/command.h"
#include "base/shareid.h"
#include "core/format/envmask.h"
#include "core/step/step.h"
#include "core/step/step_state.h"

static void add_write(const struct gs_step *step, struct gs_str *out)
{
	gs_command(out,
		   step->write.remove	    ? "rm"
		   : step->write.old_exists ? "replace"
					    : "write",
		   step->path);
}

static bool holds(const struct gs_file *file, bool exists, struct gs_span text)
{
	return file->exists == exists && (!exists || gs_span_is(gs_str_span(&file->text), text));
}

bool gs_step_forgets_id(const struct gs_step *step)
{
	return step->kind == GS_STEP_WRITE_FILE && step->write.remove &&
	       gs_share_is_file(step->path);
}

enum gs_step_state gs_step_judge_file(const struct gs_step *step, const struct gs_file *file)
{
	if (holds(file, step->write.old_exists, step->write.old))
		return GS_STEP_UNDONE;
	return holds(file, !step->write.remove, step->write.text) ? GS_STEP_DONE : GS_STEP_OTHER;
}

const struct gs_step_info gs_info_write_file = {
	.name = "WRITE_FILE",
	.add = add_write,
	.offline = true,
	.writes_file = true,
};
