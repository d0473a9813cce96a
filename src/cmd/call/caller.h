/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <sys/types.h>

#include "sys/sys.h"

/*
 * The user who called gshare by sudo(8), run0(1), doas(1) or pkexec(1): each names its caller in
 * the environment. That is root's hint about who shall own a new share, and whose directories and
 * links root may follow; an ordinary user gains nothing by setting it. No other code reads it.
 */

/** struct gs_caller - the user who called; uid 0 and name "root" where that is nobody but root */
struct gs_caller {
	char *name;   /* owned; for the journal */
	char *number; /* owned; uid in digits, for accounts->find(); NULL: not known, or root */
	uid_t uid;
};

/** What is looked up where the environment does not have it. */
enum gs_caller_look {
	GS_CALLER_SAID,	  /* nothing */
	GS_CALLER_NUMBER, /* the number of a name: whom to trust */
	GS_CALLER_NAME,	  /* and the name of a number, for the journal */
};

/**
 * gs_caller_find - the user whom the environment names as the caller
 * Variables of several programs, an invalid uid, a name whose uid is missing, root, and a name
 * without an account are nobody. Where accounts cannot be asked, the variable's value is kept: a
 * name without its number, or a number as its own name.
 * @sys: whose accounts are asked, those of this machine also for a tree; its deadline applies
 * @look: what to look up; that may take 4 s where a server with the accounts does not respond
 * @ret: free with gs_caller_done()
 */
void gs_caller_find(struct gs_sys *sys, enum gs_caller_look look, struct gs_caller *ret);

/** gs_caller_self - the user who runs this process, instead */
void gs_caller_self(struct gs_caller *caller);

void gs_caller_done(struct gs_caller *caller);
