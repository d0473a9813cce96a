/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/exports/docs.h"
#include "core/leader/request.h"
#include "core/plan/finding.h"
#include "core/share/names.h"

/*
 * What lies at the top of a share and is not the followers': PostgreSQL's data above all. Whoever
 * owns a thing replaces it, and under all_squash every user of every follower is the owner.
 */

/** struct gs_top - a share's top and whom followers act as there; borrowed */
struct gs_top {
	const char *path;
	const char *tree; /* --root's, for commands; NULL: this machine */
	const struct gs_node *root;
	const struct gs_places *dirs; /* those at the top that are known; absent ones too */
	const struct gs_node *id;     /* its .gshare-id */
	uid_t uid;		      /* whom followers act as */
	gid_t gid;
	enum gs_squash squash;
	bool crosses; /* an entry has crossmnt: what is mounted below is exported too */
	const struct gs_spare *spare;
	/* leader init as it was typed, which a fix repeats; NULL: the share as it stands */
	const struct gs_leader_req *typed;
};

/** struct gs_breach - why followers can get at it; free with gs_breach_done() */
struct gs_breach {
	const char *id;	   /* NULL: they cannot; static */
	char *text, *mend; /* mend: NULL where no command is known */
};

/** gs_top_of - of a leader, with whom its facts say followers act as; @docs: the facts' or a plan's
 */
void gs_top_of(const struct gs_leader_facts *facts, const struct gs_docs *docs,
	       enum gs_squash squash, struct gs_top *ret);

/**
 * gs_top_judge - the first breach, the worst kind first
 * OWNER_OWNS_DATA, SQUASH_OPENS_DATA, DATA_OPEN, DATA_REPLACEABLE. What PostgreSQL has not taken
 * over yet, root's still, holds nothing; what is mounted there is not exported.
 */
void gs_top_judge(const struct gs_top *top, struct gs_breach *ret);
void gs_breach_done(struct gs_breach *breach);

/** gs_top_is_owned - does the owner own one of those entries? Then gs_top.spare is wanted. */
bool gs_top_is_owned(const struct gs_top *top);

/** gs_top_other_owner - the command that makes followers act as somebody who owns nothing there */
void gs_top_other_owner(const struct gs_top *top, struct gs_str *out);

/**
 * gs_top_tell_owned - whom followers act as owns the share's own directory: a finding DIR_OWNED
 * For where gs_top_judge() found nothing that is worse.
 */
void gs_top_tell_owned(const char *path, const struct gs_account *owner,
		       struct gs_findings *findings);

/** The entries at a share's top that followers must not own, NULL at the end; .gshare-id beside. */
extern const char *const gs_top_dirs[];

/**
 * gs_top_tell_gone - PostgreSQL's directory is gone from a share that has its id
 * A finding POSTGRES_GONE; @becomes: what is going to happen, one clause, NULL: nothing.
 */
void gs_top_tell_gone(const struct gs_top *top, const char *becomes, struct gs_findings *findings);
