/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/exports/doc.h"

/*
 * Text of an exports file that another program writes, as its comments say: Ansible, Vagrant,
 * Proxmox and the like mark a block, openmediavault, ZFS and Puppet the whole file. What is changed
 * there is gone when they run again.
 */

/** struct gs_exports_owner - the comment that says so; text borrowed from the document */
struct gs_exports_owner {
	size_t number; /* its line */
	struct gs_span text;
	bool is_strict; /* it forbids to edit, or only a program writes so */
};

/** gs_exports_owns_file - a comment above all entries that asks not to edit the file */
bool gs_exports_owns_file(const struct gs_exports *doc, struct gs_exports_owner *ret);

/** gs_exports_owns_line - the BEGIN comment of the block that line i is in, if it has an END */
bool gs_exports_owns_line(const struct gs_exports *doc, size_t i, struct gs_exports_owner *ret);
