/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/str.h"

/**
 * gs_idmap_domain - the value of Domain in [General]; owned; NULL: not set there
 * @text: idmapd.conf(5). Without it the domain is taken from DNS, which is not asked.
 */
char *gs_idmap_domain(struct gs_span text);
