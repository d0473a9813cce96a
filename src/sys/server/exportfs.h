/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "base/types.h"
#include "sys/fs/root.h"

/* exportfs(8) of this host; struct gs_nfsd_ops documents each function. */

int gs_exportfs_active(struct gs_sys *sys, struct gs_str *ret_etab, struct gs_err *err);
int gs_exportfs_held(struct gs_sys *sys, struct gs_str *ret, struct gs_err *err);
int gs_exportfs_check(struct gs_sys *sys, const struct gs_files *candidates, struct gs_span hosts,
		      struct gs_str *ret_etab, struct gs_str *ret_output, struct gs_err *err);
int gs_exportfs_room(struct gs_sys *sys, size_t bytes, unsigned files, struct gs_err *err);
int gs_exportfs_apply(struct gs_sys *sys, size_t bytes, struct gs_str *ret_output,
		      struct gs_err *err);
