/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/doctor/doctor.h"

#include <errno.h>
#include <string.h>

#include "core/check/check.h"
#include "core/check/judge.h"
#include "core/follower/request.h"
#include "engine/doctor/at_once.h"
#include "engine/doctor/audit.h"
#include "engine/doctor/cluster.h"
#include "engine/doctor/entries.h"
#include "engine/doctor/gates.h"
#include "engine/doctor/leader.h"
#include "engine/doctor/mounts.h"
#include "engine/doctor/node.h"
#include "engine/doctor/servers.h"
#include "engine/doctor/shares.h"
#include "engine/observe/follower_status.h"

enum {
	WIDTH = 16,    /* looks at once: each has a processor's work to do */
	WAITING = 128, /* of which most wait */
};

/* ---- the other node -------------------------------------------------------------------------- */

/* Containers of one machine have one boot, too. */
static int refuse_own(const struct gs_node *here, const struct gs_node *peer, struct gs_err *err)
{
	if (strcmp(here->boot, peer->boot) != 0 || strcmp(here->name, peer->name) != 0)
		return 0;
	gs_err_set(err, EINVAL, "the report is of this node itself ('%s')", here->name);
	gs_err_cause(err, "PEER_REPORT_OWN");
	return gs_err_advise(err, "make it on the other node: sudo gshare doctor --peer-report");
}

/* @servers: what they have answered meanwhile */
static int look_peer(struct gs_sys *sys, const struct gs_node *peer,
		     const struct gs_servers *servers, struct gs_cases *cases, struct gs_err *err)
{
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };
	GS_AUTO(gs_node_done) struct gs_node here = { 0 };
	struct gs_err unseen = { 0 };

	if (gs_look_node(sys, &here, &unseen) < 0) {
		gs_cases_add_error(cases, GS_SIDE_ANY, NULL, &unseen);
		return 0;
	}
	if (refuse_own(&here, peer, err) < 0)
		return err->code;
	gs_look_accounts(sys, peer, &here);
	gs_look_peer_gates(sys, peer, &here);
	gs_servers_knocks(servers, &here);
	gs_pair_judge(&here, peer, &findings);
	gs_cases_add_all(cases, GS_SIDE_ANY, NULL, &findings);
	if (!findings.n)
		gs_cases_add_well(cases, GS_SIDE_ANY, NULL,
				  "agrees with the report of %s, %llu s old", peer->name,
				  (unsigned long long)(here.time_ms > peer->time_ms
							       ? here.time_ms - peer->time_ms
							       : 0) /
					  1000);
	return 0;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void audit(struct gs_sys *sys, const struct gs_look *look, struct gs_cases *cases)
{
	gs_audit_node(sys, look->place, cases);
}

/* Those that are looked at; @own: of them, those of gshare's, or none */
struct mounts {
	struct gs_strs all, own;
};

static void mounts_done(struct mounts *mounts)
{
	gs_strs_done(&mounts->all);
	gs_strs_done(&mounts->own);
}

static int list_mounts(struct gs_sys *sys, const char *path, struct mounts *ret, struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs all = { 0 };

	if (gs_list_mounts(sys, true, &all, err) < 0)
		return err->code;
	for (size_t i = 0; i < all.n; i++)
		if (!path || !strcmp(path, all.v[i]))
			gs_strs_add(&ret->all, all.v[i]);
	return path ? 0 : gs_list_mounts(sys, false, &ret->own, err);
}

static void add_mounts(const struct mounts *mounts, struct gs_looks *looks)
{
	for (size_t i = 0; i < mounts->all.n; i++) {
		const char *path = mounts->all.v[i];
		bool is_others = mounts->own.n && !gs_strs_has(&mounts->own, path);

		gs_looks_add(looks, GS_SIDE_FOLLOWER, path,
			     is_others ? gs_look_other_mount : gs_look_mount, NULL);
	}
}

static void add_entries(struct gs_sys *sys, const struct gs_entries *entries,
			struct gs_looks *looks, struct gs_cases *cases)
{
	for (size_t i = 0; i < entries->n; i++)
		if (!gs_tell_silent(sys, entries->v[i], cases))
			gs_looks_add(looks, GS_SIDE_FOLLOWER, entries->v[i]->target, gs_look_entry,
				     entries->v[i]);
}

/*
 * Where there are many servers, those that are silent are found out before they are waited for; and
 * all of them are asked where the other node's report may tell why.
 */
static void look_places(struct gs_sys *sys, const struct gs_doctor_req *req,
			const struct mounts *mounts, const struct gs_entries *entries,
			struct gs_looks *looks, struct gs_servers *servers, struct gs_cases *cases)
{
	bool later = mounts->all.n > WIDTH || req->peer;
	GS_AUTO(gs_looks_done) struct gs_looks rest = { 0 };

