/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sys/sys.h"

/* exportfs(8) and the NFS server of this machine; the contracts stand in sys.h. */

int gs_exportfs_active(struct gs_sys *sys, struct gs_str *ret_etab, struct gs_err *err);
int gs_exportfs_check(struct gs_sys *sys, const struct gs_files *candidates, struct gs_span hosts,
		      struct gs_str *ret_etab, struct gs_str *ret_said, struct gs_err *err);
int gs_exportfs_room(struct gs_sys *sys, size_t bytes, unsigned files, struct gs_err *err);
int gs_exportfs_apply(struct gs_sys *sys, size_t bytes, struct gs_str *ret_said,
		      struct gs_err *err);

int gs_nfsd_look(struct gs_sys *sys, struct gs_server *ret, struct gs_err *err);
int gs_nfsd_serving(struct gs_sys *sys, struct gs_server *ret, struct gs_err *err);
int gs_nfsd_clients(struct gs_sys *sys, const struct gs_client_sink *sink, struct gs_err *err);
int gs_nfsd_start(struct gs_sys *sys, struct gs_err *err);
int gs_nfsd_stop(struct gs_sys *sys, bool was_running, bool was_enabled, struct gs_err *err);
