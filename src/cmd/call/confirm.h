/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"

/**
 * gs_confirm - ask the user to confirm what would harm if it was not meant
 * Errors: -GS_E_USAGE where the answer is no, or there is no terminal and --yes was not given.
 */
int gs_confirm(const struct gs_call *call, const char *question, struct gs_err *err);
