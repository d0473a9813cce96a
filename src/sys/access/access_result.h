/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/types.h"

/* What the probe of access.h is asked, and what it found. */

enum gs_can { GS_CAN_UNTRIED, GS_CAN_YES, GS_CAN_NO };

/** struct gs_try - one act; @error: errno when NO, else 0 */
struct gs_try {
	enum gs_can can;
	int error;
};

/**
 * struct gs_access_req - whom to be, where
 * @dir: absolute; its last component is not followed
 * @at: how dir is opened, where that is not by its name: "/proc/self/fd/N/REST" of a share that is
 *      mounted but not attached yet; NULL: dir
 * @uid, @gid: the identity, without supplementary groups. uid 0 keeps what a container's root may
 *       do to files on NFS, where the server judges whatever we have, and in a directory that only
 *       root can write in; nowhere else, and no other uid, has a capability
 * @deadline_ns: the whole probe; GS_ACCESS_TIDY_MS are set aside at its end for tidying up
 * @ro: create nothing but to see the refusal; reading is listing dir and reading its .gshare-id
 *      where there is one
 * @sweep: remove what killed probes have left in dir, should it be two hours old (of what is listed
 *      first, and as far as the user may). What the power's end left in a directory of this
 *      machine's is removed in any case
 * @look: look at dir as root, too, where the user was refused something: a child more
 */
struct gs_access_req {
	const char *dir, *at;
	uid_t uid;
	gid_t gid;
	int64_t deadline_ns;
	bool ro;
	bool sweep;
	bool look;
};

enum { GS_ACCESS_TIDY_MS = 500 };

/**
 * struct gs_access_result - each act in this order; UNTRIED where an earlier one it needs failed
 * @create: a new file, written and fsynced
 * @read:   opened again, same bytes (EIO: other bytes). With ro, or when create failed: the
 * directory listed and .gshare-id read
 * @change: opened again, overwritten, appended to, read back
 * @rename: to another name in dir
 * @chown:  to another uid; only an unsquashed root is expected to
 * @remove: what was made
 * @owner_uid, @owner_gid: of the new file as stat shows them, when create is YES
 * @readonly_fs: create met EROFS
 * @hidden: neither our root nor the user may look into the directory that dir lies in: dir itself
 * may not even be there
 * @left: a file of ours may still be in dir, under this name or with ".b" added; "" otherwise
 * @restrained: root had none of its powers, since others can write in dir: what it would take them
 * for is UNTRIED
 * @swapped: somebody has removed or replaced the file while it was looked at; nothing was read from
 * or written to what took its place, and what comes after is UNTRIED
 * @timed_out: the child was killed at the deadline; what it had not reached is UNTRIED
 * @ms: the whole probe
 * @look: dir as our root sees it, where that was asked for and time was left to look
 */
struct gs_access_result {
	struct gs_try create, read, change, rename, chown_, remove;
	uid_t owner_uid;
	gid_t owner_gid;
	bool readonly_fs;
	bool hidden;
	bool restrained;
	bool swapped;
	bool timed_out;
	char left[40];
	unsigned ms;
	struct gs_dir_look look;
};
