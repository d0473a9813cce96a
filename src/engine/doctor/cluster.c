/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/doctor/cluster.h"

#include <string.h>

#include "base/command.h"
#include "core/check/check.h"
#include "core/check/cluster.h"
#include "core/check/envfile.h"
#include "core/check/postgres.h"
#include "engine/doctor/shares.h"
#include "engine/observe/common.h"
#include "engine/observe/follower_status.h"
#include "engine/phase.h"
#include "engine/verify/here.h"

/* ---- the file -------------------------------------------------------------------------------- */

/*
 * Which share gshare env would write the file for; NULL where there is none, or more than one.
 * @ret: the follower's; all zero where there is none
 */
static void find_env(struct gs_sys *sys, struct gs_cluster_fact *fact, struct gs_local_shares *ret)
{
	const struct gs_verify_req only = { .exports_file = "/etc/exports" };
	GS_AUTO(gs_local_shares_done) struct gs_local_shares leader = { 0 };
	struct gs_err none = { 0 }, not_one = { 0 };
	bool shares = gs_find_here(sys, GS_SIDE_LEADER, &only, &leader, &none) == 0;
	bool mounts = gs_find_here(sys, GS_SIDE_FOLLOWER, &only, ret, &not_one) == 0;

	fact->is_known = mounts && ret->kept[0];
	if (fact->side == GS_SIDE_ANY ? shares && !mounts : fact->side == GS_SIDE_LEADER && shares)
		fact->env = "leader";
	if (fact->side == GS_SIDE_ANY ? mounts && !shares
				      : fact->side == GS_SIDE_FOLLOWER && mounts)
		fact->env = "follower";
}

struct flaws {
	const struct gs_cluster_fact *cluster;
	struct gs_findings *findings;
};

static void judge_flaw(void *arg, const struct gs_env_flaw *flaw)
{
	const struct flaws *flaws = arg;
	const struct gs_cluster_fact *cluster = flaws->cluster;
	gs_autofree char *again = cluster->env ? gs_command_text("", "sudo", "gshare", "env",
								 cluster->env, "--write",
								 cluster->file, "--canonical", NULL)
					       : NULL;
	const struct gs_envfile_fact fact = { cluster->file, again, flaw, NULL };

	gs_checks_run(&(struct gs_facts){ .envfile = &fact }, GS_WARN, flaws->findings);
}

static void judge_readers(const struct gs_file *file, const struct gs_cluster_fact *cluster,
			  struct gs_findings *findings)
{
	GS_AUTO(gs_clusterenv_done) struct gs_clusterenv env = { 0 };
	struct flaws flaws = { cluster, findings };
	struct gs_err unread = { 0 };

	if (gs_clusterenv_parse(gs_str_span(&file->text), &env, &unread) == 0)
		gs_env_flaws(&env, judge_flaw, &flaws);
}

/* "DIR/custom.env" beside "DIR/cluster.env"; NULL beside any other name. */
static char *custom_beside(const char *file)
{
	const char *slash = strrchr(file, '/');

	if (!slash || strcmp(slash, "/cluster.env") != 0)
		return NULL;
	return gs_printf("%.*s/custom.env", (int)(slash - file), file);
}

/* ---- PostgreSQL ------------------------------------------------------------------------------ */

/* What followers would ask, on a leader; on a follower, what cluster.env says. */
static int find_address(struct gs_sys *sys, const char *host, bool is_leader, struct gs_strs *ret,
			struct gs_err *err)
{
	if (sys->ops->privs->enter(GS_PHASE_OBSERVE, err) < 0)
		return err->code;
	return gs_phase_end(sys,
			    is_leader ? sys->ops->net->own_addresses(sys, ret, err)
				      : sys->ops->net->resolve(sys, host, ret, err),
			    err);
}

static int ask(struct gs_sys *sys, struct gs_postgres_fact *fact, char **ret_own,
	       struct gs_err *err)
{
	struct gs_err unknown = { 0 };
	int r;

	if (sys->ops->privs->enter(GS_PHASE_OBSERVE, err) < 0)
		return err->code;
	r = sys->ops->net->ask_postgres(sys, fact->addr, &fact->state, err);
	if (sys->ops->net->address_facing(sys, fact->addr, ret_own, &unknown) == 0)
		fact->own = *ret_own;
	return gs_phase_end(sys, r, err);
}

