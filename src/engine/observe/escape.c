/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/escape.h"

#include <errno.h>
#include <string.h>

enum {
	ASKED_MAX = 256
}; /* mount tables read; any further export counts as on the share's file system */

/* Is path on file system dev? find() asks once per run of entries with the same path. */
static int is_near(struct gs_sys *sys, const char *path, dev_t dev, bool *ret, struct gs_err *err)
{
	GS_AUTO(gs_mounted_done) struct gs_mounted mount = { 0 };

	if (sys->ops->mount->find_of(sys, path, &mount, err) < 0)
		return err->code;
	*ret = mount.dev == dev;
	return 0;
}

/*
 * mountd answers for every mount below an export with crossmnt as for that export itself, at any
 * depth, for a lookup and for a file handle: nfs-utils support/export/cache.c next_mnt(),
 * path_matches(). It compares the paths as text, as this does. Without crossmnt, fsid=0 opens no
 * mount below the export, and nohide only one that has a line of its own.
 */
static bool crosses(const struct gs_export *entry)
{
	return !entry->is_readable || entry->opts.flags & GS_EXPORT_CROSSMNT;
}

/* Is one of the file system's mounts below path? */
static bool is_below(const struct gs_mounts *mounts, const char *path)
{
	for (size_t i = 0; i < mounts->n; i++)
		if (gs_path_is_within(mounts->v[i].target, path))
			return true;
	return false;
}

/*
 * nfsd walks up from a file to the export, not to the share: an export that contains the share
 * accepts handles from outside the share, also with subtree_check.
 */
static bool is_around(const struct gs_export *entry, const char *share)
{
	return strcmp(entry->path, share) != 0 &&
	       (gs_path_is_within(share, entry->path) || crosses(entry));
}

/* @ret: an export that accepts made-up handles of the file system, if an export is writable */
static int find(struct gs_sys *sys, const char *path, const struct gs_exports *etab, char **ret,
		struct gs_err *err)
{
	GS_AUTO(gs_mounted_done) struct gs_mounted mount = { 0 };
	GS_AUTO(gs_mounts_done) struct gs_mounts mounts = { 0 };
	const char *asked = path, *open = NULL;
	bool near = true, written = false;
	size_t n = 0;

	if (sys->ops->mount->find_of(sys, path, &mount, err) < 0 ||
	    sys->ops->mount->list_dev(sys, mount.dev, &mounts, err) < 0)
		return err->code;
	for (size_t i = 0; i < etab->n && !(open && written); i++) {
		const struct gs_export *entry = &etab->entry[i];
		bool opens = !open && (gs_escape_opens(entry) || is_around(entry, path));
		bool writes = !written && gs_escape_writes(entry);
		bool reaches;

		if (!opens && !writes)
			continue;
		if (strcmp(entry->path, asked) != 0) {
			asked = entry->path;
			near = !strcmp(asked, path) || n == ASKED_MAX;
			if (!near && is_near(sys, asked, mount.dev, &near, err) < 0)
				return err->code;
			n += n < ASKED_MAX;
		}
		reaches = near || (crosses(entry) && is_below(&mounts, entry->path));
		open = reaches && opens ? entry->path : open;
		written |= reaches && writes;
	}
	*ret = open && written ? gs_strdup(open) : NULL;
	return 0;
}

int gs_observe_escape(struct gs_sys *sys, const char *path, bool is_fs_root, char **ret,
		      struct gs_err *err)
{
	GS_AUTO(gs_exports_done) struct gs_exports etab = { 0 };
	gs_autostr struct gs_str text = { 0 };
	struct gs_server server = { 0 };
	char *escape = NULL;

	if (sys->ops->server->serving(sys, &server, err) < 0)
		return err->code;
	/* A share that is the root of its file system has nothing outside it to link. */
	if (server.threads && !is_fs_root) {
		if (sys->ops->server->active_exports(sys, &text, err) < 0 ||
		    gs_exports_parse(gs_str_span(&text), &etab, err) < 0)
			return err->code;
		if (gs_exports_fatal(&etab))
			return gs_err_set(err, EPROTO, "etab, line %zu: %s",
					  gs_exports_fatal(&etab)->number,
					  gs_exports_fatal(&etab)->why);
		if (find(sys, path, &etab, &escape, err) < 0)
			return err->code;
	}
	*ret = escape;
	return 0;
}
