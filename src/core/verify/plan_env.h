/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "base/types.h"
#include "core/plan/model.h"

/**
 * struct gs_env - the values of cluster.env that belong to this node; strings borrowed
 * @canonical: lines that set them are to be KEY=VALUE and nothing else
 */
struct gs_env {
	bool is_leader;
	const char *dataset_dir;
	const char *postgres_host;
	bool canonical;
};

/**
 * gs_plan_env - the step that writes the four keys into a cluster.env
 * @file: as observe read it; a missing file is created
 * Errors: -EINVAL where Docker Compose would not read them there, with the line at fault.
 */
int gs_plan_env(const struct gs_file *file, const struct gs_env *env, struct gs_plan *plan,
		struct gs_err *err);
