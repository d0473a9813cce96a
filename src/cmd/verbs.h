/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"

/** The top of the command tree; its rows are the verbs. */
extern const struct gs_cmd gs_cmd_tree;
