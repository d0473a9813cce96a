/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/leader/plan_leader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/check/check.h"
#include "core/check/escape.h"
#include "core/check/judge.h"
#include "core/exports/docs.h"
#include "core/follower/offer.h"
#include "core/follower/request.h"
#include "core/leader/offered.h"
#include "core/leader/planner.h"
#include "core/leader/request.h"
#include "core/leader/top_facts.h"
#include "core/plan/model.h"
#include "core/share/layout.h"
#include "core/share/names.h"
#include "core/step/step.h"

/*
 * The leader's plan: directories, identity, exports entries, server. If a run breaks off, nothing
 * is exported too early: applying the exports comes last.
 */

static void draft_done(struct gs_draft *draft)
{
	for (size_t i = 0; i < draft->n; i++) {
		gs_hostspec_done(&draft->client[i].host);
		free(draft->client[i].place);
		gs_str_done(&draft->client[i].carried);
	}
	free(draft->client);
	gs_keymap_done(&draft->by_host);
	gs_keymap_done(&draft->names);
	gs_keymap_done(&draft->exported);
	gs_docs_done(&draft->docs);
	gs_str_done(&draft->fsid);
	gs_openings_done(&draft->close);
	gs_openings_done(&draft->open);
	gs_plan_done(&draft->plan);
}

/* File systems without a UUID, which need fsid=: exports(5). */
static bool needs_fsid(const struct gs_fs *fs)
{
	static const char *const types[] = { "tmpfs", "ramfs", "overlay", "9p", "virtiofs" };

	if (!fs->type || fs->uuid)
		return false;
	for (size_t i = 0; i < GS_COUNT(types); i++)
		if (!strcmp(fs->type, types[i]))
			return true;
	return !strncmp(fs->type, "fuse", 4) && strcmp(fs->type, "fuseblk");
}

/* The share's id as the 32-bit number that fsid= takes; 0 would mean the pseudo-root. */
static void make_fsid(const char *id, struct gs_str *out)
{
	uint32_t value = 0;

	for (; *id; id++)
		value = value << 4 | (uint32_t)(*id <= '9' ? *id - '0' : *id - 'a' + 10);
	gs_str_addf(out, "%u", (value & INT32_MAX) | 1);
}

/* The share's first readable entry: of host if not NULL, managed ones only if asked. */
static const struct gs_export *first_entry(const struct gs_draft *draft,
					   const struct gs_hostspec *host, bool managed)
{
	for (size_t d = 0; d < draft->docs.n; d++) {
		size_t at = 0;
		const struct gs_export *entry;

		while ((entry = gs_exports_find(&draft->docs.v[d], draft->facts->path, host, &at)))
			if (entry->is_readable && (entry->is_managed || !managed))
				return entry;
	}
	return NULL;
}

/*
 * The model for new entries: the entry of the host that is given, else a managed one, else a
 * hand-written one. Otherwise a second run would follow another entry than the first run.
 */
static const struct gs_export *model_entry(const struct gs_draft *draft)
{
	const struct gs_export *entry = NULL;

	for (size_t i = 0; i < draft->n && !entry; i++)
		if (gs_draft_is_exported(draft, &draft->client[i].host))
			entry = first_entry(draft, &draft->client[i].host, false);
	if (!entry)
		entry = first_entry(draft, NULL, true);
	return entry ? entry : first_entry(draft, NULL, false);
}

/*
 * Do new entries get subtree_check? Offline the machine's later mounts are unknown. A share that
 * has it without need keeps it.
 */
static bool wants_subtree_check(const struct gs_draft *draft)
{
	const struct gs_fs *fs = &draft->facts->fs;

	switch (draft->req->subtree) {
	case GS_SUBTREE_CHECK:
		return true;
	case GS_SUBTREE_NO_CHECK:
		return false;
	case GS_SUBTREE_UNSAID:
		return draft->share.subtree_check ||
		       (!fs->is_root && (!fs->type || gs_fs_takes_subtree_check(fs->type)));
	}
	__builtin_unreachable();
}

