/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/early.h"
#include "base/err.h"
#include "base/mount_user.h"
#include "base/str.h"
#include "base/types.h"
#include "sys/mount/mount_look.h"

struct gs_sys;

/** struct gs_mount_ops - what is mounted on this host, and mounting; see sys.h */
struct gs_mount_ops {
	bool (*has_client)(struct gs_sys *); /* mount.nfs is installed */
	/**
	 * pin the path to target: from now on it is reached through a descriptor; see pin_path.h
	 */
	int (*pin_path)(struct gs_sys *, const char *target, struct gs_err *);
	/** what is mounted exactly at target, from the mount table alone */
	int (*find)(struct gs_sys *, const char *target, struct gs_mounted *ret, bool *ret_found,
		    struct gs_err *);
	/** is target an automount point? what it mounted is found all the same */
	bool (*is_trigger)(struct gs_sys *, const char *target);
	/** the mount that holds path */
	int (*find_of)(struct gs_sys *, const char *path, struct gs_mounted *ret, struct gs_err *);
	/** every mount of a file system, in the mount table's order; hidden ones, too */
	int (*list_dev)(struct gs_sys *, dev_t dev, struct gs_mounts *ret, struct gs_err *);
	/** what is mounted below a path, at any depth, in the mount table's order; no hidden ones
	 */
	int (*list_within)(struct gs_sys *, const char *path, struct gs_mounts *ret,
			   struct gs_err *);
	/** every NFS mount, in the mount table's order */
	int (*list_nfs)(struct gs_sys *, struct gs_mounts *ret, struct gs_err *);
	int (*mount)(struct gs_sys *, const char *source, const char *target, const char *type,
		     const char *options, struct gs_err *);
	/**
	 * mount in a private namespace, to be attached to target later: until then read_bounded and
	 * probe use that mount for a path below target, and the mount ends with gshare
	 */
	int (*stage)(struct gs_sys *, const char *source, const char *target, const char *type,
		     const char *options, struct gs_err *);
	/** attach the staged mount to its target, a directory without a link on its path */
	int (*attach)(struct gs_sys *, struct gs_err *);
	/** drop the staged mount, if there is one */
	void (*unstage)(struct gs_sys *);
	/**
	 * @how: enum gs_umount_how; -EBUSY while in use. Killed at the deadline where the server
	 *       does not respond; a mount that has left the table by then is unmounted. Where the
	 *       path to target is pinned, the mount that was found or attached there is unmounted,
	 *       whatever its path is by now.
	 */
	int (*umount)(struct gs_sys *, const char *target, unsigned how, struct gs_err *);
	/**
	 * change ro, nosuid, nodev, noexec in place: gs_remount(); -EBUSY while files are open for
	 * writing
	 */
	int (*remount)(struct gs_sys *, const char *target, const char *was, const char *flags,
		       struct gs_err *);
	/**
	 * the directory at target below what is mounted there: guard.h; -EPERM for ordinary users
	 */
	int (*look_bare)(struct gs_sys *, const char *target, struct gs_inode *ret,
			 struct gs_err *);
	/** make the bare directory immutable, or changeable again */
	int (*set_guard)(struct gs_sys *, const char *target, bool on, struct gs_err *);
	/** read-ahead in KiB, 0 where the kernel shows none: readahead.h */
	int (*read_ahead)(struct gs_sys *, const struct gs_mounted *, unsigned *ret_kib,
			  struct gs_err *);
	int (*set_read_ahead)(struct gs_sys *, const struct gs_mounted *, unsigned kib,
			      struct gs_err *);
	/** who keeps a mount busy: mount_users.h */
	int (*users)(struct gs_sys *, const struct gs_mounted *, struct gs_mount_users *ret,
		     struct gs_err *);
	/** mount namespaces that show the bare directory at target: early.h */
	int (*early)(struct gs_sys *, const char *target, struct gs_earlies *ret, struct gs_err *);
	/** the content of /proc/self/mountstats */
	int (*mountstats)(struct gs_sys *, struct gs_str *ret, struct gs_err *);
	/** have systemd, where it runs, read /etc/fstab again: units.h */
	int (*reload_units)(struct gs_sys *, struct gs_err *);
	/** one request to the server of the mount at path, in a child: mount_stats.h */
	int (*ask)(struct gs_sys *, const char *path, struct gs_err *);
	/** what the server of the mount at path says about it, in a child: mount_look.h */
	void (*look)(struct gs_sys *, const char *path, bool for_writing,
		     struct gs_mount_look *ret);
	/** read a small file in a child, since its server may not respond */
	int (*read_bounded)(struct gs_sys *, const char *path, size_t max, struct gs_str *ret,
			    struct gs_err *);
};

extern const struct gs_mount_ops gs_mount_host;
