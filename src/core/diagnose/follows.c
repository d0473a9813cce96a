/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/diagnose/follows.h"

#include <stddef.h>
#include <string.h>

#define BY(...)                                                                                    \
	(const char *const[])                                                                      \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}

/* The leader is not reached, whatever is wanted from it. */
#define NO_WAY                                                                                     \
	"HOST_DOWN", "HOST_NOT_RESPONDING", "NO_ROUTE", "CONNECT_FAILED", "ROUTE_BLOCKED",         \
		"OWN_FIREWALL"

/* The leader is not reached, or is no NFS server: unreachable.h, ping.h */
#define UNREACHED                                                                                  \
	NO_WAY, "PORT_FILTERED", "PORT_FORBIDDEN", "PORT_REFUSED", "PORT_REJECTED", "RPC_TIMEOUT", \
		"RPC_SLOW", "RPC_GARBAGE", "RPC_PROG_UNAVAIL", "RPC_VERS_MISMATCH", "RPC_DENIED",  \
		"RPC_CLOSED", "LINK_SLOW"

/* Of an exports file: exportfs reads the line in another way, drops it, or all from there on. */
#define BAD_LINES                                                                                  \
	"EXPORTS_DUPLICATE", "EXPORTS_CLIENT_BLANK", "EXPORTS_WORLD", "EXPORTS_BACKSLASH_END",     \
		"EXPORTS_HOST_ODD", "EXPORTS_LIST_BAD", "EXPORTS_NUMBER_WRAPS",                    \
		"EXPORTS_OPTION_BAD", "EXPORTS_OPTION_BLANK", "EXPORTS_OPTION_UNKNOWN",            \
		"EXPORTS_PATH_BLANK", "EXPORTS_PATH_EMPTY", "EXPORTS_PATH_LONG",                   \
		"EXPORTS_PATH_ODD", "EXPORTS_PATH_RELATIVE", "EXPORTS_QUOTE_OPEN",                 \
		"EXPORTS_WORD_LONG"