/*
 * A disk that is away must not be served as the empty directory below it: exports(5), mountpoint.
 * Others are like the entry that is there; a share's first one has it where its path is a mount
 * point.
 */
static bool wants_mountpoint(const struct gs_draft *draft, const struct gs_export *entry)
{
	const struct gs_fs *fs = &draft->facts->fs;

	return entry ? draft->share.mountpoint : fs->is_root && strcmp(draft->facts->path, "/");
}

static void common_spec(struct gs_draft *draft, const char *id)
{
	/* init treats hand-written entries as new ones; other verbs copy their options. */
	bool anew = draft->req->verb == GS_LEADER_INIT && !gs_draft_is_marked(draft);
	const struct gs_export *model = model_entry(draft);
	const struct gs_export *entry = anew ? NULL : model;
	struct gs_exportspec *share = &draft->share;

	if (model)
		gs_exportopts_spec(&model->opts, share, &draft->fsid);
	draft->was = *share;
	draft->was.fsid = NULL;
	draft->has_was = model;
	if (!entry || draft->req->squash_given)
		share->squash = draft->req->squash;
	share->crossmnt |= draft->req->crossmnt;
	share->subtree_check = wants_subtree_check(draft);
	share->mountpoint = wants_mountpoint(draft, entry);
	share->anonuid = draft->facts->owner.uid;
	share->anongid = draft->facts->owner.gid;
	if (!draft->fsid.len && needs_fsid(&draft->facts->fs))
		make_fsid(id, &draft->fsid);
	share->fsid = draft->fsid.len ? draft->fsid.ptr : NULL;
}

static void plan_id(struct gs_draft *draft, const char *id)
{
	gs_autostr struct gs_str text = { 0 };
	const struct gs_copy_fact copy = {
		.path = draft->facts->path,
		.id = id,
		.then = gs_share_id_fs(gs_str_span(&draft->facts->id_file.text)),
		.now = draft->facts->fs.uuid,
	};
	const struct gs_facts facts = { .copy = &copy };

	if (!draft->facts->id_file.exists || draft->req->new_id) {
		gs_share_id_render(id, copy.now, &text);
		if (draft->req->new_id)
			gs_plan_item(&draft->plan, '+', "id", "%s", id);
		gs_plan_write(&draft->plan, &draft->facts->id_file, gs_str_span(&text), 0444,
			      "write the share id, by which followers recognise the share");
		return;
	}
	gs_checks_run(&facts, GS_WARN, &draft->plan.findings);
}

static int share_id(const struct gs_leader_req *req, const struct gs_leader_facts *facts,
		    char ret_id[GS_SHARE_ID_BYTES], struct gs_err *err)
{
	if (!facts->id_file.exists || req->new_id) {
		memcpy(ret_id, facts->fresh_id, GS_SHARE_ID_BYTES);
		return 0;
	}
	if (gs_leader_read_id(&facts->id_file, ret_id, err) == 0)
		return 0;
	return gs_leader_fix_id(req, facts, err);
}

static bool has_id(const struct gs_draft *draft)
{
	return draft->facts->id_file.exists || draft->req->verb == GS_LEADER_INIT;
}

static void plan_verification(struct gs_draft *draft, const char *id)
{
	const struct gs_leader_facts *facts = draft->facts;
	struct gs_verification *verification = gs_plan_verify(
		&draft->plan, facts->path,
		"the owner writes, reads back and removes a file in each dataset directory");

	verification->skip = facts->offline;
	/* A hand-made share has no id; only init gives it one. */
	verification->id = has_id(draft) ? gs_plan_keep(&draft->plan, gs_span_of(id)) : NULL;
	verification->uid = facts->owner.uid;
	verification->gid = facts->owner.gid;
	verification->who = gs_plan_keep(&draft->plan, gs_span_of(facts->owner.name));
	verification->writable = true;
	for (size_t i = 0; i < facts->dirs.n; i++) {
		const struct gs_path_inode *place = &facts->dirs.v[i];

		if (!gs_share_dir_is_dataset(strrchr(place->path, '/') + 1))
			continue;
		if (place->inode.type == GS_INODE_ABSENT ||
		    gs_draft_takes_over(draft, place, strrchr(place->path, '/') + 1) ||
		    gs_draft_can_write(&place->inode, &facts->owner))
			gs_strs_add(&verification->dirs, place->path);
	}
}

