/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/strmap.h"
#include "core/check/lines.h"
#include "core/exports/docs.h"
#include "core/leader/request.h"
#include "core/leader/top_facts.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/server/knfsd.h"
#include "core/share/layout.h"
#include "core/share/names.h"
#include "core/share/path.h"
#include "engine/observe/common.h"
#include "engine/observe/container.h"
#include "engine/observe/firewall.h"
#include "engine/observe/offered.h"
#include "engine/observe/ownership.h"
#include "engine/observe/package.h"
#include "engine/observe/served.h"
#include "engine/phase.h"

#define EXPORTS_D "/etc/exports.d"

static int add_file(struct gs_sys *sys, const char *path, struct gs_files *files,
		    struct gs_err *err)
{
	GS_AUTO(gs_file_done) struct gs_file file = { 0 };

	for (size_t i = 0; i < files->n; i++)
		if (!strcmp(files->v[i].path, path))
			return 0;
	if (gs_observe_file(sys, path, &file, err) < 0)
		return err->code;
	gs_files_add(files, path, file.exists, gs_str_span(&file.text));
	return 0;
}

int gs_observe_exports(struct gs_sys *sys, const char *exports_file, struct gs_files *ret,
		       struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs names = { 0 };
	GS_AUTO(gs_files_done) struct gs_files files = { 0 };

	if (add_file(sys, exports_file, &files, err) < 0 ||
	    add_file(sys, "/etc/exports", &files, err) < 0 ||
	    sys->ops->fs->list_dir(sys, EXPORTS_D, ".exports", &names, err) < 0)
		return err->code;
	for (size_t i = 0; i < names.n; i++) {
		gs_autofree char *path = gs_printf(EXPORTS_D "/%s", names.v[i]);

		if (add_file(sys, path, &files, err) < 0)
			return err->code;
	}
	*ret = files;
	files = (struct gs_files){ 0 };
	return 0;
}

static int observe_exports_dir(struct gs_sys *sys, const char *exports_file,
			       struct gs_leader_facts *facts, struct gs_err *err)
{
	struct gs_inode inode = { 0 };

	if (strncmp(exports_file, EXPORTS_D "/", sizeof EXPORTS_D) != 0)
		return 0;
	if (sys->ops->fs->look(sys, EXPORTS_D, &inode, err) < 0)
		return err->code;
	facts->lacks_exports_dir = inode.type == GS_INODE_ABSENT;
	gs_inode_done(&inode);
	return 0;
}

int gs_observe_share_dirs(struct gs_sys *sys, const struct gs_leader_req *req,
			  struct gs_leader_facts *facts, struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs names = { 0 };

	gs_share_dirs(&req->dirs, &names);
	for (size_t i = 0; i < names.n; i++) {
		struct gs_path_inode place = { 0 };

		place.path = gs_printf("%s/%s", facts->path, names.v[i]);
		if (sys->ops->fs->look(sys, place.path, &place.inode, err) < 0) {
			free(place.path);
			return err->code;
		}
		gs_grow(&facts->dirs.v, facts->dirs.n, &facts->dirs.room, sizeof *facts->dirs.v);
		facts->dirs.v[facts->dirs.n++] = place;
	}
	return 0;
}

/*
 * Where the share's owner owns its top, followers can put anything in place of .gshare-id. A
 * request that only removes access need not read it: the file counts as one without an id, and is
 * kept.
 */
static int observe_id(struct gs_sys *sys, const struct gs_leader_req *req,
		      struct gs_leader_facts *facts, struct gs_err *err)
{
	gs_autofree char *path = gs_printf("%s/" GS_SHARE_FILE, facts->path);
	struct gs_err unread = { 0 };

	snprintf(facts->fresh_id, sizeof facts->fresh_id, "%08x", sys->ops->fs->random_id(sys));
	if (sys->ops->fs->look(sys, path, &facts->id_inode, err) < 0)
		return err->code;
	if (gs_observe_id(sys, path, &facts->id_file, &unread) == 0)
		return 0;
	if (gs_leader_takes(req) && gs_share_is_odd(unread.code)) {
		facts->id_file = (struct gs_file){ .path = gs_strdup(path), .exists = true };
		return 0;
	}
	*err = unread;
	return gs_share_is_odd(err->code) ? gs_leader_fix_id(req, facts, err) : err->code;
}

