/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/types.h"

struct gs_sys;

/**
 * gs_nfsd_taker - the process that listens on the port of nfsd, which does not run; none: pid 0
 * None also where it cannot be looked at: for users other than root, or in another pid namespace.
 */
void gs_nfsd_taker(struct gs_sys *sys, struct gs_taker *ret);
