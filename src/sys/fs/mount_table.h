/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/mount_user.h"
#include "base/str.h"
#include "base/types.h"

/*
 * The mount table, by libmount: /proc/self/mountinfo alone, which never touches a path. On a hard
 * mount that does not respond even a stat blocks for ever.
 */

/** struct gs_mount_entry - one mount; strings owned; free with gs_mount_entry_done() */
struct gs_mount_entry {
	char *source;  /* "192.168.18.13:/mnt/data/shared", "" where the kernel names none */
	char *target;  /* absolute */
	char *type;    /* "nfs4" */
	char *options; /* per mount and per file system, merged, comma separated */
	char *root;    /* what of the file system is mounted, "/" unless bound or exported below */
	char *also;    /* where the same of an NFS file system is mounted, too; NULL: nowhere, or
			  not looked for: gs_mount_find() and gs_mount_containing() look */
	int id;
	int parent;
	dev_t devno;
};

struct gs_mount_list {
	struct gs_mount_entry *v;
	size_t n, room;
};

void gs_mount_entry_done(struct gs_mount_entry *entry);
void gs_mount_list_done(struct gs_mount_list *list);

/**
 * gs_mount_find - the mount that a path walk ends on when target is a mount point
 * @target: absolute, without symlinks, "." or ".."; slashes at the end are ignored
 * Of stacked mounts the topmost; one that a later mount hides is not found.
 */
int gs_mount_find(const char *target, struct gs_mount_entry *ret, bool *ret_found,
		  struct gs_err *err);

/**
 * gs_mount_is_trigger - is path an automount point, with its file system mounted or not?
 * Those of gs_mount_find() are looked through: an autofs(5) mount is only what mounts another.
 */
bool gs_mount_is_trigger(const char *path);

/** gs_mount_id_at - the id of the mount exactly at path, -1 where there is none */
int gs_mount_id_at(const char *path);

/**
 * gs_mount_id_of - the id of the mount that name in dir (or dir itself: "") is on; asks no server;
 * -1 on failure
 */
int gs_mount_id_of(int dir, const char *name);

/**
 * gs_mount_target - the path that the mount id is attached to, owned; NULL: not visible to us
 * @ret_parent: the id of the mount that it is on; NULL: not wanted
 */
char *gs_mount_target(int id, int *ret_parent);

/** gs_mount_type - the type of the mount id, "ext4", owned; NULL: not visible to us */
char *gs_mount_type(int id);

/** gs_mount_is_local - on disks or memory alone? An unknown type, or NULL, may have a server */
bool gs_mount_is_local(const char *type);

/** gs_mount_containing - the mount that holds path (which need not exist); as gs_mount_find() */
int gs_mount_containing(const char *path, struct gs_mount_entry *ret, struct gs_err *err);

/** gs_mount_list_nfs - every mount of type nfs or nfs4, in the table's order, hidden ones too */
int gs_mount_list_nfs(struct gs_mount_list *ret, struct gs_err *err);

/** gs_mount_list_dev - every mount of one file system, by its device; hidden ones too */
int gs_mount_list_dev(dev_t dev, struct gs_mount_list *ret, struct gs_err *err);

/**
 * gs_mount_list_within - the mounts below a path, at any depth, that a walk from / reaches
 * @path: absolute, clean; a mount at the path itself is not one of them
 */
int gs_mount_list_within(const char *path, struct gs_mount_list *ret, struct gs_err *err);

/**
 * gs_mount_list_below - the mounts below the mount id, as users of that mount
 * @ret_parts: ids of those that the NFS client made itself where the server has another file system
 *	mounted (crossmnt, nohide): they end with an umount of the mount and are no users
 * Source: fs/nfs/namespace.c nfs_d_automount(), fs/namespace.c shrink_submounts().
 */
int gs_mount_list_below(int id, struct gs_ids *ret_parts, struct gs_mount_users *ret,
			struct gs_err *err);
