/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/strmap.h"
#include "core/exports/docs.h"
#include "core/leader/request.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/share/names.h"

/*
 * The leader's plan while it is built: private to gs_plan_leader() and its parts. Each part adds
 * steps, items and findings to draft->plan.
 */

/** struct gs_client - one client as it will be written: a spec, with its name resolved */
struct gs_client {
	struct gs_hostspec host;
	const char *name; /* the name it was resolved from, NULL: none */
	const struct gs_client_spec *spec;
	bool is_new; /* it had no entry before */
	bool is_set, changed;
	size_t doc; /* the file of its entry, index of draft->docs */
	enum gs_access before, after;
	enum gs_squash squash; /* after */
	uint32_t anonuid;      /* after */
	char *place;	       /* "/etc/exports:9" after the edit; owned */
	struct gs_str carried; /* of a new one: options of the entry that served it until now */
};

struct gs_draft {
	const struct gs_leader_req *req;
	const struct gs_leader_facts *facts;
	struct gs_docs docs;
	struct gs_client *client;
	size_t n, room;
	struct gs_keymap by_host;   /* of client, by the host's text */
	struct gs_keymap names;	    /* of facts->names */
	struct gs_keymap exported;  /* hosts of the share's entries, until docs are edited */
	struct gs_exportspec share; /* options common to all entries of the share */
	struct gs_exportspec was;   /* the same before the run; without fsid */
	bool has_was;
	bool was_marked;     /* gshare made the share before the run */
	bool moves_subtree;  /* an existing entry gets the other form of file handles */
	bool gains_crossmnt; /* an existing entry gets crossmnt */
	struct gs_str fsid;
	struct gs_client_spec keep; /* of INIT: existing followers keep their access */
	struct gs_client_spec
		all; /* of SWITCH, DESTROY: the spec of every follower that was not given */
	struct gs_openings close, open; /* rules of the firewall that go and that come */
	struct gs_plan plan;
};

/**
 * struct gs_server_ops - the part of a plan that depends on the server; core/server has the rows
 * @lint: check its files as they are: fatal flaws, and lines that mean something else
 * @check: check the same files as edited
 * @warn: of new clients and shares that overlap others
 * @publish: add the steps check, write, start, apply, as far as needed
 * @check_names: find names to be resolved whose name server does not answer
 */
struct gs_server_ops {
	int (*lint)(struct gs_draft *draft, struct gs_err *err);
	int (*check)(const struct gs_draft *draft, struct gs_err *err);
	void (*warn)(struct gs_draft *draft);
	void (*publish)(struct gs_draft *draft);
	int (*check_names)(struct gs_draft *draft, struct gs_err *err);
};

/** gs_draft_check - errors for arguments and facts that forbid the request */
int gs_draft_check(struct gs_draft *draft, struct gs_err *err);

/**
 * gs_draft_check_wide - error where a path that becomes a share is exported to a wide HOST already
 * Cause EXPORT_WIDE, unless --allow-wide is given. A marked share had that consent before.
 */
int gs_draft_check_wide(struct gs_draft *draft, struct gs_err *err);

/**
 * gs_draft_check_gain - the same where an edit gives a wide HOST more than it had
 * @d, @e: the entry, edited; @before: its options before
 */
int gs_draft_check_gain(struct gs_draft *draft, size_t d, size_t e,
			const struct gs_exportopts *before, struct gs_err *err);

/**
 * gs_draft_check_blank - error where a line has a blank between client and options
 * Cause EXPORTS_CLIENT_BLANK. Applying the files would give everyone what one client was meant to
 * get. Of the share itself only a run that removes '*', or the share, goes on; of another path one
 * that applies nothing, or where everyone is let in already.
 */
int gs_draft_check_blank(struct gs_draft *draft, struct gs_err *err);

/**
 * gs_draft_check_block - an edited entry that another program wrote: EXPORTS_OWNED
 * One in a marked block, or in a file that must not be edited, where gshare did not write it. An
 * error, or a warning where access is taken away. @d, @e: the entry
 */
int gs_draft_check_block(struct gs_draft *draft, size_t d, size_t e, struct gs_err *err);

/** gs_draft_check_blocks - the same for every entry of the draft's clients, before they go */
int gs_draft_check_blocks(struct gs_draft *draft, struct gs_err *err);

/** gs_draft_tell_owners - warn of changed files that another program writes as a whole */
void gs_draft_tell_owners(struct gs_draft *draft);

/** gs_draft_check_top - error where followers would own PostgreSQL's data: OWNER_OWNS_DATA */
int gs_draft_check_top(struct gs_draft *draft, struct gs_err *err);

