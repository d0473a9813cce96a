/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/command.h"
#include "core/check/check.h"
#include "core/check/escape.h"
#include "core/check/starting.h"
#include "core/format/fstab.h"
#include "core/leader/planner.h"
#include "core/leader/request.h"
#include "core/leader/top_facts.h"
#include "core/plan/finding.h"
#include "core/share/names.h"
#include "core/share/path.h"

/* Errors that are found before anything is changed. */

static int check_specs(const struct gs_leader_req *req, struct gs_err *err)
{
	GS_AUTO(gs_keymap_done) struct gs_keymap seen = { 0 };

	for (size_t i = 0; i < req->n_specs; i++) {
		const struct gs_client_spec *spec = &req->spec[i], *first;

		if (gs_hostspec_is_wide(&spec->host) && !req->allow_wide &&
		    gs_leader_gives(req->verb)) {
			gs_err_set(err, GS_E_USAGE, "'%s' matches more than a few hosts",
				   spec->host.text);
			return gs_err_advise(err,
					     "list the followers, use a network of at most /24 "
					     "(v6: /64), or --allow-wide");
		}
		first = &req->spec[gs_keymap_put(&seen, spec->host.text, "", i)];
		if (spec->access_given == first->access_given && spec->access == first->access)
			continue;
		gs_err_set(err, GS_E_USAGE, "'%s' is listed twice with different access",
			   spec->host.text);
		return gs_err_advise(err, "specify it once: %s:ro or %s:rw", spec->host.text,
				     spec->host.text);
	}
	return 0;
}

static int refuse_no_dir(const struct gs_path_inode *place, struct gs_err *err)
{
	gs_err_set(err, ENOTDIR, "'%.300s' is %s, not a directory", place->path,
		   place->inode.type == GS_INODE_FILE	? "a file"
		   : place->inode.type == GS_INODE_LINK ? "a symbolic link"
							: "a device, socket or pipe");
	gs_err_cause(err, "PATH_NOT_DIRECTORY");
	return gs_err_advise(err, "specify a directory, or move '%.300s'", place->path);
}

/* Taking access away must work also where the share's disk is missing, its path has become a link,
 * or followers have created files there. */
static int check_tree(const struct gs_leader_req *req, const struct gs_leader_facts *facts,
		      struct gs_err *err)
{
	if (gs_leader_takes(req))
		return 0;
	for (size_t i = 0; i < facts->ancestors.n; i++) {
		const struct gs_path_inode *place = &facts->ancestors.v[i];

		if (place->inode.type == GS_INODE_LINK) {
			gs_err_set(
				err, ELOOP,
				"'%s' goes through a symbolic link at '%s': exportfs would export "
				"its target",
				facts->path, place->path);
			gs_err_cause(err, "PATH_LINK");
			return gs_err_advise(err, "specify the directory itself");
		}
		if (place->inode.type != GS_INODE_ABSENT && place->inode.type != GS_INODE_DIR)
			return refuse_no_dir(place, err);
	}
	for (size_t i = 0; i < facts->dirs.n; i++) {
		const struct gs_path_inode *place = &facts->dirs.v[i];

		if (place->inode.type != GS_INODE_ABSENT && place->inode.type != GS_INODE_DIR)
			return refuse_no_dir(place, err);
	}
	return 0;
}

/* Squashing to root would give followers the machine: the owner must never be root. */
static int check_owner(const struct gs_leader_req *req, const struct gs_leader_facts *facts,
		       struct gs_err *err)
{
	/* Other verbs take no owner: the one in the entries stays. */
	if (!gs_leader_gives(req->verb))
		return 0;
	if (facts->owner_missing && (facts->offline || req->verb != GS_LEADER_INIT)) {
		gs_err_set(err, ENOENT,
			   "no owner is known for '%s': set one with 'gshare leader init --owner "
			   "USER'",
			   facts->path);
		return gs_err_cause(err, "OWNER_MISSING");
	}
	if (facts->owner.uid && facts->owner.gid)
		return 0;
	gs_err_set(err, EINVAL,
		   "followers would be mapped to '%s', which has root's user or "
		   "group id",
		   facts->owner.name);
	gs_err_cause(err, "OWNER_ROOT");
	return gs_err_advise(err, "specify an ordinary user: --owner USER");
}

