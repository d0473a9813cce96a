/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"

struct gs_result;

/**
 * gs_emit - print the result, as text or, with --json, as JSON
 * Only the gs_emit_KIND() functions call this; a verb calls the one of its kind.
 * Returns 0, or -GS_E_FOUND where the result has a finding that is a failure; where stdout cannot
 * be written, -EIO, or -GS_E_LEFT if changes were made.
 */
int gs_emit(const struct gs_call *call, const struct gs_result *result, struct gs_err *err);

/** gs_emit_error - for main: the failure of a verb, as text on stderr or JSON on stdout */
void gs_emit_error(const struct gs_call *call, const struct gs_err *err, int status);

/** gs_exit_status - the exit status for an error code: gshare(8) EXIT STATUS */
int gs_exit_status(int code);
