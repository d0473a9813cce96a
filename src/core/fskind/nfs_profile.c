/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/fskind/nfs_profile.h"

#include "base/types.h"
#include "core/format/fstab.h"

enum {
	CONNECTIONS_MAX = 16,	 /* NFS_MAX_CONNECTIONS */
	CARRIED_BYTES = 2 << 20, /* by one connection at once */
	UNKNOWN = 4,	     /* connections of a virtual machine, whose interface names no speed */
	UNKNOWN_MBIT = 2500, /* with 16, where 10000 lead at 50 ms, a guest was no faster */
};

const struct gs_nfs_profile gs_nfs_profiles[] = {
	{ "default", "one connection, the kernel's caching", "", false, false },
	{ "fast", "several connections, by the speed of the link and the round trip", "", true,
	  false },
	{ "readonly-dataset", "read-only, names, sizes and times are cached for ten minutes",
	  "nocto,actimeo=600", false, true },
	{ 0 },
};

const struct gs_nfs_profile *gs_nfs_profile_find(struct gs_span name)
{
	for (const struct gs_nfs_profile *row = gs_nfs_profiles; row->name; row++)
		if (gs_span_is_text(name, row->name))
			return row;
	return NULL;
}

const struct gs_nfs_profile *gs_nfs_profile_of(const char *options)
{
	const struct gs_nfs_profile *profile = NULL;
	struct gs_span name = { 0 };

	if (gs_mountopt_get(options, GS_NFS_PROFILE_OPTION, &name))
		profile = gs_nfs_profile_find(name);
	return profile ? profile : &gs_nfs_profiles[0];
}

bool gs_nfs_profile_has(const struct gs_nfs_profile *profile, struct gs_span option)
{
	struct gs_span rest = gs_span_of(profile->options), one;

	if (gs_span_is_text(option, "ro"))
		return profile->ro;
	if (gs_span_has_prefix(option, "nconnect="))
		return profile->connects;
	while (gs_mountopt_next(&rest, &one))
		if (gs_span_is(one, option))
			return true;
	return false;
}

unsigned gs_nfs_connections(unsigned mbit, unsigned rtt_us)
{
	static const struct {
		unsigned mbit, connections;
	} by_speed[] = { { 100000, 16 }, { 25000, 8 }, { 10000, 4 }, { 1, 1 }, { 0, UNKNOWN } };
	uint64_t speed = mbit ? mbit : UNKNOWN_MBIT;
	uint64_t under_way = speed * rtt_us / 8; /* bytes: Mbit/s times microseconds are bits */
	uint64_t filling = (under_way + CARRIED_BYTES - 1) / CARRIED_BYTES;
	size_t i = 0;

	while (mbit < by_speed[i].mbit)
		i++;
	if (filling < by_speed[i].connections)
		filling = by_speed[i].connections;
	return filling < CONNECTIONS_MAX ? (unsigned)filling : CONNECTIONS_MAX;
}
