/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/draft.h"
#include "core/drain.h"

/* What a leader's verb waits for, and how to do without. */

/* What is typed to do without: a switch names those who lose, for any other verb it is the same. */
static void tell_again(struct gs_draft *draft)
{
	const struct gs_leader_req *req = draft->req;
	struct gs_drain *drain = &draft->plan.drain;
	gs_autostr struct gs_str again = { 0 };

	if (req->verb != GS_LEADER_SWITCH)
		return;
	gs_str_adds(&again, "sudo gshare leader ro ");
	gs_join(&drain->hosts, " ", &again);
	if (req->path) {
		gs_str_adds(&again, " --path ");
		gs_str_add_word(&again, draft->facts->path);
	}
	gs_str_adds(&again, " --force");
	drain->again = gs_plan_keep(&draft->plan, gs_str_span(&again));
}

void gs_draft_drain(struct gs_draft *draft)
{
	const struct gs_leader_req *req = draft->req;
	struct gs_drain_wish wish = { .path = draft->facts->path,
				      .etab = gs_str_span(&draft->facts->etab),
				      .names = &draft->facts->names,
				      .seconds = req->drain_s,
				      .force = req->force };
	bool own = false;

	if (gs_plan_drain(&draft->plan, &wish, &own) && own)
		tell_again(draft);
}
