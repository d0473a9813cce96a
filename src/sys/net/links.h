/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "base/types.h"

/** gs_links_read - the addresses of this host as gs_addresses_own(), each with its interface */
int gs_links_read(struct gs_netaddrs *ret, struct gs_err *err);
