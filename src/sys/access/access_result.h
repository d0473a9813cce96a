/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/types.h"

/* Request and result of gs_access_probe(). */

enum gs_can { GS_CAN_UNTRIED, GS_CAN_YES, GS_CAN_NO };

/** struct gs_try - one act; @error: errno when NO, else 0 */
struct gs_try {
	enum gs_can can;
	int error;
};

/**
 * struct gs_access_req - as whom to probe, and where
 * @dir: absolute; its last component is not followed
 * @at: the path to open instead of dir: "/proc/self/fd/N/REST" of a share that is mounted but not
 *       attached yet; NULL: dir
 * @uid, @gid: the identity, without supplementary groups. uid 0 keeps the file capabilities of a
 *       container's root on NFS, where the server checks access in any case, and in a directory
 *       that only root can write; in all other cases, and for all other uids, no capability is kept
 * @deadline_ns: of the whole probe; its last GS_ACCESS_TIDY_MS are set aside for tidying up
 * @ro: create only to see the denial; to read is to list dir and to read its .gshare-id, if any
 * @sweep: also remove test files from dir whose probes must have ended, by gs_probe_number() (among
 *       the first entries listed, and as far as the user may). Files from before the boot are
 * removed from a local directory in any case
 * @look: after a denial, also look at dir as root; this takes one more child
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
 * @read: opened again, same bytes (EIO: other bytes). With ro, or when create failed: the directory
 *       listed and .gshare-id read
 * @change: opened again, overwritten, appended to, read back
 * @rename: to another name in dir
 * @chown: to another uid; only an unsquashed root is expected to
 * @remove: the file that was created
 * @owner_uid, @owner_gid: of the new file as stat shows them, when create is YES
 * @readonly_fs: create met EROFS
 * @hidden: neither gshare's root nor the user may search the parent of dir: dir may not even exist
 * @left: a file of the probe may still be in dir, under this name or with ".b" added; "" otherwise
 * @restrained: root had no capabilities, since others can write in dir: acts that need them are
 *       UNTRIED
 * @swapped: another process removed or replaced the file during the probe; nothing was read from or
 *       written to its replacement, and later acts are UNTRIED
 * @timed_out: the child was killed at the deadline; acts that it had not reached are UNTRIED
 * @ms: duration of the whole probe
 * @look: dir as gshare's root sees it, where requested and where time was left
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
