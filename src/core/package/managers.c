/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "core/package/package.h"

/* A Debian can have dnf, and a SUSE too: the one that installed the system comes first. */
static const struct gs_manager *const table[] = {
	&gs_manager_apt,
	&gs_manager_zypper,
	&gs_manager_dnf,
};

const struct gs_manager *gs_manager_at(size_t i)
{
	return i < GS_COUNT(table) ? table[i] : NULL;
}

const struct gs_manager *gs_manager_find(const char *name)
{
	for (size_t i = 0; i < GS_COUNT(table); i++)
		if (!strcmp(table[i]->name, name))
			return table[i];
	return NULL;
}

const char *const *gs_role_programs(enum gs_role role)
{
	static const char *const server[] = { "/usr/sbin/exportfs", "/usr/sbin/rpc.nfsd",
					      "/usr/sbin/rpc.mountd", NULL };
	static const char *const client[] = { "/sbin/mount.nfs", NULL };

	return role == GS_ROLE_LEADER ? server : client;
}
