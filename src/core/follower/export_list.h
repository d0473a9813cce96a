/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/follower/request.h"

/**
 * gs_grants_tell - add to a refusal what the leader's mountd says of other hosts
 * @err: NOT_EXPORTED or EXPORT_ABSENT with its fix; untouched where mountd could not be asked
 * Where another address of this node is among those who get it, that becomes the cause
 * (EXPORT_OTHER_ADDRESS). Names are mountd's words, made safe. Returns err->code.
 */
int gs_grants_tell(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
		   struct gs_err *err);