	gs_list_servers(sys, entries, later, servers);
	if (req->peer)
		gs_servers_add_peer(sys, req->peer, servers);
	else if (gs_servers_are_few(servers))
		gs_servers_done(servers);
	gs_servers_ask(servers, looks);
	add_mounts(mounts, servers->n && later ? &rest : looks);
	if (!servers->n)
		add_entries(sys, entries, looks, cases);
	gs_look_at_once(sys, looks, servers->n ? WAITING : WIDTH, cases);
	if (!servers->n)
		return;
	gs_servers_hold(sys, servers);
	add_entries(sys, entries, &rest, cases);
	gs_look_at_once(sys, &rest, WIDTH, cases);
}

/* One leader is looked at: it alone is asked. */
static void ask_peer(struct gs_sys *sys, const struct gs_node *peer, struct gs_servers *servers)
{
	GS_AUTO(gs_looks_done) struct gs_looks looks = { 0 };
	GS_AUTO(gs_cases_done) struct gs_cases none = { 0 };

	gs_servers_add_peer(sys, peer, servers);
	gs_servers_ask(servers, &looks);
	gs_look_at_once(sys, &looks, WAITING, &none);
	gs_servers_hold(sys, servers);
}

/* Returns how many shares and mounts there are: what is looked at for them is in cases. */
static size_t look_all(struct gs_sys *sys, const struct gs_doctor_req *req,
		       struct gs_servers *servers, struct gs_cases *cases)
{
	GS_AUTO(gs_strs_done) struct gs_strs exported = { 0 };
	GS_AUTO(mounts_done) struct mounts mounts = { 0 };
	const struct gs_shares_look which = { &exported, req->audit };
	GS_AUTO(gs_entries_done) struct gs_entries entries = { 0 };
	GS_AUTO(gs_looks_done) struct gs_looks looks = { 0 };
	struct gs_err err = { 0 };
	bool is_shared;
	size_t ignored;

	gs_list_exports(sys, &exported);
	if (list_mounts(sys, req->path, &mounts, &err) < 0)
		gs_cases_add_error(cases, GS_SIDE_FOLLOWER, req->path, &err);
	ignored = gs_find_entries(sys, req->path, &entries, cases);
	is_shared = !req->path || gs_strs_has(&exported, req->path);
	if (is_shared)
		gs_looks_add(&looks, GS_SIDE_LEADER, req->path, gs_look_shares, &which);
	if (req->audit)
		gs_looks_add(&looks, GS_SIDE_ANY, req->path, audit, NULL);
	if (req->env)
		gs_looks_add(&looks, GS_SIDE_ANY, req->env, gs_look_cluster, NULL);
	look_places(sys, req, &mounts, &entries, &looks, servers, cases);
	return mounts.all.n + entries.n + ignored + (req->path ? is_shared : exported.n);
}

int gs_doctor_report(struct gs_sys *sys, struct gs_node *ret, struct gs_err *err)
{
	GS_AUTO(gs_entries_done) struct gs_entries entries = { 0 };
	GS_AUTO(gs_servers_done) struct gs_servers servers = { 0 };
	GS_AUTO(gs_looks_done) struct gs_looks looks = { 0 };
	GS_AUTO(gs_cases_done) struct gs_cases none = { 0 };

	if (gs_look_node(sys, ret, err) < 0)
		return err->code;
	(void)gs_find_entries(sys, NULL, &entries, &none);
	gs_list_servers(sys, &entries, true, &servers);
	gs_servers_ask(&servers, &looks);
	gs_look_at_once(sys, &looks, WAITING, &none);
	gs_servers_knocks(&servers, ret);
	ret->time_ms = sys->ops->clock->wall_ms(sys);
	return 0;
}

int gs_doctor_look(struct gs_sys *sys, const struct gs_doctor_req *req, struct gs_cases *ret,
		   struct gs_err *err)
{
	GS_AUTO(gs_servers_done) struct gs_servers servers = { 0 };
	GS_AUTO(gs_cases_done) struct gs_cases cases = { 0 };
	const struct gs_follower_req mount = { .leader = req->leader,
					       .export_ = req->export_,
					       .allow_user_path = true };
	size_t n = 1;

	if (req->leader && req->peer)
		ask_peer(sys, req->peer, &servers);
	if (req->leader)
		gs_look_leader_of(sys, &mount, NULL, &cases);
	else
		n = look_all(sys, req, &servers, &cases);
	if (!n && req->path) {
		gs_err_set(err, GS_E_FOUND, "'%s' is neither shared nor mounted on this node",
			   req->path);
		return gs_err_cause(err, "NO_SHARE");
	}
	if (!n && !cases.n)
		gs_cases_add_well(&cases, GS_SIDE_ANY, NULL,
				  "this node neither shares nor mounts anything by NFS");
	if (req->peer && look_peer(sys, req->peer, &servers, &cases, err) < 0)
		return err->code;
	gs_diagnose(&cases);
	*ret = cases;
	cases = (struct gs_cases){ 0 };
	return 0;
}
