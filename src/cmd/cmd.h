/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "sys/sys.h"

/*
 * The contract of a verb: a row of a table says how it is called, which options it takes, how
 * long it may last and what runs. Help, completion and the man page's SYNOPSIS follow the table.
 */

/** Every option of every verb; the table with names and texts is in args.c. */
enum gs_opt {
	GS_OPT_NONE, /* ends a list */
	GS_OPT_ALL,
	GS_OPT_ALLOW_USER_PATH,
	GS_OPT_ALLOW_WIDE,
	GS_OPT_AS,
	GS_OPT_DIR,
	GS_OPT_DRAIN,
	GS_OPT_DRY_RUN,
	GS_OPT_EXPORT,
	GS_OPT_EXPORTS_FILE,
	GS_OPT_FOLLOWER,
	GS_OPT_FORCE,
	GS_OPT_FORGET,
	GS_OPT_HELP,
	GS_OPT_ID,
	GS_OPT_JSON,
	GS_OPT_LAZY,
	GS_OPT_NO_PERSIST,
	GS_OPT_NO_SUBTREE_CHECK,
	GS_OPT_OWNER,
	GS_OPT_PATH,
	GS_OPT_QUIET,
	GS_OPT_RECOVER,
	GS_OPT_RO,
	GS_OPT_ROOT,
	GS_OPT_RW,
	GS_OPT_SQUASH,
	GS_OPT_SUBTREE_CHECK,
	GS_OPT_TIMEOUT,
	GS_OPT_UNPROVED,
	GS_OPT_VERSION,
	GS_OPT_WRITE,
	GS_OPT_YES,
	GS_OPT_COUNT,
};

enum { GS_TIMEOUT_MAX_S = 3600 };

/** struct gs_words - the words of a command line, sorted out but not judged */
struct gs_words {
	struct gs_strs pos;
	struct gs_strs opt[GS_OPT_COUNT]; /* values in the order given; "" for a flag */
};

/** gs_args_sudo_user - the number of who called sudo, NULL for nobody; all we read of that */
const char *gs_args_sudo_user(void);

/** gs_args_caller - the same as a number; 0 for nobody but root */
uid_t gs_args_caller(void);

struct gs_cmd;

/** struct gs_call - what a verb gets */
struct gs_call {
	const struct gs_cmd *cmd;
	struct gs_words words;
	char *name; /* "leader init" */
	bool dry_run, json, quiet;
	bool changes; /* the verb changes things: an error says that it did not */
	unsigned timeout_ms;
	char *again; /* the command with --allow-user-path; NULL: it takes no such option */
	struct gs_strs typed;	      /* the words after "gshare", for the journal */
	struct gs_who who;	      /* borrows typed */
	struct gs_findings recovered; /* about a run that was killed before this one */
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
	bool changes; /* something on the machine, where it is not a dry run */
	int (*run)(struct gs_call *, struct gs_err *);
	const struct gs_cmd *sub; /* ended by a row without a name */
};

extern const struct gs_cmd gs_cmd_tree;

int gs_cmd_leader_init(struct gs_call *call, struct gs_err *err);
int gs_cmd_leader_add(struct gs_call *call, struct gs_err *err);
int gs_cmd_leader_remove(struct gs_call *call, struct gs_err *err);
int gs_cmd_leader_ro(struct gs_call *call, struct gs_err *err);
int gs_cmd_leader_rw(struct gs_call *call, struct gs_err *err);
int gs_cmd_leader_destroy(struct gs_call *call, struct gs_err *err);
int gs_cmd_leader_repair(struct gs_call *call, struct gs_err *err);
int gs_cmd_leader_status(struct gs_call *call, struct gs_err *err);
int gs_cmd_follower_mount(struct gs_call *call, struct gs_err *err);
int gs_cmd_follower_remount(struct gs_call *call, struct gs_err *err);
int gs_cmd_follower_unmount(struct gs_call *call, struct gs_err *err);
int gs_cmd_follower_status(struct gs_call *call, struct gs_err *err);
int gs_cmd_verify(struct gs_call *call, struct gs_err *err);
int gs_cmd_env_leader(struct gs_call *call, struct gs_err *err);
int gs_cmd_env_follower(struct gs_call *call, struct gs_err *err);
int gs_cmd_undo(struct gs_call *call, struct gs_err *err);
int gs_cmd_history(struct gs_call *call, struct gs_err *err);

/**
 * gs_args_parse - argv to a verb and its words
 * @call: filled on success; gs_call_done() frees it. --help and --version print and set
 *	call->cmd to NULL.
 * Errors: -GS_E_USAGE with what was meant, where a guess is close.
 */
int gs_args_parse(int argc, char **argv, struct gs_call *call, struct gs_err *err);
void gs_call_done(struct gs_call *call);

/** gs_words_target - the only word, TARGET, as the mount table spells it; *ret is owned, NULL: none
 */
int gs_words_target(const struct gs_call *call, char **ret, struct gs_err *err);

/**
 * gs_call_drain - --drain and --force; 30 s, and no waiting with --force alone
 * Errors: -GS_E_USAGE, also where a --drain does not fit into a --timeout.
 */
int gs_call_drain(const struct gs_call *call, unsigned *ret_seconds, bool *ret_force,
		  struct gs_err *err);

/** gs_call_extend - the drain stands beside the deadline, unless --timeout is that of it all */
void gs_call_extend(const struct gs_call *call, const struct gs_plan *plan, struct gs_sys *sys);

/**
 * gs_call_begin - open the machine (or the tree of --root) for a verb
 * @changes: this call will: a run that was killed is taken back first; else it is only told of
 * @sys: filled on success; free with gs_sys_done()
 */
int gs_call_begin(struct gs_call *call, bool changes, struct gs_sys *sys, struct gs_err *err);

bool gs_words_has(const struct gs_words *words, enum gs_opt opt);
/** gs_words_get - the last value given, NULL if none */
const char *gs_words_get(const struct gs_words *words, enum gs_opt opt);

/** gs_help_add - the help of one word of the tree; @path: "gshare leader init" */
void gs_help_add(const struct gs_cmd *cmd, const char *path, struct gs_str *out);

/** gs_args_option_name - "--follower"; @ret_arg: "HOST[:ro|:rw]" or NULL; @ret_help: one line */
const char *gs_args_option_name(enum gs_opt opt, const char **ret_arg, const char **ret_help);
