/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/str.h"

/* Bytes as text, RFC 4648 section 4: with padding, without line ends. */

void gs_base64_add(struct gs_str *out, struct gs_span bytes);

/** gs_base64_parse - false, and nothing added, for what gs_base64_add() would not write */
bool gs_base64_parse(struct gs_span text, struct gs_str *ret_bytes);
