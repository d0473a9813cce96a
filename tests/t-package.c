/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <errno.h>
#include <string.h>

#include "core/package/package.h"

/* Package managers: what is run, and what their words mean. The outputs are real ones. */

#define HEAD "Reading package lists...\nBuilding dependency tree...\nReading state information...\n"
#define APT  &gs_manager_apt
#define DNF  &gs_manager_dnf
#define ZYPP &gs_manager_zypper
#define GOES "sudo gshare leader init"

static const struct read_row {
	const char *name;
	const struct gs_manager *manager;
	const char *output;
	const char *id, *line, *fix;
	bool refresh;
	unsigned long pid;
} reads[] = {
	{ "apt: no lists", APT, HEAD "\nE: Unable to locate package nfs-kernel-server\n",
	  "PACKAGE_UNKNOWN", "E: Unable to locate package nfs-kernel-server",
	  "enable the repository that has it, then: sudo apt-get update && " GOES, true, 0 },
	{ "apt: removed, and in no list", APT,
	  HEAD
	  "Package nfs-kernel-server is not available, but is referred to by another package.\n"
	  "\nE: Package 'nfs-kernel-server' has no installation candidate\n",
	  "PACKAGE_UNKNOWN", "E: Package 'nfs-kernel-server' has no installation candidate",
	  "enable the repository that has it, then: sudo apt-get update && " GOES, true, 0 },
	{ "apt: locked", APT,
	  "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 812 (apt-get)\n"
	  "E: Unable to acquire the dpkg frontend lock (/var/lib/dpkg/lock-frontend), is another "
	  "process using it?\n",
	  "PACKAGE_LOCKED",
	  "unattended\\012upgr (pid 812): E: Could not get lock /var/lib/dpkg/lock-frontend. It is "
	  "held by process 812 (apt-get)",
	  "when that has ended: " GOES " --install-timeout 600", false, 812 },
	{ "apt: interrupted", APT,
	  "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the "
	  "problem. \n",
	  "PACKAGE_INTERRUPTED", "E: dpkg was interrupted", "sudo dpkg --configure -a && " GOES,
	  false, 0 },
	{ "apt: held", APT,
	  HEAD "The following held packages will be changed:\n"
	       "  libx1 nfs-kernel-server\n"
	       "  --yes ;reboot keyutils\n"
	       "The following NEW packages will be installed:\n  nfs-kernel-server\n"
	       "E: Held packages were changed and -y was used without "
	       "--allow-change-held-packages.\n",
	  "PACKAGE_HELD", "E: Held packages were changed",
	  "sudo apt-mark unhold libx1 nfs-kernel-server keyutils && " GOES, false, 0 },
	{ "apt: no space to download", APT,
	  HEAD "E: You don't have enough free space in /var/cache/apt/archives/.\n",
	  "PACKAGE_NO_SPACE", "E: You don't have enough free space", "sudo apt-get clean && " GOES,
	  false, 0 },
	{ "apt: no space to unpack, which is no failure of a script", APT,
	  "dpkg: error processing archive /x.deb (--unpack):\n cannot copy extracted data for "
	  "'./usr/sbin/exportfs' to '/usr/sbin/exportfs.dpkg-new': failed to write (No space left "
	  "on device)\n",
	  "PACKAGE_NO_SPACE", "cannot copy extracted data", "sudo apt-get clean && " GOES, false,
	  0 },
	{ "apt: a script fails", APT,
	  "Setting up nfs-kernel-server (1:2.6.2-4+deb12u1) ...\n"
	  "dpkg: error processing package nfs-kernel-server (--configure):\n"
	  " installed nfs-kernel-server package post-installation script subprocess returned error "
	  "exit status 1\nE: Sub-process /usr/bin/dpkg returned an error code (1)\n",
	  "PACKAGE_SCRIPT_FAILED",
	  "installed nfs-kernel-server package post-installation script subprocess returned error",
	  "fix what it says, then: sudo dpkg --configure -a && " GOES, false, 0 },
	{ "apt: not signed", APT, "E: The repository 'file:/srv/repo ./ Release' is not signed.\n",
	  "PACKAGE_UNSIGNED", "E: The repository 'file:/srv/repo ./ Release' is not signed.",
	  "add the key of the repository, then: sudo apt-get update && " GOES, false, 0 },
	{ "apt: a key that is not known", APT,
	  "W: GPG error: http://deb.debian.org/debian bookworm InRelease: The following signatures "
	  "couldn't be verified because the public key is not available: NO_PUBKEY "
	  "6ED0E7B82643E131\n",
	  "PACKAGE_UNSIGNED", "W: GPG error",
	  "add the key of the repository, then: sudo apt-get update && " GOES, false, 0 },
	{ "apt: no name server", APT,
	  "W: Failed to fetch http://deb.debian.org/debian/dists/bookworm/InRelease  Temporary "
	  "failure resolving 'deb.debian.org'\n",
	  "PACKAGE_NO_NETWORK", "W: Failed to fetch",
	  "restore the network to it, then: sudo apt-get update && " GOES, false, 0 },
	{ "apt: old lists", APT,
	  "Err:1 http://deb.debian.org/debian bookworm/main amd64 nfs-common amd64 1:2.6.2-4\n"
	  "  404  Not Found [IP: 151.101.2.132 80]\n"
	  "E: Failed to fetch http://deb.debian.org/x.deb  404  Not Found [IP: 151.101.2.132 80]\n",
	  "PACKAGE_NO_NETWORK", "404  Not Found",
	  "restore the network to it, then: sudo apt-get update && " GOES, true, 0 },
	{ "apt: others lack something", APT,
	  "The following packages have unmet dependencies:\n gap : Depends: absent but it is not "
	  "installable\nE: Unmet dependencies. Try 'apt --fix-broken install' with no packages (or "
	  "specify a solution).\n",
	  "PACKAGE_BROKEN", "The following packages have unmet dependencies",
	  "sudo apt-get --yes --fix-broken install && " GOES, false, 0 },
	{ "apt: it needs what nobody has", APT,
	  "The following packages have unmet dependencies:\n nfs-kernel-server : Depends: absent\n"
	  "E: Unable to correct problems, you have held broken packages.\n",
	  "PACKAGE_UNKNOWN", "E: Unable to correct problems",
	  "enable the repository that has it, then: sudo apt-get update && " GOES, true, 0 },
	{ "apt: garbage", APT, "E: \033[31mno\n\377\n", "PACKAGE_FAILED", "\\377", GOES, false, 0 },
	{ "dnf: no repository", DNF,
	  "Error: There are no enabled repositories in \"/etc/yum.repos.d\".\n",
	  "PACKAGE_NO_REPOSITORY", "There are no enabled repositories",
	  "configure the distribution's repository, then: sudo dnf makecache && " GOES, false, 0 },
	{ "dnf: not reachable", DNF,
	  "Error: Failed to download metadata for repo 'r': Cannot download repomd.xml: All mirrors "
	  "were tried\n  - Curl error (7): Couldn't connect to server for http://192.0.2.1:9/\n"
	  "Ignoring repositories: r\nNo match for argument: nfs-utils\nError: Unable to find a "
	  "match: nfs-utils\n",
	  "PACKAGE_NO_NETWORK", "Curl error (7): Couldn't connect to server",
	  "restore the network to it, then: sudo dnf makecache && " GOES, false, 0 },
	{ "dnf: unknown", DNF,
	  "No match for argument: nfs-utils\nError: Unable to find a match: nfs-utils\n",
	  "PACKAGE_UNKNOWN", "No match for argument: nfs-utils",
	  "enable the repository that has it, then: sudo dnf makecache && " GOES, false, 0 },
	{ "dnf: a dependency is unknown", DNF,
	  "Error: \n Problem: conflicting requests\n  - nothing provides /bin/sh needed by "
	  "nfs-utils-1-1.noarch\n(try to add '--skip-broken' to skip uninstallable packages)\n",
	  "PACKAGE_UNKNOWN", "nothing provides /bin/sh",
	  "enable the repository that has it, then: sudo dnf makecache && " GOES, false, 0 },
	{ "dnf: no key", DNF,
	  "You have enabled checking of packages via GPG keys. This is a good thing.\nHowever, you "
	  "do not have any GPG public keys installed. You need to download\nthe keys\n",
	  "PACKAGE_UNSIGNED", "do not have any GPG public keys",
	  "add the key of the repository, then: sudo dnf makecache && " GOES, false, 0 },
	{ "dnf: held", DNF,
	  "All matches were filtered out by exclude filtering for argument: nfs-utils\nError: "
	  "Unable to find a match: nfs-utils\n",
	  "PACKAGE_HELD", "All matches were filtered out",
	  "sudo dnf --assumeyes --disableexcludes=all install nfs-utils && " GOES, false, 0 },
	{ "dnf: a script fails, in the words of dnf", DNF,
	  "error: lua script failed: [string \"%prein(nfs-utils-1-1.x86_64)\"]:1: it is broken\n"
	  "Failed:\n  nfs-utils-1-1.x86_64\nError in PREIN scriptlet in rpm package nfs-utils\n"
	  "Error: Transaction failed\n",
	  "PACKAGE_SCRIPT_FAILED", "Error in PREIN scriptlet in rpm package nfs-utils",
	  "fix what it says, then: " GOES, false, 0 },
	{ "dnf: rpm is at work", DNF,
	  "RPM: error: can't create transaction lock on /var/lib/rpm/.rpm.lock (Resource temporarily "
	  "unavailable)\nError: Could not run transaction.\n",
	  "PACKAGE_LOCKED", "can't create transaction lock",
	  "when that has ended: " GOES " --install-timeout 600", false, 0 },
	{ "dnf: no space for its own database", DNF,
	  "Error: SQLite error on \"/var/lib/dnf/history.sqlite\": Executing an SQL statement "
	  "failed: database or disk is full\n",
	  "PACKAGE_NO_SPACE", "database or disk is full", "sudo dnf clean packages && " GOES, false,
	  0 },
	{ "zypper: no repository", ZYPP,
	  "Warning: No repositories defined. Operating only with the installed resolvables. Nothing "
	  "can be installed.\n'nfs-kernel-server' not found in package names. Trying capabilities.\n"
	  "No provider of 'nfs-kernel-server' found.\n",
	  "PACKAGE_NO_REPOSITORY", "No repositories defined",
	  "configure the distribution's repository, then: sudo zypper refresh && " GOES, false, 0 },
	{ "zypper: not reachable", ZYPP,
	  "Error building the cache:\n[r|http://nowhere.invalid/] Valid metadata not found at "
	  "specified URL\n - Download (curl) error for 'http://nowhere.invalid/':\nError message: "
	  "Could not resolve host: nowhere.invalid\nNo provider of 'nfs-kernel-server' found.\n",
	  "PACKAGE_NO_NETWORK", "Could not resolve host: nowhere.invalid",
	  "restore the network to it, then: sudo zypper refresh && " GOES, false, 0 },
	{ "zypper: unknown", ZYPP,
	  "'nfs-kernel-server' not found in package names. Trying capabilities.\nNo provider of "
	  "'nfs-kernel-server' found.\n",
	  "PACKAGE_UNKNOWN", "not found in package names",
	  "enable the repository that has it, then: sudo zypper refresh && " GOES, false, 0 },
	{ "zypper: not signed", ZYPP,
	  "Warning: File 'repomd.xml' from repository 'r' is unsigned.\n[r|dir:/repo] Valid metadata "
	  "not found at specified URL\n - Signature verification failed for repomd.xml\n",
	  "PACKAGE_UNSIGNED", "Signature verification failed for repomd.xml",
	  "add the key of the repository, then: sudo zypper refresh && " GOES, false, 0 },
	{ "zypper: held", ZYPP,
	  "Problem: conflicting requests\n Solution 1: remove lock to allow installation of "
	  "nfs-kernel-server-1-1.noarch[r]\nChoose from above solutions by number or cancel "
	  "[1/2/c/d/?] (c): c\n",
	  "PACKAGE_HELD", "remove lock to allow installation of",
	  "sudo zypper removelock nfs-kernel-server && " GOES, false, 0 },
	{ "zypper: a script fails", ZYPP,
	  "(2/2) Installing: nfs-kernel-server-1-1.noarch [.......done]\nwarning: "
	  "%post(nfs-kernel-server-1-1.noarch) scriptlet failed, exit status 1\n",
	  "PACKAGE_SCRIPT_FAILED", "scriptlet failed, exit status 1",
	  "fix what it says, then: " GOES, false, 0 },
	{ "zypper: locked", ZYPP,
	  "System management is locked by the application with pid 56 (/usr/bin/zypper).\nClose this "
	  "application before trying again.\n",
	  "PACKAGE_LOCKED", "locked by the application with pid 56 (/usr/bin/zypper)",
	  "when that has ended: " GOES " --install-timeout 600", false, 0 },
	{ "nothing at all", APT, "", "PACKAGE_FAILED", "it failed", GOES, false, 0 },
};