/* Nearest causes only: what explains a cause explains its effects, too. */
const struct gs_effect gs_effects[] = {
	/* The leader's server */
	{ "SERVER_DOWN", BY("SERVER_MISSING", "SERVER_IN_CONTAINER", "KERNEL_WITHOUT_NFSD",
			    "UNIT_MASKED", "PORT_TAKEN", "PATH_NOT_MOUNTED") },
	{ "SERVER_NOT_ENABLED", BY("SERVER_MISSING", "UNIT_MASKED") },
	{ "MOUNTD_DEAD", BY("SERVER_DOWN") },
	{ "NFSD_NO_TCP", BY("SERVER_DOWN") },
	{ "NFSD_NO_V4", BY("SERVER_DOWN") },
	{ "NFSD_ADDRESS", BY("SERVER_DOWN") },

	/* What it exports */
	{ "NOT_ACTIVE", BY("SERVER_DOWN", "PATH_NOT_MOUNTED", "PATH_MISSING", "FS_UNEXPORTABLE",
			   "FS_UNFIT", "EXPORTS_NAME_UNKNOWN", "NAME_SERVER_TIMEOUT", BAD_LINES) },
	{ "NO_FOLLOWER", BY("EXPORTS_CLIENT_BLANK", "EXPORTS_WORLD") },
	{ "NAME_SERVER_TIMEOUT", BY("EXPORTS_NAME_UNKNOWN") },
	{ "EXPORT_ESCAPE", BY("PATH_NOT_MOUNTED") },
	{ "ID_MISSING", BY("PATH_NOT_MOUNTED", "PATH_MISSING", "EXPORT_REPLACED") },
	{ "DIR_MISSING", BY("PATH_NOT_MOUNTED", "PATH_MISSING") },
	{ "ID_COPIED", BY("PATH_NOT_MOUNTED") },
	{ "DIR_NOT_WRITABLE", BY("PATH_NOT_MOUNTED") },
	{ "NOBODY_CAN_WRITE", BY("PATH_NOT_MOUNTED") },
	{ "POSTGRES_GONE", BY("PATH_NOT_MOUNTED") },

	/* The way to the leader, and what it lets this node have */
	{ "NOT_MOUNTED",
	  BY(UNREACHED, "CLIENT_MISSING", "CLIENT_IN_CONTAINER", "KERNEL_WITHOUT_NFS",
	     "NAME_UNKNOWN", "NAME_SERVER_TIMEOUT", "NFS4_ABSENT", "NFS4_MINOR_REFUSED",
	     "NFS_ABSENT", "NFS_FAILED", "NFS_GARBAGE", "NFS_UNREACHABLE", "NFS_SECURITY",
	     "NFS_GRACE", "NFS_PERM", "PORTS_TAKEN", "NFS_ACCESS_DENIED", "NOT_EXPORTED",
	     "EXPORT_OTHER_ADDRESS", "EXPORT_ABSENT", "EXPORT_UNCLEAR", "ID_DIFFERS", "PATH_CLOSED",
	     "BOOT_MASKED", "BOOT_NOAUTO", "BOOT_UNIT", "TARGET_NOT_EMPTY", "PORT_DIFFERS",
	     "LEADER_IS_HOST") },
	{ "SERVER_NOT_RESPONDING", BY(UNREACHED) },
	{ "POSTGRES_SILENT", BY(NO_WAY) },
	{ "POSTGRES_UNREACHED", BY(NO_WAY) },
	{ "PORT_FILTERED", BY("PEER_FIREWALL", "LOST_BETWEEN") },
	{ "HOST_NOT_RESPONDING", BY("PEER_FIREWALL", "LOST_BETWEEN") },
	{ "PORT_FORBIDDEN", BY("PEER_FIREWALL") },
	{ "PORT_REJECTED", BY("PEER_FIREWALL") },
	{ "PORT_REFUSED", BY("PEER_FIREWALL") },
	{ "UNITS_SKIPPED", BY("NOT_MOUNTED", "MOUNT_COVERED") },
	{ "NOT_WATCHED", BY("BOOT_MASKED", "BOOT_FILES") },

	/* The mount */
	{ "MOUNT_NOT_RESPONDING", BY("SERVER_NOT_RESPONDING", "CLIENT_ID_SHARED", "PACKETS_LOST") },
	{ "MOUNT_OPTIONS_DIFFER", BY("SOURCE_DIFFERS", "NOT_NFS") },
	{ "ID_DIFFERS", BY("SOURCE_DIFFERS", "NOT_NFS") },
	{ "ID_BROKEN", BY("EXPORT_STALE", "EXPORT_DENIED", "MOUNT_BROKEN", "NOT_NFS") },
	{ "LEADER_READONLY", BY("EXPORT_DENIED") },

	/* What users can do */
	{ "VERIFY_TIMEOUT", BY("SERVER_NOT_RESPONDING", "MOUNT_NOT_RESPONDING", "LINK_SLOW",
			       "MOUNTD_DEAD", "NFSD_NO_V4") },
	{ "PROBE_UNSAFE", BY("EXPORT_ESCAPE") },
	{ "PROBE_LEFT",
	  BY("SERVER_NOT_RESPONDING", "MOUNT_NOT_RESPONDING", "EXPORT_DENIED", "EXPORT_STALE") },
	{ "VERIFY_LESS", BY("DIR_NOT_WRITABLE", "NOBODY_CAN_WRITE", "PATH_CLOSED", "FS_READONLY",
			    "TOP_NOT_WRITABLE", "EXPORT_DENIED", "EXPORT_STALE") },
	{ NULL, NULL },
};

static const struct gs_effect *effect_of(const char *id)
{
	for (const struct gs_effect *effect = gs_effects; effect->id; effect++)
		if (!strcmp(effect->id, id))
			return effect;
	return NULL;
}

/* The table has no circle, and t-diagnose holds it to that. */
bool gs_follows(const char *effect, const char *cause)
{
	const struct gs_effect *row = effect_of(effect);

	for (size_t i = 0; row && row->causes[i]; i++)
		if (!strcmp(row->causes[i], cause) || gs_follows(row->causes[i], cause))
			return true;
	return false;
}

/* A share that is not there, or that nobody would find, is not changed: leader add refuses. */
bool gs_hinders_fixes(const char *cause)
{
	static const char *const ids[] = { "PATH_NOT_MOUNTED", "PATH_MISSING", "ID_MISSING",
					   "PSEUDO_ROOT" };

	for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
		if (!strcmp(ids[i], cause))
			return true;
	return false;
}
