/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/leader/planner.h"
#include "core/leader/request.h"
#include "core/plan/drain.h"

/* The DRAIN step of a leader verb. Its fix is the command as it was typed, with --force. */
void gs_draft_drain(struct gs_draft *draft)
{
	const struct gs_leader_req *req = draft->req;
	struct gs_drain_spec spec = { .path = draft->facts->path,
				      .etab = gs_str_span(&draft->facts->etab),
				      .names = &draft->facts->names,
				      .seconds = req->drain_s,
				      .force = req->force };

	(void)gs_plan_drain(&draft->plan, &spec);
}
