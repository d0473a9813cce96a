/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/verify/plan_env.h"

/** gs_env_lines - the lines of cluster.env that belong to this node, as the file has them */
int gs_env_lines(const struct gs_env *env, struct gs_str *out, struct gs_err *err);
