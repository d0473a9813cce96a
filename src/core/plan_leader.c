/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/etab.h"
#include "core/leader.h"
#include "core/plan.h"

/*
 * The leader's plan: directories, identity, exports entries, server, in the order that errs on
 * the closed side when a run breaks off: exposure comes last.
 */

/* One client as it will be written: a wish, with its name resolved. */
struct client {
	struct gs_hostspec host;
	const char *name; /* what it was resolved from, NULL for none */
	const struct gs_wish *wish;
};

/* What planning carries along. */
struct draft {
	const struct gs_leader_req *req;
	const struct gs_leader_facts *facts;
	struct gs_docs docs;
	struct client *client;
	size_t n, room;
	struct gs_exportwish share; /* what all entries of the share have in common */
	struct gs_str fsid;
	struct gs_plan plan;
};

static void draft_done(struct draft *draft)
{
	for (size_t i = 0; i < draft->n; i++)
		gs_hostspec_done(&draft->client[i].host);
	free(draft->client);
	gs_docs_done(&draft->docs);
	gs_str_done(&draft->fsid);
	gs_plan_done(&draft->plan);
}

/* ---- the words ------------------------------------------------------------------------------ */

static int check_wishes(const struct gs_leader_req *req, struct gs_err *err)
{
	for (size_t i = 0; i < req->n_wishes; i++) {
		const struct gs_wish *wish = &req->wish[i];

		if (gs_hostspec_is_wide(&wish->host) && !req->allow_wide &&
		    req->verb != GS_LEADER_REMOVE) {
			gs_err_set(err, GS_E_USAGE, "'%s' stands for more than a few hosts",
				   wish->host.text);
			return gs_err_mend(err, "name the followers, a network of at most /24 (v6: "
						"/64), or say --allow-wide");
		}
		for (size_t j = 0; j < i; j++) {
			if (!gs_hostspec_is_same(&wish->host, &req->wish[j].host) ||
			    (wish->access_given == req->wish[j].access_given &&
			     wish->access == req->wish[j].access))
				continue;
			return gs_err_set(err, GS_E_USAGE, "'%s' is named twice with different access",
					  wish->host.text);
		}
	}
	return 0;
}

static int check_tree(const struct gs_leader_facts *facts, struct gs_err *err)
{
	for (size_t i = 0; i < facts->chain.n; i++) {
		const struct gs_place *place = &facts->chain.v[i];

		if (place->node.type == GS_NODE_LINK) {
			gs_err_set(err, ELOOP, "'%s' goes through a symbolic link at '%s': exportfs "
					       "would export where it points",
				   facts->path, place->path);
			gs_err_cause(err, "PATH_LINK");
			return gs_err_mend(err, "name the directory itself");
		}
		if (place->node.type != GS_NODE_ABSENT && place->node.type != GS_NODE_DIR) {
			gs_err_set(err, ENOTDIR, "'%s' is not a directory", place->path);
			return gs_err_cause(err, "PATH_NOT_DIRECTORY");
		}
	}
	for (size_t i = 0; i < facts->dirs.n; i++) {
		const struct gs_place *place = &facts->dirs.v[i];

		if (place->node.type != GS_NODE_ABSENT && place->node.type != GS_NODE_DIR) {
			gs_err_set(err, ENOTDIR, "'%s' is not a directory", place->path);
			return gs_err_cause(err, "PATH_NOT_DIRECTORY");
		}
	}
	return 0;
}

/* Squashing to root would hand out the machine: no path through the facts may lead there. */
static int check_owner(const struct gs_leader_facts *facts, struct gs_err *err)
{
	if (facts->owner.uid && facts->owner.gid)
		return 0;
	gs_err_set(err, EINVAL, "followers would act as '%s', which has root's user or group id",
		   facts->owner.name);
	gs_err_cause(err, "OWNER_ROOT");
	return gs_err_mend(err, "name an ordinary user: --owner USER");
}

