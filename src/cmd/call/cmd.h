/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "cmd/call/caller.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "sys/sys.h"

/*
 * The contract of a verb: a row of a table says how it is called, which options it takes, how
 * long it may last and what runs. Help, completion and the man page's SYNOPSIS follow the table.
 */

/** Every option of every verb; gs_args_option_name() gives its name and text. */
enum gs_opt {
	GS_OPT_NONE, /* ends a list */
	GS_OPT_ALL,
	GS_OPT_ALLOW_USER_PATH,
	GS_OPT_ALLOW_WIDE,
	GS_OPT_AS,
	GS_OPT_AUDIT,
	GS_OPT_BEFORE,
	GS_OPT_BUNDLE,
	GS_OPT_CANONICAL,
	GS_OPT_CROSSMNT,
	GS_OPT_DIR,
	GS_OPT_DRAIN,
	GS_OPT_DRY_RUN,
	GS_OPT_EXPORT,
	GS_OPT_EXPORTS_FILE,
	GS_OPT_FIREWALL,
	GS_OPT_FIREWALL_FIRST,
	GS_OPT_FIX,
	GS_OPT_FOLLOWER,
	GS_OPT_FORCE,
	GS_OPT_FORGET,
	GS_OPT_HELP,
	GS_OPT_ID,
	GS_OPT_INSTALL_TIMEOUT,
	GS_OPT_JSON,
	GS_OPT_LAZY,
	GS_OPT_LIST,
	GS_OPT_NEW_ID,
	GS_OPT_NO_FIREWALL,
	GS_OPT_NO_INSTALL,
	GS_OPT_NO_PERSIST,
	GS_OPT_NO_SUBTREE_CHECK,
	GS_OPT_ONLY,
	GS_OPT_OPTIONS,
	GS_OPT_OWNER,
	GS_OPT_PATH,
	GS_OPT_ENV,
	GS_OPT_PEER,
	GS_OPT_PEER_REPORT,
	GS_OPT_PORT,
	GS_OPT_POSTGRES,
	GS_OPT_PROFILE,
	GS_OPT_QUIET,
	GS_OPT_RECOVER,
	GS_OPT_RO,
	GS_OPT_ROOT,
	GS_OPT_RW,
	GS_OPT_SQUASH,
	GS_OPT_SUBTREE_CHECK,
	GS_OPT_TIMEOUT,
	GS_OPT_UNVERIFIED,
	GS_OPT_VERSION,
	GS_OPT_WAIT,
	GS_OPT_WRITE,
	GS_OPT_YES,
	GS_OPT_COUNT,
};

enum { GS_TIMEOUT_MAX_S = 3600 };

/** struct gs_words - the words of a command line, parsed but not checked */
struct gs_words {
	struct gs_strs pos;
	struct gs_strs opt[GS_OPT_COUNT]; /* values in the order given; "" for a flag */
};

struct gs_cmd;

/** struct gs_progress_line - the line of progress on stderr */
struct gs_progress_line {
	bool on_terminal;
	int width; /* of what the terminal shows; 0: nothing */
	int64_t begin_s;
};

/** struct gs_call - what a verb gets */
struct gs_call {
	const struct gs_cmd *cmd;
	struct gs_words words;
	char *name; /* "leader init" */
	bool dry_run, json, quiet;
	bool changes; /* the verb changes things: its error says that nothing was changed */
	unsigned timeout_ms;
	char *kept;  /* what stays of this run whatever follows, a clause; NULL: nothing */
	char *again; /* the command with --allow-user-path; NULL: it has none, or is too long */
	struct gs_strs typed;	 /* the words after "gshare", for the journal */
	struct gs_caller caller; /* known once the call has begun */
	struct gs_who who;	 /* borrows typed and caller */
	struct gs_progress_line progress_of;
	struct gs_progress_line *progress; /* NULL: none is shown */
	struct gs_findings recovered;	   /* about a run that was killed before this one */
};

/**
 * struct gs_cmd - one word of the command tree
 * @usage:   lines of the SYNOPSIS after "gshare ", NULL at the end
 * @example: complete commands, shown first by --help, NULL at the end
 * @option:  the verb's own, GS_OPT_NONE at the end; the common ones are added
 * @run:     0 or negative code; prints its result; NULL for a word with verbs below it
 */
struct gs_cmd {
	const char *name, *summary;
	const char *const *usage;
	const char *const *example;
	const enum gs_opt *option;
	unsigned timeout_ms;
	bool changes; /* the verb changes something, where it is not a dry run */
	int (*run)(struct gs_call *, struct gs_err *);
	const struct gs_cmd *sub; /* ended by a row without a name */
};

/** gs_words_target - the only word, TARGET, as the mount table spells it; *ret is owned, NULL: none
 */
int gs_words_target(const struct gs_call *call, char **ret, struct gs_err *err);

/**
 * gs_call_drain - parse --drain and --force; by default 30 s, and no waiting with --force alone
 * Errors: -GS_E_USAGE, also where a --drain does not fit into a --timeout.
 */
int gs_call_drain(const struct gs_call *call, unsigned *ret_seconds, bool *ret_force,
		  struct gs_err *err);

/** gs_call_extend - extend the deadline by the plan's drain, unless --timeout bounds both */
void gs_call_extend(const struct gs_call *call, const struct gs_plan *plan, struct gs_sys *sys);

/**
 * gs_call_begin - open the machine (or the tree of --root) for a verb
 * @changes: this call will change something: a killed run is rolled back first; else only reported
 * @sys: filled on success; free with gs_sys_done()
 */
int gs_call_begin(struct gs_call *call, bool changes, struct gs_sys *sys, struct gs_err *err);

/** gs_call_again - open it once more for a look, with the whole time of the verb */
int gs_call_again(const struct gs_call *call, struct gs_sys *sys, struct gs_err *err);
