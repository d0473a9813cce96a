/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/tables.h"

#include <stddef.h>

/* In the order in which findings are reported. */
const struct gs_check *const gs_checks[] = {
	gs_checks_server,
	gs_checks_starting,
	gs_checks_clients,
	gs_checks_offered,
	gs_checks_exports,
	gs_checks_wide,
	gs_checks_served,
	gs_checks_whole,
	gs_checks_around,
	gs_checks_squash,
	gs_checks_top,
	gs_checks_escape,
	gs_checks_share,
	gs_checks_overlap,
	gs_checks_kept,
	gs_checks_target,
	gs_checks_mount,
	gs_checks_boot,
	gs_checks_access,
	gs_checks_firewall,
	gs_checks_envfile,
	gs_checks_cut_off,
	gs_checks_file,
	NULL,
};
