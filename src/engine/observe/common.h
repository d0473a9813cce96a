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
 * Facts, gathered through struct gs_sys and not judged. @facts is filled on success, untouched on
 * failure; free with the _done function.
 */

/**
 * gs_observe_leader - what the leader verbs plan from
 * @ran: the plan just carried out, when observing again after a run; else NULL. Asking whether the
 *       server starts at boot takes a program: without a START_SERVER step the answer has not
 *       changed.
 */
int gs_observe_leader(struct gs_sys *sys, const struct gs_leader_req *req,
		      const struct gs_plan *ran, struct gs_leader_facts *facts, struct gs_err *err);
void gs_leader_facts_done(struct gs_leader_facts *facts);

/**
 * gs_observe_id - read a .gshare-id; the share's owner may have put anything in its place
 * Errors: cause ID_BROKEN where something other than a readable .gshare-id is there.
 */
int gs_observe_id(struct gs_sys *sys, const char *path, struct gs_file *ret, struct gs_err *err);

/** gs_observe_exports - the exports files: exports_file first, then /etc/exports and exports.d */
int gs_observe_exports(struct gs_sys *sys, const char *exports_file, struct gs_files *ret,
		       struct gs_err *err);

/** gs_observe_share_dirs - the directories of facts->path: standard ones and those of --dir */
int gs_observe_share_dirs(struct gs_sys *sys, const struct gs_leader_req *req,
			  struct gs_leader_facts *facts, struct gs_err *err);

/** gs_observe_existing - gs_observe_names() for the host names in the exports files */
void gs_observe_existing(struct gs_sys *sys, const struct gs_files *exports, struct gs_names *ret);

/**
 * gs_observe_owner - the user that followers are mapped to: the first of --owner, the share's
 * entries, the owner of the path, its ACLs, the caller, the account gshare
 */
int gs_observe_owner(struct gs_sys *sys, const struct gs_leader_req *req,
		     struct gs_leader_facts *facts, struct gs_err *err);

/**
 * gs_observe_spare - another user to map followers to, where the present one owns PostgreSQL's data
 * @ret: untouched where no other user is needed, or a look-up fails
 */
void gs_observe_spare(struct gs_sys *sys, const struct gs_top *top, struct gs_spare *ret);

/**
 * gs_observe_follower - what follower mount plans from
 * @before: the facts of the plan just carried out, when observing again after a run; else NULL.
 *          With it the leader is not asked again what it exports.
 */
int gs_observe_follower(struct gs_sys *sys, const struct gs_follower_req *req,
			const struct gs_follower_facts *before, struct gs_follower_facts *facts,
			struct gs_err *err);
void gs_follower_facts_done(struct gs_follower_facts *facts);

/**
 * gs_look_leader - what leader status shows
 * @path: NULL for every share of gshare; @ret: free with gs_leader_status_done()
 */
int gs_look_leader(struct gs_sys *sys, const char *path, struct gs_leader_status *ret,
		   struct gs_err *err);

/**
 * gs_observe_roots - of the shares at paths: root inode, top entries, the mount each is on
 * @facts: roots, top and under are filled; on failure, for the shares seen until then
 */
int gs_observe_roots(struct gs_sys *sys, const struct gs_strs *paths, struct gs_status_facts *facts,
		     struct gs_err *err);

/**
 * gs_observe_spares - gs_observe_spare() for each share, if a user other than root owns a top entry
 * @files: the exports files that, with the facts' etab, say whom followers are mapped to
 */
int gs_observe_spares(struct gs_sys *sys, const struct gs_files *files,
		      struct gs_status_facts *facts, struct gs_err *err);

/** gs_observe_ancestors - every component of an absolute clean path, the path itself last */
int gs_observe_ancestors(struct gs_sys *sys, const char *path, struct gs_path_inodes *ret,
			 struct gs_err *err);

/**
 * gs_observe_names - resolve the host names in files; one that does not resolve is left out
 * The first one that times out ends it: ret->silent is that name.
 */
void gs_observe_names(struct gs_sys *sys, const struct gs_strs *names, struct gs_names *ret);

/** gs_observe_file - a text file of at most 64 MiB; an absent one is no error */
int gs_observe_file(struct gs_sys *sys, const char *path, struct gs_file *ret, struct gs_err *err);

/** gs_observe_env - read cluster.env, with the privileges that another user's file takes */
int gs_observe_env(struct gs_sys *sys, const char *path, struct gs_file *ret, struct gs_err *err);

/**
 * gs_observe_bare - the directory that the mount at target covers
 * An ordinary user may not see it: *ret is then untouched, and the result 0.
 */
int gs_observe_bare(struct gs_sys *sys, const char *target, struct gs_inode *ret,
		    struct gs_err *err);
