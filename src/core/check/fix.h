/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/str.h"

/*
 * The fix of a finding, as data: complete commands, each with the node that it is for, in the
 * order in which they are run.
 */

/** struct gs_fix - owned; a command is built with gs_command() (base/command.h) */
struct gs_fix {
	char *node; /* NULL: the node of the finding */
	struct gs_str advice, command;
};

struct gs_fixes {
	struct gs_fix *v;
	size_t n, room;
};

/**
 * gs_fix_on - an empty text for one more command; no command if it stays empty
 * Valid until the next call.
 */
struct gs_str *gs_fix_on(struct gs_fixes *fixes, const char *node);

/** gs_fix_on_if - the same, with text before the command: when it is meant */
struct gs_str *gs_fix_on_if(struct gs_fixes *fixes, const char *node, const char *advice);

/** gs_fix_here - the same on this node; @advice: text before the command, "" for none */
struct gs_str *gs_fix_here(struct gs_fixes *fixes, const char *advice);

/** gs_fix_large - whether packets as large as Ethernet's reach a host; @server: address or name */
void gs_fix_large(struct gs_fixes *fixes, const char *advice, const char *server);

/** gs_fix_is_typed - is it a command of that verb? @typed: the words after "gshare", or NULL */
bool gs_fix_is_typed(const struct gs_strs *typed, const char *noun, const char *verb);

/** gs_fix_typed - as gs_fix_here(), with the command as it was typed, but no dry run */
struct gs_str *gs_fix_typed(struct gs_fixes *fixes, const char *advice,
			    const struct gs_strs *typed);

/** gs_fix_advise - add advice that is no command */
void gs_fix_advise(struct gs_fixes *fixes, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** gs_fixes_print - "on HOST run: COMMAND; here then: COMMAND"; adds nothing if there are none */
void gs_fixes_print(const struct gs_fixes *fixes, struct gs_str *out);
void gs_fixes_done(struct gs_fixes *fixes);
