/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/output/env_lines.h"

#include "core/format/clusterenv.h"

int gs_env_lines(const struct gs_env *env, struct gs_str *out, struct gs_err *err)
{
	const struct gs_clusterenv_values values = {
		.node_type = env->is_leader ? GS_NODE_LEADER : GS_NODE_FOLLOWER,
		.dataset_dir = env->dataset_dir,
		.postgres_host = env->postgres_host,
	};

	return gs_clusterenv_print(&values, out, err);
}