/* The share's path for followers: below another export that is the pseudo-root it is shorter. */
static const char *export_path(const struct gs_draft *draft)
{
	const char *path = draft->facts->path;
	struct gs_pseudo pseudo = { "/", "", path };
	GS_AUTO(gs_exports_done) struct gs_exports etab = { 0 };
	struct gs_err unread = { 0 };

	if (gs_exports_parse(gs_str_span(&draft->facts->etab), &etab, &unread) == 0)
		gs_served_pseudo(&etab, path, &pseudo);
	return pseudo.below[0] ? pseudo.below : path;
}

/* The follower mount command for one host, by the address of this node that it sees. */
static void tell_mount(struct gs_draft *draft, const char *id, const char *host)
{
	const char *path = draft->facts->path, *export = export_path(draft);
	const struct gs_strs *face = gs_names_find(&draft->facts->faces, host);
	struct gs_follower_req next = { .id = has_id(draft) ? id : NULL };
	gs_autostr struct gs_str command = { 0 };
	struct gs_err unnamed = { 0 };
	/* A follower takes the export's path as TARGET only in some directories. */
	bool names_target = export != path || gs_offer_check(path, &unnamed) < 0;

	if (!face || !face->n)
		return;
	gs_draft_name_leader(draft, face->v[0], &next);
	gs_offer_command(&next, names_target ? path : NULL, export, &command);
	if (!gs_strs_has(&draft->plan.next, command.ptr))
		gs_strs_add(&draft->plan.next, command.ptr);
}

/* New followers, and all of them where the id is new: each keeps the one that it was given. */
static void tell_next(struct gs_draft *draft, const char *id)
{
	for (size_t i = 0; i < draft->n && gs_leader_gives(draft->req->verb); i++)
		if (draft->client[i].is_new)
			tell_mount(draft, id, draft->client[i].host.text);
	for (size_t d = 0; draft->req->new_id && d < draft->docs.n; d++) {
		const struct gs_export *entry;
		size_t at = 0;

		while ((entry = gs_exports_find(&draft->docs.v[d], draft->facts->path, NULL, &at)))
			tell_mount(draft, id, entry->host.text);
	}
}

/* Clients that can leave the share after the run: by the present etab, or the predicted one. */
static void find_escapees(const struct gs_draft *draft, struct gs_strs *ret)
{
	const struct gs_leader_facts *facts = draft->facts;
	GS_AUTO(gs_exports_done) struct gs_exports etab = { 0 };
	struct gs_escape escape = { .path = facts->path, .list = &etab, .n = 1 };
	bool stays = facts->server.threads && !gs_plan_find(&draft->plan, GS_STEP_APPLY_EXPORTS);
	struct gs_err unread = { 0 };

	if (facts->fs.is_root)
		return;
	if (!stays || gs_exports_parse(gs_str_span(&facts->etab), &etab, &unread) < 0)
		gs_predicted_escapees(&draft->plan.exports, ret);
	else
		gs_share_escapees(&escape, ret);
}

