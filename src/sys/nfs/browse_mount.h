/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sys/fs/root.h"
#include "sys/nfs/browse_walk.h"

/*
 * Looks through the kernel's client at servers that refuse NFSv4.0, the only version that
 * browse_v40.h speaks: the server's root is mounted by 4.2, or 4.1, in a mount namespace that ends
 * with the child. The mount is never in the host's mount table, and with these versions an
 * unmounting client tells the server, so that none stays there. Needs root.
 */

struct gs_nfs_stage {
	struct gs_nfs_view view;
	struct gs_sys root; /* only root_fd: what gs_open_in_root() takes */
};

/**
 * gs_nfs_stage_open - in a child: mount the server's root, then give up all privileges
 * Limited by the caller's deadline: a child that waits for the server is killed. Errors:
 * -EPFNOSUPPORT (neither 4.2 nor 4.1) and other errors of mount(2), err untouched; with err set,
 * -GS_E_PRIVILEGE and errors of the preparation. There is nothing to close: the child ends.
 */
int gs_nfs_stage_open(struct gs_nfs_stage *stage, const char *server, unsigned port,
		      struct gs_err *err);
