/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "engine/doctor/at_once.h"

/**
 * gs_list_exports - the paths of shares, and what others export
 * Files that cannot be read are told by gs_look_shares().
 */
void gs_list_exports(struct gs_sys *sys, struct gs_strs *ret);

/**
 * struct gs_shares_look - @arg of gs_look_shares()
 * @exported: by gs_list_exports()
 * @every: look at all of them, be there a share of gshare's or not
 */
struct gs_shares_look {
	const struct gs_strs *exported;
	bool every;
};

/** gs_look_shares - the share at look's place; NULL: all of them, and what others export */
void gs_look_shares(struct gs_sys *sys, const struct gs_look *look, struct gs_cases *cases);
