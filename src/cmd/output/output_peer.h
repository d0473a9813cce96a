/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"
#include "core/peer/node.h"

/** gs_emit_peer - the report of this node, for another one */
int gs_emit_peer(const struct gs_call *call, const struct gs_node *node, struct gs_err *err);
