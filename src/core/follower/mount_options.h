/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "core/fskind/nfs_profile.h"

/*
 * The options of a follower's mount: gshare's own, and those that an administrator added to the
 * entry in fstab, which stay. Pure.
 */

/** struct gs_mount_asked - what the mount shall have; borrowed */
struct gs_mount_asked {
	unsigned minor;	   /* of NFS 4 */
	unsigned port;	   /* of the server */
	const char *proto; /* "tcp", "tcp6": nfs(5) */
	bool ro;
	const char *id;			      /* "" for none */
	const char *line;		      /* options of the entry in fstab; NULL: none */
	const char *postgres;		      /* host of PostgreSQL; NULL: as in the entry */
	const struct gs_nfs_profile *profile; /* NULL: as in the entry */
	unsigned connections;		      /* for a profile that sets their number */
	const char *options;		      /* of --options; NULL: none */
};

/**
 * gs_mount_options - the options of the mount and of its entry in fstab
 * @ret_mount: for mount.nfs; @ret_fstab: the same, with those for mount(8) and systemd
 * @ret_replaced: options of the entry that contradict gshare's: "soft, suid"; empty: none
 * An option of the entry stays where it is, and timeo= and retrans= keep their values. What
 * --options names takes the place of the entry's. Another profile takes the place of what the one
 * before put there, and no other option's: what an administrator added by hand stays.
 */
void gs_mount_options(const struct gs_mount_asked *asked, struct gs_str *ret_mount,
		      struct gs_str *ret_fstab, struct gs_str *ret_replaced);