static struct gs_span span(const char *text)
{
	return gs_span_of(text);
}

static void test_read(void **state)
{
	const struct read_row *row = *state;
	const struct gs_install install = { row->manager, GS_ROLE_LEADER, 2 };
	GS_AUTO(gs_strs_done) struct gs_strs typed = { 0 };
	struct gs_package_failure failure = { .install = &install, .typed = &typed };
	const struct gs_package_said *said;
	struct gs_err err = { 0 };

	gs_strs_add(&typed, "leader");
	gs_strs_add(&typed, "init");
	said = gs_package_read(row->manager, span(row->output), &failure.line);
	failure.cause = said->cause;
	failure.output = span(row->output);
	failure.holder = "unattended\nupgr";
	failure.pid = row->pid;
	assert_int_equal(gs_package_tell(&failure, &err), -GS_E_CHILD);
	assert_string_equal(err.id, row->id);
	assert_non_null(strstr(err.msg, row->line));
	assert_string_equal(err.fix, row->fix);
	assert_int_equal(said->refresh, row->refresh);
}

static const struct timeout_row {
	const char *name, *words[4], *fix;
	unsigned seconds;
} timeouts[] = {
	{ "a limit in two words",
	  { "init", "--install-timeout", "2", "--yes" },
	  "sudo dpkg --configure -a && sudo gshare init --yes --install-timeout 600",
	  2 },
	{ "a limit in one word",
	  { "init", "--install-timeout=2", "--yes", NULL },
	  "sudo dpkg --configure -a && sudo gshare init --yes --install-timeout 600",
	  2 },
	{ "a long one is made longer",
	  { "init", NULL, NULL, NULL },
	  "sudo dpkg --configure -a && sudo gshare init --install-timeout 1800",
	  900 },
};

