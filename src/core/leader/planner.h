/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/strmap.h"
#include "core/exports/docs.h"
#include "core/leader/request.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/share/names.h"

/*
 * The leader's plan in the making: private to plan_leader.c and its parts. Each part adds steps,
 * items and findings to draft->plan.
 */

/** struct gs_client - one client as it will be written: a wish, with its name resolved */
struct gs_client {
	struct gs_hostspec host;
	const char *name; /* what it was resolved from, NULL for none */
	const struct gs_client_spec *spec;
	bool is_new; /* nothing was exported to it before */
	bool is_set, changed;
	size_t doc; /* where it is set, index of draft->docs */
	enum gs_access before, after;
	enum gs_squash squash; /* after */
	uint32_t anonuid;      /* the same */
	char *place;	       /* "/etc/exports:9", as the file will be; owned */
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
	struct gs_exportspec share; /* what all entries of the share have in common */
	struct gs_exportspec was;   /* and had before; fsid is not kept */
	bool has_was;
	bool moves_subtree; /* an entry that was there gets the other form of file handles */
	struct gs_str fsid;
	struct gs_client_spec keep; /* of INIT: followers that are there keep their access */
	struct gs_client_spec
		all; /* of SWITCH, DESTROY: the wish of every follower that was not named */
	struct gs_plan plan;
};

/**
 * struct gs_server_ops - what the server makes of a plan; the rows are core/server's
 * @lint: its files as they are: what it would stop at, and what does not mean what it looks like
 * @check: the same files as they shall be
 * @warn: of new clients and shares that others overlap
 * @publish: steps: check, write, start, apply, as far as anything is to be done
 * @check_names: those that it would have to resolve, and a name server that does not answer
 */
struct gs_server_ops {
	int (*lint)(struct gs_draft *draft, struct gs_err *err);
	int (*check)(const struct gs_draft *draft, struct gs_err *err);
	void (*warn)(struct gs_draft *draft);
	void (*publish)(struct gs_draft *draft);
	int (*check_names)(struct gs_draft *draft, struct gs_err *err);
};

/** gs_draft_check - words and facts that forbid the wish: preflight.c */
int gs_draft_check(struct gs_draft *draft, struct gs_err *err);

/** gs_draft_check_top - followers would own what is PostgreSQL's: OWNER_OWNS_DATA, as gs_top_judge
 */
int gs_draft_check_top(struct gs_draft *draft, struct gs_err *err);

/**
 * gs_draft_check_mounts - a disk of fstab that shall hold the share, and is not there
 * Errors: -ENODEV, cause PATH_NOT_MOUNTED, with the line of fstab.
 */
int gs_draft_check_mounts(const struct gs_draft *draft, struct gs_err *err);

/** gs_draft_clients - the wishes as clients, names resolved: clients.c */
int gs_draft_clients(struct gs_draft *draft, struct gs_err *err);

/** gs_draft_is_marked - did gshare make this share? */
bool gs_draft_is_marked(const struct gs_draft *draft);

/** gs_draft_edit - the entries in draft->docs as specified */
int gs_draft_edit(struct gs_draft *draft, struct gs_err *err);

/** gs_draft_add_client - one more, where the same host is not there yet with the same wish */
int gs_draft_add_client(struct gs_draft *draft, const struct gs_hostspec *host, const char *name,
			const struct gs_client_spec *spec, struct gs_err *err);

/** gs_draft_index - the names and the share's clients of facts and docs, to be looked up */
void gs_draft_index(struct gs_draft *draft);

/** gs_draft_addrs - what a name resolves to now; NULL where it was not looked up */
const struct gs_strs *gs_draft_addrs(const struct gs_draft *draft, const char *name);

/** gs_draft_is_exported - does the host have an entry of the share in the files as read? */
bool gs_draft_is_exported(const struct gs_draft *draft, const struct gs_hostspec *host);

/** gs_draft_all - SWITCH without a HOST: all followers, or the only one: switch.c */
int gs_draft_all(struct gs_draft *draft, struct gs_err *err);

/** gs_draft_known - SWITCH: refuse a host that nothing is exported to */
int gs_draft_known(struct gs_draft *draft, struct gs_err *err);

/** gs_draft_changes - SWITCH: whose access changes, for the report */
void gs_draft_changes(struct gs_draft *draft);

/**
 * gs_draft_drain - the DRAIN step, where somebody loses write access that is active
 * For every verb, by the plan's predictions: drain_hint.c. After predicting.
 */
void gs_draft_drain(struct gs_draft *draft);

/** gs_draft_remove - DESTROY: the share out of draft->docs, all its clients: destroy.c */
int gs_draft_remove(struct gs_draft *draft, struct gs_err *err);

/** gs_draft_forget_id - DESTROY: the id's file goes, before the exports do */
void gs_draft_forget_id(struct gs_draft *draft);

/** gs_draft_keep - DESTROY: everything else stays, and is named */
void gs_draft_keep(struct gs_draft *draft);

/** gs_draft_tree - account and directories: tree.c */
void gs_draft_tree(struct gs_draft *draft);

/**
 * gs_draft_takes_over - was the directory made by gshare for another owner?
 * @name: as of gs_share_dir_spec()
 */
bool gs_draft_takes_over(const struct gs_draft *draft, const struct gs_path_inode *place,
			 const char *name);

/** gs_draft_set_dirs - steps and an item for those: owner.c */
void gs_draft_set_dirs(struct gs_draft *draft);

/** gs_draft_tell_difference - INIT: owner and squash that change, and what files become */
void gs_draft_tell_difference(struct gs_draft *draft);

/** gs_draft_can_write - by mode and ACL, as far as they tell */
bool gs_draft_can_write(const struct gs_inode *inode, const struct gs_account *owner);

/** gs_draft_doc - the i-th file in the order that exportfs reads them, as an index of docs */
size_t gs_draft_doc(const struct gs_draft *draft, size_t i);