/**
 * gs_draft_check_served - error where clients would not get the share that is meant: served.h
 * Only a verb that grants access asks.
 */
int gs_draft_check_served(struct gs_draft *draft, struct gs_err *err);

/**
 * gs_draft_check_mounts - error where a disk of fstab that holds the share is not mounted
 * Errors: -ENODEV, cause PATH_NOT_MOUNTED, with the line of fstab.
 */
int gs_draft_check_mounts(const struct gs_draft *draft, struct gs_err *err);

/** gs_draft_clients - make clients of the specs, names resolved */
int gs_draft_clients(struct gs_draft *draft, struct gs_err *err);

/** gs_draft_is_marked - did gshare make this share? */
bool gs_draft_is_marked(const struct gs_draft *draft);

/** gs_draft_edit - edit the entries in draft->docs to their specs */
int gs_draft_edit(struct gs_draft *draft, struct gs_err *err);

/** gs_draft_add_client - add a client, unless the same host has the same spec already */
int gs_draft_add_client(struct gs_draft *draft, const struct gs_hostspec *host, const char *name,
			const struct gs_client_spec *spec, struct gs_err *err);

/**
 * gs_draft_serving - the network, wildcard or netgroup entry by which a host has the share
 * By the rule of mountd: of the entries in draft->docs that cover it, the lowest rank, then the
 * first. NULL: none.
 */
const struct gs_export *gs_draft_serving(const struct gs_draft *draft,
					 const struct gs_hostspec *host);

/** gs_draft_index - build the maps of names and of the share's clients from facts and docs */
void gs_draft_index(struct gs_draft *draft);

/** gs_draft_addrs - the addresses of a name now; NULL where it was not looked up */
const struct gs_strs *gs_draft_addrs(const struct gs_draft *draft, const char *name);

/** gs_draft_is_exported - does the host have an entry of the share in the files as read? */
bool gs_draft_is_exported(const struct gs_draft *draft, const struct gs_hostspec *host);

/** gs_draft_all - SWITCH without a HOST: all followers, or the only one */
int gs_draft_all(struct gs_draft *draft, struct gs_err *err);

/** gs_draft_tell_stranger - REMOVE: report a host that has no entry, which is no error */
void gs_draft_tell_stranger(struct gs_draft *draft, const struct gs_hostspec *host);

/** gs_draft_is_active - is the path exported to that client now? */
bool gs_draft_is_active(const struct gs_draft *draft, const char *path, const char *host);

/** gs_draft_known - SWITCH: refuse a host that has no entry */
int gs_draft_known(struct gs_draft *draft, struct gs_err *err);

/** gs_draft_changes - SWITCH: the followers whose access changes, for the report */
void gs_draft_changes(struct gs_draft *draft);

/**
 * gs_draft_drain - add the DRAIN step, if a follower loses write access that is active
 * For every verb, from the plan's predictions: call it after they are made.
 */
void gs_draft_drain(struct gs_draft *draft);

/** gs_draft_remove - DESTROY: remove the share and all its clients from draft->docs */
int gs_draft_remove(struct gs_draft *draft, struct gs_err *err);

/** gs_draft_forget_id - DESTROY: remove the .gshare-id, before the share is unexported */
void gs_draft_forget_id(struct gs_draft *draft);

/** gs_draft_keep - DESTROY: report everything else, which stays */
void gs_draft_keep(struct gs_draft *draft);

/** gs_draft_firewall - find the rules that go and that come, after docs are edited; tell the rest
 */
void gs_draft_firewall(struct gs_draft *draft);

/** gs_draft_close_ports, gs_draft_open_ports - their steps and items */
void gs_draft_close_ports(struct gs_draft *draft);
void gs_draft_open_ports(struct gs_draft *draft);

/** gs_draft_tree - steps for the account and the directories */
void gs_draft_tree(struct gs_draft *draft);

/**
 * gs_draft_takes_over - was the directory made by gshare for another owner?
 * @name: as of gs_share_dir_spec()
 */
bool gs_draft_takes_over(const struct gs_draft *draft, const struct gs_path_inode *place,
			 const char *name);

/** gs_draft_set_dirs - steps and an item for those directories */
void gs_draft_set_dirs(struct gs_draft *draft);

/** gs_draft_tell_difference - INIT: report changed owner and squash, and the effect on files */
void gs_draft_tell_difference(struct gs_draft *draft);

/** gs_draft_can_write - may the owner write, by mode and ACL as far as known? */
bool gs_draft_can_write(const struct gs_inode *inode, const struct gs_account *owner);
