/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/doctor/leader.h"

#include <string.h>

#include "core/check/check.h"
#include "core/follower/plan_mount.h"
#include "core/format/fstab.h"
#include "core/fskind/nfs.h"
#include "core/peer/node.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "engine/observe/common.h"

/* Where PostgreSQL runs is asked of who writes cluster.env. */
static void add_findings(struct gs_cases *cases, const char *place,
			 const struct gs_findings *findings)
{
	for (size_t i = 0; i < findings->n; i++)
		if (strcmp(findings->v[i].id, "POSTGRES_GUESSED") != 0)
			gs_cases_add(cases, GS_SIDE_FOLLOWER, place, &findings->v[i]);
}

/* A plan that is made would be carried out. */
void gs_look_leader_of(struct gs_sys *sys, const struct gs_follower_req *req, const char *place,
		       struct gs_cases *cases)
{
	GS_AUTO(gs_follower_facts_done) struct gs_follower_facts facts = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	struct gs_err err = { 0 };

	if (gs_observe_follower(sys, req, NULL, &facts, &err) < 0) {
		gs_cases_add_error(cases, GS_SIDE_FOLLOWER, place, &err);
		return;
	}
	if (gs_plan_follower(req, &facts, &plan, &err) < 0) {
		gs_cases_add_refusal(cases, GS_SIDE_FOLLOWER, place, &err);
		return;
	}
	add_findings(cases, place, &plan.findings);
	gs_cases_add_well(cases, GS_SIDE_FOLLOWER, place, "%s lets this node mount %s", req->leader,
			  facts.exports.n ? facts.exports.v[0].path : "its share");
}

/* What is wrong with the entry is no fault of the leader's firewall. */
static bool tell_port(struct gs_sys *sys, struct gs_health *h, struct gs_cases *cases)
{
	unsigned port = gs_mountopt_port(h->asked), rtt_us = 0;
	const struct gs_facts facts = { .mount = h };
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };
	struct gs_err silent = { 0 };

	if (port == GS_NFS_PORT || !gs_node_is_address(h->server) ||
	    sys->ops->nfs->reach(sys, h->server, GS_NFS_PORT, &rtt_us, &silent) < 0 ||
	    sys->ops->nfs->reach(sys, h->server, port, &rtt_us, &silent) == 0)
		return false;
	h->has_usual_port = true;
	gs_checks_tell("PORT_DIFFERS", &facts, GS_FAIL, &findings);
	gs_cases_add_all(cases, GS_SIDE_FOLLOWER, h->path, &findings);
	return true;
}

void gs_look_absent(struct gs_sys *sys, struct gs_health *h, struct gs_cases *cases)
{
	const char *path = h->asked_source ? strstr(h->asked_source, ":/") : NULL;
	const struct gs_follower_req req = {
		.leader = h->server,
		.target = h->path,
		.export_ = path ? path + 1 : NULL,
		.no_install = true,
		.no_persist = !h->is_kept, /* an entry of others stays theirs */
		.allow_user_path = true,
	};

	if (h->server && path && !tell_port(sys, h, cases))
		gs_look_leader_of(sys, &req, h->path, cases);
}
