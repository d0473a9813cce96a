/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/share.h"

#include <stdlib.h>

#include "core/format/fstab.h"
#include "core/format/unit.h"
#include "engine/observe/common.h"

bool gs_wake(struct gs_sys *sys, const char *path)
{
	GS_AUTO(gs_mounted_done) struct gs_mounted mounted = { 0 };
	struct gs_err unseen = { 0 };
	bool found = false;

	if (!sys->ops->mount->is_trigger(sys, path))
		return true;
	(void)sys->ops->mount->ask(sys, path, &unseen);
	return sys->ops->mount->find(sys, path, &mounted, &found, &unseen) == 0 && found;
}

void gs_wake_shares(struct gs_sys *sys, const struct gs_file *fstab, const char *path)
{
	GS_AUTO(gs_fstab_done) struct gs_fstab doc = { 0 };
	struct gs_err unread = { 0 };

	if (path) {
		(void)gs_wake(sys, path);
		return;
	}
	if (gs_fstab_parse(gs_str_span(&fstab->text), &doc, &unread) < 0)
		return;
	for (size_t i = 0; i < doc.n; i++)
		if (doc.entry[i].managed)
			(void)gs_wake(sys, doc.entry[i].target);
}

/* A link may lead to a unit file that is somewhere else, too. */
static bool is_masked(struct gs_sys *sys, const char *unit)
{
	GS_AUTO(gs_strs_done) struct gs_strs units = { 0 };
	gs_autostr struct gs_str text = { 0 };
	struct gs_err unasked = { 0 };

	gs_strs_add(&units, unit);
	return sys->ops->service->runs(sys) &&
	       sys->ops->service->show(sys, &units, "--property=LoadState", &text, &unasked) == 0 &&
	       gs_span_has_prefix(gs_str_span(&text), "LoadState=masked");
}

char *gs_find_boot_unit(struct gs_sys *sys, const char *target, bool *ret_masked)
{
	static const char *const dirs[] = { "/etc/systemd/system.control",
					    "/run/systemd/system.control", "/etc/systemd/system",
					    "/run/systemd/system" };
	gs_autofree char *unit = gs_unit_name(target, "mount");

	*ret_masked = false;
	for (size_t i = 0; !sys->offline && i < GS_COUNT(dirs); i++) {
		char *path = gs_printf("%s/%s", dirs[i], unit);
		GS_AUTO(gs_inode_done) struct gs_inode inode = { 0 };
		struct gs_err unseen = { 0 };

		if (sys->ops->fs->look(sys, path, &inode, &unseen) == 0 &&
		    inode.type != GS_INODE_ABSENT) {
			*ret_masked = inode.type == GS_INODE_LINK && is_masked(sys, unit);
			return path;
		}
		free(path);
	}
	return NULL;
}

int gs_find_follower_share(struct gs_sys *sys, const char *path, struct gs_file *fstab,
			   struct gs_local_shares *ret, bool *ret_found, struct gs_err *err)
{
	GS_AUTO(gs_mounts_done) struct gs_mounts mounts = { 0 };

	if (gs_observe_file(sys, "/etc/fstab", fstab, err) < 0 ||
	    (!sys->offline && sys->ops->mount->list_nfs(sys, &mounts, err) < 0))
		return err->code;
	return gs_local_shares_follower(fstab, &mounts, path, ret, ret_found, err);
}
