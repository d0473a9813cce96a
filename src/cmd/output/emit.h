/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"

struct gs_result;

/**
 * gs_emit - print the result, in the language the call asks for
 * Only the files of the kinds call this; a verb calls its kind's gs_emit_KIND().
 * Returns 0, or -GS_E_FOUND where the result holds a finding that is a failure; -EIO where
 * stdout takes no more.
 */
int gs_emit(const struct gs_call *call, const struct gs_result *result, struct gs_err *err);

/** gs_emit_error - for main: the failure of a verb, as text on stderr or JSON on stdout */
void gs_emit_error(const struct gs_call *call, const struct gs_err *err, int status);

/** gs_exit_status - of a code: table of design */
int gs_exit_status(int code);