static void test_timeout(void **state)
{
	const struct timeout_row *row = *state;
	const struct gs_install install = { APT, GS_ROLE_FOLLOWER, row->seconds };
	GS_AUTO(gs_strs_done) struct gs_strs typed = { 0 };
	const struct gs_package_failure failure = { .install = &install,
						    .cause = GS_PACKAGE_TIMEOUT,
						    .typed = &typed };
	struct gs_err err = { 0 };

	for (size_t i = 0; i < GS_COUNT(row->words) && row->words[i]; i++)
		gs_strs_add(&typed, row->words[i]);
	gs_package_tell(&failure, &err);
	assert_string_equal(err.fix, row->fix);
}

static const struct command_row {
	const char *name;
	const struct gs_manager *manager;
	enum gs_role role;
	const char *command, *fix;
} commands[] = {
	{ "apt", APT, GS_ROLE_FOLLOWER,
	  "DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 apt-get --yes "
	  "--no-install-recommends --no-remove -o Dpkg::Use-Pty=0 -o "
	  "Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -o "
	  "Acquire::Retries=1 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 install "
	  "nfs-common",
	  "sudo apt-get --yes install nfs-common" },
	{ "dnf", DNF, GS_ROLE_LEADER,
	  "dnf --assumeyes --setopt=install_weak_deps=False --setopt=timeout=20 install nfs-utils",
	  "sudo dnf --assumeyes install nfs-utils" },
	{ "zypper", ZYPP, GS_ROLE_FOLLOWER,
	  "zypper --non-interactive install --no-recommends nfs-client",
	  "sudo zypper --non-interactive install nfs-client" },
};

