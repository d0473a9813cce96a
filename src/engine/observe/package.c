/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/package.h"

const struct gs_manager *gs_observe_manager(struct gs_sys *sys)
{
	const struct gs_package_ops *ops = sys->ops->package;
	const struct gs_manager *manager;

	for (size_t i = 0; ops && (manager = gs_manager_at(i)); i++)
		if (ops->has(sys, manager->program) && ops->has(sys, manager->database))
			return manager;
	return NULL;
}

bool gs_observe_programs(struct gs_sys *sys, enum gs_role role)
{
	const char *const *programs = gs_role_programs(role);

	for (size_t i = 0; programs[i]; i++)
		if (!sys->ops->package->has(sys, programs[i]))
			return false;
	return true;
}
