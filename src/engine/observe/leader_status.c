/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>

#include "core/exports/docs.h"
#include "core/exports/nfsd_peers.h"
#include "core/leader/leader_status.h"
#include "core/leader/request.h"
#include "core/share/names.h"
#include "engine/observe/common.h"
#include "engine/observe/container.h"
#include "engine/observe/firewall.h"
#include "engine/observe/nfsd_clients.h"
#include "engine/observe/offered.h"
#include "engine/observe/package.h"
#include "engine/observe/served.h"
#include "engine/phase.h"

enum {
	NAMES_NS = 1000000000,
	MARGIN_NS = 500000000, /* for starting on a slow machine, ending a stuck child, printing */
	LEAST_NS = 200000000,  /* a name server that is there answers in it */
	CLIENTS_PART = 3,      /* a third of the time that is left */
	PEERS_MS = 300,	       /* in which a mount that is being made gets its client */
};

/*
 * What leader status looks at. Only root may see nfsd's clients: an ordinary user's status has
 * none. However many clients there are, the rest of the status is shown.
 */

static bool has_hidden(const struct gs_nfs_clients *clients, const struct gs_strs *peers)
{
	for (size_t i = 0; i < peers->n; i++)
		if (!gs_nfs_client_of(clients, peers->v[i]))
			return true;
	return false;
}

/* A mount that is being made has a connection before it has a client: it is looked for once more.
 */
static void observe_peers(struct gs_sys *sys, struct gs_status_facts *facts)
{
	const struct gs_clients_req req = { .part = CLIENTS_PART };
	GS_AUTO(gs_nfs_clients_done) struct gs_nfs_clients clients = { 0 };
	struct gs_err unread = { 0 };

	gs_look_peers(sys, &facts->peers);
	if (!has_hidden(&facts->clients, &facts->peers))
		return;
	sys->ops->clock->pause(sys, PEERS_MS);
	gs_strs_done(&facts->peers);
	gs_look_peers(sys, &facts->peers);
	if (gs_look_clients(sys, &req, &clients, &unread) < 0) {
		gs_strs_done(&facts->peers); /* they are no peers of clients of before */
		return;
	}
	gs_nfs_clients_done(&facts->clients);
	facts->clients = clients;
	clients = (struct gs_nfs_clients){ 0 };
}

static void observe_clients(struct gs_sys *sys, struct gs_status_facts *facts)
{
	const struct gs_clients_req req = { .part = CLIENTS_PART };
	struct gs_err unread = { 0 };
	int r = gs_look_clients(sys, &req, &facts->clients, &unread);

	if (r == 0)
		observe_peers(sys, facts);
	facts->clients_known = r != -GS_E_PRIVILEGE;
	facts->clients_late = r == -ETIMEDOUT;
	if (r < 0)
		facts->clients_unread = gs_strdup(unread.msg);
}

/* An ordinary user only needs search permission; entries that they cannot see are left out. */
static void observe_top(struct gs_sys *sys, const struct gs_path_inode *root,
			struct gs_status_top *ret)
{
	const char *path = root->path;
	gs_autofree char *id = gs_printf("%s/" GS_SHARE_FILE, path);
	gs_autofree char *owner = gs_printf("%u", root->inode.uid);
	struct gs_err unseen = { 0 }, unread = { 0 }, unknown = { 0 };

	(void)sys->ops->fs->look(sys, id, &ret->id, &unseen);
	if (gs_observe_id(sys, id, &ret->id_file, &unread) < 0 && gs_share_is_odd(unread.code))
		ret->id_odd = unread;
	if (root->inode.type == GS_INODE_DIR && root->inode.uid)
		(void)sys->ops->accounts->find(sys, owner, &ret->owner, &unknown);
	for (size_t i = 0; gs_top_dirs[i]; i++) {
		struct gs_path_inode place = { .path = gs_printf("%s/%s", path, gs_top_dirs[i]) };
		struct gs_err hidden = { 0 };

		if (sys->ops->fs->look(sys, place.path, &place.inode, &hidden) < 0) {
			free(place.path);
			continue;
		}
		gs_grow(&ret->dirs.v, ret->dirs.n, &ret->dirs.room, sizeof *ret->dirs.v);
		ret->dirs.v[ret->dirs.n++] = place;
	}
}

static int observe_under(struct gs_sys *sys, const char *path, struct gs_mounts *under,
			 struct gs_err *err)
{
	struct gs_mounted mounted = { 0 };

	if (sys->ops->mount->find_of(sys, path, &mounted, err) < 0)
		return err->code;
	gs_grow(&under->v, under->n, &under->room, sizeof *under->v);
	under->v[under->n++] = mounted;
	return 0;
}

int gs_observe_roots(struct gs_sys *sys, const struct gs_strs *paths, struct gs_status_facts *facts,
		     struct gs_err *err)
{
	facts->top = gs_alloc((paths->n + 1) * sizeof *facts->top);
	for (size_t i = 0; i < paths->n; i++) {
		struct gs_path_inode place = { 0 };
		int r = sys->ops->fs->look(sys, paths->v[i], &place.inode, err);

		if (r < 0)
			return r;
		place.path = gs_strdup(paths->v[i]);
		gs_grow(&facts->roots.v, facts->roots.n, &facts->roots.room,
			sizeof *facts->roots.v);
		observe_top(sys, &place, &facts->top[facts->roots.n]);
		facts->roots.v[facts->roots.n++] = place;
		if (observe_under(sys, paths->v[i], &facts->under, err) < 0)
			return err->code;
	}
	return 0;
}

