/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/escape.h"

#include <errno.h>
#include <string.h>

enum {
	ASKED_MAX = 256
}; /* mount tables read; with more exports than that one is taken to be near */

/* Of the paths that entries name one after the other, each once. */
static int is_near(struct gs_sys *sys, const char *path, dev_t dev, bool *ret, struct gs_err *err)
{
	GS_AUTO(gs_mounted_done) struct gs_mounted mount = { 0 };

	if (sys->ops->find_mount_of(sys, path, &mount, err) < 0)
		return err->code;
	*ret = mount.dev == dev;
	return 0;
}

/* @ret: the export that opens the file system, where one also lets its clients write there */
static int find(struct gs_sys *sys, const char *path, const struct gs_exports *etab, char **ret,
		struct gs_err *err)
{
	GS_AUTO(gs_mounted_done) struct gs_mounted mount = { 0 };
	const char *asked = path, *open = NULL;
	bool near = true, written = false;
	size_t n = 0;

	if (sys->ops->find_mount_of(sys, path, &mount, err) < 0)
		return err->code;
	for (size_t i = 0; i < etab->n && !(open && written); i++) {
		const struct gs_export *entry = &etab->entry[i];
		bool opens = !open && gs_escape_opens(entry);
		bool writes = !written && gs_escape_writes(entry);

		if (!opens && !writes)
			continue;
		if (strcmp(entry->path, asked) != 0) {
			asked = entry->path;
			near = !strcmp(asked, path) || n == ASKED_MAX;
			if (!near && is_near(sys, asked, mount.dev, &near, err) < 0)
				return err->code;
			n += n < ASKED_MAX;
		}
		open = near && opens ? entry->path : open;
		written |= near && writes;
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

	if (sys->ops->serving(sys, &server, err) < 0)
		return err->code;
	/* All of a file system that is the share's own is the share. */
	if (server.threads && !is_fs_root) {
		if (sys->ops->active_exports(sys, &text, err) < 0 ||
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
