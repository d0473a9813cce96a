/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/server/nfsd_ops.h"

#include "sys/server/exportfs.h"

const struct gs_nfsd_ops gs_nfsd_host = {
	.look = gs_nfsd_look,
	.serving = gs_nfsd_serving,
	.active_exports = gs_exportfs_active,
	.held_exports = gs_exportfs_held,
	.check_exports = gs_exportfs_check,
	.room_for_etab = gs_exportfs_room,
	.apply_exports = gs_exportfs_apply,
	.start = gs_nfsd_start,
	.stop = gs_nfsd_stop,
	.clients = gs_nfsd_clients,
};
