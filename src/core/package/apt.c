/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/package/package.h"

/*
 * Debian and Ubuntu. Nobody is asked: debconf(7), and dpkg(1) keeps configuration files that were
 * changed. needrestart(1) of Ubuntu would restart services, a running NFS server among them.
 */

#define KEEP_FILES "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold"
#define QUICK                                                                                      \
	"Acquire::Retries=1", "-o", "Acquire::http::Timeout=20", "-o", "Acquire::https::Timeout=20"

static const char *const env[] = {
	"DEBIAN_FRONTEND=noninteractive",     "NEEDRESTART_SUSPEND=1",
	"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
	"APT_LISTCHANGES_FRONTEND=none",      NULL,
};

static const char *const install[] = {
	"/usr/bin/apt-get",
	"--yes",
	"--no-install-recommends",
	"--no-remove",
	"-o",
	"Dpkg::Use-Pty=0",
	"-o",
	KEEP_FILES,
	"-o",
	QUICK,
	"install",
	NULL,
};

static const char *const refresh[] = { "/usr/bin/apt-get", "-o", QUICK, "update", NULL };
static const char *const fetched[] = { "Hit:", "Get:", "Ign:", "Err:", NULL };
static const char *const typed[] = { "apt-get", "--yes", "install", NULL };

/* apt-secure(8), apt.conf(5) Dir::State and Dir::Cache; the first one is taken first. */
static const char *const locks[] = {
	"/var/lib/dpkg/lock-frontend",
	"/var/lib/dpkg/lock",
	"/var/cache/apt/archives/lock",
	"/var/lib/apt/lists/lock",
	NULL,
};

static const struct gs_package_said said[] = {
	{ "dpkg was interrupted", GS_PACKAGE_INTERRUPTED, false },
	{ "No space left on device", GS_PACKAGE_NO_SPACE, false },
	{ "You don't have enough free space", GS_PACKAGE_NO_SPACE, false },
	{ "Could not get lock", GS_PACKAGE_LOCKED, false },
	{ "Unable to acquire the dpkg frontend lock", GS_PACKAGE_LOCKED, false },
	{ "Unable to lock", GS_PACKAGE_LOCKED, false },
	{ "script subprocess returned error", GS_PACKAGE_SCRIPT_FAILED, false },
	{ "script subprocess was killed", GS_PACKAGE_SCRIPT_FAILED, false },
	{ "dpkg: error processing", GS_PACKAGE_SCRIPT_FAILED, false },
	{ "Held packages were changed", GS_PACKAGE_HELD, false },
	{ "you have held broken packages", GS_PACKAGE_UNKNOWN, true },
	{ "nmet dependencies", GS_PACKAGE_BROKEN, false },
	{ "There were unauthenticated packages", GS_PACKAGE_UNSIGNED, false },
	{ "is not signed", GS_PACKAGE_UNSIGNED, false },
	{ "NO_PUBKEY", GS_PACKAGE_UNSIGNED, false },
	{ "signatures couldn't be verified", GS_PACKAGE_UNSIGNED, false },
	{ "signatures were invalid", GS_PACKAGE_UNSIGNED, false },
	{ "404  Not Found", GS_PACKAGE_NO_NETWORK, true },
	{ "does not have a Release file", GS_PACKAGE_NO_REPOSITORY, false },
	{ "Temporary failure resolving", GS_PACKAGE_NO_NETWORK, false },
	{ "Could not resolve", GS_PACKAGE_NO_NETWORK, false },
	{ "Could not connect", GS_PACKAGE_NO_NETWORK, false },
	{ "Unable to connect", GS_PACKAGE_NO_NETWORK, false },
	{ "Cannot initiate the connection", GS_PACKAGE_NO_NETWORK, false },
	{ "onnection timed out", GS_PACKAGE_NO_NETWORK, false },
	{ "onnection failed", GS_PACKAGE_NO_NETWORK, false },
	{ "Failed to fetch", GS_PACKAGE_NO_NETWORK, true },
	{ "Unable to locate package", GS_PACKAGE_UNKNOWN, true },
	{ "has no installation candidate", GS_PACKAGE_UNKNOWN, true },
	{ 0 },
};

static const struct gs_package_stage stages[] = {
	{ "Get:", "downloading", false },
	{ "Unpacking ", "unpacking", false },
	{ "Setting up ", "configuring", false },
	{ 0 },
};

static const char *const finish[] = { "dpkg", "--configure", "-a", NULL };
static const char *const clean[] = { "apt-get", "clean", NULL };
static const char *const update[] = { "apt-get", "update", NULL };
static const char *const unhold[] = { "apt-mark", "unhold", NULL };
static const char *const mend[] = { "apt-get", "--yes", "--fix-broken", "install", NULL };
static const char *const again[] = { "apt-get", "--yes", "--reinstall", "install", NULL };

const struct gs_manager gs_manager_apt = {
	.name = "apt-get",
	.program = "/usr/bin/apt-get",
	.database = "/var/lib/dpkg/status",
	.package = { [GS_ROLE_LEADER] = "nfs-kernel-server", [GS_ROLE_FOLLOWER] = "nfs-common" },
	.env = env,
	.shown = 2,
	.install = install,
	.refresh = refresh,
	.fetched = fetched,
	.typed = typed,
	.locks = locks,
	.said = said,
	.stages = stages,
	.repair = {
		[GS_PACKAGE_INTERRUPTED] = finish,
		[GS_PACKAGE_TIMEOUT] = finish,
		[GS_PACKAGE_SCRIPT_FAILED] = finish,
		[GS_PACKAGE_NO_SPACE] = clean,
		[GS_PACKAGE_NO_REPOSITORY] = update,
		[GS_PACKAGE_UNKNOWN] = update,
		[GS_PACKAGE_NO_NETWORK] = update,
		[GS_PACKAGE_UNSIGNED] = update,
		[GS_PACKAGE_HELD] = unhold,
		[GS_PACKAGE_BROKEN] = mend,
		[GS_PACKAGE_INCOMPLETE] = again,
	},
	.names = "The following held packages will be changed:",
};
