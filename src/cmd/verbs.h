/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"

/** The words of the command line, from the top; its rows are the verbs. */
extern const struct gs_cmd gs_cmd_tree;
