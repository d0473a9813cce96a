/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/package/package.h"

/* SUSE. zypper(8) fetches its lists by itself, and says at once that another one is at work. */

static const char *const env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL };

static const char *const install[] = {
	"/usr/bin/zypper", "--non-interactive", "install", "--no-recommends", NULL,
};

static const char *const typed[] = { "zypper", "--non-interactive", "install", NULL };

static const struct gs_package_said said[] = {
	{ "System management is locked", GS_PACKAGE_LOCKED, false },
	{ "create transaction lock on", GS_PACKAGE_LOCKED, false },
	{ "No space left on device", GS_PACKAGE_NO_SPACE, false },
	{ "database or disk is full", GS_PACKAGE_NO_SPACE, false },
	{ "more space needed", GS_PACKAGE_NO_SPACE, false },
	{ "more space on the", GS_PACKAGE_NO_SPACE, false },
	{ "scriptlet failed", GS_PACKAGE_SCRIPT_FAILED, false },
	{ "Signature verification failed", GS_PACKAGE_UNSIGNED, false },
	{ "is not signed", GS_PACKAGE_UNSIGNED, false },
	{ "is unsigned", GS_PACKAGE_UNSIGNED, false },
	{ "No repositories defined", GS_PACKAGE_NO_REPOSITORY, false },
	{ "remove lock to allow installation of", GS_PACKAGE_HELD, false },
	{ "Could not resolve host", GS_PACKAGE_NO_NETWORK, false },
	{ "Download (curl) error", GS_PACKAGE_NO_NETWORK, false },
	{ "Timeout exceeded", GS_PACKAGE_NO_NETWORK, false },
	{ "Valid metadata not found", GS_PACKAGE_NO_NETWORK, false },
	{ "not found in package names", GS_PACKAGE_UNKNOWN, false },
	{ "No provider of", GS_PACKAGE_UNKNOWN, false },
	{ "nothing provides", GS_PACKAGE_UNKNOWN, false },
	{ 0 },
};

static const struct gs_package_stage stages[] = {
	{ "Retrieving repository", "fetching the lists of packages", false },
	{ "Retrieving", "downloading", false },
	{ "(1/", "unpacking", false },
	{ 0 },
};

static const char *const clean[] = { "zypper", "clean", NULL };
static const char *const update[] = { "zypper", "refresh", NULL };
static const char *const unhold[] = { "zypper", "removelock", NULL };
static const char *const again[] = { "zypper", "--non-interactive", "install", "--force", NULL };

const struct gs_manager gs_manager_zypper = {
	.name = "zypper",
	.program = "/usr/bin/zypper",
	.database = "/usr/bin/rpm",
	.package = { [GS_ROLE_LEADER] = "nfs-kernel-server", [GS_ROLE_FOLLOWER] = "nfs-client" },
	.env = env,
	.install = install,
	.typed = typed,
	.said = said,
	.stages = stages,
	.repair = {
		[GS_PACKAGE_NO_SPACE] = clean,
		[GS_PACKAGE_NO_REPOSITORY] = update,
		[GS_PACKAGE_UNKNOWN] = update,
		[GS_PACKAGE_NO_NETWORK] = update,
		[GS_PACKAGE_UNSIGNED] = update,
		[GS_PACKAGE_HELD] = unhold,
		[GS_PACKAGE_INCOMPLETE] = again,
	},
};