/* Removing a follower, or making it read-only, reads nothing of the tree: followers write in it. */
static int observe_tree(struct gs_sys *sys, const struct gs_leader_req *req,
			struct gs_leader_facts *facts, struct gs_err *err)
{
	if (gs_observe_ancestors(sys, facts->path, &facts->ancestors, err) < 0)
		return err->code;
	if (gs_leader_takes(req) && req->verb != GS_LEADER_DESTROY)
		return 0;
	if (gs_observe_share_dirs(sys, req, facts, err) < 0)
		return err->code;
	return observe_id(sys, req, facts, err);
}

/* The addresses that the share's entries recorded for a name, when it was added. */
static void recall_name(const struct gs_leader_facts *facts, const char *name,
			struct gs_strs *ret_addrs)
{
	for (size_t d = 0; d < facts->docs.n; d++) {
		const struct gs_exports *doc = &facts->docs.v[d];
		const struct gs_export *entry;
		size_t at = 0;

		while ((entry = gs_exports_find(doc, facts->path, NULL, &at)))
			if (gs_span_is_text(gs_exports_name(doc, entry), name) &&
			    !gs_strs_has(ret_addrs, entry->host.text))
				gs_strs_add(ret_addrs, entry->host.text);
	}
}

/* To change or remove an entry its name need not resolve any more: the line above it has it. */
static int resolve_name(struct gs_sys *sys, const struct gs_leader_req *req,
			const struct gs_leader_facts *facts, const char *name,
			struct gs_strs *ret_addrs, struct gs_err *err)
{
	struct gs_err unknown = { 0 };

	if (sys->ops->net->resolve(sys, name, ret_addrs, &unknown) == 0)
		return 0;
	if (!gs_leader_gives(req->verb))
		recall_name(facts, name, ret_addrs);
	if (ret_addrs->n)
		return 0;
	*err = unknown;
	return err->code;
}

/* Offline no name is resolved. */
static void recall_names(const struct gs_leader_req *req, struct gs_leader_facts *facts)
{
	for (size_t i = 0; i < req->n_specs && !gs_leader_gives(req->verb); i++) {
		const struct gs_hostspec *host = &req->spec[i].host;
		struct gs_strs addrs = { 0 };

		if (host->kind == GS_HOST_NAME)
			recall_name(facts, host->text, &addrs);
		if (addrs.n && !gs_names_find(&facts->names, host->text))
			gs_names_add(&facts->names, host->text, &addrs);
		else
			gs_strs_done(&addrs);
	}
}

/*
 * A host name of the request must resolve, unless an entry has it; one in an exports file may be
 * gone by now. After a run nobody asks for what it removed: a name without an entry need not exist.
 */
static int observe_names(struct gs_sys *sys, const struct gs_leader_req *req,
			 const struct gs_plan *ran, struct gs_leader_facts *facts,
			 struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs existing = { 0 };
	GS_AUTO(gs_keymap_done) struct gs_keymap known = { 0 };

	gs_leader_names(&facts->docs, &existing);
	gs_observe_names(sys, &existing, &facts->names);
	for (size_t i = 0; i < facts->names.n; i++)
		gs_keymap_put(&known, facts->names.v[i].name, "", i);
	for (size_t i = 0; i < existing.n && !gs_leader_gives(req->verb); i++)
		gs_keymap_put(&known, existing.v[i], "", i);
	facts->names_removed = ran && req->verb == GS_LEADER_REMOVE;
	for (size_t i = 0; i < req->n_specs && !facts->names_removed; i++) {
		const struct gs_hostspec *host = &req->spec[i].host;
		struct gs_strs addrs = { 0 };

		if (host->kind != GS_HOST_NAME ||
		    gs_keymap_get(&known, host->text, "") != GS_NO_KEY)
			continue;
		if (resolve_name(sys, req, facts, host->text, &addrs, err) < 0)
			return err->code;
		gs_keymap_put(&known, host->text, "", i);
		gs_names_add(&facts->names, host->text, &addrs);
	}
	return 0;
}

