/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "sys/fs/root.h"

/*
 * Mounting a share in a private namespace (stage.h), and attaching it to its path; struct
 * gs_mount_ops documents each function.
 */

enum {
	GS_DETACH_MS = 2000, /* a lazy or forced umount that takes longer is done, except for the
				last request to a server that does not respond */
};

int gs_attach_stage(struct gs_sys *sys, const char *source, const char *target, const char *type,
		    const char *options, struct gs_err *err);
int gs_attach_staged(struct gs_sys *sys, struct gs_err *err);
/** gs_attach_drop - drop the staged mount, if there is one */
void gs_attach_drop(struct gs_sys *sys);
/** gs_attach_now - mount and attach in one call; an earlier staged mount stays staged */
int gs_attach_now(struct gs_sys *sys, const char *source, const char *target, const char *type,
		  const char *options, struct gs_err *err);
