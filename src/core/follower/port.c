/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/follower/port.h"

#include <string.h>

#include "base/types.h"
#include "core/format/fstab.h"

/* Does an NFS source name this server: "HOST:/PATH", "[ADDRESS]:/PATH"? */
static bool is_of(const char *source, const char *leader)
{
	size_t n = strlen(leader);
	bool in_brackets = source[0] == '[';

	source += in_brackets;
	if (strncmp(source, leader, n) != 0)
		return false;
	return !strncmp(source + n, in_brackets ? "]:/" : ":/", in_brackets ? 3 : 2);
}

/* @ret_port: untouched where no entry is for this leader */
static void port_of_fstab(const struct gs_follower_req *req, const struct gs_file *file,
			  unsigned *ret_port)
{
	GS_AUTO(gs_fstab_done) struct gs_fstab fstab = { 0 };
	struct gs_err unread = { 0 };

	if (!file->path || gs_fstab_parse(gs_str_span(&file->text), &fstab, &unread) < 0)
		return;
	for (size_t i = fstab.n; i-- > 0;) {
		const struct gs_fstab_entry *entry = &fstab.entry[i];

		if (gs_span_has_prefix(gs_span_of(entry->type), "nfs") &&
		    is_of(entry->source, req->leader) &&
		    (!req->target || !strcmp(entry->target, req->target)))
			*ret_port = gs_mountopt_port(entry->options);
	}
}

unsigned gs_follower_port(const struct gs_follower_req *req, const struct gs_file *fstab,
			  const struct gs_mounts *mounts)
{
	unsigned port = 0;

	if (req->port)
		return req->port;
	port_of_fstab(req, fstab, &port);
	for (size_t i = 0; i < mounts->n && !port; i++)
		if (is_of(mounts->v[i].source, req->leader) &&
		    (!req->target || !strcmp(mounts->v[i].target, req->target)))
			port = gs_mountopt_port(mounts->v[i].options);
	return port ? port : GS_NFS_PORT;
}

const struct gs_mounted *gs_follower_secured(const struct gs_follower_req *req,
					     const struct gs_mounts *mounts)
{
	const struct gs_mounted *only = NULL;

	for (size_t i = 0; i < mounts->n; i++) {
		const struct gs_mounted *mount = &mounts->v[i];
		const char *path = strstr(mount->source, ":/");
		gs_autostr struct gs_str security = { 0 };

		gs_mountopt_security(mount->options, &security);
		if (!security.len || !path || !is_of(mount->source, req->leader) ||
		    (req->target && strcmp(mount->target, req->target) != 0) ||
		    (req->export_ && strcmp(path + 1, req->export_) != 0))
			continue;
		if (only)
			return NULL;
		only = mount;
	}
	return only;
}
