/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"

/**
 * gs_confirm - ask for what opens more than a few hosts or keeps root root
 * -GS_E_USAGE where the answer is no, or nobody can be asked and --yes was not given.
 */
int gs_confirm(const struct gs_call *call, const char *question, struct gs_err *err);
