/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/check/served.h"
#include "core/check/top.h"
#include "core/exports/docs.h"
#include "core/exports/nfsd_clients.h"
#include "core/firewall/firewall.h"
#include "core/leader/request.h"
#include "core/plan/finding.h"
#include "core/share/names.h"

/* What leader status knows of the shares: facts as they were seen, then what was made of them. */

/** struct gs_status_top - entries at the top of a share, as far as they could be read */
struct gs_status_top {
	struct gs_path_inodes dirs; /* PostgreSQL's two directories */
	struct gs_inode id;	    /* .gshare-id */
	struct gs_file id_file;
	struct gs_err id_odd;	 /* why it cannot hold the id; code 0: it may, or not known */
	struct gs_account owner; /* of the share's directory; no name: root, or a UID without a
				    name */
	struct gs_spare spare;
	struct gs_served served;
};

/** struct gs_status_facts - what was seen; owned */
struct gs_status_facts {
	struct gs_files exports;
	struct gs_file fstab;
	struct gs_server server;
	struct gs_nfsd_offer offer;
	struct gs_container container;
	struct gs_names faces; /* per follower address: this node's address towards it */
	struct gs_str etab;
	struct gs_nfs_clients clients;
	struct gs_strs peers; /* addresses with a lasting connection to nfsd */
	bool clients_known;   /* false: not root */
	char *clients_unread; /* owned; why not all could be read; NULL: all were */
	bool clients_late;    /* time ran out */
	struct gs_names names;
	struct gs_firewall firewall;
	struct gs_names ways;	     /* per follower: the interface by which its packets come */
	struct gs_path_inodes roots; /* of the shares that are shown */
	struct gs_status_top *top;   /* one for each root */
	struct gs_mounts under;	     /* the mount that holds each root */
};

/** struct gs_follower_status - one entry; @configured, @active: false where there is none */
struct gs_follower_status {
	struct gs_hostspec host;
	bool configured, active;
	enum gs_access configured_access, active_access;
	enum gs_gate gate;
	size_t *client; /* indices into facts.clients: the clients it covers */
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
