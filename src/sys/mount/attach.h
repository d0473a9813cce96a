/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "sys/fs/root.h"

/* What is mounted out of sight (stage.h), and how it comes to its place; as in mount_ops.h. */

enum {
	GS_DETACH_MS = 2000, /* a lazy or forced umount that takes longer is done but for the
				farewell to a silent server */
};

int gs_attach_stage(struct gs_sys *sys, const char *source, const char *target, const char *type,
		    const char *options, struct gs_err *err);
int gs_attach_staged(struct gs_sys *sys, struct gs_err *err);
/** gs_attach_drop - what is staged, if anything is */
void gs_attach_drop(struct gs_sys *sys);
/** gs_attach_now - both at once; what was staged before stays so */
int gs_attach_now(struct gs_sys *sys, const char *source, const char *target, const char *type,
		  const char *options, struct gs_err *err);
