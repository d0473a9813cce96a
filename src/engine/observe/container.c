/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/container.h"

enum { SMALL_BYTES = 4096, ENVIRON_BYTES = 1 << 17 /* MAX_ARG_STRLEN */ };

static void read_some(struct gs_sys *sys, const char *path, size_t max, struct gs_str *ret)
{
	struct gs_err unread = { 0 };
	bool exists = false;

	(void)sys->ops->fs->read_file(sys, path, max, ret, &exists, &unread);
}

static bool is_there(struct gs_sys *sys, const char *path)
{
	struct gs_inode inode = { 0 };
	struct gs_err unseen = { 0 };
	bool found = sys->ops->fs->look(sys, path, &inode, &unseen) == 0 &&
		     inode.type == GS_INODE_FILE;

	gs_inode_done(&inode);
	return found;
}

void gs_observe_container(struct gs_sys *sys, struct gs_container *ret)
{
	/* Files of managers that tell nothing to processes other than the first. */
	static const struct {
		const char *path, *kind;
	} marks[] = { { "/run/.containerenv", "podman" }, { "/.dockerenv", "docker" } };
	gs_autostr struct gs_str map = { 0 }, first = { 0 }, file = { 0 };

	read_some(sys, "/proc/self/uid_map", SMALL_BYTES, &map);
	read_some(sys, "/proc/1/environ", ENVIRON_BYTES, &first);
	read_some(sys, "/run/systemd/container", SMALL_BYTES, &file);
	for (size_t i = 0; i < GS_COUNT(marks) && !file.len; i++)
		if (is_there(sys, marks[i].path))
			gs_str_adds(&file, marks[i].kind);
	gs_container_read(gs_str_span(&map), gs_str_span(&first), gs_str_span(&file), ret);
}
