/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/plan/install.h"

#include <string.h>

#include "core/plan/plan.h"

void gs_plan_install(struct gs_plan *plan, const struct gs_install *install)
{
	bool is_leader = install->role == GS_ROLE_LEADER;
	struct gs_step step;
	struct gs_item item;

	gs_plan_step(plan, GS_STEP_INSTALL, gs_install_package(install),
		     is_leader ? "install the NFS server" : "install the NFS client")
		->install = *install;
	gs_plan_item(plan, '+', "install", "%s  by %s", gs_install_package(install),
		     install->manager->name);
	step = plan->v[plan->n - 1];
	memmove(plan->v + 1, plan->v, (plan->n - 1) * sizeof *plan->v);
	plan->v[0] = step;
	item = plan->items.v[plan->items.n - 1];
	memmove(plan->items.v + 1, plan->items.v, (plan->items.n - 1) * sizeof *plan->items.v);
	plan->items.v[0] = item;
}

void gs_plan_tell_anew(struct gs_plan *plan)
{
	const struct gs_step *step = gs_plan_find(plan, GS_STEP_INSTALL);

	if (step)
		gs_findings_add(&plan->findings, GS_NOTE, "PLANNED_ANEW", NULL,
				"what follows the installation of '%s' is looked at and planned "
				"anew after it: a package may bring files, users and a started "
				"server",
				step->path);
}
