/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/step/steps.h"

#include <string.h>

#include "base/command.h"
#include "core/step/step.h"

static const struct gs_step_info *const table[GS_STEP_KINDS] = {
	[GS_STEP_INSTALL] = &gs_info_install,
	[GS_STEP_ADD_ACCOUNT] = &gs_info_add_account,
	[GS_STEP_MAKE_DIR] = &gs_info_make_dir,
	[GS_STEP_CHECK_EXPORTS] = &gs_info_check_exports,
	[GS_STEP_DRAIN] = &gs_info_drain,
	[GS_STEP_WRITE_FILE] = &gs_info_write_file,
	[GS_STEP_START_SERVER] = &gs_info_start_server,
	[GS_STEP_APPLY_EXPORTS] = &gs_info_apply_exports,
	[GS_STEP_STAGE] = &gs_info_stage,
	[GS_STEP_GUARD] = &gs_info_guard,
	[GS_STEP_READ_AHEAD] = &gs_info_read_ahead,
	[GS_STEP_MOUNT] = &gs_info_mount,
	[GS_STEP_VERIFY] = &gs_info_verify,
	[GS_STEP_UMOUNT] = &gs_info_umount,
	[GS_STEP_REMOUNT] = &gs_info_remount,
	[GS_STEP_RENEW] = &gs_info_renew,
	[GS_STEP_REPAIR] = &gs_info_repair,
	[GS_STEP_STOP_SERVER] = &gs_info_stop_server,
	[GS_STEP_REMOVE_DIR] = &gs_info_remove_dir,
	[GS_STEP_SET_DIR] = &gs_info_set_dir,
	[GS_STEP_OPEN_PORT] = &gs_info_open_port,
	[GS_STEP_CLOSE_PORT] = &gs_info_close_port,
	[GS_STEP_START_UNIT] = &gs_info_start_unit,
	[GS_STEP_STOP_UNIT] = &gs_info_stop_unit,
};

const struct gs_step_info *gs_step_info_of(enum gs_step_kind kind)
{
	return table[kind];
}

const char *gs_step_name(enum gs_step_kind kind)
{
	return table[kind]->name;
}

bool gs_step_kind_find(const char *name, enum gs_step_kind *ret)
{
	for (size_t i = 0; i < GS_COUNT(table); i++) {
		if (strcmp(name, table[i]->name) != 0 &&
		    (!table[i]->was || strcmp(name, table[i]->was) != 0))
			continue;
		*ret = (enum gs_step_kind)i;
		return true;
	}
	return false;
}

bool gs_step_is_offline(const struct gs_step *step)
{
	return table[step->kind]->offline;
}

void gs_step_done(struct gs_step *step)
{
	if (table[step->kind]->done)
		table[step->kind]->done(step);
}

void gs_step_command(const struct gs_step *step, struct gs_str *out)
{
	const struct gs_step_info *info = table[step->kind];

	if (!info->words) {
		info->add(step, out);
		return;
	}
	gs_str_adds(out, info->words);
	if (info->with_path)
		gs_command(out, step->path);
}