/* Without a running server only files have to be changed to remove the share. */
static int check_server(const struct gs_leader_req *req, const struct gs_leader_facts *facts,
			struct gs_err *err)
{
	const struct gs_server *server = &facts->server;
	const struct gs_starting_fact starting = { .container = &facts->container,
						   .server = server };
	const struct gs_facts seen = { .starting = &starting };
	GS_AUTO(gs_findings_done) struct gs_findings none = { 0 };
	gs_autostr struct gs_str start = { 0 };

	if (facts->offline || (req->verb == GS_LEADER_DESTROY && !server->threads))
		return 0;
	if (!server->installed)
		return gs_install_refuse(server->manager, GS_ROLE_LEADER, err);
	if (gs_checks_refuse(&seen, &none, err) < 0)
		return err->code;
	if (!server->threads && !server->systemd) {
		gs_err_set(err, ENOTSUP,
			   "the NFS server is not running, and there is no systemd to start it");
		gs_err_cause(err, "SERVER_DOWN");
		gs_server_start(server, &start);
		gs_str_adds(&start, "; then run the command again");
		return gs_err_fix_text(err, &start);
	}
	return 0;
}

/* Offline the file system type is unknown; the machine reports the error when it boots. */
static int check_subtree(const struct gs_leader_req *req, const struct gs_leader_facts *facts,
			 struct gs_err *err)
{
	if (req->subtree != GS_SUBTREE_CHECK || !facts->fs.type ||
	    gs_fs_takes_subtree_check(facts->fs.type))
		return 0;
	gs_err_set(err, ENOTSUP,
		   "'%s' lies on %s, whose files are not reachable with "
		   "subtree_check",
		   facts->path, facts->fs.type);
	gs_err_cause(err, "SUBTREE_CHECK_UNSUPPORTED");
	return gs_err_advise(err,
			     "omit --subtree-check, or use a separate file system for the share");
}

static void typed_done(struct gs_typed *typed)
{
	gs_strs_done(&typed->words);
}

int gs_draft_check_mounts(const struct gs_draft *draft, struct gs_err *err)
{
	const struct gs_leader_facts *facts = draft->facts;
	GS_AUTO(gs_fstab_done) struct gs_fstab fstab = { 0 };
	struct gs_unmounted_fact unmounted = { .file = facts->fstab.path };
	const struct gs_facts seen = { .unmounted = &unmounted };
	struct gs_findings none = { 0 };

	if (draft->req->verb == GS_LEADER_REMOVE || draft->req->verb == GS_LEADER_DESTROY ||
	    !facts->fstab.path)
		return 0;
	if (gs_fstab_parse(gs_str_span(&facts->fstab.text), &fstab, err) < 0)
		return gs_err_prefix(err, "%s", facts->fstab.path);
	unmounted.entry = gs_find_unmounted(&fstab, &facts->ancestors);
	if (!unmounted.entry)
		unmounted.entry = gs_find_unmounted(&fstab, &facts->dirs);
	return gs_checks_refuse(&seen, &none, err);
}

/* A follower that is there keeps its access unless another one was typed. */
static bool gives_rw(const struct gs_draft *draft)
{
	for (size_t i = 0; i < draft->req->n_specs; i++) {
		const struct gs_client_spec *spec = &draft->req->spec[i];

		if (spec->access == GS_ACCESS_RW &&
		    (spec->access_given || !gs_draft_is_exported(draft, &spec->host)))
			return true;
	}
	return draft->req->n_specs == 0 && draft->has_was && draft->was.access == GS_ACCESS_RW;
}

static bool sets_top(const struct gs_draft *draft)
{
	const struct gs_served *served = &draft->facts->served;

	return served->ancestors.n && gs_draft_takes_over(draft, gs_served_top(served), NULL);
}

