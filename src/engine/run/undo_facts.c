/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/run/undo_facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/leader/request.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/share/names.h"
#include "core/step/step.h"
#include "core/step/step_state.h"
#include "core/undo/undo_files.h"
#include "engine/observe/boot.h"
#include "engine/observe/common.h"
#include "engine/observe/firewall.h"
#include "engine/observe/mount_use.h"
#include "engine/observe/unmount.h"
#include "engine/observe/way.h"
#include "engine/phase.h"
#include "engine/run/apply.h"
#include "engine/run/journal.h"

/* An unreadable .gshare-id counts as one that exists and is empty: gs_undo_files() keeps it. */
static int add_file(struct gs_sys *sys, const struct gs_step *step, struct gs_files *files,
		    struct gs_err *err)
{
	GS_AUTO(gs_file_done) struct gs_file file = { 0 };
	struct gs_err unread = { 0 };
	int r = gs_undo_is_new_id(step) ? gs_observe_id(sys, step->path, &file, &unread)
					: gs_observe_file(sys, step->path, &file, &unread);

	if (r < 0 && !(gs_undo_is_new_id(step) && gs_share_is_odd(r))) {
		*err = unread;
		return r;
	}
	gs_files_add(files, step->path, r < 0 || file.exists, gs_str_span(&file.text));
	return 0;
}

static int add_dir(struct gs_sys *sys, const char *path, struct gs_path_inodes *places,
		   struct gs_err *err)
{
	struct gs_inode inode = { 0 };

	if (sys->ops->fs->look(sys, path, &inode, err) < 0)
		return err->code;
	gs_grow(&places->v, places->n, &places->room, sizeof *places->v);
	places->v[places->n++] = (struct gs_path_inode){ gs_strdup(path), inode };
	return 0;
}

/* The undo unmounts what the run mounted: whatever would block that is observed as by unmount. */
static int add_mount(struct gs_sys *sys, const struct gs_step *step, struct gs_undo_facts *facts,
		     struct gs_err *err)
{
	struct gs_mounts *mounts = &facts->mounts;
	struct gs_mounted mounted = { 0 };
	bool found = false;

	if (sys->ops->mount->find(sys, step->path, &mounted, &found, err) < 0)
		return err->code;
	facts->use = gs_realloc(facts->use, (mounts->n + 1) * sizeof *facts->use);
	facts->use[mounts->n] = (struct gs_mount_use){ 0 };
	if (found && step->kind == GS_STEP_MOUNT && !facts->run->undone_by)
		gs_look_use(sys, &mounted, true, &facts->use[mounts->n]);
	gs_grow(&mounts->v, mounts->n, &mounts->room, sizeof *mounts->v);
	mounts->v[mounts->n++] = mounted;
	return 0;
}

static int add_bare(struct gs_sys *sys, const char *path, struct gs_path_inodes *places,
		    struct gs_err *err)
{
	struct gs_inode inode = { 0 };

	if (gs_observe_bare(sys, path, &inode, err) < 0)
		return err->code;
	gs_grow(&places->v, places->n, &places->room, sizeof *places->v);
	places->v[places->n++] = (struct gs_path_inode){ gs_strdup(path), inode };
	return 0;
}

/* Once, for all rules of the run. */
static int observe_firewall(struct gs_sys *sys, struct gs_undo_facts *facts, struct gs_err *err)
{
	if (facts->firewall.kind)
		return 0;
	gs_observe_firewall(sys, true, &facts->firewall);
	if (!facts->firewall.unread)
		return 0;
	gs_err_set(err, ENODATA, "cannot read the rules of %s: %s", facts->firewall.kind->name,
		   facts->firewall.unread);
	return gs_err_cause(err, "FIREWALL_UNREAD");
}

static bool is_firewall(const struct gs_step *step)
{
	return step->kind == GS_STEP_OPEN_PORT || step->kind == GS_STEP_CLOSE_PORT;
}

static int add_unit(struct gs_sys *sys, const char *unit, struct gs_undo_facts *facts,
		    struct gs_err *err)
{
	bool is_active = false;

	if (gs_observe_unit(sys, unit, &is_active, err) < 0)
		return err->code;
	if (is_active)
		gs_strs_add(&facts->active, unit);
	return 0;
}

