/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/format/fstab.h"
#include "engine/doctor/at_once.h"

/** struct gs_entries - those of /etc/fstab that are looked at; v points into fstab */
struct gs_entries {
	struct gs_fstab fstab;
	const struct gs_fstab_entry **v;
	size_t n, room;
};

/**
 * gs_find_entries - NFS entries of /etc/fstab that others have written, and that are not mounted
 * @path: only that one; NULL: all, and a line that mount(8) ignores is added to cases
 * @ret: free with gs_entries_done()
 * Returns how many lines are ignored.
 */
size_t gs_find_entries(struct gs_sys *sys, const char *path, struct gs_entries *ret,
		       struct gs_cases *cases);

/**
 * gs_look_entry - why is it not mounted? @arg of look: its struct gs_fstab_entry
 * One that is to be mounted at boot fails, and its server is asked why; one that is mounted on
 * demand is well.
 */
void gs_look_entry(struct gs_sys *sys, const struct gs_look *look, struct gs_cases *cases);

/** gs_tell_silent - the same, of one whose server is held to be silent; false: it is not */
bool gs_tell_silent(struct gs_sys *sys, const struct gs_fstab_entry *entry, struct gs_cases *cases);

/** gs_entry_server - the numeric address of its server; false: it is a name, or none */
bool gs_entry_server(const struct gs_fstab_entry *entry, char **ret_addr);

void gs_entries_done(struct gs_entries *entries);