static int check_server(const struct gs_leader_facts *facts, struct gs_err *err)
{
	const struct gs_server *server = &facts->server;

	if (facts->offline)
		return 0;
	if (!server->installed) {
		gs_err_set(err, ENOENT, "the NFS server is not installed");
		gs_err_cause(err, "SERVER_MISSING");
		return gs_err_mend(err, "sudo apt-get install nfs-kernel-server");
	}
	if (!server->threads && !server->systemd) {
		gs_err_set(err, ENOTSUP, "the NFS server does not run, and systemd is not here to "
					 "start it");
		gs_err_cause(err, "SERVER_DOWN");
		return gs_err_mend(err, "start the NFS server, then run this again");
	}
	if (server->threads && !server->mountd) {
		gs_err_set(err, EPROTO, "nfsd runs but rpc.mountd does not: a change now would hang "
					"every follower");
		gs_err_cause(err, "MOUNTD_DEAD");
		return gs_err_mend(err, "sudo systemctl restart nfs-mountd, then run this again");
	}
	return 0;
}

static int check_files(const struct draft *draft, struct gs_err *err)
{
	for (size_t d = 0; d < draft->docs.n; d++) {
		const struct gs_exports_flaw *flaw = gs_exports_fatal(&draft->docs.v[d]);

		if (!flaw)
			continue;
		gs_err_set(err, EBADMSG, "%s:%zu: %s: exportfs drops this line and all below it",
			   draft->facts->exports.v[d].path, flaw->number, flaw->why);
		gs_err_cause(err, flaw->id);
		return gs_err_mend(err, "mend that line, then run this again");
	}
	return 0;
}

/* ---- clients -------------------------------------------------------------------------------- */

static void add_client(struct draft *draft, const struct gs_hostspec *host, const char *name,
		       const struct gs_wish *wish)
{
	struct client *client;

	for (size_t i = 0; i < draft->n; i++)
		if (gs_hostspec_is_same(&draft->client[i].host, host))
			return;
	gs_grow(&draft->client, draft->n, &draft->room, sizeof *draft->client);
	client = &draft->client[draft->n++];
	gs_hostspec_copy(host, &client->host);
	client->name = name;
	client->wish = wish;
}

/* A name becomes its addresses: exportfs would ask the name server at every start. */
static int add_named(struct draft *draft, const struct gs_wish *wish, struct gs_err *err)
{
	const struct gs_strs *addrs = gs_names_find(&draft->facts->names, wish->host.text);

	if (!addrs || !addrs->n) {
		gs_err_set(err, ENOENT, "'%s' does not resolve%s", wish->host.text,
			   draft->facts->offline ? " offline" : "");
		gs_err_cause(err, "NAME_UNKNOWN");
		return gs_err_mend(err, "give its address");
	}
	for (size_t i = 0; i < addrs->n; i++) {
		GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };

		if (gs_hostspec_parse(gs_span_of(addrs->v[i]), &host, err) < 0)
			return gs_err_prefix(err, "'%s' resolves to '%s'", wish->host.text,
					     addrs->v[i]);
		add_client(draft, &host, wish->host.text, wish);
	}
	return 0;
}

/* An entry that already names the host as a name is edited as that name. */
static bool stands_as_name(const struct draft *draft, const struct gs_hostspec *host)
{
	for (size_t d = 0; d < draft->docs.n; d++) {
		size_t at = 0;

		if (gs_exports_find(&draft->docs.v[d], draft->facts->path, host, &at))
			return true;
	}
	return false;
}

static int add_clients(struct draft *draft, struct gs_err *err)
{
	for (size_t i = 0; i < draft->req->n_wishes; i++) {
		const struct gs_wish *wish = &draft->req->wish[i];

		if (wish->host.kind != GS_HOST_NAME || stands_as_name(draft, &wish->host))
			add_client(draft, &wish->host, NULL, wish);
		else if (add_named(draft, wish, err) < 0)
			return err->code;
	}
	return 0;
}

/* ---- what the share's entries have in common ------------------------------------------------- */

/* File systems that have no UUID for the server to tell them by: exports(5), fsid=. */
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