static int observe_step(struct gs_sys *sys, const struct gs_step *step, struct gs_undo_facts *facts,
			struct gs_err *err)
{
	switch (step->kind) {
	case GS_STEP_WRITE_FILE:
		return add_file(sys, step, &facts->files, err);
	case GS_STEP_MAKE_DIR:
	case GS_STEP_REMOVE_DIR:
	case GS_STEP_SET_DIR:
		return add_dir(sys, step->path, &facts->dirs, err);
	case GS_STEP_MOUNT:
	case GS_STEP_UMOUNT:
	case GS_STEP_REMOUNT:
	case GS_STEP_READ_AHEAD:
		return add_mount(sys, step, facts, err);
	case GS_STEP_GUARD:
		return add_bare(sys, step->path, &facts->bare, err);
	case GS_STEP_INSTALL:
	case GS_STEP_ADD_ACCOUNT:
	case GS_STEP_CHECK_EXPORTS:
	case GS_STEP_DRAIN:
	case GS_STEP_START_SERVER:
	case GS_STEP_STOP_SERVER:
	case GS_STEP_APPLY_EXPORTS:
	case GS_STEP_STAGE:
	case GS_STEP_RENEW:
	case GS_STEP_VERIFY:
	case GS_STEP_REPAIR:
		return 0;
	case GS_STEP_OPEN_PORT:
	case GS_STEP_CLOSE_PORT:
		return observe_firewall(sys, facts, err);
	case GS_STEP_START_UNIT:
	case GS_STEP_STOP_UNIT:
		return add_unit(sys, step->path, facts, err);
	}
	return 0;
}

/* The exports file that the run wrote; it need not exist now. */
static const char *exports_file(const struct gs_run *run)
{
	for (size_t i = 0; i < run->plan.n; i++)
		if (run->plan.v[i].kind == GS_STEP_WRITE_FILE &&
		    !strncmp(run->plan.v[i].path, "/etc/exports.d/", 15))
			return run->plan.v[i].path;
	return "/etc/exports";
}

/* Adds the exports files that the run wrote, as they were before it. */
static void add_old(const struct gs_plan *run, struct gs_files *files)
{
	for (size_t i = 0; i < run->n; i++)
		if (run->v[i].kind == GS_STEP_WRITE_FILE &&
		    !strncmp(run->v[i].path, "/etc/exports", 12))
			gs_files_add(files, run->v[i].path, true, run->v[i].write.old);
}

/* Resolves the host names in the exports files, and those that the undo puts back into them. */
static void observe_names(struct gs_sys *sys, struct gs_undo_facts *facts)
{
	GS_AUTO(gs_files_done) struct gs_files files = { 0 };

	for (size_t i = 0; i < facts->exports.n; i++)
		gs_files_add(&files, facts->exports.v[i].path, facts->exports.v[i].exists,
			     gs_str_span(&facts->exports.v[i].text));
	add_old(&facts->run->plan, &files);
	gs_observe_existing(sys, &files, &facts->names);
}

/* For warnings alone: a share that cannot be observed does not prevent the undo. */
static void observe_shares(struct gs_sys *sys, struct gs_undo_facts *facts)
{
	const struct gs_plan *run = &facts->run->plan;
	GS_AUTO(gs_strs_done) struct gs_strs paths = { 0 };
	GS_AUTO(gs_files_done) struct gs_files files = { 0 };
	struct gs_err unseen = { 0 };

	for (size_t i = 0; i < run->exports.n; i++)
		if (!gs_strs_has(&paths, run->exports.predict[i].path))
			gs_strs_add(&paths, run->exports.predict[i].path);
	add_old(run, &files);
	if (gs_observe_roots(sys, &paths, &facts->shares, &unseen) < 0)
		gs_status_facts_done(&facts->shares);
	(void)gs_observe_spares(sys, &files, &facts->shares, &unseen);
}

/* The record of a cluster.env has only gshare's lines; the other lines are taken from the file. */
static void unmask(struct gs_undo_facts *facts)
{
	struct gs_plan *run = &facts->runs.v[facts->run - facts->runs.v].plan;
	size_t k = 0;

	for (size_t i = 0; i < run->n; i++)
		if (run->v[i].kind == GS_STEP_WRITE_FILE)
			gs_step_unmask(run, &run->v[i], &facts->files.v[k++]);
}

static int observe_exports(struct gs_sys *sys, struct gs_undo_facts *facts, struct gs_err *err)
{
	if (!gs_run_has_exports(facts->run))
		return 0;
	if (gs_observe_exports(sys, exports_file(facts->run), &facts->exports, err) < 0 ||
	    sys->ops->server->look(sys, &facts->server, err) < 0 ||
	    (facts->server.threads && sys->ops->server->active_exports(sys, &facts->etab, err) < 0))
		return err->code;
	observe_names(sys, facts);
	observe_shares(sys, facts);
	return 0;
}

