/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "base/command.h"
#include "core/check/check.h"
#include "core/check/envfile.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/share/select.h"
#include "core/step/step.h"
#include "core/verify/access_report.h"
#include "core/verify/plan_env.h"
#include "engine/observe/common.h"
#include "engine/observe/follower_status.h"
#include "engine/verify/converge.h"
#include "engine/verify/here.h"

/* cluster.env: its values, and what must hold before programs are told to use the share. */

/* The first failure as an error: what status finds makes the lines wrong. */
static int refuse_failure(const struct gs_findings *findings, struct gs_err *err)
{
	for (size_t i = 0; i < findings->n; i++) {
		const struct gs_finding *found = &findings->v[i];

		if (found->severity != GS_FAIL)
			continue;
		gs_err_set(err, GS_E_FOUND, "%s", found->text);
		gs_err_cause(err, found->id);
		return found->fix ? gs_err_advise(err, "%s", found->fix) : err->code;
	}
	return 0;
}

static int find_leader(struct gs_sys *sys, const struct gs_verify_req *req, const char *path,
		       struct gs_account *ret_owner, struct gs_err *err)
{
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };

	if (gs_find_owner(sys, req, path, ret_owner, &findings, err) < 0) {
		err->code = err->code == -EPERM ? -GS_E_FOUND : err->code;
		return err->code;
	}
	return req->unverified ? 0 : refuse_failure(&findings, err);
}

/*
 * What status says of a mount that is not healthy: a verification would only tell that a file could
 * not be read in time.
 */
static int check_mount(struct gs_sys *sys, const char *path, bool *ret_lacks_id, struct gs_err *err)
{
	GS_AUTO(gs_health_done) struct gs_health health = { 0 };
	int64_t end_ns = sys->deadline_ns;
	int r = gs_health_look(sys, path, &health, err);

	sys->deadline_ns = end_ns;
	*ret_lacks_id = r == 0 && health.id_read && !health.id[0];
	return r < 0 ? r : refuse_failure(&health.findings, err);
}

static const char *postgres_of(bool is_leader, const struct gs_verify_req *req,
			       const struct gs_local_shares *here, struct gs_plan *plan)
{
	const char *host = req->postgres    ? req->postgres
			   : here->postgres ? here->postgres
					    : here->server;

	return is_leader ? "postgres" : gs_plan_keep(plan, gs_span_of(host));
}

/*
 * A leader's datasets may be on a NAS: then the share is a mount of this node too, which PATH must
 * name: without it a follower would get a leader's lines by a slip.
 */
static int find_share(struct gs_sys *sys, bool is_leader, const struct gs_verify_req *req,
		      struct gs_local_shares *ret, struct gs_err *err)
{
	struct gs_err none = { 0 }, no_mount = { 0 };
	GS_AUTO(gs_local_shares_done) struct gs_local_shares mount = { 0 };

	if (!is_leader)
		return gs_find_here(sys, GS_SIDE_FOLLOWER, req, ret, err);
	if (gs_find_here(sys, GS_SIDE_LEADER, req, ret, &none) == 0)
		return 0;
	if (none.code != -GS_E_FOUND ||
	    gs_find_here(sys, GS_SIDE_FOLLOWER, req, &mount, &no_mount) < 0) {
		*err = none;
		return err->code;
	}
	if (req->path) {
		*ret = mount;
		mount = (struct gs_local_shares){ 0 };
		return 0;
	}
	*err = none;
	return gs_err_fix(err, "if this is the leader, and its datasets are there: ", "sudo",
			  "gshare", "env", "leader", "--path", mount.path);
}

int gs_find_env(struct gs_sys *sys, bool is_leader, const struct gs_verify_req *req,
		struct gs_plan *plan, struct gs_env *env, struct gs_err *err)
{
	GS_AUTO(gs_local_shares_done) struct gs_local_shares here = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan p = { 0 };
	GS_AUTO(gs_account_done) struct gs_account owner = { 0 };
	struct gs_verification *verification;
	struct gs_envfile_fact guessed = { 0 };
	bool lacks_id = false;

	if (find_share(sys, is_leader, req, &here, err) < 0)
		return err->code;
	if (!here.is_leader && !req->unverified && !sys->offline &&
	    check_mount(sys, here.path, &lacks_id, err) < 0)
		return err->code;
	verification = gs_plan_verify(&p, here.path,
				      "cluster.env is correct only if the share works");
	verification->id = here.kept[0] ? gs_plan_keep(&p, gs_span_of(here.kept)) : NULL;
	verification->who = "root";
	verification->writable = true;
	verification->keep_unverified = req->unverified;
	if (here.is_leader) {
		if (find_leader(sys, req, here.path, &owner, err) < 0)
			return err->code;
		verification->uid = owner.uid;
		verification->gid = owner.gid;
		verification->who = gs_plan_keep(&p, gs_span_of(owner.name));
	}
	*env = (struct gs_env){
		.is_leader = is_leader,
		.dataset_dir = verification->root,
		.postgres_host = postgres_of(is_leader, req, &here, &p),
	};
	guessed.guessed = here.server;
	if (lacks_id && !is_leader && !req->postgres && !here.postgres)
		gs_checks_run(&(struct gs_facts){ .envfile = &guessed }, GS_WARN, &p.findings);
	*plan = p;
	p = (struct gs_plan){ 0 };
	return 0;
}

struct judging {
	const char *file, *again;
	struct gs_findings *findings;
};

static void judge(void *arg, const struct gs_env_flaw *flaw)
{
	const struct judging *judging = arg;
	const struct gs_envfile_fact fact = { judging->file, judging->again, flaw, NULL };

	gs_checks_run(&(struct gs_facts){ .envfile = &fact }, GS_WARN, judging->findings);
}

void gs_judge_env(const struct gs_file *file, const char *again, struct gs_plan *plan)
{
	const struct gs_step *write = gs_plan_find(plan, GS_STEP_WRITE_FILE);
	struct gs_span text = write ? write->write.text : gs_str_span(&file->text);
	GS_AUTO(gs_clusterenv_done) struct gs_clusterenv env = { 0 };
	struct judging judging = { file->path, again, &plan->findings };
	struct gs_err ignored = { 0 };

	if (gs_clusterenv_parse(text, &env, &ignored) == 0)
		gs_env_flaws(&env, judge, &judging);
}
