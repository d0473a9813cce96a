/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/fs/fsinfo.h"

#include <blkid.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "sys/fs/mount_table.h"

/* The UUID on a block device, as libblkid's low-level probe reads it; NULL where there is none. */
static char *read_uuid(const char *device)
{
	blkid_probe probe = device[0] == '/' ? blkid_new_probe_from_filename(device) : NULL;
	const char *value = NULL;
	char *uuid = NULL;

	if (!probe)
		return NULL;
	blkid_probe_enable_superblocks(probe, 1);
	blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_UUID);
	if (blkid_do_safeprobe(probe) == 0 &&
	    blkid_probe_lookup_value(probe, "UUID", &value, NULL) == 0)
		uuid = gs_strdup(value);
	blkid_free_probe(probe);
	return uuid;
}

/*
 * exportfs(8) accepts any directory, but nfsd needs the handles of its file system:
 * Documentation/filesystems/nfs/exporting.rst. open_by_handle_at(2): without room for a handle the
 * call fails with EOVERFLOW where there are handles.
 */
static bool lacks_handles(const char *path)
{
	struct file_handle none = { .handle_bytes = 0 };
	int mount_id;

	return name_to_handle_at(AT_FDCWD, path, &none, &mount_id, 0) < 0 && errno == EOPNOTSUPP;
}

int gs_fsinfo(const char *path, struct gs_fs *ret, struct gs_err *err)
{
	GS_AUTO(gs_mount_entry_done) struct gs_mount_entry entry = { 0 };
	struct statvfs st;
	int r = gs_mount_containing(path, &entry, err);

	if (r < 0)
		return r;
	if (statvfs(entry.target, &st) < 0)
		return gs_err_set(err, errno, "cannot read the file system of '%s': %s", path,
				  strerror(errno));
	*ret = (struct gs_fs){
		.type = gs_strdup(entry.type),
		.device = gs_strdup(entry.source),
		.uuid = read_uuid(entry.source),
		/* A bound directory or a subvolume is only a part of its file system. */
		.is_root = !strcmp(entry.target, path) && !strcmp(entry.root, "/"),
		.is_readonly = st.f_flag & ST_RDONLY,
		.no_handles = lacks_handles(entry.target),
		.target = gs_strdup(entry.target),
		.options = entry.options ? gs_strdup(entry.options) : NULL,
		.free_bytes = (uint64_t)st.f_bavail * st.f_frsize,
	};
	return 0;
}