static const struct gs_export *first_entry(const struct draft *draft)
{
	for (size_t d = 0; d < draft->docs.n; d++) {
		size_t at = 0;
		const struct gs_export *entry =
			gs_exports_find(&draft->docs.v[d], draft->facts->path, NULL, &at);

		if (entry && entry->is_readable)
			return entry;
	}
	return NULL;
}

static void common_wish(struct draft *draft, const char *id)
{
	const struct gs_export *entry = first_entry(draft);
	struct gs_exportwish *share = &draft->share;

	if (entry)
		gs_exportopts_wish(&entry->opts, share, &draft->fsid);
	if (!entry || draft->req->squash_given)
		share->squash = draft->req->squash;
	if (draft->req->confine)
		share->confine = true;
	share->anonuid = draft->facts->owner.uid;
	share->anongid = draft->facts->owner.gid;
	if (!draft->fsid.len && needs_fsid(&draft->facts->fs))
		make_fsid(id, &draft->fsid);
	share->fsid = draft->fsid.len ? draft->fsid.ptr : NULL;
}

/* ---- the exports files ------------------------------------------------------------------------ */

static const char *access_name(enum gs_access access)
{
	return access == GS_ACCESS_RO ? "ro" : "rw";
}

/* The document and entry where a client stands, else the file that is edited. */
static struct gs_exports *doc_of(struct draft *draft, const struct gs_hostspec *host,
				 const struct gs_export **ret_entry, size_t *ret_index)
{
	for (size_t d = 0; d < draft->docs.n; d++) {
		size_t at = 0;

		*ret_entry = gs_exports_find(&draft->docs.v[d], draft->facts->path, host, &at);
		*ret_index = d;
		if (*ret_entry)
			return &draft->docs.v[d];
	}
	*ret_index = 0;
	return &draft->docs.v[0];
}

static void describe_squash(const struct draft *draft, struct gs_str *out)
{
	switch (draft->share.squash) {
	case GS_SQUASH_ALL:
		gs_str_addf(out, "everyone acts as %s", draft->facts->owner.name);
		return;
	case GS_SQUASH_ROOT:
		gs_str_addf(out, "root acts as %s, others as themselves", draft->facts->owner.name);
		return;
	case GS_SQUASH_NONE:
		gs_str_adds(out, "everyone acts as themselves, root included");
		return;
	}
}

static int set_client(struct draft *draft, const struct gs_hostspec *host, const char *name,
		      const struct gs_wish *wish, struct gs_err *err)
{
	gs_autostr struct gs_str squash = { 0 };
	struct gs_exportwish want = draft->share;
	const struct gs_export *entry = NULL;
	size_t d = 0;
	struct gs_exports *doc = doc_of(draft, host, &entry, &d);
	bool is_new = !entry, changed = false;
	const char *file = draft->facts->exports.v[d].path;
	enum gs_access before = is_new ? GS_ACCESS_RW : gs_exportopts_access(&entry->opts);

	want.access = wish && (wish->access_given || is_new) ? wish->access : before;
	if (gs_exports_set(doc, draft->facts->path, host, name, &want, &changed, err) < 0)
		return gs_err_prefix(err, "%s", file);
	describe_squash(draft, &squash);
	if (is_new || before == want.access)
		gs_plan_item(&draft->plan, changed ? '+' : '=', "export", "%s  %s  %s  %s",
			     host->text, access_name(want.access), squash.ptr, file);
	else
		gs_plan_item(&draft->plan, '+', "export", "%s  %s -> %s  %s", host->text,
			     access_name(before), access_name(want.access), file);
	return 0;
}

static int remove_client(struct draft *draft, const struct gs_hostspec *host, struct gs_err *err)
{
	bool any = false;

	for (size_t d = 0; d < draft->docs.n; d++) {
		bool changed = false;

		if (gs_exports_remove(&draft->docs.v[d], draft->facts->path, host, &changed, err) < 0)
			return gs_err_prefix(err, "%s", draft->facts->exports.v[d].path);
		any |= changed;
		if (changed)
			gs_plan_item(&draft->plan, '-', "export", "%s  %s", host->text,
				     draft->facts->exports.v[d].path);
	}
	if (!any)
		gs_plan_item(&draft->plan, '=', "export", "%s is not exported to", host->text);
	return 0;
}

