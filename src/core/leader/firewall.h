/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/leader/request.h"

/**
 * gs_leader_check_firewall - a verb that lets followers in, or shuts them out, must know the rules
 * Without privileges they are hidden: then nothing is changed either.
 * Errors: -ENODATA, cause FIREWALL_UNREAD.
 */
int gs_leader_check_firewall(const struct gs_leader_req *req, const struct gs_leader_facts *facts,
			     struct gs_err *err);