/* After a run its own steps have looked at the rules that it changed. */
static bool asks_firewall(const struct gs_leader_req *req, const struct gs_plan *ran)
{
	return !ran && !req->no_firewall && req->verb != GS_LEADER_SWITCH;
}

/* By which interface each follower's packets come. */
static void observe_ways(struct gs_sys *sys, const struct gs_leader_req *req,
			 const struct gs_plan *ran, struct gs_leader_facts *facts)
{
	if (!asks_firewall(req, ran) || !gs_leader_gives(req->verb))
		return;
	gs_observe_ways(sys, &facts->docs, &facts->ways);
	for (size_t i = 0; i < req->n_specs; i++)
		if (req->spec[i].host.kind == GS_HOST_ADDR || req->spec[i].host.kind == GS_HOST_NET)
			gs_observe_way(sys, req->spec[i].host.text, &facts->ways);
	for (size_t i = 0; i < facts->names.n; i++)
		for (size_t k = 0; k < facts->names.v[i].addrs.n; k++)
			gs_observe_way(sys, facts->names.v[i].addrs.v[k], &facts->ways);
}

static void observe_faces(struct gs_sys *sys, const struct gs_leader_req *req,
			  struct gs_leader_facts *facts)
{
	GS_AUTO(gs_keymap_done) struct gs_keymap known = { 0 };

	if (req->new_id) /* every follower needs the command that mounts the share by it */
		gs_observe_faces(sys, &facts->docs, &facts->faces);
	for (size_t i = 0; i < facts->names.n; i++)
		gs_keymap_put(&known, facts->names.v[i].name, "", i);
	for (size_t i = 0; i < req->n_specs; i++) {
		const struct gs_hostspec *host = &req->spec[i].host;
		size_t at = gs_keymap_get(&known, host->text, "");
		const struct gs_strs *addrs = at == GS_NO_KEY ? NULL : &facts->names.v[at].addrs;

		if (host->kind == GS_HOST_ADDR)
			gs_observe_face(sys, host->text, &facts->faces);
		for (size_t k = 0; addrs && k < addrs->n; k++)
			gs_observe_face(sys, addrs->v[k], &facts->faces);
	}
}

/* Only init and add may start a server, and must know whether it starts at boot. */
static int observe_server(struct gs_sys *sys, const struct gs_leader_req *req,
			  const struct gs_plan *ran, struct gs_server *ret, struct gs_err *err)
{
	bool may_start = gs_leader_gives(req->verb);
	struct gs_server server = { 0 };

	if (may_start && (!ran || gs_plan_find(ran, GS_STEP_START_SERVER)))
		return sys->ops->server->look(sys, ret, err);
	if (sys->ops->server->serving(sys, &server, err) < 0)
		return err->code;
	/* A plan without START_SERVER found the server enabled: wants_start(). */
	server.enabled = may_start && server.systemd;
	*ret = server;
	return 0;
}

/* What is to be installed first counts as installed: the plan is that of the machine then. */
static void observe_missing(struct gs_sys *sys, const struct gs_leader_req *req,
			    struct gs_leader_facts *facts)
{
	struct gs_server *server = &facts->server;

	if (server->installed)
		return;
	server->manager = gs_observe_manager(sys);
	facts->installs = req->verb == GS_LEADER_INIT && !req->no_install && server->manager;
	server->installed = facts->installs;
}

/* Facts that only a running system has: not observed offline. */
static int observe_live(struct gs_sys *sys, const struct gs_leader_req *req,
			const struct gs_plan *ran, struct gs_leader_facts *facts,
			struct gs_err *err)
{
	if (sys->ops->fs->info(sys, facts->path, &facts->fs, err) < 0 ||
	    observe_server(sys, req, ran, &facts->server, err) < 0)
		return err->code;
	observe_missing(sys, req, facts);
	gs_observe_taker(sys, &facts->server);
	if (facts->server.threads && sys->ops->server->active_exports(sys, &facts->etab, err) < 0)
		return err->code;
	/* After a run only what is left to do is asked. */
	if (gs_leader_gives(req->verb) && !ran) {
		if (gs_observe_served(sys, facts->path, &facts->id_file, &facts->server,
				      &facts->served, err) < 0)
			return err->code;
		gs_observe_served_owner(sys, facts->owner.uid, facts->owner.gid, &facts->served);
		/* Whoever names a number wants it without an account; init makes gshare's. */
		facts->served.lacks_owner &= !req->owner && !facts->owner_missing;
	}
	if (observe_names(sys, req, ran, facts, err) < 0)
		return err->code;
	observe_faces(sys, req, facts);
	if (!facts->server.threads)
		gs_observe_container(sys, &facts->container);
	if (gs_leader_gives(req->verb))
		gs_observe_offer(sys, &facts->server, &facts->offer);
	return 0;
}

