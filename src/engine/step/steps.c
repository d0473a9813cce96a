/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/step/steps.h"

static const struct gs_step_ops *const table[GS_STEP_KINDS] = {
	[GS_STEP_INSTALL] = &gs_step_install,
	[GS_STEP_ADD_ACCOUNT] = &gs_step_add_account,
	[GS_STEP_MAKE_DIR] = &gs_step_make_dir,
	[GS_STEP_CHECK_EXPORTS] = &gs_step_check_exports,
	[GS_STEP_DRAIN] = &gs_step_drain,
	[GS_STEP_WRITE_FILE] = &gs_step_write_file,
	[GS_STEP_START_SERVER] = &gs_step_start_server,
	[GS_STEP_APPLY_EXPORTS] = &gs_step_apply_exports,
	[GS_STEP_STAGE] = &gs_step_stage,
	[GS_STEP_GUARD] = &gs_step_guard,
	[GS_STEP_READ_AHEAD] = &gs_step_read_ahead,
	[GS_STEP_MOUNT] = &gs_step_mount,
	[GS_STEP_VERIFY] = &gs_step_verify,
	[GS_STEP_UMOUNT] = &gs_step_umount,
	[GS_STEP_REMOUNT] = &gs_step_remount,
	[GS_STEP_RENEW] = &gs_step_renew,
	[GS_STEP_REPAIR] = &gs_step_repair,
	[GS_STEP_STOP_SERVER] = &gs_step_stop_server,
	[GS_STEP_REMOVE_DIR] = &gs_step_remove_dir,
	[GS_STEP_SET_DIR] = &gs_step_set_dir,
	[GS_STEP_OPEN_PORT] = &gs_step_open_port,
	[GS_STEP_CLOSE_PORT] = &gs_step_close_port,
	[GS_STEP_START_UNIT] = &gs_step_start_unit,
	[GS_STEP_STOP_UNIT] = &gs_step_stop_unit,
};

const struct gs_step_ops *gs_step_ops_of(enum gs_step_kind kind)
{
	return table[kind];
}
