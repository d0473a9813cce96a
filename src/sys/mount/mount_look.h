/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* What a mount's server says about it now. */

/**
 * struct gs_mount_look - the answers, each asked for where those before it came
 * @asked:   of statfs(2), as gs_ask_mount(): 0 or the error's code
 * @read:    of reading .gshare-id, as gs_read_bounded(): 0 or the code of @unread
 * @text:    of .gshare-id; owned
 * @given_ro: where that file has an id, and writing was meant: the server refuses to open it for
 *           writing because it is ro. Nothing is written, and the file is not truncated. nfsd looks
 *           at the export and at the file system before it looks at the file's mode, and answers
 *           EROFS for either: fs/nfsd/vfs.c nfsd_permission(). NFSv4 alone asks the server.
 * @mode, @uid: mode bits (07777) and owner of the mount's top; 0: not known
 */
struct gs_mount_look {
	int asked, read;
	struct gs_err unread;
	struct gs_str text;
	bool given_ro;
	unsigned mode, uid;
};

/**
 * gs_mount_look - ask all of it in one child, since the server may not respond
 * @for_writing: is the mount meant to be written to?
 * Where the deadline passes, what was not answered by then has -ETIMEDOUT, or is not known.
 * @ret: free with gs_mount_look_done()
 */
void gs_mount_look(const char *path, bool for_writing, int64_t deadline_ns,
		   struct gs_mount_look *ret);

void gs_mount_look_done(struct gs_mount_look *look);
