/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/check/top.h"
#include "core/exports/docs.h"
#include "core/exports/nfsd_clients.h"
#include "core/leader/request.h"
#include "core/plan/finding.h"
#include "core/share/names.h"

/* leader status: what the files want, what is active, who is connected, who writes. */

/** struct gs_status_top - what lies at the top of a share, as far as it could be looked at */
struct gs_status_top {
	struct gs_path_inodes dirs; /* PostgreSQL's two */
	struct gs_inode id;	    /* .gshare-id */
	struct gs_file id_file;
	struct gs_err id_odd;	 /* why that cannot be one; code 0: it may be, or nobody knows */
	struct gs_account owner; /* whom the share's directory belongs to; no name: root, or nobody
				    that is known */
	struct gs_spare spare;
};

/** struct gs_status_facts - what was seen; owned */
struct gs_status_facts {
	struct gs_files exports;
	struct gs_server server;
	struct gs_str etab;
	struct gs_nfs_clients clients;
	bool clients_known;   /* false: not root */
	char *clients_unread; /* owned; why they were not seen to the end; NULL: they were */
	bool clients_late;    /* for want of time */
	struct gs_names names;
	struct gs_path_inodes roots; /* of the shares that are shown */
	struct gs_status_top *top;   /* as many */
	struct gs_mounts under;	     /* the mounts that hold them, one each */
};

/** struct gs_follower_status - one entry; @configured, @active: false where there is none */
struct gs_follower_status {
	struct gs_hostspec host;
	bool configured, active;
	enum gs_access configured_access, active_access;
	size_t *client; /* indices into facts.clients: who comes by this entry */
	size_t n, room;
};

/** struct gs_share_status - one share */
struct gs_share_status {
	char *path;
	bool healthy;
	struct gs_follower_status *follower;
	size_t n, room;
};

struct gs_leader_status {
	struct gs_status_facts facts;
	struct gs_share_status *share;
	size_t n, room;
	struct gs_findings findings;
};

/**
 * gs_status_paths - the shares to show: the one asked for, else every marked one
 * Errors: -GS_E_FOUND, cause NO_SHARE.
 */
int gs_status_paths(const struct gs_files *exports, const char *asked, struct gs_strs *ret,
		    struct gs_err *err);

/** gs_status_judge - fill shares and findings from the facts, one share for each of facts.roots */
int gs_status_judge(struct gs_leader_status *status, struct gs_err *err);

/**
 * gs_status_tops - each way in which followers act in a share, by the files and by what is active
 * @i: of facts.roots; @each: for one entry; false ends it
 */
void gs_status_tops(const struct gs_status_facts *facts, size_t i, const struct gs_docs *docs,
		    const struct gs_exports *etab, bool (*each)(void *, const struct gs_top *),
		    void *arg);

/**
 * gs_status_tell_dangers - what leader init refuses in those shares, as warnings; EXPORT_ESCAPE too
 * @docs: the files, as they are or are going to be: what is active then is what they say
 */
void gs_status_tell_dangers(const struct gs_status_facts *facts, const struct gs_docs *docs,
			    struct gs_findings *findings);

/** gs_status_best - the client to show for a follower: the last one seen; NULL if none */
const struct gs_nfs_client *gs_status_best(const struct gs_leader_status *status,
					   const struct gs_follower_status *follower);
/**
 * gs_status_writing - number of files that the follower has open for writing
 * Returns false where it is not known: not all of its clients, or of their files, were seen.
 */
bool gs_status_writing(const struct gs_leader_status *status,
		       const struct gs_follower_status *follower, size_t *ret);

void gs_status_facts_done(struct gs_status_facts *facts);
void gs_leader_status_done(struct gs_leader_status *status);
