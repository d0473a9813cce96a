/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/fs/fs_ops.h"

#include "sys/fs/far.h"
#include "sys/fs/fsinfo.h"
#include "sys/fs/outgoing.h"
#include "sys/fs/rootfs.h"

static int info(struct gs_sys *sys, const char *path, struct gs_fs *ret, struct gs_err *err)
{
	(void)sys;
	return gs_fsinfo(path, ret, err);
}

static int open_as(struct gs_sys *sys, const struct gs_open_req *req, struct gs_opened *ret,
		   struct gs_err *err)
{
	(void)sys;
	return gs_open_as(req, ret, err);
}

/* The entries that gs_fs_offline has, too. */
#define FILES                                                                                      \
	.read_file = gs_far_read_file, .list_dir = gs_rootfs_list_dir, .look = gs_rootfs_look,     \
	.make_dir = gs_rootfs_make_dir, .remove_dir = gs_rootfs_remove_dir,                        \
	.set_dir = gs_rootfs_set_dir, .way = gs_far_way, .replace_file = gs_far_replace_file,      \
	.look_back = gs_outgoing_look, .make_file = gs_far_make_file, .lock = gs_lock_take,        \
	.random_id = gs_rootfs_random_id

const struct gs_fs_ops gs_fs_host = {
	FILES,
	.is_locked = gs_lock_is_held,
	.settle = gs_far_settle,
	.walk = gs_tree_walk,
	.find = gs_tree_find,
	.open_as = open_as,
	.info = info,
};

const struct gs_fs_ops gs_fs_offline = {
	FILES,
};
