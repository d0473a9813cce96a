/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/imageid.h"
#include "core/check/top.h"
#include "core/leader/request.h"
#include "core/leader/top_facts.h"
#include "core/share/names.h"
#include "engine/observe/common.h"

/* An account by its numbers; the group may differ from the user's own. */
static int find_ids(struct gs_sys *sys, uid_t uid, gid_t gid, struct gs_account *ret,
		    struct gs_err *err)
{
	gs_autofree char *number = gs_printf("%u", uid);

	if (sys->ops->accounts->find(sys, number, ret, err) < 0)
		return err->code;
	if (ret->gid != gid) {
		free(ret->group);
		ret->group = gs_printf("%u", gid);
		ret->gid = gid;
	}
	return 0;
}

static int take_ids(struct gs_sys *sys, uid_t uid, gid_t gid, enum gs_owner_source source,
		    struct gs_leader_facts *facts, struct gs_err *err)
{
	facts->owner_source = source;
	return find_ids(sys, uid, gid, &facts->owner, err);
}

/* ---- the account that init makes --------------------------------------------------------- */

/* The first that exists or can be created is used: another group may have the name. */
static const char *const system_names[] = { GS_SYSTEM_ACCOUNT, GS_SYSTEM_ACCOUNT "-data",
					    GS_SYSTEM_ACCOUNT "-share" };

/* Lists the owners of the share's root and of its top entries, such as PostgreSQL. */
static void list_taken(const struct gs_inode *root, const struct gs_path_inodes *dirs,
		       struct gs_ids *ret)
{
	gs_ids_add(ret, root->uid);
	gs_ids_add(ret, root->gid);
	for (size_t i = 0; i < dirs->n; i++) {
		gs_ids_add(ret, dirs->v[i].inode.uid);
		gs_ids_add(ret, dirs->v[i].inode.gid);
	}
}

/* Could a new user get the group's number, and followers be mapped to both? */
static int can_be_used(struct gs_sys *sys, gid_t gid, const struct gs_ids *taken, bool *ret,
		       struct gs_err *err)
{
	GS_AUTO(gs_account_done) struct gs_account user = { 0 };
	gs_autofree char *number = gs_printf("%u", gid);

	*ret = false;
	if (!gid || gs_image_of(gid) || gs_ids_has(taken, gid))
		return 0;
	if (sys->ops->accounts->find(sys, number, &user, err) < 0)
		return err->code;
	/* For a number without an account, find() returns the number as name. */
	*ret = !strcmp(user.name, number);
	return 0;
}

/*
 * A run that lost power may have left the group without the user. Any other group of the name keeps
 * groupadd(8) and useradd(8) from creating the account.
 * @ret_id: of the group, 0: there is none; @ret_usable: an account of that id can be created
 */
static int find_half(struct gs_sys *sys, const char *name, const struct gs_ids *taken,
		     uint32_t *ret_id, bool *ret_usable, struct gs_err *err)
{
	struct gs_err absent = { 0 };
	gid_t gid = 0;
	int r = sys->ops->accounts->find_group(sys, name, &gid, &absent);

	if (r < 0 && r != -ENOENT) {
		*err = absent;
		return r;
	}
	*ret_id = gid;
	*ret_usable = r < 0;
	return r < 0 ? 0 : can_be_used(sys, gid, taken, ret_usable, err);
}

/*
 * @ret: the account; uid 0 where it must be created and any free number will do
 * Errors: -ENOSPC
 */
static int find_system(struct gs_sys *sys, const struct gs_ids *taken, struct gs_account *ret,
		       bool *ret_missing, struct gs_err *err)
{
	for (size_t i = 0; i < GS_COUNT(system_names); i++) {
		const char *name = system_names[i];
		struct gs_err absent = { 0 };
		bool usable = false;
		uint32_t id = 0;

		*ret_missing = sys->ops->accounts->find(sys, name, ret, &absent) < 0;
		if (!*ret_missing)
			return 0;
		if (absent.code != -ENOENT) {
			*err = absent;
			return err->code;
		}
		if (find_half(sys, name, taken, &id, &usable, err) < 0)
			return err->code;
		if (!usable)
			continue;
		*ret = (struct gs_account){
			.name = gs_strdup(name),
			.group = gs_strdup(name),
			.home = gs_strdup("/"),
			.uid = id,
			.gid = id,
		};
		return 0;
	}
	return gs_err_set(err, ENOSPC, "other groups have the names of the system account");
}

/* Takes the account gshare, which init creates where it does not exist yet. */
static int take_system(struct gs_sys *sys, enum gs_owner_source source,
		       struct gs_leader_facts *facts, struct gs_err *err)
{
	const struct gs_inode *root = &facts->ancestors.v[facts->ancestors.n - 1].inode;
	GS_AUTO(gs_ids_done) struct gs_ids taken = { 0 };
	struct gs_account *owner = &facts->owner;

	facts->owner_source = source;
	list_taken(root, &facts->dirs, &taken);
	if (find_system(sys, &taken, owner, &facts->owner_missing, err) == 0 &&
	    (owner->uid || !facts->owner_missing ||
	     sys->ops->accounts->free_id(sys, &taken, &owner->uid, err) == 0)) {
		if (facts->owner_missing)
			owner->gid = owner->uid;
		return 0;
	}
	if (err->code != -ENOSPC)
		return err->code;
	gs_err_set(err, ENOSPC,
		   "no name or number is free for the system account " GS_SYSTEM_ACCOUNT);
	return gs_err_advise(err, "specify a user: --owner USER");
}

