/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"

/*
 * What the command does now, on stderr: on a terminal a line that is written over and cleared
 * before anything else is printed, elsewhere a line for each phase once the command lasts.
 */

/** gs_progress_begin - let call->who show progress, unless --json or --quiet is given */
void gs_progress_begin(struct gs_call *call);

/** gs_progress_clear - remove the line from the terminal, if there is one */
void gs_progress_clear(const struct gs_call *call);
