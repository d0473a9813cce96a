/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/draft.h"
#include "core/drain.h"

/* What a leader's verb waits for, and how to do without. */

static void tell_mend(struct gs_draft *draft, bool own)
{
	const struct gs_leader_req *req = draft->req;
	struct gs_drain *drain = &draft->plan.drain;
	gs_autostr struct gs_str mend = { 0 };

	gs_str_adds(&mend, "wait until they are closed, or lose what is not written yet: ");
	if (req->verb == GS_LEADER_SWITCH && own) {
		gs_str_adds(&mend, "sudo gshare leader ro ");
		gs_join(&drain->hosts, " ", &mend);
		if (req->path) {
			gs_str_adds(&mend, " --path ");
			gs_str_add_word(&mend, draft->facts->path);
		}
		gs_str_adds(&mend, " --force");
	} else {
		gs_str_adds(&mend, "run the same with --force");
	}
	drain->mend = gs_plan_keep(&draft->plan, gs_str_span(&mend));
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

	if (gs_plan_drain(&draft->plan, &wish, &own))
		tell_mend(draft, own);
}
