/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/command.h"
#include "core/draft.h"
#include "core/drain.h"

/* What a leader's verb waits for, and how to do without. */

/* What is typed to do without: a switch names those who lose, for any other verb it is the same. */
static void tell_again(struct gs_draft *draft)
{
	const struct gs_leader_req *req = draft->req;
	struct gs_drain *drain = &draft->plan.drain;
	gs_autostr struct gs_str again = { 0 };
	bool is_usual;

	if (req->verb != GS_LEADER_SWITCH)
		return;
	is_usual = !strcmp(req->exports_file, "/etc/exports");
	gs_command(&again, "sudo", "gshare", "leader", "ro");
	for (size_t i = 0; i < drain->hosts.n; i++)
		gs_command(&again, drain->hosts.v[i]);
	gs_command(&again, req->path ? "--path" : NULL, req->path ? draft->facts->path : NULL,
		   is_usual ? NULL : "--exports-file", is_usual ? NULL : req->exports_file,
		   "--force");
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