/* init with another squash, owner or confine moves the followers that are there already. */
static int set_others(struct draft *draft, struct gs_err *err)
{
	if (!draft->req->squash_given && !draft->req->owner && !draft->req->confine)
		return 0;
	for (size_t d = 0; d < draft->docs.n; d++) {
		GS_AUTO(gs_strs_done) struct gs_strs hosts = { 0 };

		for (size_t i = 0; i < draft->docs.v[d].n; i++)
			if (!strcmp(draft->docs.v[d].entry[i].path, draft->facts->path))
				gs_strs_add(&hosts, draft->docs.v[d].entry[i].host.text);
		for (size_t i = 0; i < hosts.n; i++) {
			GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };
			bool is_named = false;

			gs_hostspec_read(gs_span_of(hosts.v[i]), &host);
			for (size_t k = 0; k < draft->n; k++)
				is_named |= gs_hostspec_is_same(&draft->client[k].host, &host);
			if (!is_named && set_client(draft, &host, NULL, NULL, err) < 0)
				return err->code;
		}
	}
	return 0;
}

static int edit_exports(struct draft *draft, struct gs_err *err)
{
	bool changed = false;

	if (draft->req->verb == GS_LEADER_INIT) {
		if (gs_exports_mark(&draft->docs.v[0], draft->facts->path, &changed, err) < 0)
			return gs_err_prefix(err, "%s", draft->facts->exports.v[0].path);
		if (set_others(draft, err) < 0)
			return err->code;
	}
	for (size_t i = 0; i < draft->n; i++) {
		const struct client *client = &draft->client[i];
		int r = draft->req->verb == GS_LEADER_REMOVE
				? remove_client(draft, &client->host, err)
				: set_client(draft, &client->host, client->name, client->wish, err);

		if (r < 0)
			return r;
	}
	return 0;
}

/* What etab shall say of the share: every entry of its path, and the ones that go. */
static void predict(struct draft *draft)
{
	struct gs_plan *plan = &draft->plan;

	for (size_t d = 0; d < draft->docs.n; d++) {
		size_t at = 0;
		const struct gs_export *entry;

		while ((entry = gs_exports_find(&draft->docs.v[d], draft->facts->path, NULL, &at))) {
			struct gs_prediction *p;

			at++;
			gs_grow(&plan->predict, plan->n_predict, &plan->room_predict,
				sizeof *plan->predict);
			p = &plan->predict[plan->n_predict++];
			p->path = gs_plan_keep(plan, gs_span_of(entry->path));
			p->host = gs_plan_keep(plan, gs_span_of(entry->host.text));
			gs_exportopts_copy(&entry->opts, &p->opts);
		}
	}
	for (size_t i = 0; draft->req->verb == GS_LEADER_REMOVE && i < draft->n; i++) {
		struct gs_prediction *p;

		gs_grow(&plan->predict, plan->n_predict, &plan->room_predict,
			sizeof *plan->predict);
		p = &plan->predict[plan->n_predict++];
		p->path = gs_plan_keep(plan, gs_span_of(draft->facts->path));
		p->host = gs_plan_keep(plan, gs_span_of(draft->client[i].host.text));
		p->gone = true;
	}
}

/* The check runs without a network: names that stand in the files come with their addresses. */
static void list_hosts(const struct gs_names *names, struct gs_str *out)
{
	for (size_t i = 0; i < names->n; i++)
		for (size_t k = 0; k < names->v[i].addrs.n; k++)
			gs_str_addf(out, "%s %s\n", names->v[i].addrs.v[k], names->v[i].name);
}

