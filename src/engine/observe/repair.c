/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/repair.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "core/leader/request.h"
#include "core/plan/plan.h"
#include "engine/observe/common.h"
#include "engine/observe/escape.h"
#include "engine/phase.h"

enum {
	COUNT_MAX_ENTRIES = 20000, /* of leader init, which a second run should not make slow */
	COUNT_MS = 40,
	OPENED_MAX = 64, /* entries that the proof opens */
};

/* ---- the walk ---------------------------------------------------------------------------- */

/* struct look - what the visitors of a walk know */
struct look {
	const struct gs_account *owner;
	struct gs_repair *ret;
	bool changes;
};

/*
 * A dataset directory itself is init's to judge (DIR_NOT_WRITABLE). Where the owner has the
 * share's root, it could have given that name to PostgreSQL's directory.
 */
static const char closed[] = "the owner cannot fill it: gshare leader init says how to open it";

static enum gs_tree_turn judge(void *arg, const struct gs_entry *entry, struct gs_acls *ret)
{
	struct look *look = arg;
	enum gs_repair_verdict verdict = gs_repair_judge(entry, look->owner);
	const char *why = gs_repair_reason(verdict);

	if (verdict == GS_REPAIR_FINE)
		return GS_TREE_ON;
	if (!strchr(entry->path, '/'))
		why = closed;
	if (why) {
		gs_repair_leave(look->ret, entry->path, why, 0);
		return GS_TREE_BACK;
	}
	if (!look->changes) {
		gs_repair_add(look->ret, entry);
		return GS_TREE_ON;
	}
	gs_repair_acls(&entry->node, look->owner, ret);
	return GS_TREE_GIVE;
}

static void given(void *arg, const struct gs_entry *entry)
{
	struct look *look = arg;

	gs_repair_add(look->ret, entry);
}

static void left(void *arg, const char *path, const char *why, int error)
{
	struct look *look = arg;

	gs_repair_leave(look->ret, path, why, error);
}

static int walk(struct gs_sys *sys, const char *root, const struct gs_strs *names,
		int64_t deadline_ns, size_t max_entries, struct look *look, struct gs_err *err)
{
	const struct gs_tree_walk req = {
		.root = root,
		.names = names,
		.deadline_ns = deadline_ns,
		.max_entries = max_entries,
		.arg = look,
		.judge = judge,
		.given = given,
		.left = left,
	};
	struct gs_tree_walked walked = { 0 };

	if (sys->ops->walk(sys, &req, &walked, err) < 0)
		return err->code;
	look->ret->entries = walked.entries;
	look->ret->cut = walked.cut;
	return 0;
}

/* The instant at which this part of the time that is left is over. */
static int64_t part_of_rest(struct gs_sys *sys, int parts, int of)
{
	int64_t now = sys->ops->now_ns(sys);

	return now + (sys->deadline_ns - now) / of * parts;
}

/* ---- looking ----------------------------------------------------------------------------- */

/* Those that hold datasets, never the two of PostgreSQL; of @owner those that it can fill. */
static void dataset_names(const struct gs_places *dirs, const struct gs_account *owner,
			  struct gs_strs *ret)
{
	for (size_t i = 0; i < dirs->n; i++) {
		const struct gs_node *node = &dirs->v[i].node;
		const char *name = strrchr(dirs->v[i].path, '/') + 1;

		if (node->type == GS_NODE_DIR && gs_share_dir_is_dataset(name) &&
		    (!owner || (!node->is_mount_point && gs_repair_can_change(node, owner))))
			gs_strs_add(ret, name);
	}
}

void gs_count_unchangeable(struct gs_sys *sys, struct gs_leader_facts *facts)
{
	GS_AUTO(gs_strs_done) struct gs_strs names = { 0 };
	GS_AUTO(gs_repair_done) struct gs_repair found = { 0 };
	struct look look = { .owner = &facts->owner, .ret = &found };
	struct gs_err unseen = { 0 };

	dataset_names(&facts->dirs, NULL, &names);
	if (!names.n || facts->owner_missing ||
	    walk(sys, facts->path, &names, sys->ops->now_ns(sys) + COUNT_MS * INT64_C(1000000),
		 COUNT_MAX_ENTRIES, &look, &unseen) < 0)
		return;
	facts->unchangeable = found.files + found.dirs;
	facts->unchangeable_cut = found.cut;
}

