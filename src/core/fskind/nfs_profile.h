/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/str.h"

/* Named sets of mount options. Pure. */

/**
 * struct gs_nfs_profile - one set
 * @options: without nconnect, which depends on the link; "": none
 * @connects: with nconnect=gs_nfs_connections()
 * @ro: mounted read-only
 */
struct gs_nfs_profile {
	const char *name, *means, *options;
	bool connects, ro;
};

/** The table; it ends with a row without a name. The first is the default. */
extern const struct gs_nfs_profile gs_nfs_profiles[];

#define GS_NFS_PROFILE_OPTION "x-gshare.profile"

/** gs_nfs_profile_find - NULL: none of that name */
const struct gs_nfs_profile *gs_nfs_profile_find(struct gs_span name);

/** gs_nfs_profile_of - the profile that an entry of fstab names; the default where it has none */
const struct gs_nfs_profile *gs_nfs_profile_of(const char *options);

/** gs_nfs_profile_has - is the option of a list one that the profile put there? */
bool gs_nfs_profile_has(const struct gs_nfs_profile *profile, struct gs_span option);

/**
 * gs_nfs_connections - TCP connections for a link
 * @mbit: its speed, 0: not known, as in most virtual machines; @rtt_us: its round trip
 *
 * By speed, since one connection is served by one processor on each side: 1 below 10 Gbit/s, 4 from
 * there, 8 from 25, 16 from 100; not known: 4, and counted as 2.5 Gbit/s. And so many that the link
 * is full: what is under way is its speed times the round trip, and one connection carries 2 MiB,
 * half of the largest send buffer that Linux gives by itself (tcp_wmem in tcp(7)). At most 16, the
 * kernel's limit.
 */
unsigned gs_nfs_connections(unsigned mbit, unsigned rtt_us);
