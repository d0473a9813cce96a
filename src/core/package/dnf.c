/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/package/package.h"

/*
 * Fedora, RHEL and their like: one package has both sides of NFS. dnf(8) fetches its lists by
 * itself, and waits for another dnf by itself, as long as it is let.
 */

static const char *const env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL };

static const char *const install[] = {
	"/usr/bin/dnf",	       "--assumeyes", "--setopt=install_weak_deps=False",
	"--setopt=timeout=20", "install",     NULL,
};

static const char *const typed[] = { "dnf", "--assumeyes", "install", NULL };

static const struct gs_package_said said[] = {
	{ "No space left on device", GS_PACKAGE_NO_SPACE, false },
	{ "database or disk is full", GS_PACKAGE_NO_SPACE, false },
	{ "more space needed on", GS_PACKAGE_NO_SPACE, false },
	{ "more space on the", GS_PACKAGE_NO_SPACE, false },
	{ "scriptlet failed", GS_PACKAGE_SCRIPT_FAILED, false },
	{ "scriptlet in rpm package", GS_PACKAGE_SCRIPT_FAILED, false },
	{ "GPG check FAILED", GS_PACKAGE_UNSIGNED, false },
	{ "do not have any GPG public keys installed", GS_PACKAGE_UNSIGNED, false },
	{ "is not signed", GS_PACKAGE_UNSIGNED, false },
	{ "Public key for", GS_PACKAGE_UNSIGNED, false },
	{ "There are no enabled repositories", GS_PACKAGE_NO_REPOSITORY, false },
	{ "filtered out by exclude filtering", GS_PACKAGE_HELD, false },
	{ "filtered out by modular filtering", GS_PACKAGE_HELD, false },
	{ "Could not resolve host", GS_PACKAGE_NO_NETWORK, false },
	{ "Curl error", GS_PACKAGE_NO_NETWORK, false },
	{ "Cannot download repomd.xml", GS_PACKAGE_NO_NETWORK, false },
	{ "Failed to download metadata", GS_PACKAGE_NO_NETWORK, false },
	{ "No match for argument", GS_PACKAGE_UNKNOWN, false },
	{ "Unable to find a match", GS_PACKAGE_UNKNOWN, false },
	{ "nothing provides", GS_PACKAGE_UNKNOWN, false },
	{ "create transaction lock on", GS_PACKAGE_LOCKED, false },
	{ "Waiting for process with pid", GS_PACKAGE_LOCKED, false },
	{ 0 },
};

static const struct gs_package_stage stages[] = {
	{ "Waiting for process with pid", "waiting for the package lock", true },
	{ "Downloading Packages:", "downloading", false },
	{ "Running transaction", "unpacking", false },
	{ "  Running scriptlet:", "configuring", false },
	{ 0 },
};

static const char *const clean[] = { "dnf", "clean", "packages", NULL };
static const char *const update[] = { "dnf", "makecache", NULL };
static const char *const unhold[] = { "dnf", "--assumeyes", "--disableexcludes=all", "install",
				      NULL };
static const char *const again[] = { "dnf", "--assumeyes", "reinstall", NULL };

const struct gs_manager gs_manager_dnf = {
	.name = "dnf",
	.program = "/usr/bin/dnf",
	.database = "/usr/bin/rpm",
	.package = { [GS_ROLE_LEADER] = "nfs-utils", [GS_ROLE_FOLLOWER] = "nfs-utils" },
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
