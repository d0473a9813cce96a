/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/str.h"

/* What mount and status both say of a unit file that beats the entry in fstab. */

void gs_check_say_boot_unit(const char *unit, const char *path, struct gs_str *out);
void gs_check_fix_boot_unit(const char *unit, struct gs_str *out);