/* What keeps this node from its leader explains what it finds there: it is told for the mount. */
static const char *place_of(const struct gs_postgres_fact *fact,
			    const struct gs_local_shares *mount)
{
	return mount->server && (!strcmp(mount->server, fact->host) ||
				 !strcmp(mount->server, fact->addr))
		       ? mount->path
		       : fact->file;
}

static void look_postgres(struct gs_sys *sys, const struct gs_cluster_fact *cluster,
			  const struct gs_local_shares *mount, struct gs_cases *cases)
{
	const char *host = cluster->values->of[GS_CLUSTER_POSTGRES].text;
	bool here = host && gs_cluster_is_here(host);
	struct gs_postgres_fact fact = { cluster->file, host, NULL, NULL, here, 0 };
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };
	GS_AUTO(gs_strs_done) struct gs_strs addrs = { 0 };
	gs_autofree char *own = NULL;
	struct gs_err err = { 0 };

	if (!host || (here && cluster->side != GS_SIDE_LEADER))
		return;
	if (find_address(sys, host, here, &addrs, &err) < 0) {
		gs_cases_add_error(cases, GS_SIDE_ANY, cluster->file, &err);
		return;
	}
	if (!addrs.n)
		return;
	fact.addr = addrs.v[0];
	if (ask(sys, &fact, &own, &err) < 0) {
		gs_cases_add_error(cases, GS_SIDE_ANY, cluster->file, &err);
		return;
	}
	gs_checks_run(&(struct gs_facts){ .postgres = &fact }, GS_FAIL, &findings);
	gs_cases_add_all(cases, GS_SIDE_ANY, place_of(&fact, mount), &findings);
	if (!findings.n)
		gs_cases_add_well(cases, GS_SIDE_ANY, cluster->file,
				  fact.state == GS_POSTGRES_READY
					  ? "PostgreSQL at %s accepts clients"
					  : "port 5432 of %s is open (without libpq nobody knows "
					    "whether PostgreSQL accepts clients)",
				  fact.addr);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void judge(struct gs_sys *sys, const struct gs_file *file, const struct gs_file *custom,
		  struct gs_cases *cases)
{
	GS_AUTO(gs_cluster_values_done) struct gs_cluster_values values = { 0 }, customs = { 0 };
	GS_AUTO(gs_strs_done) struct gs_strs shared = { 0 }, mounted = { 0 };
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };
	GS_AUTO(gs_local_shares_done) struct gs_local_shares mount = { 0 };
	struct gs_cluster_fact fact = { .file = file->path,
					.is_there = file->exists,
					.values = &values,
					.custom = custom->exists ? custom->path : NULL,
					.customs = &customs,
					.shared = &shared,
					.mounted = &mounted };
	struct gs_err unlisted = { 0 };

	gs_cluster_read(gs_str_span(&file->text), &values);
	gs_cluster_read(gs_str_span(&custom->text), &customs);
	gs_list_exports(sys, &shared);
	(void)gs_list_mounts(sys, true, &mounted, &unlisted);
	if (values.of[GS_CLUSTER_DIR].text)
		fact.side = gs_cluster_side(values.of[GS_CLUSTER_DIR].text, &shared, &mounted);
	find_env(sys, &fact, &mount);
	gs_checks_run(&(struct gs_facts){ .cluster = &fact }, GS_FAIL, &findings);
	if (file->exists)
		judge_readers(file, &fact, &findings);
	gs_cases_add_all(cases, GS_SIDE_ANY, file->path, &findings);
	if (file->exists)
		look_postgres(sys, &fact, &mount, cases);
}

void gs_look_cluster(struct gs_sys *sys, const struct gs_look *look, struct gs_cases *cases)
{
	GS_AUTO(gs_file_done) struct gs_file file = { 0 }, custom = { 0 };
	gs_autofree char *beside = custom_beside(look->place);
	struct gs_err err = { 0 }, unread = { 0 };
	size_t begin = cases->n;

	if (gs_observe_env(sys, look->place, &file, &err) < 0) {
		gs_cases_add_error(cases, GS_SIDE_ANY, look->place, &err);
		return;
	}
	if (beside)
		(void)gs_observe_env(sys, beside, &custom, &unread);
	judge(sys, &file, &custom, cases);
	if (cases->n == begin)
		gs_cases_add_well(cases, GS_SIDE_ANY, look->place, "says what this node is");
}
