/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/str.h"

/* Why, mountd does not say: it lists what is exported, be it there or not. */
#define GS_GRANT_UNSEEN                                                                            \
	"but does not show it by NFSv4: it is missing there, or hidden by an export with fsid=0, " \
	"or cannot be exported"

/* What mount and status both say of a unit file that beats the entry in fstab. */

void gs_check_say_boot_unit(const char *unit, const char *path, struct gs_str *out);
void gs_check_fix_boot_unit(const char *unit, struct gs_str *out);

/** gs_check_say_mask - the same, where it is a mask */
void gs_check_say_mask(const char *unit, const char *path, struct gs_str *out);
void gs_check_fix_mask(const char *unit, struct gs_str *out);