static void plan_exports(struct draft *draft)
{
	const struct gs_leader_facts *facts = draft->facts;
	bool running = facts->server.threads > 0;
	struct gs_plan *plan = &draft->plan;
	struct gs_step *start;
	size_t written = plan->n, check;

	for (size_t d = 0; d < draft->docs.n; d++) {
		gs_autostr struct gs_str text = { 0 };
		const struct gs_file *file = &facts->exports.v[d];

		gs_exports_render(&draft->docs.v[d], &text);
		gs_files_add(&plan->exports, file->path, file->exists || text.len,
			     gs_str_span(&text));
	}
	predict(draft);
	list_hosts(&facts->names, &plan->hosts);
	gs_str_add(&plan->etab_before, gs_str_span(&facts->etab));
	plan->etab_known = running;
	check = plan->n;
	gs_plan_step(plan, GS_STEP_CHECK_EXPORTS, facts->exports.v[0].path,
		     "see in a private namespace what exportfs makes of it");
	for (size_t d = 0; d < draft->docs.n; d++)
		gs_plan_write(plan, &facts->exports.v[d], gs_str_span(&plan->exports.v[d].text),
			      0644, "say who may use the share");
	written = plan->n - check - 1;
	if (!facts->offline && (!running || !facts->server.enabled) && facts->server.systemd &&
	    draft->req->verb != GS_LEADER_REMOVE) {
		start = gs_plan_step(plan, GS_STEP_START_SERVER, "nfs-server",
				     running ? "start it at every boot" : "serve the share");
		start->server.was_running = running;
		start->server.was_enabled = facts->server.enabled;
		gs_plan_item(plan, '+', "server", "nfs-server %s",
			     running ? "enabled at boot, not restarted" : "enabled and started");
	} else if (running) {
		gs_plan_item(plan, '=', "server", "nfs-server running, not restarted");
	}
	if (!written && (!running || gs_etab_fulfils(gs_str_span(&facts->etab), plan->predict,
						     plan->n_predict)) &&
	    plan->n == check + 1) {
		plan->n = check; /* the files say so already, and etab does */
		return;
	}
	if (written || running)
		gs_plan_step(plan, GS_STEP_APPLY_EXPORTS, facts->exports.v[0].path,
			     "put the files in force, without a restart");
}

/* ---- the tree --------------------------------------------------------------------------------- */

static void plan_missing_dir(struct draft *draft, const struct gs_place *place, const char *name,
			     const char *why)
{
	struct gs_step *step = gs_plan_step(&draft->plan, GS_STEP_MAKE_DIR, place->path, why);

	gs_share_dir_spec(name, &draft->facts->owner, &draft->plan.keep, &step->dir);
}

static bool can_write(const struct gs_node *node, const struct gs_account *owner)
{
	gs_autofree char *named = gs_printf("u:%u:rwx", owner->uid);

	if (node->uid == owner->uid)
		return node->mode & 0200;
	if (node->acl_access && strstr(node->acl_access, named))
		return true;
	return node->gid == owner->gid ? node->mode & 0020 : node->mode & 0002;
}

/* A directory that was there before is kept as it is, and judged. */
static void judge_kept(struct draft *draft, const struct gs_place *place, bool is_root)
{
	const struct gs_account *owner = &draft->facts->owner;
	const struct gs_node *node = &place->node;
	gs_autofree char *chown_root =
		gs_printf("sudo chown root:%s '%s'", owner->group, place->path);
	gs_autofree char *chgrp_all = gs_printf(
		"sudo chown root:%s '%s' && sudo chmod 2775 '%s' && sudo setfacl -m u:%u:rwx '%s'",
		owner->group, place->path, place->path, owner->uid, place->path);

	if (draft->facts->offline)
		return;
	if (node->uid == owner->uid && draft->share.squash != GS_SQUASH_NONE)
		gs_findings_add(&draft->plan.findings, GS_WARN, "DIR_OWNED", chown_root,
				"%s belongs to %s, as whom followers act: they can rename, replace "
				"and chmod %s",
				place->path, owner->name,
				is_root ? "everything at its top" : "it");
	else if (node->mode & 0002 && !(is_root && node->mode & 01000))
		gs_findings_add(&draft->plan.findings, GS_WARN, "DIR_WORLD_WRITABLE", chown_root,
				"%s can be changed by every user", place->path);
	else if (!is_root && !can_write(node, owner))
		gs_findings_add(&draft->plan.findings, GS_WARN, "DIR_NOT_WRITABLE", chgrp_all,
				"%s was there before and is kept as it is: followers cannot write "
				"in it",
				place->path);
}

