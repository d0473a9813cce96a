/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/follower/request.h"
#include "core/leader/leader_status.h"
#include "core/leader/request.h"
#include "core/plan/model.h"
#include "core/share/names.h"
#include "sys/sys.h"

/*
 * Facts, gathered through the port and not judged. @facts is filled on success, untouched on
 * failure; free with the _done function.
 */

/**
 * gs_observe_leader - what the leader verbs plan from
 * @ran: the plan that has been carried out, when this is the look after it; else NULL. Whether the
 *       server starts at boot takes a program to ask: where no step of the plan was about that, it
 *       is as it was.
 */
int gs_observe_leader(struct gs_sys *sys, const struct gs_leader_req *req,
		      const struct gs_plan *ran, struct gs_leader_facts *facts, struct gs_err *err);
void gs_leader_facts_done(struct gs_leader_facts *facts);

/**
 * gs_observe_id - a .gshare-id, where the share's owner may have put anything
 * Errors: cause ID_BROKEN for what is no readable file of that kind.
 */
int gs_observe_id(struct gs_sys *sys, const char *path, struct gs_file *ret, struct gs_err *err);

/** gs_observe_exports - the exports files alone: the one to edit first, then exports.d */
int gs_observe_exports(struct gs_sys *sys, const char *exports_file, struct gs_files *ret,
		       struct gs_err *err);

/** gs_observe_share_dirs - the directories of facts->path: standard ones and those of --dir */
int gs_observe_share_dirs(struct gs_sys *sys, const struct gs_leader_req *req,
			  struct gs_leader_facts *facts, struct gs_err *err);
/** gs_observe_existing - addresses of the names that stand in the files, as far as they resolve */
void gs_observe_existing(struct gs_sys *sys, const struct gs_files *exports, struct gs_names *ret);

/**
 * gs_observe_owner - whom followers act as: asked for, or as the share already says, or the
 * path's owner, or who called, or the account gshare
 */
int gs_observe_owner(struct gs_sys *sys, const struct gs_leader_req *req,
		     struct gs_leader_facts *facts, struct gs_err *err);

/**
 * gs_observe_spare - who else they could act as, where whom they act as owns what is PostgreSQL's
 * @ret: untouched where nobody is looked for, or cannot be found out about
 */
void gs_observe_spare(struct gs_sys *sys, const struct gs_top *top, struct gs_spare *ret);

/**
 * gs_observe_follower - what follower mount plans from
 * @before: what the plan was made from that has been carried out, when this is the look after it;
 *          else NULL. What the leader exports is not asked again.
 */
int gs_observe_follower(struct gs_sys *sys, const struct gs_follower_req *req,
			const struct gs_follower_facts *before, struct gs_follower_facts *facts,
			struct gs_err *err);
void gs_follower_facts_done(struct gs_follower_facts *facts);

/**
 * gs_look_leader - what leader status shows: leader_status.c
 * @path: NULL for every share of gshare; @ret: free with gs_leader_status_done()
 */
int gs_look_leader(struct gs_sys *sys, const char *path, struct gs_leader_status *ret,
		   struct gs_err *err);

/**
 * gs_observe_roots - of the shares at those paths: what they are, their tops, the mounts below them
 * @facts: its roots, top and under are filled as far as it came, also on failure
 */
int gs_observe_roots(struct gs_sys *sys, const struct gs_strs *paths, struct gs_status_facts *facts,
		     struct gs_err *err);

/**
 * gs_observe_spares - for each of them gs_observe_spare(), where anybody owns what lies at its top
 * @files: the exports that say as whom followers act, beside the facts' etab
 */
int gs_observe_spares(struct gs_sys *sys, const struct gs_files *files,
		      struct gs_status_facts *facts, struct gs_err *err);

/** gs_observe_ancestors - every component of an absolute clean path, the path itself last */
int gs_observe_ancestors(struct gs_sys *sys, const char *path, struct gs_path_inodes *ret,
			 struct gs_err *err);

/**
 * gs_observe_names - resolve the names that stand in files; one that does not resolve is left out
 * The first that its name server is silent about ends it: ret->silent names it.
 */
void gs_observe_names(struct gs_sys *sys, const struct gs_strs *names, struct gs_names *ret);

/** gs_observe_file - a text file of at most 64 MiB; an absent one is no error */
int gs_observe_file(struct gs_sys *sys, const char *path, struct gs_file *ret, struct gs_err *err);

/** gs_observe_env - cluster.env, with the privileges that a file of somebody else's takes */
int gs_observe_env(struct gs_sys *sys, const char *path, struct gs_file *ret, struct gs_err *err);

/**
 * gs_observe_bare - the directory below what is mounted at target
 * An ordinary user may not look there: *ret is then as it was, and no error.
 */
int gs_observe_bare(struct gs_sys *sys, const char *target, struct gs_inode *ret,
		    struct gs_err *err);
