/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/types.h"

#include <stdlib.h>

void gs_inode_done(struct gs_inode *inode)
{
	free(inode->acl_access);
	free(inode->acl_default);
	*inode = (struct gs_inode){ 0 };
}

void gs_account_done(struct gs_account *account)
{
	free(account->name);
	free(account->group);
	free(account->home);
	*account = (struct gs_account){ 0 };
}

void gs_ids_add(struct gs_ids *ids, uint32_t id)
{
	gs_grow(&ids->v, ids->n, &ids->room, sizeof *ids->v);
	ids->v[ids->n++] = id;
}

bool gs_ids_has(const struct gs_ids *ids, uint32_t id)
{
	for (size_t i = 0; i < ids->n; i++)
		if (ids->v[i] == id)
			return true;
	return false;
}

void gs_ids_done(struct gs_ids *ids)
{
	free(ids->v);
	*ids = (struct gs_ids){ 0 };
}

void gs_fs_done(struct gs_fs *fs)
{
	free(fs->type);
	free(fs->device);
	free(fs->uuid);
	free(fs->target);
	free(fs->options);
	*fs = (struct gs_fs){ 0 };
}

void gs_mounted_done(struct gs_mounted *mounted)
{
	free(mounted->source);
	free(mounted->target);
	free(mounted->type);
	free(mounted->options);
	free(mounted->also);
	*mounted = (struct gs_mounted){ 0 };
}

void gs_files_add(struct gs_files *files, const char *path, bool exists, struct gs_span text)
{
	struct gs_file *file;

	gs_grow(&files->v, files->n, &files->room, sizeof *files->v);
	file = &files->v[files->n++];
	file->path = gs_strdup(path);
	file->exists = exists;
	gs_str_add(&file->text, text);
}

void gs_file_done(struct gs_file *file)
{
	free(file->path);
	gs_str_done(&file->text);
	*file = (struct gs_file){ 0 };
}

void gs_files_done(struct gs_files *files)
{
	for (size_t i = 0; i < files->n; i++)
		gs_file_done(&files->v[i]);
	free(files->v);
	*files = (struct gs_files){ 0 };
}

void gs_mounts_done(struct gs_mounts *mounts)
{
	for (size_t i = 0; i < mounts->n; i++)
		gs_mounted_done(&mounts->v[i]);
	free(mounts->v);
	*mounts = (struct gs_mounts){ 0 };
}

void gs_grants_add(struct gs_grants *grants, const char *path)
{
	gs_grow(&grants->v, grants->n, &grants->room, sizeof *grants->v);
	grants->v[grants->n++].path = gs_strdup(path);
}

void gs_grants_done(struct gs_grants *grants)
{
	for (size_t i = 0; i < grants->n; i++) {
		free(grants->v[i].path);
		gs_strs_done(&grants->v[i].clients);
	}
	free(grants->v);
	*grants = (struct gs_grants){ 0 };
}

void gs_netaddrs_add(struct gs_netaddrs *links, const char *addr, unsigned prefix,
		     const char *interface, unsigned mtu)
{
	gs_grow(&links->v, links->n, &links->room, sizeof *links->v);
	links->v[links->n++] = (struct gs_netaddr){
		.addr = gs_strdup(addr),
		.interface = gs_strdup(interface),
		.prefix = prefix,
		.mtu = mtu,
	};
}

void gs_netaddrs_done(struct gs_netaddrs *links)
{
	for (size_t i = 0; i < links->n; i++) {
		free(links->v[i].addr);
		free(links->v[i].interface);
	}
	free(links->v);
	*links = (struct gs_netaddrs){ 0 };
}
