/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/firewall/ruleset.h"

/**
 * gs_nft_list_read - what `nft -j list ruleset` printed: libnftables-json(5)
 * @rules: its tables are added; on failure some of them may be
 * Returns false where it is not such a list: nothing is known then.
 */
bool gs_nft_list_read(struct gs_span text, struct gs_ruleset *rules);
