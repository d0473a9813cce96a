/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"

/**
 * gs_args_parse - find the verb of argv in the tree, and parse its words
 * @call: filled on success; gs_call_done() frees it. --help and --version print and set
 *	call->cmd to NULL.
 * Errors: -GS_E_USAGE, with the word that was probably meant, where one is close.
 */
int gs_args_parse(int argc, char **argv, const struct gs_cmd *tree, struct gs_call *call,
		  struct gs_err *err);
void gs_call_done(struct gs_call *call);

/** gs_help_add - the help of one word of the tree; @path: "gshare leader init" */
void gs_help_add(const struct gs_cmd *cmd, const char *path, struct gs_str *out);

/** gs_args_option_name - "--follower"; @ret_arg: "HOST[:ro|:rw]" or NULL; @ret_help: one line */
const char *gs_args_option_name(enum gs_opt opt, const char **ret_arg, const char **ret_help);
