/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/plan/model.h"

/*
 * What the files of a leader say about its shares, and judgements on the words of a request:
 * the pure parts that observing needs before it knows where to look.
 */

#define GS_DEFAULT_PATH "/mnt/data/shared"

/** gs_leader_gives - does the verb hand out access? The others work on what was given. */
bool gs_leader_gives(enum gs_leader_verb verb);

/**
 * gs_leader_takes - does the request only take access away?
 * Then nothing that followers can put into the share may stand in its way: neither its id nor its
 * directories decide.
 */
bool gs_leader_takes(const struct gs_leader_req *req);

/** gs_docs_parse - all files; errors name the file */
int gs_docs_parse(const struct gs_files *files, struct gs_docs *docs, struct gs_err *err);
void gs_docs_done(struct gs_docs *docs);

/**
 * gs_leader_check_path - may this path become a share?
 * Errors: -GS_E_USAGE for one that is relative, "/" or goes up (".."); -EINVAL for one of the
 * system's own.
 */
int gs_leader_check_path(const char *path, struct gs_err *err);

/**
 * gs_leader_check_new_path - a path that a new share is to have
 * Errors: -GS_E_USAGE for one that exportfs or cluster.env cannot hold; PATH_LONG, PATH_CHARACTER.
 */
int gs_leader_check_new_path(const char *path, struct gs_err *err);

/** gs_leader_check_owner - the words USER[:GROUP]; errors: -GS_E_USAGE for what nobody can be */
int gs_leader_check_owner(const char *asked, struct gs_err *err);

/**
 * gs_leader_fix_id - the command for a .gshare-id that holds no id; returns err->code
 * It stays, under another name, and init gives the share a new one.
 */
int gs_leader_fix_id(const struct gs_leader_req *req, const struct gs_leader_facts *facts,
		     struct gs_err *err);

/**
 * gs_leader_pick_path - the share a verb works on
 * The one asked for; else, for init, the default; else the only marked share; else the only
 * exported path that has one of the named hosts. DESTROY of no share is the default path.
 * @ret_path: owned, clean. Errors: NO_SHARE, SHARES_SEVERAL, with the list.
 */
int gs_leader_pick_path(const struct gs_leader_req *req, const struct gs_docs *docs,
			char **ret_path, struct gs_err *err);

/** gs_leader_entry_owner - anonuid and anongid of the share's first squashing entry */
bool gs_leader_entry_owner(const struct gs_docs *docs, const char *path, uid_t *ret_uid,
			   gid_t *ret_gid);

/**
 * gs_leader_read_id - the share's id, of a .gshare-id that is there
 * Errors: -EBADMSG, cause ID_BROKEN.
 */
int gs_leader_read_id(const struct gs_file *file, char ret_id[GS_SHARE_ID_BYTES],
		      struct gs_err *err);

/** gs_leader_acl_owner - the named user and group of a dataset directory's access ACL */
bool gs_leader_acl_owner(const char *acl, uid_t *ret_uid, gid_t *ret_gid);

/** gs_leader_names - every name that stands as a client in the files, once each */
void gs_leader_names(const struct gs_docs *docs, struct gs_strs *ret_names);

/** gs_names_find - NULL where the name was not looked up */
const struct gs_strs *gs_names_find(const struct gs_names *names, const char *name);
void gs_names_done(struct gs_names *names);

/**
 * gs_names_list_hosts - as lines of hosts(5)
 * The check of candidates runs without a network: names come with their addresses.
 */
void gs_names_list_hosts(const struct gs_names *names, struct gs_str *out);
