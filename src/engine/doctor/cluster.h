/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "engine/doctor/at_once.h"

/**
 * gs_look_cluster - the cluster.env at look's place: does it say what this node is, and does
 * PostgreSQL respond where it says? A custom.env beside it is read, too.
 */
void gs_look_cluster(struct gs_sys *sys, const struct gs_look *look, struct gs_cases *cases);
