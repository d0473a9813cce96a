/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/mount_user.h"
#include "base/str.h"
#include "base/types.h"

struct gs_sys;

/** struct gs_mount_ops - what is mounted here, and mounting. What every table is: sys.h */
struct gs_mount_ops {
	bool (*has_client)(struct gs_sys *); /* mount.nfs is installed */
	/** from now on what lies on the way to target is reached through what it was now:
	 * pin_path.h */
	int (*pin_path)(struct gs_sys *, const char *target, struct gs_err *);
	/** what is mounted exactly at target, from the mount table alone */
	int (*find)(struct gs_sys *, const char *target, struct gs_mounted *ret, bool *ret_found,
		    struct gs_err *);
	/** what is mounted over or above path */
	int (*find_of)(struct gs_sys *, const char *path, struct gs_mounted *ret, struct gs_err *);
	/** every mount of a file system, in the mount table's order; one that is hidden, too */
	int (*list_dev)(struct gs_sys *, dev_t dev, struct gs_mounts *ret, struct gs_err *);
	/** every NFS mount, in the mount table's order */
	int (*list_nfs)(struct gs_sys *, struct gs_mounts *ret, struct gs_err *);
	int (*mount)(struct gs_sys *, const char *source, const char *target, const char *type,
		     const char *options, struct gs_err *);
	/**
	 * mounts where nobody sees it, to be attached to target later: until then read_bounded and
	 * probe of a path below target look there, and the end of gshare is the end of the mount
	 */
	int (*stage)(struct gs_sys *, const char *source, const char *target, const char *type,
		     const char *options, struct gs_err *);
	/** makes the staged mount appear at its target, a directory without a link on its way */
	int (*attach)(struct gs_sys *, struct gs_err *);
	/** drops what is staged; nothing where nothing is */
	void (*unstage)(struct gs_sys *);
	/**
	 * @how: enum gs_umount_how of mount.h; -EBUSY while somebody uses it. Ended at the deadline
	 * where the server is silent; a mount that has left the table by then is unmounted. Where
	 * the way to target is held, it is the mount that was found or attached there, wherever
	 * that has gone.
	 */
	int (*umount)(struct gs_sys *, const char *target, unsigned how, struct gs_err *);
	/** changes ro, nosuid, nodev, noexec in place: remount.h; -EBUSY while files are written */
	int (*remount)(struct gs_sys *, const char *target, const char *was, const char *flags,
		       struct gs_err *);
	/** what stands at target below what is mounted there: guard.h; -EPERM for ordinary users */
	int (*look_bare)(struct gs_sys *, const char *target, struct gs_inode *ret,
			 struct gs_err *);
	/** makes the bare directory immutable, or changeable again */
	int (*set_guard)(struct gs_sys *, const char *target, bool on, struct gs_err *);
	/** KiB, 0 where the kernel shows none: readahead.h */
	int (*read_ahead)(struct gs_sys *, const struct gs_mounted *, unsigned *ret_kib,
			  struct gs_err *);
	int (*set_read_ahead)(struct gs_sys *, const struct gs_mounted *, unsigned kib,
			      struct gs_err *);
	/** who keeps a mount busy: mount_users.h */
	int (*users)(struct gs_sys *, const struct gs_mounted *, struct gs_mount_users *ret,
		     struct gs_err *);
	/** /proc/self/mountstats as it is */
	int (*mountstats)(struct gs_sys *, struct gs_str *ret, struct gs_err *);
	/** one request to the server of the mount at path, in a child: mount_stats.h */
	int (*ask)(struct gs_sys *, const char *path, struct gs_err *);
	/** reads a small file that may lie on a silent server, in a child */
	int (*read_bounded)(struct gs_sys *, const char *path, size_t max, struct gs_str *ret,
			    struct gs_err *);
};

extern const struct gs_mount_ops gs_mount_host;
