/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/leader/planner.h"

/* The kernel's server, nfsd, by exportfs(8). */
extern const struct gs_server_ops gs_knfsd;
