/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/step/step.h"

static void check_done(struct gs_step *step)
{
	gs_files_done(&step->check.candidates);
	gs_str_done(&step->check.hosts);
}

void gs_drain_done(struct gs_drain *drain)
{
	gs_strs_done(&drain->hosts);
	gs_strs_done(&drain->spared);
}

static void drain_done(struct gs_step *step)
{
	gs_drain_done(&step->drain);
}

const struct gs_step_info gs_info_check_exports = {
	.name = "CHECK_EXPORTS",
	.only_looks = true,
	.words = "unshare --mount --net exportfs -ra",
	.done = check_done,
};

const struct gs_step_info gs_info_drain = {
	.name = "DRAIN",
	.only_looks = true,
	.words = "grep -E 'access: .?w' /proc/fs/nfsd/clients/*/states",
	.done = drain_done,
};

const struct gs_step_info gs_info_apply_exports = {
	.name = "APPLY_EXPORTS",
	.words = "exportfs -ra",
};
