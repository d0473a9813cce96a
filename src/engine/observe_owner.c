/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/imageid.h"
#include "core/leader.h"
#include "core/postgres.h"
#include "engine/observe.h"

/* An account by its numbers; the group may differ from the user's own. */
static int find_ids(struct gs_sys *sys, uid_t uid, gid_t gid, struct gs_account *ret,
		    struct gs_err *err)
{
	gs_autofree char *number = gs_printf("%u", uid);

	if (sys->ops->find_account(sys, number, ret, err) < 0)
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

/* A run that the power interrupted may have left the group without the user; @ret: 0 for none */
static int find_half(struct gs_sys *sys, uint32_t *ret, struct gs_err *err)
{
	GS_AUTO(gs_account_done) struct gs_account user = { 0 };
	gs_autofree char *number = NULL;
	struct gs_err absent = { 0 };
	gid_t gid = 0;
	int r = sys->ops->find_group(sys, GS_SYSTEM_ACCOUNT, &gid, &absent);

	*ret = 0;
	if (r < 0 && r != -ENOENT) {
		*err = absent;
		return r;
	}
	if (r < 0 || !gid)
		return 0;
	number = gs_printf("%u", gid);
	if (sys->ops->find_account(sys, number, &user, err) < 0)
		return err->code;
	/* A number that nobody has is its own name. */
	if (!strcmp(user.name, number))
		*ret = gid;
	return 0;
}

/* Who owns what lies at the top of the share: PostgreSQL, for one. */
static int free_id(struct gs_sys *sys, const struct gs_node *root, const struct gs_places *dirs,
		   uint32_t *ret, struct gs_err *err)
{
	GS_AUTO(gs_ids_done) struct gs_ids taken = { 0 };

	gs_ids_add(&taken, root->uid);
	gs_ids_add(&taken, root->gid);
	for (size_t i = 0; i < dirs->n; i++) {
		gs_ids_add(&taken, dirs->v[i].node.uid);
		gs_ids_add(&taken, dirs->v[i].node.gid);
	}
	return sys->ops->free_system_id(sys, &taken, ret, err);
}

static int pick_system_id(struct gs_sys *sys, const struct gs_leader_facts *facts, uint32_t *ret,
			  struct gs_err *err)
{
	const struct gs_node *root = &facts->chain.v[facts->chain.n - 1].node;

	if (find_half(sys, ret, err) < 0)
		return err->code;
	if (*ret || free_id(sys, root, &facts->dirs, ret, err) == 0)
		return 0;
	if (err->code != -ENOSPC)
		return err->code;
	gs_err_set(err, ENOSPC, "no number is free for the system account " GS_SYSTEM_ACCOUNT);
	return gs_err_mend(err, "name a user: --owner USER");
}

/* The account gshare, which init makes where it is not there yet. */
static int take_system(struct gs_sys *sys, enum gs_owner_source source,
		       struct gs_leader_facts *facts, struct gs_err *err)
{
	struct gs_err absent = { 0 };
	uint32_t id = 0;
	int r = sys->ops->find_account(sys, GS_SYSTEM_ACCOUNT, &facts->owner, &absent);

	facts->owner_source = source;
	if (r == 0)
		return 0;
	if (r != -ENOENT) {
		*err = absent;
		return r;
	}
	if (pick_system_id(sys, facts, &id, err) < 0)
		return err->code;
	facts->owner_missing = true;
	facts->owner = (struct gs_account){
		.name = gs_strdup(GS_SYSTEM_ACCOUNT),
		.group = gs_strdup(GS_SYSTEM_ACCOUNT),
		.home = gs_strdup("/"),
		.uid = id,
		.gid = id,
	};
	return 0;
}

static int unknown_owner(struct gs_err *err)
{
	if (err->code != -ENOENT)
		return err->code;
	gs_err_cause(err, "OWNER_UNKNOWN");
	return gs_err_mend(err, "name one that exists, or give its number: --owner UID[:GID]");
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
	if (sys->ops->find_account(sys, user, &facts->owner, err) < 0)
		return unknown_owner(err);
	if (rest.ptr) {
		group = gs_span_dup(rest);
		if (sys->ops->find_group(sys, group, &facts->owner.gid, err) < 0)
			return unknown_owner(err);
		free(facts->owner.group);
		facts->owner.group = gs_strdup(group);
	}
	facts->owner_source = GS_OWNER_ASKED;
	if (facts->owner.uid)
		return 0;
	gs_err_set(err, GS_E_USAGE,
		   "the owner '%s' is root: every user of every follower would act "
		   "as root",
		   user);
	return gs_err_mend(err, "name an ordinary user: --owner USER");
}

static bool acl_owner(const struct gs_leader_facts *facts, uid_t *ret_uid, gid_t *ret_gid)
{
	for (size_t i = 0; i < facts->dirs.n; i++) {
		const char *acl = facts->dirs.v[i].node.acl_access;

		if (acl && gs_leader_acl_owner(acl, ret_uid, ret_gid))
			return true;
	}
	return false;
}

static int pick_owner(struct gs_sys *sys, const struct gs_leader_req *req,
		      struct gs_leader_facts *facts, struct gs_err *err)
{
	const struct gs_node *root = &facts->chain.v[facts->chain.n - 1].node;
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
	if (root->type == GS_NODE_DIR && root->uid)
		return take_ids(sys, root->uid, root->gid, GS_OWNER_TREE, facts, err);
	if (acl_owner(facts, &uid, &gid))
		return take_ids(sys, uid, gid, GS_OWNER_TREE, facts, err);
	if (req->sudo_user) {
		facts->owner_source = GS_OWNER_SUDO;
		return sys->ops->find_account(sys, req->sudo_user, &facts->owner, err);
	}
	return take_system(sys, GS_OWNER_SYSTEM, facts, err);
}

/* For the command that names another owner. */
void gs_observe_spare(struct gs_sys *sys, const struct gs_top *top, struct gs_spare *ret)
{
	GS_AUTO(gs_account_done) struct gs_account account = { 0 };
	struct gs_err absent = { 0 }, none = { 0 };

	if (!gs_top_is_owned(top) && !gs_image_is_postgres(top->uid))
		return;
	if (sys->ops->find_account(sys, GS_SYSTEM_ACCOUNT, &account, &absent) == 0)
		ret->system_uid = account.uid;
	(void)free_id(sys, top->root, top->dirs, &ret->free_id, &none);
}

int gs_observe_owner(struct gs_sys *sys, const struct gs_leader_req *req,
		     struct gs_leader_facts *facts, struct gs_err *err)
{
	struct gs_top top;

	if (pick_owner(sys, req, facts, err) < 0)
		return err->code;
	/* A switch to rw judges no owner. */
	if (!gs_leader_gives(req->verb))
		return 0;
	gs_top_of(facts, &facts->docs, GS_SQUASH_ALL, &top);
	gs_observe_spare(sys, &top, &facts->spare);
	return 0;
}
