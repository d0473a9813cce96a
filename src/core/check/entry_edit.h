/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/str.h"
#include "core/check/served.h"

/**
 * gs_entries_edit - add the commands that change an option in each entry of a path, and apply them
 * @option: as it is written, "fsid=7"; @instead: "" where it goes
 * Adds nothing where no file is known to list it.
 */
void gs_entries_edit(const struct gs_served_fact *fact, const char *path, const char *option,
		     const char *instead, struct gs_str *out);
