/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"

/**
 * gs_rerun - run this program again, with other words, and wait for its end
 * It has our terminal, our environment and our process group: what ends us from the terminal
 * reaches it first, and we end when it has put its things in order.
 * @words: after the program's name
 * @to_stderr: what it prints on stdout goes there
 * @ret_status: its exit status; 128 and the signal's number where one ended it
 * Errors: of posix_spawn(3).
 */
int gs_rerun(const struct gs_strs *words, bool to_stderr, int *ret_status, struct gs_err *err);
