/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/command.h"
#include "core/package/package.h"

/*
 * Why a package could not be installed, and the command that goes on: what removes the cause, and
 * then what was typed.
 */

enum { LINE_BYTES = 300, NAMES_MAX = 20, LEAST_S = 600 };

/* @first: what only the administrator can do, before the command helps; NULL: nothing */
static const struct {
	const char *id, *text, *first;
} causes[GS_PACKAGE_CAUSES] = {
	[GS_PACKAGE_FAILED] = { "PACKAGE_FAILED", "it failed", NULL },
	[GS_PACKAGE_LOCKED] = { "PACKAGE_LOCKED", "another program holds the package lock",
				"when that has ended: " },
	[GS_PACKAGE_INTERRUPTED] = { "PACKAGE_INTERRUPTED", "an earlier installation broke off",
				     NULL },
	[GS_PACKAGE_NO_SPACE] = { "PACKAGE_NO_SPACE", "the disk is full", NULL },
	[GS_PACKAGE_NO_REPOSITORY] = { "PACKAGE_NO_REPOSITORY",
				       "there is no repository to fetch from",
				       "configure the distribution's repository, then: " },
	[GS_PACKAGE_UNKNOWN] = { "PACKAGE_UNKNOWN",
				 "no repository has the package, or one that it needs",
				 "enable the repository that has it, then: " },
	[GS_PACKAGE_NO_NETWORK] = { "PACKAGE_NO_NETWORK", "the repository is not reachable",
				    "restore the network to it, then: " },
	[GS_PACKAGE_SCRIPT_FAILED] = { "PACKAGE_SCRIPT_FAILED", "a script of a package failed",
				       "fix what it says, then: " },
	[GS_PACKAGE_HELD] = { "PACKAGE_HELD", "a package is held back", NULL },
	[GS_PACKAGE_UNSIGNED] = { "PACKAGE_UNSIGNED", "the repository is not signed by a known key",
				  "add the key of the repository, then: " },
	[GS_PACKAGE_BROKEN] = { "PACKAGE_BROKEN", "dependencies of other packages are missing",
				NULL },
	[GS_PACKAGE_INCOMPLETE] = { "PACKAGE_INCOMPLETE",
				    "it is installed, but a program of it is missing", NULL },
	[GS_PACKAGE_TIMEOUT] = { "PACKAGE_TIMEOUT", "it did not end in time, and was killed",
				 NULL },
};

/* The held packages of the list, each a word of the command; names of packages only. */
static void add_held(const struct gs_package_failure *failure, struct gs_str *out)
{
	static const char fine[] = "abcdefghijklmnopqrstuvwxyz0123456789+-.:";
	struct gs_span rest = failure->output, line, word;
	const char *names = failure->install->manager->names;
	bool inside = false;
	size_t n = 0;

	while (names && gs_span_cut(&rest, '\n', &line)) {
		if (inside && !gs_span_has_prefix(line, " "))
			break;
		while (inside && gs_span_cut(&line, ' ', &word)) {
			gs_autofree char *name = gs_span_dup(gs_span_trim(word));

			if (!name[0] || strchr("-+.", name[0]) || name[strspn(name, fine)] ||
			    n == NAMES_MAX)
				continue;
			gs_command(out, name);
			n++;
		}
		inside = inside || gs_span_is_text(gs_span_trim(line), names);
	}
	if (!n)
		gs_command(out, gs_install_package(failure->install));
}

static void add_repair(const struct gs_package_failure *failure, struct gs_str *out)
{
	const char *const *words = failure->install->manager->repair[failure->cause];

	if (!words)
		return;
	gs_command(out, "sudo");
	for (size_t i = 0; words[i]; i++)
		gs_command(out, words[i]);
	if (failure->cause == GS_PACKAGE_HELD)
		add_held(failure, out);
	if (failure->cause == GS_PACKAGE_INCOMPLETE)
		gs_command(out, gs_install_package(failure->install));
}

/* What ran into the limit that was typed needs a longer one. */
static void add_typed(const struct gs_package_failure *failure, struct gs_str *out)
{
	static const char option[] = "--install-timeout";
	const struct gs_strs *typed = failure->typed;
	bool late = failure->cause == GS_PACKAGE_LOCKED || failure->cause == GS_PACKAGE_TIMEOUT;
	unsigned seconds = 2 * failure->install->timeout_s;

	gs_command(out, "sudo", "gshare");
	for (size_t i = 0; i < typed->n; i++) {
		const char *word = typed->v[i];
		bool limits = late && !strncmp(word, option, sizeof option - 1);

		if (!limits)
			gs_command(out, word);
		else if (!word[sizeof option - 1])
			i++;
	}
	if (late) {
		gs_command(out, option);
		gs_command_wordf(out, "%u", seconds < LEAST_S ? LEAST_S : seconds);
	}
}

static void add_fix(const struct gs_package_failure *failure, struct gs_str *out)
{
	gs_autostr struct gs_str command = { 0 };

	add_repair(failure, &command);
	if (failure->typed && failure->typed->n) {
		if (command.len)
			gs_command_and(&command);
		add_typed(failure, &command);
	}
	if (!command.len)
		return;
	if (causes[failure->cause].first)
		gs_str_adds(out, causes[failure->cause].first);
	gs_str_add(out, gs_str_span(&command));
}

int gs_package_tell(const struct gs_package_failure *failure, struct gs_err *err)
{
	gs_autostr struct gs_str line = { 0 }, holder = { 0 }, fix = { 0 };
	struct gs_span said = failure->line;

	if (said.len > LINE_BYTES)
		said.len = LINE_BYTES;
	gs_str_adds(&line, said.len ? ": " : "");
	gs_str_add_safe(&line, said);
	if (failure->pid) {
		gs_str_adds(&holder, ": ");
		gs_str_add_safe(&holder, gs_span_of(failure->holder));
		gs_str_addf(&holder, " (pid %lu)", failure->pid);
	}
	gs_err_set(err, GS_E_CHILD, "cannot install '%s' with %s: %s%s%s",
		   gs_install_package(failure->install), failure->install->manager->name,
		   causes[failure->cause].text, holder.len ? holder.ptr : "",
		   line.len ? line.ptr : "");
	gs_err_cause(err, causes[failure->cause].id);
	add_fix(failure, &fix);
	return gs_err_fix_text(err, &fix);
}
