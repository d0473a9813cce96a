/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/diagnose/diagnose.h"
#include "sys/sys.h"

/**
 * gs_look_forgotten - shares that the newest run left in an exports file, and that none has now
 * From the journal, which only root can read.
 */
void gs_look_forgotten(struct gs_sys *sys, struct gs_cases *cases);