/* Plain directories on the way to the share: root's, open to look through. */
static void plan_parents(struct draft *draft)
{
	const struct gs_places *chain = &draft->facts->chain;

	for (size_t i = 0; i + 1 < chain->n; i++) {
		struct gs_step *step;

		if (chain->v[i].node.type != GS_NODE_ABSENT)
			continue;
		step = gs_plan_step(&draft->plan, GS_STEP_MAKE_DIR, chain->v[i].path,
				    "the way to the share");
		step->dir.mode = 0755;
	}
}

static void plan_tree(struct draft *draft)
{
	const struct gs_leader_facts *facts = draft->facts;
	const struct gs_place *root = &facts->chain.v[facts->chain.n - 1];
	GS_AUTO(gs_strs_done) struct gs_strs made = { 0 };
	gs_autostr struct gs_str list = { 0 };

	plan_parents(draft);
	if (root->node.type == GS_NODE_ABSENT)
		plan_missing_dir(draft, root, NULL, "the share");
	else
		judge_kept(draft, root, true);
	for (size_t i = 0; i < facts->dirs.n; i++) {
		const struct gs_place *place = &facts->dirs.v[i];
		const char *name = strrchr(place->path, '/') + 1;

		if (place->node.type != GS_NODE_ABSENT) {
			if (gs_share_dir_is_dataset(name))
				judge_kept(draft, place, false);
			continue;
		}
		plan_missing_dir(draft, place, name,
				 gs_share_dir_is_dataset(name) ? "datasets that followers share"
							       : "PostgreSQL's, on the leader");
		gs_strs_add(&made, name);
	}
	gs_join(&made, " ", &list);
	if (made.n)
		gs_plan_item(&draft->plan, '+', "create", "%s", list.ptr);
	if (made.n)
		gs_plan_item(&draft->plan, '+', "owner",
			     "%s (%u:%u), default ACLs on dataset directories", facts->owner.name,
			     facts->owner.uid, facts->owner.gid);
}

static void plan_account(struct draft *draft)
{
	struct gs_step *step;

	if (!draft->facts->owner_missing)
		return;
	step = gs_plan_step(&draft->plan, GS_STEP_ADD_ACCOUNT, draft->facts->owner.name,
			    "someone whom the followers act as");
	step->account.id = draft->facts->owner.uid;
	gs_plan_item(&draft->plan, '+', "account", "%s (%u), a system account",
		     draft->facts->owner.name, draft->facts->owner.uid);
}

static void plan_id(struct draft *draft, const char *id)
{
	gs_autostr struct gs_str text = { 0 };
	struct gs_span fs_then = gs_share_id_fs(gs_str_span(&draft->facts->id_file.text));
	const char *fs_now = draft->facts->fs.uuid;

	if (!draft->facts->id_file.exists) {
		gs_share_id_render(id, fs_now, &text);
		gs_plan_write(&draft->plan, &draft->facts->id_file, gs_str_span(&text), 0444,
			      "name the share, so that followers notice another one");
		return;
	}
	if (fs_then.len && fs_now && !gs_span_is_text(fs_then, fs_now))
		gs_findings_add(&draft->plan.findings, GS_WARN, "ID_COPIED",
				"if this is the copy: remove its .gshare-id and run init again",
				"share id %s was made on another file system: this tree is a copy, "
				"or was moved",
				id);
}

/* ---- the whole --------------------------------------------------------------------------------- */

static int share_id(const struct gs_leader_facts *facts, char ret_id[GS_SHARE_ID_BYTES],
		    struct gs_err *err)
{
	if (!facts->id_file.exists) {
		memcpy(ret_id, facts->fresh_id, GS_SHARE_ID_BYTES);
		return 0;
	}
	if (gs_share_id_parse(gs_str_span(&facts->id_file.text), ret_id))
		return 0;
	gs_err_set(err, EBADMSG, "'%s' does not hold a share id", facts->id_file.path);
	gs_err_cause(err, "ID_BROKEN");
	return gs_err_mend(err, "remove it: the next init gives the share a new id");
}