static void tell_escape(struct gs_draft *draft)
{
	const struct gs_leader_facts *facts = draft->facts;
	const struct gs_escape escape = { .path = facts->path,
					  .tree = facts->tree,
					  .fs_type = facts->fs.type };
	GS_AUTO(gs_strs_done) struct gs_strs hosts = { 0 };
	struct gs_escape_fact escapes = { &escape, &hosts, &draft->docs, false };
	const struct gs_facts seen = { .escape = &escapes };

	if (draft->req->verb != GS_LEADER_INIT)
		return;
	find_escapees(draft, &hosts);
	escapes.is_closed = !hosts.n && draft->plan.exports.n && draft->plan.n && !facts->offline &&
			    !facts->fs.is_root;
	gs_checks_run(&seen, GS_WARN, &draft->plan.findings);
}

/* Removing needs no write test; a switch to rw has one where the entries name an owner. */
static bool wants_verification(const struct gs_draft *draft)
{
	const struct gs_leader_req *req = draft->req;

	if (!draft->plan.n || req->verb == GS_LEADER_REMOVE)
		return false;
	return req->verb != GS_LEADER_SWITCH ||
	       (req->access == GS_ACCESS_RW && draft->facts->owner_source == GS_OWNER_EXPORT);
}

/* init without a follower is a share that waits for one. */
static void tell_nobody(struct gs_draft *draft)
{
	const struct gs_leader_facts *facts = draft->facts;
	const struct gs_err none = { 0 };
	const struct gs_share_fact share = {
		.path = facts->path,
		.root = &facts->ancestors.v[facts->ancestors.n - 1].inode,
		.id_file = &facts->id_file,
		.id_odd = &none,
		.followers = first_entry(draft, NULL, false) != NULL,
	};
	const struct gs_facts seen = { .share = &share };

	if (draft->req->verb == GS_LEADER_INIT)
		gs_checks_run(&seen, GS_WARN, &draft->plan.findings);
}

static int draft_plan(struct gs_draft *draft, struct gs_err *err)
{
	const struct gs_leader_facts *facts = draft->facts;
	const struct gs_server_ops *ops = facts->server_ops;
	char id[GS_SHARE_ID_BYTES];

	if (gs_draft_check(draft, err) < 0 || share_id(draft->req, facts, id, err) < 0 ||
	    gs_draft_clients(draft, err) < 0)
		return err->code;
	common_spec(draft, id);
	if (gs_draft_check_offered(draft, err) < 0 || gs_draft_check_served(draft, err) < 0 ||
	    gs_draft_check_top(draft, err) < 0)
		return err->code;
	if (draft->req->verb == GS_LEADER_INIT) {
		gs_draft_tell_difference(draft);
		gs_draft_tree(draft);
		plan_id(draft, id);
	}
	if (gs_draft_edit(draft, err) < 0 || ops->check(draft, err) < 0)
		return err->code;
	gs_draft_tell_owners(draft);
	gs_draft_firewall(draft);
	ops->warn(draft);
	ops->publish(draft);
	gs_draft_open_ports(draft);
	if (ops->check_names(draft, err) < 0)
		return err->code;
	tell_next(draft, id);
	tell_escape(draft);
	tell_nobody(draft);
	if (wants_verification(draft))
		plan_verification(draft, id);
	return 0;
}

static int draft_destroy(struct gs_draft *draft, struct gs_err *err)
{
	if (gs_draft_check(draft, err) < 0 || gs_draft_remove(draft, err) < 0)
		return err->code;
	gs_draft_firewall(draft);
	draft->facts->server_ops->publish(draft);
	gs_draft_open_ports(draft);
	gs_draft_keep(draft);
	return 0;
}

int gs_plan_leader(const struct gs_leader_req *req, struct gs_leader_facts *facts,
		   struct gs_plan *plan, struct gs_err *err)
{
	GS_AUTO(draft_done)
	struct gs_draft draft = { .req = req, .facts = facts, .docs = facts->docs };
	int r;

	facts->docs = (struct gs_docs){ 0 };
	r = req->verb == GS_LEADER_DESTROY ? draft_destroy(&draft, err) : draft_plan(&draft, err);
	if (r < 0)
		return r;
	*plan = draft.plan;
	draft.plan = (struct gs_plan){ 0 };
	return 0;
}
