/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/tables.h"

#include <stddef.h>

/* In the order in which findings are reported. */
const struct gs_check_table gs_checks[] = {
	{ "server", gs_checks_server },
	{ "server", gs_checks_starting },
	{ "clients", gs_checks_clients },
	{ "server", gs_checks_offered },
	{ "exports", gs_checks_exports },
	{ "exports", gs_checks_wide },
	{ "share", gs_checks_served },
	{ "share", gs_checks_whole },
	{ "exports", gs_checks_fsid },
	{ "exports", gs_checks_around },
	{ "exports", gs_checks_squash },
	{ "exports", gs_checks_async },
	{ "share", gs_checks_top },
	{ "exports", gs_checks_escape },
	{ "share", gs_checks_share },
	{ "exports", gs_checks_overlap },
	{ "share", gs_checks_kept },
	{ "share", gs_checks_unwritten },
	{ "mount", gs_checks_target },
	{ "mount", gs_checks_mount },
	{ "mount", gs_checks_fstab_line },
	{ "boot", gs_checks_boot },
	{ "package", gs_checks_client },
	{ "access", gs_checks_access },
	{ "firewall", gs_checks_firewall },
	{ "cluster", gs_checks_envfile },
	{ "clients", gs_checks_cut_off },
	{ "files", gs_checks_file },
	{ "security", gs_checks_audit_exports },
	{ "security", gs_checks_audit_server },
	{ "security", gs_checks_audit_tree },
	{ "security", gs_checks_audit_mount },
	{ "exports", gs_checks_allowed },
	{ "network", gs_checks_between },
	{ "network", gs_checks_gate },
	{ NULL, NULL },
};
