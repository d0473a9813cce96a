/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "sys/fs/root.h"

/* Opening what lies below root_fd. */

enum gs_links {
	GS_LINKS_IN_ROOT, /* configuration: parents may be links of trusted users that stay in the
			   * root; a link of others is -EPERM */
	GS_LINKS_WRITTEN, /* gs_open_way() */
	GS_LINKS_NONE,	  /* the share and mount points: a link in the path is -ELOOP */
};

/**
 * gs_open_in_root - openat2(2) below root_fd; the last component is never followed
 * Returns a descriptor or -errno.
 */
int gs_open_in_root(const struct gs_sys *sys, const char *path, int flags, enum gs_links links);

/**
 * gs_open_written - the directory of a file that root writes: gs_open_way(), or for a .gshare-id,
 * which lies in a directory of the share's owner, a path without any link
 * Returns a descriptor or -errno; err is set where the path is refused.
 */
int gs_open_written(const struct gs_sys *sys, const char *path, const char **ret_name,
		    struct gs_err *err);

/** gs_refuse_way - report why a path is refused: base/trust.h; -EPERM */
int gs_refuse_way(const struct gs_sys *sys, const struct gs_way *way, const char *path,
		  struct gs_err *err);

/**
 * gs_walk_in_root - gs_open_in_root() by openat(2) alone, component by component
 * For hosts whose kernel or container refuses openat2 (seccomp filters that do not know it return
 * ENOSYS or EPERM). At most 40 links, as the kernel's own limit, and 128 directories.
 */
int gs_walk_in_root(const struct gs_sys *sys, int at, const char *path, int flags,
		    enum gs_links links);

/**
 * gs_open_way - the directory of a file that root writes, by a path that nobody else can redirect
 * Links are followed as with GS_LINKS_IN_ROOT; no component may be one that others could replace,
 * as base/trust.h defines it. Both are checked on what was opened.
 * @way: what was seen, also on failure; free with gs_way_done()
 * Returns a descriptor or -errno: -EPERM with way->refused where the path is refused.
 */
int gs_open_way(const struct gs_sys *sys, const char *path, struct gs_way *way,
		const char **ret_name);

/**
 * gs_open_parent - the directory that holds path
 * @flags: O_RDONLY or O_PATH
 * @ret_name: the last component, inside path
 * Returns a descriptor or -errno; -EINVAL where path has no last component ("/").
 */
int gs_open_parent(const struct gs_sys *sys, const char *path, int flags, enum gs_links links,
		   const char **ret_name);
