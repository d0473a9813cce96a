/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A tmpfs whose source is an export has the type nfs4 where gshare asks libmount for it: named in
 * /etc/ld.so.preload of a machine whose kernel need not have an NFS client (follower.py). mount(8)
 * is to see the truth: it is what makes that tmpfs.
 */
#include <dlfcn.h>
#include <errno.h>
#include <libmount.h>
#include <string.h>

const char *mnt_fs_get_fstype(struct libmnt_fs *fs)
{
	const char *(*real)(struct libmnt_fs *) = NULL;
	const char *source = mnt_fs_get_source(fs), *type;

	*(void **)&real = dlsym(RTLD_NEXT, "mnt_fs_get_fstype");
	type = real ? real(fs) : NULL;
	if (strcmp(program_invocation_short_name, "gshare") != 0)
		return type;
	return type && source && !strcmp(type, "tmpfs") && strstr(source, ":/") ? "nfs4" : type;
}
