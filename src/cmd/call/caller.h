/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

#include "sys/sys.h"

/*
 * Who called, where root's rights were got by sudo(8), run0(1), doas(1) or pkexec(1): each says so
 * in the environment. That is a hint by root about who shall own a new share, and whose directories
 * and links root may follow; an ordinary user gains nothing by it. It is read nowhere else.
 */

/** struct gs_caller - nobody but root: uid 0, name "root" */
struct gs_caller {
	char *name;   /* owned; for the journal */
	char *number; /* owned; uid in digits, as find_account() takes it; NULL: nobody but root */
	uid_t uid;
};

/** What is looked up where it was not said. */
enum gs_caller_look {
	GS_CALLER_SAID,	  /* nothing */
	GS_CALLER_NUMBER, /* the number of a name: whom to trust */
	GS_CALLER_NAME,	  /* and the name of a number, for the journal */
};

/**
 * gs_caller_find - whom the environment names
 * Several ways at once, a number that makes no sense, a name where the number is missing, root, and a
 * name without an account are nobody. Where accounts cannot be asked, what was said stays: a name
 * without its number, or a number that is its own name.
 * @sys: whose accounts are asked, of this machine also for a tree; its deadline holds
 * @look: what is wanted beside what was said; a look may take 4 s where a server has the accounts
 *        and is silent
 * @ret: free with gs_caller_done()
 */
void gs_caller_find(struct gs_sys *sys, enum gs_caller_look look, struct gs_caller *ret);
void gs_caller_done(struct gs_caller *caller);
