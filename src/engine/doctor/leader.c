/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/doctor/leader.h"

#include <string.h>

#include "core/follower/plan_mount.h"
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

void gs_look_absent(struct gs_sys *sys, const struct gs_health *h, struct gs_cases *cases)
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

	if (h->server && path)
		gs_look_leader_of(sys, &req, h->path, cases);
}
