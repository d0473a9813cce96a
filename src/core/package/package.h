/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

/*
 * Package managers, one row each: which package gives a node what it lacks, how it is installed,
 * and what the manager's words mean. Pure: sys/package runs the programs.
 */

/** enum gs_role - what a node is to be, and so which programs it needs */
enum gs_role { GS_ROLE_LEADER, GS_ROLE_FOLLOWER };

enum { GS_ROLES = GS_ROLE_FOLLOWER + 1, GS_INSTALL_WORDS = 24 /* at most, of install */ };

/** enum gs_package_cause - why a package could not be installed */
enum gs_package_cause {
	GS_PACKAGE_FAILED, /* the manager's words are not known */
	GS_PACKAGE_LOCKED,
	GS_PACKAGE_INTERRUPTED,
	GS_PACKAGE_NO_SPACE,
	GS_PACKAGE_NO_REPOSITORY,
	GS_PACKAGE_UNKNOWN,
	GS_PACKAGE_NO_NETWORK,
	GS_PACKAGE_SCRIPT_FAILED,
	GS_PACKAGE_HELD,
	GS_PACKAGE_UNSIGNED,
	GS_PACKAGE_BROKEN,
	GS_PACKAGE_INCOMPLETE, /* it is installed, and its programs are not there */
	GS_PACKAGE_TIMEOUT,
};

enum { GS_PACKAGE_CAUSES = GS_PACKAGE_TIMEOUT + 1 };

/**
 * struct gs_package_said - words in the manager's output, and what they mean
 * @refresh: its lists may be missing or old: they are fetched once, then it is tried again
 */
struct gs_package_said {
	const char *words;
	enum gs_package_cause cause;
	bool refresh;
};

/**
 * struct gs_package_stage - the beginning of a line of the manager's, and what goes on then
 * @whole: the line says more, such as who holds the lock
 */
struct gs_package_stage {
	const char *begin, *text;
	bool whole;
};

/**
 * struct gs_manager - a package manager
 * @name:    its program's, and its own in the journal
 * @program: absolute; @database: this file exists where the manager has installed the system
 * @package: for each role
 * @env:     "K=V", NULL at the end; the first @shown of them are part of the printed command
 * @install: argv before the package's name, NULL at the end
 * @refresh: argv that fetches the lists anew; NULL: install does that by itself
 * @fetched: a line of refresh's begins with one of these where there is any repository
 * @typed:   words of the command for an administrator, before the package's name
 * @locks:   files on which the manager holds an fcntl(2) lock, NULL at the end
 * @said, @stages: ended by a row without words; of several rows that fit the first counts
 * @repair:  words of the command that removes the cause; NULL: none is known
 * @names:   the line after which held packages are listed, indented; repair HELD takes their names
 */
struct gs_manager {
	const char *name, *program, *database;
	const char *package[GS_ROLES];
	const char *const *env;
	size_t shown;
	const char *const *install, *const *refresh, *const *fetched, *const *typed, *const *locks;
	const struct gs_package_said *said;
	const struct gs_package_stage *stages;
	const char *const *repair[GS_PACKAGE_CAUSES];
	const char *names;
};

/* The rows, each in a file of its own. */
extern const struct gs_manager gs_manager_apt, gs_manager_dnf, gs_manager_zypper;

/** gs_manager_at - the rows in the order in which they are looked for; NULL after the last */
const struct gs_manager *gs_manager_at(size_t i);

/** gs_manager_find - by its name in the journal; NULL: there is none */
const struct gs_manager *gs_manager_find(const char *name);

/** gs_role_programs - the programs that the role needs, absolute, NULL at the end */
const char *const *gs_role_programs(enum gs_role role);

/** struct gs_install - what is to be installed */
struct gs_install {
	const struct gs_manager *manager; /* NULL: nothing */
	enum gs_role role;
	unsigned timeout_s;
};

/** gs_install_package - the package's name */
const char *gs_install_package(const struct gs_install *install);

/** gs_install_command - add the command that gshare runs, as a shell takes it */
void gs_install_command(const struct gs_install *install, struct gs_str *out);

/**
 * gs_install_refuse - the programs are missing and nothing is installed
 * @manager: names the command that does it; NULL: no manager is known here
 * Returns -ENOENT, cause SERVER_MISSING or CLIENT_MISSING.
 */
int gs_install_refuse(const struct gs_manager *manager, enum gs_role role, struct gs_err *err);

/** gs_install_fix - add the command with which an administrator installs the role's package */
void gs_install_fix(const struct gs_manager *manager, enum gs_role role, struct gs_str *out);

/** gs_reinstall_fix - the same where the package is installed, and its programs are not there */
void gs_reinstall_fix(const struct gs_manager *manager, enum gs_role role, struct gs_str *out);

/** gs_package_stage - what goes on, by a line of the manager's output; NULL: as before */
const struct gs_package_stage *gs_package_stage(const struct gs_manager *manager,
						struct gs_span line);

/**
 * gs_package_read - what the output of a manager that failed means
 * @ret_line: the line that says it, else the last one; untrusted
 */
const struct gs_package_said *gs_package_read(const struct gs_manager *manager,
					      struct gs_span output, struct gs_span *ret_line);

/** gs_package_has_repository - did refresh find any repository to fetch from? */
bool gs_package_has_repository(const struct gs_manager *manager, struct gs_span output);

/**
 * struct gs_package_failure - why an installation failed, for its message
 * @line:   of the manager's output, untrusted; empty: none
 * @output: all of it, untrusted
 * @holder, @pid: who has the lock; NULL, 0: not known
 * @typed:  the words after "gshare", for the command that goes on; NULL: not known
 */
struct gs_package_failure {
	const struct gs_install *install;
	enum gs_package_cause cause;
	struct gs_span line, output;
	const char *holder;
	unsigned long pid;
	const struct gs_strs *typed;
};

/** gs_package_tell - the failure as an error with its fix; returns err->code */
int gs_package_tell(const struct gs_package_failure *failure, struct gs_err *err);
