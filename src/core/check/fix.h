/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/str.h"

/*
 * What to do about a finding, as data: commands that are whole, each with the node that it is for,
 * in the order in which they are run.
 */

/** struct gs_fix - owned; a command is built with gs_command() (base/command.h) */
struct gs_fix {
	char *node; /* NULL: the node where it was found */
	struct gs_str advice, command;
};

struct gs_fixes {
	struct gs_fix *v;
	size_t n, room;
};

/**
 * gs_fix_on - the text of one more command; nothing where none is built
 * Valid until the next one is asked for.
 */
struct gs_str *gs_fix_on(struct gs_fixes *fixes, const char *node);

/** gs_fix_here - the same on this node; @advice: what to say before it, "" for nothing */
struct gs_str *gs_fix_here(struct gs_fixes *fixes, const char *advice);

/** gs_fix_advise - one more that is no command */
void gs_fix_advise(struct gs_fixes *fixes, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** gs_fixes_print - "on HOST run: COMMAND; here then: COMMAND"; nothing where there are none */
void gs_fixes_print(const struct gs_fixes *fixes, struct gs_str *out);
void gs_fixes_done(struct gs_fixes *fixes);