static void plan_proof(struct draft *draft, const char *id)
{
	const struct gs_leader_facts *facts = draft->facts;
	struct gs_proof *proof = &draft->plan.proof;

	proof->skip = facts->offline;
	proof->root = gs_plan_keep(&draft->plan, gs_span_of(facts->path));
	proof->id = gs_plan_keep(&draft->plan, gs_span_of(id));
	proof->uid = facts->owner.uid;
	proof->gid = facts->owner.gid;
	proof->who = gs_plan_keep(&draft->plan, gs_span_of(facts->owner.name));
	proof->writable = true;
	for (size_t i = 0; i < facts->dirs.n; i++) {
		const struct gs_place *place = &facts->dirs.v[i];

		if (!gs_share_dir_is_dataset(strrchr(place->path, '/') + 1))
			continue;
		if (place->node.type == GS_NODE_ABSENT || can_write(&place->node, &facts->owner))
			gs_strs_add(&proof->dirs, place->path);
	}
	gs_plan_step(&draft->plan, GS_STEP_PROVE, facts->path,
		     "the owner writes, reads back and removes a file in each dataset directory");
}

/* The command for each follower that can be mounted from: a single host. */
static void tell_next(struct draft *draft, const char *id)
{
	for (size_t i = 0; i < draft->n && draft->req->verb != GS_LEADER_REMOVE; i++) {
		const struct gs_strs *face =
			gs_names_find(&draft->facts->faces, draft->client[i].host.text);
		gs_autofree char *command = NULL;

		if (!face || !face->n)
			continue;
		command = gs_printf("sudo gshare follower mount %s --export %s --id %s", face->v[0],
				    draft->facts->path, id);
		if (!gs_strs_has(&draft->plan.next, command))
			gs_strs_add(&draft->plan.next, command);
	}
}

static void tell_escape(struct draft *draft)
{
	if (draft->facts->offline || draft->facts->fs.is_root || draft->share.confine ||
	    draft->req->verb == GS_LEADER_REMOVE)
		return;
	gs_findings_add(&draft->plan.findings, GS_NOTE, "EXPORT_ESCAPE",
			"sudo gshare leader init --confine",
			"%s is not a file system of its own: root on a follower could reach beyond "
			"it",
			draft->facts->path);
}

static int draft_plan(struct draft *draft, struct gs_err *err)
{
	const struct gs_leader_facts *facts = draft->facts;
	char id[GS_SHARE_ID_BYTES];

	if (check_wishes(draft->req, err) < 0 || gs_leader_check_path(facts->path, err) < 0 ||
	    check_owner(facts, err) < 0 || check_tree(facts, err) < 0 || check_server(facts, err) < 0 ||
	    gs_docs_parse(&facts->exports, &draft->docs, err) < 0 || check_files(draft, err) < 0 ||
	    share_id(facts, id, err) < 0 || add_clients(draft, err) < 0)
		return err->code;
	common_wish(draft, id);
	if (draft->req->verb == GS_LEADER_INIT) {
		plan_account(draft);
		plan_tree(draft);
		plan_id(draft, id);
	}
	if (edit_exports(draft, err) < 0)
		return err->code;
	plan_exports(draft);
	tell_next(draft, id);
	tell_escape(draft);
	if (draft->plan.n && draft->req->verb != GS_LEADER_REMOVE)
		plan_proof(draft, id);
	return 0;
}

int gs_plan_leader(const struct gs_leader_req *req, const struct gs_leader_facts *facts,
		   struct gs_plan *plan, struct gs_err *err)
{
	GS_AUTO(draft_done) struct draft draft = { .req = req, .facts = facts };

	if (draft_plan(&draft, err) < 0)
		return err->code;
	*plan = draft.plan;
	draft.plan = (struct gs_plan){ 0 };
	return 0;
}
