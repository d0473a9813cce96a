/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/plan/model.h"

/**
 * struct gs_step_info - one kind of step, as far as it touches nothing: engine/step/step.h has the
 * rest
 * @name:  in the journal and in JSON; one that was written once is read for ever
 * @words: what it amounts to on a shell; NULL: add() puts it together
 * @with_path: behind the words
 * @offline: done below --root too: files and directories
 */
struct gs_step_info {
	const char *name, *words;
	bool with_path;
	void (*add)(const struct gs_step *step, struct gs_str *out);
	bool offline;
};

/* The rows, each in the file of its noun. */
extern const struct gs_step_info gs_info_add_account;
extern const struct gs_step_info gs_info_make_dir, gs_info_remove_dir, gs_info_dress_dir;
extern const struct gs_step_info gs_info_write_file;
extern const struct gs_step_info gs_info_check_exports, gs_info_drain, gs_info_apply_exports;
extern const struct gs_step_info gs_info_start_server, gs_info_stop_server;
extern const struct gs_step_info gs_info_stage, gs_info_mount, gs_info_umount, gs_info_remount,
	gs_info_renew, gs_info_guard, gs_info_read_ahead, gs_info_prove;
extern const struct gs_step_info gs_info_repair;
