/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/str.h"

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
	const char *id;	      /* "" for none */
	const char *line;     /* options of the entry in fstab; NULL: none */
	const char *postgres; /* host of PostgreSQL; NULL: as in the entry */
};

/**
 * gs_mount_options - the options of the mount and of its entry in fstab
 * @ret_mount: for mount.nfs; @ret_fstab: the same, with those for mount(8) and systemd
 * @ret_replaced: options of the entry that contradict gshare's: "soft, suid"; empty: none
 * An option of the entry stays where it is, and timeo= and retrans= keep their values.
 */
void gs_mount_options(const struct gs_mount_asked *asked, struct gs_str *ret_mount,
		      struct gs_str *ret_fstab, struct gs_str *ret_replaced);

/** gs_mountopt_is_for_fstab - is the option for mount(8) and systemd, not for the kernel? */
bool gs_mountopt_is_for_fstab(struct gs_span option);