static int observe(struct gs_sys *sys, const struct gs_undo_req *req, struct gs_undo_facts *ret,
		   struct gs_err *err)
{
	GS_AUTO(gs_undo_facts_done) struct gs_undo_facts facts = { 0 };
	GS_AUTO(gs_findings_done) struct gs_findings unread = { 0 };

	if (gs_journal_read(sys, &facts.runs, &unread, err) < 0 ||
	    gs_runs_pick(&facts.runs, req->id, &facts.run, err) < 0 ||
	    sys->ops->privs->enter(GS_PHASE_OBSERVE, err) < 0)
		return err->code;
	(void)gs_trust_run(sys, facts.run);
	for (size_t i = 0; i < facts.run->plan.n; i++)
		if (!(req->no_firewall && is_firewall(&facts.run->plan.v[i])) &&
		    observe_step(sys, &facts.run->plan.v[i], &facts, err) < 0)
			return err->code;
	unmask(&facts);
	if (observe_exports(sys, &facts, err) < 0)
		return err->code;
	*ret = facts;
	facts = (struct gs_undo_facts){ 0 };
	return 0;
}

int gs_observe_undo(struct gs_sys *sys, const struct gs_undo_req *req, struct gs_undo_facts *facts,
		    struct gs_err *err)
{
	return gs_phase_end(sys, observe(sys, req, facts, err), err);
}

void gs_undo_facts_done(struct gs_undo_facts *facts)
{
	gs_runs_done(&facts->runs);
	gs_files_done(&facts->files);
	gs_files_done(&facts->exports);
	gs_path_inodes_done(&facts->dirs);
	gs_path_inodes_done(&facts->bare);
	gs_strs_done(&facts->active);
	for (size_t i = 0; i < facts->mounts.n; i++)
		gs_mount_use_done(&facts->use[i]);
	free(facts->use);
	gs_mounts_done(&facts->mounts);
	gs_firewall_done(&facts->firewall);
	gs_names_done(&facts->names);
	gs_str_done(&facts->etab);
	gs_status_facts_done(&facts->shares);
	*facts = (struct gs_undo_facts){ 0 };
}

static int look_again(struct gs_sys *sys, const struct gs_step *step, enum gs_step_state *ret,
		      struct gs_err *err)
{
	GS_AUTO(gs_file_done) struct gs_file file = { 0 };
	GS_AUTO(gs_mounted_done) struct gs_mounted mounted = { 0 };
	struct gs_inode bare = { 0 };
	bool found = false;

	*ret = GS_STEP_DONE;
	if (step->kind == GS_STEP_WRITE_FILE) {
		if (gs_observe_file(sys, step->path, &file, err) < 0)
			return err->code;
		*ret = gs_step_judge_file(step, &file);
	} else if (step->kind == GS_STEP_MOUNT || step->kind == GS_STEP_UMOUNT ||
		   step->kind == GS_STEP_REMOUNT) {
		if (sys->ops->mount->find(sys, step->path, &mounted, &found, err) < 0)
			return err->code;
		*ret = gs_step_judge_mount(step, found ? &mounted : NULL);
	} else if (step->kind == GS_STEP_GUARD) {
		if (gs_observe_bare(sys, step->path, &bare, err) < 0)
			return err->code;
		*ret = gs_step_judge_guard(step, &bare);
		gs_inode_done(&bare);
	}
	return 0;
}

static int check_all(struct gs_sys *sys, const struct gs_plan *plan, struct gs_err *err)
{
	for (size_t i = 0; i < plan->n; i++) {
		enum gs_step_state state = GS_STEP_UNDONE;

		if (gs_step_forgets_id(&plan->v[i]))
			continue;
		if (look_again(sys, &plan->v[i], &state, err) < 0)
			return err->code;
		if (state == GS_STEP_DONE)
			continue;
		gs_err_set(err, EPROTO, "after the undo '%s' is not as planned", plan->v[i].path);
		return gs_err_cause(err, "NOT_CONVERGED");
	}
	return 0;
}

int gs_verify_undo(struct gs_sys *sys, const struct gs_plan *plan, struct gs_done *done,
		   struct gs_err *err)
{
	int r;

	if (!plan->n)
		return 0;
	r = sys->ops->privs->enter(GS_PHASE_OBSERVE, err);
	if (r == 0)
		r = gs_phase_end(sys, check_all(sys, plan, err), err);
	return r < 0 ? gs_roll_back(sys, plan, done, err) : gs_finish(sys, plan, done, err);
}
