/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/diagnose/diagnose.h"

/*
 * The fixes that are gshare's own: printed for people, and so whole commands that doctor --fix can
 * run as they are printed.
 */

/**
 * struct gs_own_fix - one of them
 * @command: as it was printed
 * @words:   what stands after "sudo gshare"
 * @status:  the exit status of its last run; GS_NOT_RUN
 */
struct gs_own_fix {
	char *command;
	struct gs_strs words;
	int status;
};

struct gs_own_fixes {
	struct gs_own_fix *v;
	size_t n, room;
};

enum {
	GS_NOT_RUN = -1,
	GS_VERB_WORDS = 2, /* that every fix begins with: "leader", "add" */
};

/**
 * gs_own_fix_words - is this text a command of gshare's for this node, and nothing else?
 * One of the verbs that put right what they find, alone: no word before it (it would be a
 * condition, or the name of another node), nothing joined to it, no option by which somebody
 * consents to harm, and every word as gs_str_add_word() quotes it.
 * @ret_words: the words after "sudo gshare"; owned
 */
bool gs_own_fix_words(const char *text, struct gs_strs *ret_words);

/**
 * gs_own_fixes_of - of the failures that stand by themselves, in their order; each command once
 * After gs_diagnose(): what follows from a cause is gone with it.
 */
void gs_own_fixes_of(const struct gs_cases *cases, struct gs_own_fixes *ret);

void gs_own_fixes_done(struct gs_own_fixes *fixes);