static int check_owner(const struct gs_leader_facts *leader, struct gs_err *err)
{
	if (leader->owner_missing) {
		gs_err_set(err, ENOENT,
			   "nothing says whom followers act as in '%s': 'gshare "
			   "leader init' takes a user with --owner",
			   leader->path);
		return gs_err_cause(err, "OWNER_MISSING");
	}
	if (leader->owner.uid && leader->owner.gid)
		return 0;
	gs_err_set(err, EINVAL, "followers act as '%s', which has root's user or group id",
		   leader->owner.name);
	return gs_err_cause(err, "OWNER_ROOT");
}

static int observe(struct gs_sys *sys, const struct gs_leader_req *req, struct gs_repair_facts *ret,
		   struct gs_err *err)
{
	GS_AUTO(gs_leader_facts_done) struct gs_leader_facts leader = { 0 };
	GS_AUTO(gs_repair_facts_done) struct gs_repair_facts facts = { 0 };
	GS_AUTO(gs_strs_done) struct gs_strs names = { 0 };
	struct look look = { .owner = &facts.owner, .ret = &facts.found };

	if (gs_observe_exports(sys, req->exports_file, &leader.exports, err) < 0 ||
	    gs_docs_parse(&leader.exports, &leader.docs, err) < 0 ||
	    gs_leader_pick_path(req, &leader.docs, &leader.path, err) < 0 ||
	    gs_leader_check_path(leader.path, err) < 0 ||
	    gs_observe_chain(sys, leader.path, &leader.chain, err) < 0 ||
	    gs_observe_share_dirs(sys, req, &leader, err) < 0 ||
	    gs_observe_owner(sys, req, &leader, err) < 0 || check_owner(&leader, err) < 0 ||
	    sys->ops->fs(sys, leader.path, &facts.fs, err) < 0 ||
	    gs_observe_escape(sys, leader.path, facts.fs.is_root, &facts.escape, err) < 0)
		return err->code;
	dataset_names(&leader.dirs, NULL, &names);
	dataset_names(&leader.dirs, &leader.owner, &facts.names);
	facts.path = leader.path;
	leader.path = NULL;
	facts.owner = leader.owner;
	leader.owner = (struct gs_account){ 0 };
	if (!facts.escape &&
	    walk(sys, facts.path, &names, part_of_rest(sys, 1, 3), 0, &look, err) < 0)
		return err->code;
	*ret = facts;
	facts = (struct gs_repair_facts){ 0 };
	return 0;
}

int gs_observe_repair(struct gs_sys *sys, const struct gs_leader_req *req,
		      struct gs_repair_facts *facts, struct gs_err *err)
{
	/* Without the right to look everywhere "nothing to do" would be a guess. */
	if (sys->ops->need(GS_PHASE_OBSERVE, err) < 0 ||
	    sys->ops->privilege(GS_PHASE_OBSERVE, err) < 0)
		return err->code;
	return gs_phase_end(sys, observe(sys, req, facts, err), err);
}

void gs_repair_facts_done(struct gs_repair_facts *facts)
{
	free(facts->path);
	free(facts->escape);
	gs_account_done(&facts->owner);
	gs_fs_done(&facts->fs);
	gs_strs_done(&facts->names);
	gs_repair_done(&facts->found);
	*facts = (struct gs_repair_facts){ 0 };
}

/* ---- doing ------------------------------------------------------------------------------- */

static void names_of(const struct gs_strs *dirs, struct gs_strs *ret)
{
	for (size_t i = 0; i < dirs->n; i++)
		gs_strs_add(ret, strrchr(dirs->v[i], '/') + 1);
}

int gs_repair_stay(const struct gs_done *done, struct gs_err *err)
{
	size_t n = done->repair.files + done->repair.dirs;

	if (!n || err->code == -GS_E_PARTLY)
		return err->code;
	err->code = -GS_E_PARTLY;
	return gs_err_prefix(err, "%zu entr%s repaired and stay%s so, but", n,
			     n == 1 ? "y was" : "ies were", n == 1 ? "s" : "");
}

int gs_repair_step(struct gs_sys *sys, const struct gs_plan *plan, const struct gs_step *step,
		   struct gs_done *done, struct gs_err *err)
{
	const struct gs_account owner = { .uid = step->repair.uid, .gid = step->repair.gid };
	GS_AUTO(gs_strs_done) struct gs_strs names = { 0 };
	struct look look = { .owner = &owner, .ret = &done->repair, .changes = true };