/* struct spares - what observe_spare() needs */
struct spares {
	struct gs_sys *sys;
	struct gs_spare *ret;
};

static bool observe_spare(void *arg, const struct gs_top *top)
{
	struct spares *spares = arg;

	gs_observe_spare(spares->sys, top, spares->ret);
	return !spares->ret->free_id;
}

/* Does a top entry belong to a user other than root? If not, no spare user is needed. */
static bool has_owners(const struct gs_status_top *top)
{
	bool found = top->id.uid != 0;

	for (size_t i = 0; i < top->dirs.n; i++)
		found |= top->dirs.v[i].inode.uid != 0;
	return found;
}

int gs_observe_spares(struct gs_sys *sys, const struct gs_files *files,
		      struct gs_status_facts *facts, struct gs_err *err)
{
	GS_AUTO(gs_docs_done) struct gs_docs docs = { 0 };
	GS_AUTO(gs_exports_done) struct gs_exports etab = { 0 };
	bool wanted = false;

	for (size_t i = 0; i < facts->roots.n; i++)
		wanted |= has_owners(&facts->top[i]);
	if (!wanted)
		return 0;
	if (gs_docs_parse(files, &docs, err) < 0 ||
	    gs_exports_parse(gs_str_span(&facts->etab), &etab, err) < 0)
		return err->code;
	for (size_t i = 0; i < facts->roots.n; i++) {
		struct spares spares = { sys, &facts->top[i].spare };

		gs_status_tops(facts, i, &docs, &etab, observe_spare, &spares);
	}
	return 0;
}

/* A name server that does not respond must not take all of the few seconds that status has. */
static void observe_names(const struct gs_sys *sys, struct gs_status_facts *facts)
{
	struct gs_sys brief = *sys;
	int64_t now = brief.ops->clock->now_ns(&brief), end = sys->deadline_ns - MARGIN_NS;

	if (end > now + NAMES_NS)
		end = now + NAMES_NS;
	if (end < now + LEAST_NS)
		end = now + LEAST_NS;
	if (end < brief.deadline_ns)
		brief.deadline_ns = end;
	gs_observe_existing(&brief, &facts->exports, &facts->names);
}

static int observe_served(struct gs_sys *sys, struct gs_status_facts *facts, struct gs_err *err)
{
	GS_AUTO(gs_docs_done) struct gs_docs docs = { 0 };

	if (gs_docs_parse(&facts->exports, &docs, err) < 0)
		return err->code;
	gs_observe_faces(sys, &docs, &facts->faces);
	gs_observe_ways(sys, &docs, &facts->ways);
	for (size_t i = 0; i < facts->roots.n; i++) {
		struct gs_status_top *top = &facts->top[i];
		uid_t uid;
		gid_t gid;

		if (gs_observe_served(sys, facts->roots.v[i].path, &top->id_file, &facts->server,
				      &top->served, err) < 0)
			return err->code;
		if (gs_leader_entry_owner(&docs, facts->roots.v[i].path, &uid, &gid))
			gs_observe_served_owner(sys, uid, gid, &top->served);
	}
	return 0;
}

static int observe_server(struct gs_sys *sys, struct gs_server *ret, struct gs_err *err)
{
	if (sys->ops->server->look(sys, ret, err) < 0)
		return err->code;
	if (!ret->installed)
		ret->manager = gs_observe_manager(sys);
	gs_observe_taker(sys, ret);
	return 0;
}

static int observe(struct gs_sys *sys, const char *path, struct gs_status_facts *facts,
		   struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs paths = { 0 };

	if (gs_observe_exports(sys, "/etc/exports", &facts->exports, err) < 0 ||
	    gs_status_paths(&facts->exports, path, &paths, err) < 0 ||
	    gs_observe_roots(sys, &paths, facts, err) < 0 ||
	    observe_server(sys, &facts->server, err) < 0 ||
	    gs_observe_file(sys, "/etc/fstab", &facts->fstab, err) < 0 ||
	    observe_served(sys, facts, err) < 0)
		return err->code;
	if (facts->server.threads && sys->ops->server->active_exports(sys, &facts->etab, err) < 0)
		return err->code;
	if (!facts->server.threads)
		gs_observe_container(sys, &facts->container);
	gs_observe_offer(sys, &facts->server, &facts->offer);
	observe_clients(sys, facts);
	/* Last: a name server that does not respond may take what is left of the deadline. */
	if (gs_observe_spares(sys, &facts->exports, facts, err) < 0)
		return err->code;
	gs_observe_firewall(sys, false, &facts->firewall);
	observe_names(sys, facts);
	return 0;
}

int gs_look_leader(struct gs_sys *sys, const char *path, struct gs_leader_status *ret,
		   struct gs_err *err)
{
	GS_AUTO(gs_leader_status_done) struct gs_leader_status status = { 0 };

	if (sys->ops->privs->enter(GS_PHASE_OBSERVE, err) < 0 ||
	    gs_phase_end(sys, observe(sys, path, &status.facts, err), err) < 0 ||
	    gs_status_judge(&status, err) < 0)
		return err->code;
	*ret = status;
	status = (struct gs_leader_status){ 0 };
	return 0;
}
