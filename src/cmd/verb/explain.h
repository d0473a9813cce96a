/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"

/** gs_cmd_explain - explain: what the id of a finding or of an error means */
int gs_cmd_explain(struct gs_call *call, struct gs_err *err);
