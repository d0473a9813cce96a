/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "base/early.h"
#include "base/err.h"

enum { GS_EARLY_MAX = 16 }; /* namespaces that are told */

/**
 * gs_early_find - mount namespaces that have the bare directory, or a mount that was replaced
 * A container gets what its volume is when it starts: one that started before the mount keeps the
 * bare directory, unless the volume's propagation is shared or slave.
 * @target: absolute, clean, mounted or not
 * Reads only /proc, in a child with a deadline: mountinfo of one process of each namespace, and the
 * inodes of what is mounted, as the kernel has them. An ordinary user sees none.
 * Source: proc(5) /proc/pid/mountinfo; mount_namespaces(7).
 * Errors: of the mount table, of the child.
 */
int gs_early_find(const char *target, int64_t deadline_ns, struct gs_earlies *ret,
		  struct gs_err *err);