/* ---- whom followers are mapped to -------------------------------------------------------- */

static int unknown_owner(struct gs_err *err)
{
	if (err->code != -ENOENT)
		return err->code;
	gs_err_cause(err, "OWNER_UNKNOWN");
	return gs_err_advise(err, "specify an existing one, or its number: --owner UID[:GID]");
}

/* --owner USER[:GROUP] */
static int take_asked(struct gs_sys *sys, const char *asked, struct gs_leader_facts *facts,
		      struct gs_err *err)
{
	struct gs_span rest = gs_span_of(asked), part = { 0 };
	gs_autofree char *user = NULL;
	gs_autofree char *group = NULL;

	if (gs_leader_check_owner(asked, err) < 0)
		return err->code;
	gs_span_cut(&rest, ':', &part);
	user = gs_span_dup(part);
	if (!strcmp(asked, GS_SYSTEM_ACCOUNT))
		return take_system(sys, GS_OWNER_ASKED, facts, err);
	if (sys->ops->accounts->find(sys, user, &facts->owner, err) < 0)
		return unknown_owner(err);
	if (rest.ptr) {
		group = gs_span_dup(rest);
		if (sys->ops->accounts->find_group(sys, group, &facts->owner.gid, err) < 0)
			return unknown_owner(err);
		free(facts->owner.group);
		facts->owner.group = gs_strdup(group);
	}
	facts->owner_source = GS_OWNER_ASKED;
	if (facts->owner.uid)
		return 0;
	gs_err_set(err, GS_E_USAGE,
		   "the owner '%s' is root: every user of every follower would be mapped to root",
		   user);
	return gs_err_advise(err, "specify an ordinary user: --owner USER");
}

static bool acl_owner(const struct gs_leader_facts *facts, uid_t *ret_uid, gid_t *ret_gid)
{
	for (size_t i = 0; i < facts->dirs.n; i++) {
		const char *acl = facts->dirs.v[i].inode.acl_access;

		if (acl && gs_leader_acl_owner(acl, ret_uid, ret_gid))
			return true;
	}
	return false;
}

static int pick_owner(struct gs_sys *sys, const struct gs_leader_req *req,
		      struct gs_leader_facts *facts, struct gs_err *err)
{
	const struct gs_inode *root = &facts->ancestors.v[facts->ancestors.n - 1].inode;
	uid_t uid = 0;
	gid_t gid = 0;
	bool is_exported = gs_leader_entry_owner(&facts->docs, facts->path, &uid, &gid);

	if ((is_exported || acl_owner(facts, &uid, &gid)) &&
	    find_ids(sys, uid, gid, &facts->before, err) < 0)
		return err->code;
	if (req->owner)
		return take_asked(sys, req->owner, facts, err);
	if (is_exported)
		return take_ids(sys, uid, gid, GS_OWNER_EXPORT, facts, err);
	if (root->type == GS_INODE_DIR && root->uid)
		return take_ids(sys, root->uid, root->gid, GS_OWNER_TREE, facts, err);
	if (acl_owner(facts, &uid, &gid))
		return take_ids(sys, uid, gid, GS_OWNER_TREE, facts, err);
	if (req->caller) {
		facts->owner_source = GS_OWNER_CALLER;
		return sys->ops->accounts->find(sys, req->caller, &facts->owner, err);
	}
	return take_system(sys, GS_OWNER_SYSTEM, facts, err);
}

/* A name that 'useradd --user-group' accepts. */
static const char *find_free_name(struct gs_sys *sys)
{
	for (size_t i = 0; i < GS_COUNT(system_names); i++) {
		GS_AUTO(gs_account_done) struct gs_account account = { 0 };
		struct gs_err user = { 0 }, group = { 0 };
		gid_t gid = 0;

		if (sys->ops->accounts->find(sys, system_names[i], &account, &user) == -ENOENT &&
		    sys->ops->accounts->find_group(sys, system_names[i], &gid, &group) == -ENOENT)
			return system_names[i];
	}
	return NULL;
}

/* The fix that is printed, a command with another --owner, names the spare user. */
void gs_observe_spare(struct gs_sys *sys, const struct gs_top *top, struct gs_spare *ret)
{
	GS_AUTO(gs_account_done) struct gs_account account = { 0 };
	GS_AUTO(gs_ids_done) struct gs_ids taken = { 0 };
	struct gs_err absent = { 0 }, none = { 0 };
	bool missing = false;

	if (!gs_top_is_owned(top) && !gs_image_is_postgres(top->uid))
		return;
	list_taken(top->root, top->dirs, &taken);
	if (find_system(sys, &taken, &account, &missing, &absent) == 0 && !missing)
		ret->system_uid = account.uid;
	if (sys->ops->accounts->free_id(sys, &taken, &ret->free_id, &none) == 0)
		ret->free_name = find_free_name(sys);
}

int gs_observe_owner(struct gs_sys *sys, const struct gs_leader_req *req,
		     struct gs_leader_facts *facts, struct gs_err *err)
{
	const struct gs_exportspec share = { .squash = GS_SQUASH_ALL, .crossmnt = req->crossmnt };
	struct gs_top top;

	if (pick_owner(sys, req, facts, err) < 0)
		return err->code;
	/* A verb that gives no access, such as a switch to rw, does not judge the owner. */
	if (!gs_leader_gives(req->verb))
		return 0;
	gs_top_of(facts, &facts->docs, &share, &top);
	gs_observe_spare(sys, &top, &facts->spare);
	return 0;
}
