/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/format/fstab.h"

/** struct gs_fstab_line_fact - a line of /etc/fstab that mount(8) ignores; borrowed */
struct gs_fstab_line_fact {
	const struct gs_fstab_broken *broken;
};

/** gs_fstab_line_is_nfs - was this line to mount something by NFS? By its first field, HOST:/PATH
 */
bool gs_fstab_line_is_nfs(struct gs_span line);
