/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/check/mount.h"

/** gs_health_report - a block of short lines, the verdict last */
void gs_health_report(const struct gs_health *health, struct gs_str *out);
