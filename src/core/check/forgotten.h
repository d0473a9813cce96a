/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/str.h"

/**
 * struct gs_forgotten_fact - what gshare has exported, and no exports file has any more
 * @path:  it still has its .gshare-id
 * @hosts: the followers that the newest run left there, as leader init takes them: "HOST",
 *         "HOST:ro"
 * @is_wide: one of them is a network that leader init takes by consent alone
 * @is_shared: the share is there; without these followers
 * @is_cut_off: they are connected, and no export of this node lets them in
 */
struct gs_forgotten_fact {
	const char *path;
	const struct gs_strs *hosts;
	bool is_wide, is_shared, is_cut_off;
};
