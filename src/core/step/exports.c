/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/step/step.h"

const struct gs_step_info gs_info_check_exports = {
	.name = "CHECK_EXPORTS",
	.words = "unshare --mount --net exportfs -ra",
};

const struct gs_step_info gs_info_drain = {
	.name = "DRAIN",
	.words = "grep -E 'access: .?w' /proc/fs/nfsd/clients/*/states",
};

const struct gs_step_info gs_info_apply_exports = {
	.name = "APPLY_EXPORTS",
	.words = "exportfs -ra",
};
