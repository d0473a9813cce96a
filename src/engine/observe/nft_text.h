/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <jansson.h>

#include "base/str.h"

/**
 * gs_nft_text - a rule of `nft -j list ruleset` about as nft prints it: "ip saddr 10.0.0.5 drop"
 * Long sets are cut; what has no short form is its name alone. Untrusted.
 */
void gs_nft_text(const json_t *rule, struct gs_str *out);
