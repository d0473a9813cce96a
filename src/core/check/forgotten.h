/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/str.h"

/**
 * struct gs_forgotten_fact - a share that gshare has made, and that no exports file has any more
 * @path:  it still has its .gshare-id
 * @hosts: the followers that the newest run left there, as leader init takes them: "HOST",
 *         "HOST:ro"
 * @is_wide: one of them is a network that leader init takes by consent alone
 */
struct gs_forgotten_fact {
	const char *path;
	const struct gs_strs *hosts;
	bool is_wide;
};
