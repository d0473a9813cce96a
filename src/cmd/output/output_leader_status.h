/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <jansson.h>

#include "core/leader/leader_status.h"
#include "core/undo/history.h"

/** gs_json_shares - the array "shares" of leader status; a new reference */
json_t *gs_json_shares(const struct gs_leader_status *status);

/** gs_json_runs - the array "runs" of history; a new reference */
json_t *gs_json_runs(const struct gs_runs *runs);