int gs_draft_check_served(struct gs_draft *draft, struct gs_err *err)
{
	const struct gs_leader_facts *facts = draft->facts;
	const struct gs_leader_req *req = draft->req;
	GS_AUTO(gs_exports_done) struct gs_exports etab = { 0 };
	GS_AUTO(typed_done) struct gs_typed typed = { 0 };
	GS_AUTO(gs_strs_done) struct gs_strs added = { 0 };
	bool is_init = req->verb == GS_LEADER_INIT, is_marked = gs_draft_is_marked(draft);
	bool gives = gs_leader_gives(req->verb);
	/* Whatever is switched or removed: does the share's entry count at all? Borrows. */
	const struct gs_served place = { .ancestors = facts->ancestors };
	const struct gs_served_fact served = {
		.path = facts->path,
		.is = gives ? &facts->served : &place,
		.id_file = &facts->id_file,
		.is_marked = is_marked,
		.makes = is_init && (!is_marked || req->new_id ||
				     gs_id_is_put_away(&facts->served, draft->share.squash)),
		.makes_dirs = is_init,
		.sets_top = sets_top(draft),
		.changes = true,
		.gives_rw = gives_rw(draft),
		.wants_mount = draft->share.mountpoint,
		.crosses = draft->share.crossmnt,
		.uid = facts->owner.uid,
		.gid = facts->owner.gid,
		.squash = draft->share.squash,
		.etab = &etab,
		.added = &added,
		.files = &facts->exports,
		.docs = &draft->docs,
		.typed = is_init ? &typed : NULL,
	};
	const struct gs_facts seen = { .served = gives ? &served : NULL, .around = &served };

	if (req->verb == GS_LEADER_DESTROY || !served.is->ancestors.n)
		return 0;
	if (gs_exports_parse(gs_str_span(&facts->etab), &etab, err) < 0)
		return err->code;
	for (size_t i = 0; i < draft->n; i++)
		gs_strs_add(&added, draft->client[i].host.text);
	gs_typed_of(req, &typed);
	return gs_checks_refuse(&seen, &draft->plan.findings, err);
}

int gs_draft_check_top(struct gs_draft *draft, struct gs_err *err)
{
	GS_AUTO(typed_done) struct gs_typed typed = { 0 };
	struct gs_facts facts = { 0 };
	struct gs_top top, image;

	if (!gs_leader_gives(draft->req->verb))
		return 0;
	gs_top_of(draft->facts, &draft->docs, &draft->share, &top);
	image = top;
	gs_typed_of(draft->req, &typed);
	if (draft->req->verb == GS_LEADER_INIT)
		top.typed = &typed;
	facts.top = &top;
	facts.image = &image;
	return gs_checks_refuse(&facts, &draft->plan.findings, err);
}

/* Of a path that is not there no owner and no id is known either: it is told first. */
static int check_exists(struct gs_draft *draft, struct gs_err *err)
{
	const struct gs_path_inodes *ancestors = &draft->facts->ancestors;

	if (draft->req->verb != GS_LEADER_ADD || !ancestors->n ||
	    ancestors->v[ancestors->n - 1].inode.type != GS_INODE_ABSENT)
		return 0;
	return gs_draft_check_served(draft, err);
}

int gs_draft_check(struct gs_draft *draft, struct gs_err *err)
{
	const struct gs_leader_facts *facts = draft->facts;

	if (check_specs(draft->req, err) < 0 || gs_leader_check_path(facts->path, err) < 0 ||
	    gs_draft_check_mounts(draft, err) < 0 || check_exists(draft, err) < 0 ||
	    check_owner(draft->req, facts, err) < 0 || check_tree(draft->req, facts, err) < 0 ||
	    check_subtree(draft->req, facts, err) < 0 || check_server(draft->req, facts, err) < 0)
		return err->code;
	gs_draft_index(draft);
	if (facts->server_ops->lint(draft, err) < 0)
		return err->code;
	return gs_draft_check_blank(draft, err) < 0 ? err->code : gs_draft_check_wide(draft, err);
}