	names_of(&plan->proof.dirs, &names);
	if (walk(sys, step->path, &names, part_of_rest(sys, 2, 3), 0, &look, err) < 0)
		return err->code;
	if (!done->repair.cut)
		return gs_repair_check(&done->repair, err);
	gs_err_set(err, done->repair.give.n ? GS_E_PARTLY : ETIMEDOUT,
		   "the time was over after %zu entries, of which %zu were repaired and stay so",
		   done->repair.entries, done->repair.files + done->repair.dirs);
	gs_err_cause(err, "REPAIR_CUT");
	return gs_err_mend(err, "run it again, it goes on with what is left: --timeout SECONDS");
}

/* ---- proving ----------------------------------------------------------------------------- */

/* Evenly over the list, so that all directories have their turn. */
static void choose(const struct gs_repair_lines *lines, struct gs_strs *ret)
{
	size_t n = lines->n < OPENED_MAX ? lines->n : OPENED_MAX;

	for (size_t i = 0; i < n; i++)
		gs_strs_add(ret, lines->v[i * lines->n / n].path);
}

static int open_some(struct gs_sys *sys, const struct gs_proof *proof, struct gs_done *done,
		     struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs paths = { 0 };
	const struct gs_open_req req = {
		.root = proof->root,
		.paths = &paths,
		.uid = proof->uid,
		.gid = proof->gid,
		.deadline_ns = sys->deadline_ns,
	};
	struct gs_opened opened = { 0 };
	gs_autofree char *text = NULL;

	choose(&done->repair.give, &paths);
	if (!paths.n)
		return 0;
	if (sys->ops->open_as(sys, &req, &opened, err) < 0)
		return err->code;
	if (opened.refused < paths.n) {
		gs_err_set(err, opened.error, "%s still cannot change '%s': %s", proof->who,
			   paths.v[opened.refused], gs_errno_text(opened.error));
		return gs_err_cause(err, "PROOF_FAILED");
	}
	text = gs_printf("%s opened %zu of %zu repaired entries to change them", proof->who,
			 opened.opened, done->repair.files + done->repair.dirs);
	gs_strs_add(&done->proved, text);
	return 0;
}

static int prove(struct gs_sys *sys, const struct gs_proof *proof, struct gs_done *done,
		 struct gs_err *err)
{
	if (sys->ops->privilege(GS_PHASE_OBSERVE, err) < 0)
		return err->code;
	return gs_phase_end(sys,
			    open_some(sys, proof, done, err) < 0 ? err->code
								 : gs_prove(sys, proof, done, err),
			    err);
}

/* What came meanwhile, or could not be changed: of that the step knows why. */
static void tell_remaining(const struct gs_repair *found, const char *who, struct gs_done *done)
{
	const char *first = found->give.v[0].path, *why = "it came meanwhile";
	size_t n = found->files + found->dirs;
	gs_autostr struct gs_str name = { 0 };

	for (size_t i = 0; i < done->repair.left.n; i++)
		if (!strcmp(done->repair.left.v[i].path, first))
			why = done->repair.left.v[i].why;
	gs_str_add_safe(&name, gs_span_of(first));
	gs_findings_add(&done->findings, GS_WARN, "REPAIR_NEEDED", "sudo gshare leader repair",
			"%zu entr%s there that %s cannot change, such as '%s': %s", n,
			n == 1 ? "y is" : "ies are", who, name.ptr, why);
}

int gs_verify_repair(struct gs_sys *sys, const struct gs_leader_req *req,
		     const struct gs_plan *plan, struct gs_done *done, struct gs_err *err)
{
	GS_AUTO(gs_repair_facts_done) struct gs_repair_facts again = { 0 };
	struct gs_err unended = { 0 };
	size_t n;

	if (!plan->n)
		return 0;
	if (prove(sys, &plan->proof, done, err) < 0 ||
	    gs_observe_repair(sys, req, &again, err) < 0 ||
	    gs_repair_check(&again.found, err) < 0) {
		(void)gs_finish(sys, plan, done, &unended);
		return gs_repair_stay(done, err);
	}
	n = again.found.files + again.found.dirs;
	if (n)
		tell_remaining(&again.found, plan->proof.who, done);
	else if (!again.found.cut)
		gs_strs_add(&done->proved, "nothing else was found that the owner cannot change");
	return gs_finish(sys, plan, done, err) < 0 ? gs_repair_stay(done, err) : 0;
}
