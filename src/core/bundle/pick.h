/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/str.h"

/* Of texts that are about all of a node, the lines that are about NFS. Pure. */

/**
 * gs_pick_fstab - entries of NFS, byte by byte, and gshare's marks
 * One whose type is misspelled, or "auto", is one where its source is HOST:/PATH. No other lines:
 * those of cifs have passwords.
 */
void gs_pick_fstab(struct gs_span text, struct gs_str *out);

/** gs_pick_mountinfo - of proc_pid_mountinfo(5), mounts of NFS */
void gs_pick_mountinfo(struct gs_span text, struct gs_str *out);

/** gs_pick_mountstats - of proc_pid_mountstats(5), devices of NFS with all that is told of them */
void gs_pick_mountstats(struct gs_span text, struct gs_str *out);

/** gs_pick_kernel - messages of the kernel that name NFS or its RPC */
void gs_pick_kernel(struct gs_span text, struct gs_str *out);

/** gs_pick_is_nfs_unit - does a mount unit mount NFS? */
bool gs_pick_is_nfs_unit(struct gs_span text);
