/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/leader/request.h"

/**
 * gs_leader_again - add the command as it was typed, with one more option
 * The share's path is named even where it was not.
 */
void gs_leader_again(const struct gs_leader_req *req, const struct gs_leader_facts *facts,
		     const char *option, struct gs_str *out);
