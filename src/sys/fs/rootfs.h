/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "base/types.h"
#include "sys/fs/file_swap.h"
#include "sys/fs/inroot.h"
#include "sys/fs/root.h"

/*
 * Files below root_fd: the part of the port that is the same on this host and offline. struct
 * gs_fs_ops documents each function.
 */

/**
 * gs_open_regular - open a regular file of others for reading; nothing else is ever opened
 * The file is checked before (O_PATH): opening a FIFO blocks, and opening some devices acts.
 * @max: a file whose size is larger is -EFBIG; it may still grow, or be longer than its size
 *       (/proc)
 * Returns a descriptor or -errno: -ELOOP for a link, -EINVAL for what is no regular file.
 */
int gs_open_regular(const struct gs_sys *sys, const char *path, size_t max);

/** gs_open_regular_at - gs_open_regular() for an entry of a directory */
int gs_open_regular_at(int dir, const char *name, size_t max);

int gs_rootfs_read_file(struct gs_sys *sys, const char *path, size_t max, struct gs_str *ret_text,
			bool *ret_exists, struct gs_err *err);
int gs_rootfs_list_dir(struct gs_sys *sys, const char *path, const char *suffix,
		       struct gs_strs *ret_names, struct gs_err *err);
int gs_rootfs_look(struct gs_sys *sys, const char *path, struct gs_inode *ret, struct gs_err *err);
/** gs_rootfs_look_fd - look() at a descriptor (O_PATH will do), without ACLs; 0 or -errno */
int gs_rootfs_look_fd(int fd, struct gs_inode *ret);
int gs_rootfs_make_dir(struct gs_sys *sys, const char *path, const struct gs_dir_spec *spec,
		       struct gs_err *err);
int gs_rootfs_remove_dir(struct gs_sys *sys, const char *path, struct gs_err *err);
int gs_rootfs_set_dir(struct gs_sys *sys, const char *path, const struct gs_dir_spec *from,
		      const struct gs_dir_spec *to, struct gs_err *err);
/** gs_rootfs_obstacle - what keeps root from replacing or making an entry of a directory */
enum gs_obstacle gs_rootfs_obstacle(int dir, const char *name);
void gs_rootfs_way(struct gs_sys *sys, const char *path, struct gs_way *ret);
int gs_rootfs_replace_file(struct gs_sys *sys, const struct gs_replace *replace,
			   struct gs_err *err);
int gs_rootfs_make_file(struct gs_sys *sys, const struct gs_new_file *file, struct gs_err *err);

/* The lock, /run/gshare/lock. A tree below --root has a lock of its own beside it. */
int gs_lock_take(struct gs_sys *sys, struct gs_err *err);
void gs_lock_drop(struct gs_sys *sys);
bool gs_lock_is_held(struct gs_sys *sys);

int gs_rootfs_settle(struct gs_sys *sys, const char *path, const struct gs_replace *replace,
		     const struct gs_dir_spec *dir, struct gs_err *err);
uint32_t gs_rootfs_random_id(struct gs_sys *sys);

#define GS_TEMP_PREFIX ".gshare-new-"

enum {
	GS_TEMP_DIGITS = 16,
	GS_TEMP_NAME_BYTES = 256, /* NAME_MAX and the NUL */
};

/**
 * gs_temp_name - a name for a temporary that says what it is to become, should a power failure
 * leave it
 * ".gshare-new-", digits, "-" and the name, cut at NAME_MAX.
 */
void gs_temp_name(const char *name, char ret[static GS_TEMP_NAME_BYTES]);

/** gs_temp_is_of - is this entry of the same directory a temporary of that name? */
bool gs_temp_is_of(const char *entry, const char *name);

/** struct gs_temp_filter - which temporaries to look for, and until when */
struct gs_temp_filter {
	bool (*is_meant)(const void *arg, int dir, const char *entry);
	const void *arg;
	int64_t end_ns; /* CLOCK_MONOTONIC; 0: none */
};

/**
 * gs_temps_of - the entries of a directory that are temporaries of that name; 0 or -errno
 * @filter: NULL where nobody else can make entries there
 */
int gs_temps_of(int dir, const char *name, const struct gs_temp_filter *filter,
		struct gs_strs *ret);

/**
 * gs_clear_temps - remove what a failed replace left, where it is this one's old or new text
 * Any other temporary may be the only copy of somebody's file, and stays; so do those for which a
 * part of the remaining time does not suffice.
 */
void gs_clear_temps(struct gs_sys *sys, int dir, const char *name,
		    const struct gs_replace *replace);

/**
 * gs_rename_to_free - rename inside a directory to a name that must not exist
 * rename(2) would replace a file or an empty directory; renameat2(2) does not. File systems without
 * RENAME_NOREPLACE return EINVAL: there only a check before the rename protects the name.
 * Returns 0 or -errno (-EEXIST).
 */
int gs_rename_to_free(int parent, const char *from, const char *to);

/** gs_read_fd - read all bytes from the current offset on; 0 or -errno; -EFBIG over max bytes */
int gs_read_fd(int fd, size_t max, struct gs_str *ret_text);

/** gs_write_fd - write all bytes; 0 or -errno */
int gs_write_fd(int fd, struct gs_span bytes);
