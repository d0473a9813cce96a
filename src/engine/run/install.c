/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/run/install.h"

#include <string.h>

#include "core/plan/install.h"
#include "core/plan/plan.h"
#include "engine/run/apply.h"

int gs_install_run(struct gs_sys *sys, const struct gs_plan *plan, struct gs_done *done,
		   char **ret_kept, struct gs_err *err)
{
	const struct gs_install *install = &gs_plan_find(plan, GS_STEP_INSTALL)->install;
	GS_AUTO(gs_plan_done) struct gs_plan first = { 0 };
	int r;

	gs_plan_install(&first, install);
	r = gs_apply(sys, &first, done, err);
	if (r == 0)
		r = gs_finish(sys, &first, done, err);
	if (r == 0)
		*ret_kept = gs_printf("the package '%s' was installed and stays",
				      gs_install_package(install));
	else if (done->run && !(err->id && !strcmp(err->id, "PACKAGE_LOCKED")))
		*ret_kept = gs_printf("what %s did stays", install->manager->name);
	return r;
}