/* A line at which exportfs stops hides the share's own lines, too. */
static int pick_path(const struct gs_leader_req *req, struct gs_leader_facts *facts,
		     struct gs_err *err)
{
	if (gs_leader_pick_path(req, &facts->docs, &facts->path, err) == 0)
		return 0;
	gs_lines_refuse(&facts->exports, &facts->docs, facts->tree, err);
	return err->code;
}

static int observe_all(struct gs_sys *sys, const struct gs_leader_req *req,
		       const struct gs_plan *ran, struct gs_leader_facts *ret, struct gs_err *err)
{
	GS_AUTO(gs_leader_facts_done)
	struct gs_leader_facts facts = {
		.server_ops = &gs_knfsd,
		.offline = sys->offline,
		.tree = sys->offline ? sys->root : NULL,
	};

	/* First, since it takes long: the files are to be fresh when they are replaced. */
	if (asks_firewall(req, ran))
		gs_observe_firewall(sys, true, &facts.firewall);
	if (gs_observe_exports(sys, req->exports_file, &facts.exports, err) < 0 ||
	    observe_exports_dir(sys, req->exports_file, &facts, err) < 0 ||
	    gs_docs_parse(&facts.exports, &facts.docs, err) < 0 ||
	    pick_path(req, &facts, err) < 0 || gs_leader_check_path(facts.path, err) < 0 ||
	    (req->verb == GS_LEADER_INIT && gs_leader_check_new_path(facts.path, err) < 0) ||
	    observe_tree(sys, req, &facts, err) < 0 ||
	    gs_observe_file(sys, "/etc/fstab", &facts.fstab, err) < 0 ||
	    (!gs_leader_takes(req) && gs_observe_owner(sys, req, &facts, err) < 0))
		return err->code;
	if (sys->offline)
		recall_names(req, &facts);
	else if (observe_live(sys, req, ran, &facts, err) < 0)
		return err->code;
	observe_ways(sys, req, ran, &facts);
	if (!sys->offline && req->verb == GS_LEADER_INIT)
		gs_count_unchangeable(sys, &facts);
	*ret = facts;
	facts = (struct gs_leader_facts){ 0 };
	return 0;
}

int gs_observe_leader(struct gs_sys *sys, const struct gs_leader_req *req,
		      const struct gs_plan *ran, struct gs_leader_facts *ret, struct gs_err *err)
{
	if (sys->ops->privs->enter(GS_PHASE_OBSERVE, err) < 0)
		return err->code;
	return gs_phase_end(sys, observe_all(sys, req, ran, ret, err), err);
}

void gs_leader_facts_done(struct gs_leader_facts *facts)
{
	free(facts->path);
	gs_files_done(&facts->exports);
	gs_docs_done(&facts->docs);
	gs_path_inodes_done(&facts->ancestors);
	gs_path_inodes_done(&facts->dirs);
	gs_file_done(&facts->id_file);
	gs_inode_done(&facts->id_inode);
	gs_file_done(&facts->fstab);
	gs_fs_done(&facts->fs);
	gs_served_done(&facts->served);
	gs_str_done(&facts->etab);
	gs_account_done(&facts->owner);
	gs_account_done(&facts->before);
	gs_firewall_done(&facts->firewall);
	gs_names_done(&facts->ways);
	gs_nfsd_offer_done(&facts->offer);
	gs_names_done(&facts->names);
	gs_names_done(&facts->faces);
	*facts = (struct gs_leader_facts){ 0 };
}
