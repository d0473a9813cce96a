/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/mount/mount_ops.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sys/fs/bounded_read.h"
#include "sys/fs/mount_table.h"
#include "sys/fs/pin_path.h"
#include "sys/mount/attach.h"
#include "sys/mount/early.h"
#include "sys/mount/guard.h"
#include "sys/mount/mount.h"
#include "sys/mount/mount_stats.h"
#include "sys/mount/mount_users.h"
#include "sys/mount/readahead.h"
#include "sys/mount/remount.h"
#include "sys/mount/stage.h"
#include "sys/mount/units.h"
#include "sys/proc/proc.h"

enum {
	LOOK_MS = 4000,	  /* of one request to a server: several must fit into a deadline */
	RELOAD_MS = 8000, /* of systemd's generators; a run must still end, or be rolled back */
	EARLY_MS = 500,	  /* of a look into each namespace, beside all else of a status */
	USERS_MS = 3000,  /* of a search through all processes */
};

static bool has_client(struct gs_sys *sys)
{
	struct stat st;

	(void)sys;
	return stat("/sbin/mount.nfs", &st) == 0 || stat("/usr/sbin/mount.nfs", &st) == 0;
}

/* Moves the strings of the mount table's entry to the type that the port returns. */
static void take_entry(struct gs_mount_entry *entry, struct gs_mounted *ret)
{
	*ret = (struct gs_mounted){
		.source = entry->source,
		.target = entry->target,
		.type = entry->type,
		.options = entry->options,
		.id = entry->id,
		.dev = entry->devno,
		.is_whole = !strcmp(entry->root, "/"),
		.also = entry->also,
	};
	free(entry->root);
	*entry = (struct gs_mount_entry){ 0 };
}

static int find(struct gs_sys *sys, const char *target, struct gs_mounted *ret, bool *ret_found,
		struct gs_err *err)
{
	struct gs_mount_entry entry = { 0 };
	bool found = false;
	int r = gs_mount_find(target, &entry, &found, err);

	(void)sys;
	if (r < 0)
		return r;
	if (found)
		take_entry(&entry, ret);
	*ret_found = found;
	return 0;
}

static bool is_trigger(struct gs_sys *sys, const char *target)
{
	(void)sys;
	return gs_mount_is_trigger(target);
}

static int find_of(struct gs_sys *sys, const char *path, struct gs_mounted *ret, struct gs_err *err)
{
	struct gs_mount_entry entry = { 0 };
	int r = gs_mount_containing(path, &entry, err);

	(void)sys;
	if (r == 0)
		take_entry(&entry, ret);
	return r;
}

static void take_entries(struct gs_mount_list *list, struct gs_mounts *ret)
{
	for (size_t i = 0; i < list->n; i++) {
		gs_grow(&ret->v, ret->n, &ret->room, sizeof *ret->v);
		take_entry(&list->v[i], &ret->v[ret->n++]);
	}
}

static int list_dev(struct gs_sys *sys, dev_t dev, struct gs_mounts *ret, struct gs_err *err)
{
	GS_AUTO(gs_mount_list_done) struct gs_mount_list list = { 0 };
	int r = gs_mount_list_dev(dev, &list, err);

	(void)sys;
	take_entries(&list, ret);
	return r;
}

static int list_within(struct gs_sys *sys, const char *path, struct gs_mounts *ret,
		       struct gs_err *err)
{
	GS_AUTO(gs_mount_list_done) struct gs_mount_list list = { 0 };
	int r = gs_mount_list_within(path, &list, err);

	(void)sys;
	take_entries(&list, ret);
	return r;
}

static int list_nfs(struct gs_sys *sys, struct gs_mounts *ret, struct gs_err *err)
{
	GS_AUTO(gs_mount_list_done) struct gs_mount_list list = { 0 };
	int r = gs_mount_list_nfs(&list, err);

	(void)sys;
	take_entries(&list, ret);
	return r;
}

static int read_ahead(struct gs_sys *sys, const struct gs_mounted *mounted, unsigned *ret_kib,
		      struct gs_err *err)
{
	(void)sys;
	return gs_readahead_get(mounted->dev, ret_kib, err);
}

static int set_read_ahead(struct gs_sys *sys, const struct gs_mounted *mounted, unsigned kib,
			  struct gs_err *err)
{
	gs_readahead_settle(sys->deadline_ns);
	return gs_readahead_set(mounted->dev, kib, err);
}

/*
 * A plain umount waits for the server, but leaves time to see that the mount is gone: otherwise the
 * run is rolled back.
 */
static int take_off(struct gs_sys *sys, const char *target, unsigned how, struct gs_err *err)
{
	const struct gs_pin *held = gs_pin_for(sys, target);
	int64_t end = gs_sys_within(sys, GS_DETACH_MS), now = gs_now_ns();

	if (how == GS_UMOUNT_PLAIN)
		end = now + (sys->deadline_ns - now) / 4 * 3;
	return gs_umount_sure(held ? held->mount_id : -1, target, how, end, err);
}

static int users(struct gs_sys *sys, const struct gs_mounted *mounted, struct gs_mount_users *ret,
		 struct gs_err *err)
{
	return gs_mount_users_find(mounted->target, mounted->id, gs_sys_within(sys, USERS_MS), ret,
				   err);
}

static int early(struct gs_sys *sys, const char *target, struct gs_earlies *ret, struct gs_err *err)
{
	return gs_early_find(target, gs_sys_within(sys, EARLY_MS), ret, err);
}

static int mountstats(struct gs_sys *sys, struct gs_str *ret, struct gs_err *err)
{
	(void)sys;
	return gs_mountstats_read(ret, err);
}

static int reload_units(struct gs_sys *sys, struct gs_err *err)
{
	return gs_units_reload(gs_sys_within(sys, RELOAD_MS), err);
}

static int ask(struct gs_sys *sys, const char *path, struct gs_err *err)
{
	return gs_ask_mount(path, gs_sys_within(sys, LOOK_MS), err);
}

static void look(struct gs_sys *sys, const char *path, bool for_writing, struct gs_mount_look *ret)
{
	gs_mount_look(path, for_writing, gs_sys_within(sys, LOOK_MS), ret);
}

static int read_bounded(struct gs_sys *sys, const char *path, size_t max, struct gs_str *ret,
			struct gs_err *err)
{
	gs_autofree char *at = sys->stage ? gs_stage_path(sys->stage, path) : NULL;

	return gs_read_bounded(path, at, max, gs_sys_within(sys, LOOK_MS), ret, err);
}

const struct gs_mount_ops gs_mount_host = {
	.has_client = has_client,
	.pin_path = gs_pin_path,
	.find = find,
	.is_trigger = is_trigger,
	.find_of = find_of,
	.list_dev = list_dev,
	.list_within = list_within,
	.list_nfs = list_nfs,
	.mount = gs_attach_now,
	.stage = gs_attach_stage,
	.attach = gs_attach_staged,
	.unstage = gs_attach_drop,
	.umount = take_off,
	.remount = gs_remount,
	.look_bare = gs_guard_look,
	.set_guard = gs_guard_set,
	.read_ahead = read_ahead,
	.set_read_ahead = set_read_ahead,
	.users = users,
	.early = early,
	.mountstats = mountstats,
	.reload_units = reload_units,
	.ask = ask,
	.look = look,
	.read_bounded = read_bounded,
};