static void test_command(void **state)
{
	const struct command_row *row = *state;
	const struct gs_install install = { row->manager, row->role, 600 };
	gs_autostr struct gs_str command = { 0 };
	struct gs_err err = { 0 };

	gs_install_command(&install, &command);
	assert_string_equal(command.ptr, row->command);
	assert_int_equal(gs_install_refuse(row->manager, row->role, &err), -ENOENT);
	assert_string_equal(err.fix, row->fix);
	assert_ptr_equal(gs_manager_find(row->manager->name), row->manager);
}

/* What the engine has room for, and what the journal reads again. */
static void test_rows(void **state)
{
	const struct gs_manager *manager;
	struct gs_err err = { 0 };

	(void)state;
	for (size_t i = 0; (manager = gs_manager_at(i)); i++) {
		size_t n = 0;

		while (manager->install[n])
			n++;
		assert_true(n && n <= GS_INSTALL_WORDS);
		assert_string_equal(manager->install[0], manager->program);
		assert_string_equal(strrchr(manager->program, '/') + 1, manager->name);
		assert_true(!manager->refresh == !manager->fetched);
	}
	assert_null(gs_manager_find("pip"));
	gs_install_refuse(NULL, GS_ROLE_LEADER, &err);
	assert_non_null(strstr(err.fix, "nfs-utils (Fedora)"));
}

static void test_stages(void **state)
{
	(void)state;
	assert_string_equal(gs_package_stage(APT, span("Unpacking nfs-common (1) ..."))->text,
			    "unpacking");
	assert_null(gs_package_stage(APT, span("  Unpacking nfs-common (1) ...")));
	assert_true(
		gs_package_stage(DNF, span("Waiting for process with pid 406 to finish."))->whole);
	assert_string_equal(
		gs_package_stage(ZYPP, span("Retrieving repository 'r' metadata [."))->text,
		"fetching the lists of packages");
	assert_string_equal(
		gs_package_stage(ZYPP, span("(1/1) Installing: nfs-client-1-1 [."))->text,
		"unpacking");
	assert_true(gs_package_has_repository(APT, span("x\nIgn:1 file:/x ./ InRelease\n")));
	assert_false(gs_package_has_repository(APT, span("Reading package lists...\n")));
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, reads, test_read);
	TABLE_ADD(&table, timeouts, test_timeout);
	TABLE_ADD(&table, commands, test_command);
	table_add(&table, "every row is whole", test_rows, NULL);
	table_add(&table, "stages and repositories", test_stages, NULL);
	return table_run("package", &table);
}
