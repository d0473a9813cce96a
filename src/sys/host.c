/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sys/access/access.h"
#include "sys/accounts.h"
#include "sys/fs/bounded_read.h"
#include "sys/fs/far.h"
#include "sys/fs/fsinfo.h"
#include "sys/fs/mount_table.h"
#include "sys/fs/pin_path.h"
#include "sys/fs/rootfs.h"
#include "sys/fs/spare.h"
#include "sys/journal.h"
#include "sys/mount/guard.h"
#include "sys/mount/mount.h"
#include "sys/mount/mount_stats.h"
#include "sys/mount/mount_users.h"
#include "sys/mount/readahead.h"
#include "sys/mount/remount.h"
#include "sys/mount/stage.h"
#include "sys/net/address.h"
#include "sys/nfs/browse.h"
#include "sys/nfs/mountd.h"
#include "sys/nfs/ping.h"
#include "sys/proc/fd.h"
#include "sys/proc/privs.h"
#include "sys/proc/proc.h"
#include "sys/server/exportfs.h"
#include "sys/server/knfsd.h"
#include "sys/sys.h"

/* The two real tables: this machine, and a tree below --root. */

enum {
	PROBE_MS = 4000, /* of one look at a server: several must fit into a command's deadline */
	GRANTS_MS =
		1000, /* of extra evidence, which nobody is to wait for: a look is to end in 5 s */
	DETACH_MS = 2000,  /* a lazy or forced umount that takes longer is done but for the farewell
			      to a silent server */
	HOLDERS_MS = 3000, /* of a look at every process */
};

static int64_t within(const struct gs_sys *sys, unsigned ms)
{
	int64_t end = gs_deadline_in(ms);

	return end < sys->deadline_ns ? end : sys->deadline_ns;
}

static int host_fs(struct gs_sys *sys, const char *path, struct gs_fs *ret, struct gs_err *err)
{
	(void)sys;
	return gs_fsinfo(path, ret, err);
}

static int host_resolve(struct gs_sys *sys, const char *name, struct gs_strs *ret_addrs,
			struct gs_err *err)
{
	return gs_resolve(name, within(sys, PROBE_MS), ret_addrs, err);
}

static int host_address_facing(struct gs_sys *sys, const char *addr, char **ret, struct gs_err *err)
{
	(void)sys;
	return gs_address_facing(addr, ret, err);
}

static int host_own_addresses(struct gs_sys *sys, struct gs_strs *ret, struct gs_err *err)
{
	(void)sys;
	return gs_addresses_own(ret, err);
}

static int host_list_grants(struct gs_sys *sys, const char *addr, struct gs_grants *ret,
			    struct gs_err *err)
{
	return gs_mountd_list(addr, GS_RPCBIND_PORT, within(sys, GRANTS_MS), ret, err);
}

static bool host_has_client(struct gs_sys *sys)
{
	struct stat st;

	(void)sys;
	return stat("/sbin/mount.nfs", &st) == 0 || stat("/usr/sbin/mount.nfs", &st) == 0;
}

static int host_reach(struct gs_sys *sys, const char *addr, unsigned *ret_connect_us,
		      struct gs_err *err)
{
	return gs_reach_nfs(addr, sys->deadline_ns, ret_connect_us, err);
}

static int host_find_exports(struct gs_sys *sys, const char *addr, struct gs_nfs_exports *ret,
			     struct gs_err *err)
{
	return gs_nfs_find_exports(addr, GS_NFS_PORT, within(sys, PROBE_MS), ret, err);
}

static int host_read_export_id(struct gs_sys *sys, const char *addr, const char *path,
			       char ret_id[GS_SHARE_ID_BYTES], struct gs_err *err)
{
	return gs_nfs_read_id(addr, GS_NFS_PORT, path, within(sys, PROBE_MS), ret_id, err);
}

/* The mount table's entry, as the port hands it out: the strings change their owner. */
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
	};
	free(entry->root);
	*entry = (struct gs_mount_entry){ 0 };
}

static int host_find_mount(struct gs_sys *sys, const char *target, struct gs_mounted *ret,
			   bool *ret_found, struct gs_err *err)
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

static int host_find_mount_of(struct gs_sys *sys, const char *path, struct gs_mounted *ret,
			      struct gs_err *err)
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

static int host_list_mounts(struct gs_sys *sys, dev_t dev, struct gs_mounts *ret,
			    struct gs_err *err)
{
	GS_AUTO(gs_mount_list_done) struct gs_mount_list list = { 0 };
	int r = gs_mount_list_dev(dev, &list, err);

	(void)sys;
	take_entries(&list, ret);
	return r;
}

static int host_list_nfs(struct gs_sys *sys, struct gs_mounts *ret, struct gs_err *err)
{
	GS_AUTO(gs_mount_list_done) struct gs_mount_list list = { 0 };
	int r = gs_mount_list_nfs(&list, err);

	(void)sys;
	take_entries(&list, ret);
	return r;
}

static void host_unstage(struct gs_sys *sys)
{
	if (!sys->stage)
		return;
	gs_stage_done(sys->stage);
	free(sys->stage);
	sys->stage = NULL;
}

static int host_stage(struct gs_sys *sys, const char *source, const char *target, const char *type,
		      const char *options, struct gs_err *err)
{
	struct gs_stage stage = { 0 };

	if (gs_stage_mount(source, target, type, options, sys->deadline_ns, &stage, err) < 0)
		return err->code;
	host_unstage(sys);
	sys->stage = gs_dup(&stage, sizeof stage);
	return 0;
}

/*
 * Attached, but was the way to it changed meanwhile? Then it has appeared where nobody asked; on
 * top of another mount, where one came in between: move_mount(2) does not refuse that.
 */
static int see_attached(const struct gs_stage *stage, int dir, struct gs_err *err)
{
	int parent = -1;
	gs_autofree char *where = gs_mount_target(stage->id, &parent);

	if (where && !strcmp(where, stage->target) && parent == gs_mount_id_of(dir, ""))
		return 0;
	return gs_held_bent(stage->target, err);
}

/* What did not go well must not stay: also where the attaching was late, not refused. */
static void detach(const struct gs_stage *stage)
{
	gs_autofree char *where = gs_mount_target(stage->id, NULL);
	struct gs_err late = { 0 };

	if (where)
		(void)gs_umount_sure(stage->id, where, GS_UMOUNT_LAZY, gs_deadline_in(DETACH_MS),
				     &late);
}

static int attach(struct gs_sys *sys, const struct gs_stage *stage, struct gs_err *err)
{
	struct gs_held *held = gs_held_for(sys, stage->target);
	gs_autoclose int dir = gs_open_in_root(sys, stage->target, O_PATH | O_DIRECTORY,
					       GS_LINKS_NONE);

	if (dir == -EXDEV)
		return gs_held_bent(stage->target, err);
	if (dir < 0)
		return gs_err_set(err, dir, "cannot open '%s': %s", stage->target, strerror(-dir));
	if (gs_stage_attach(stage, dir, sys->deadline_ns, err) < 0 ||
	    see_attached(stage, dir, err) < 0) {
		detach(stage);
		return err->code;
	}
	if (held)
		held->mount_id = stage->id;
	return 0;
}

static int host_attach(struct gs_sys *sys, struct gs_err *err)
{
	if (!sys->stage)
		return gs_err_set(err, EINVAL, "nothing is mounted that could be attached");
	if (attach(sys, sys->stage, err) < 0)
		return err->code;
	host_unstage(sys);
	return 0;
}

/* Never by path: mount.nfs would follow what somebody puts there. */
static int host_mount(struct gs_sys *sys, const char *source, const char *target, const char *type,
		      const char *options, struct gs_err *err)
{
	GS_AUTO(gs_stage_done) struct gs_stage stage = { 0 };

	if (gs_stage_mount(source, target, type, options, sys->deadline_ns, &stage, err) < 0)
		return err->code;
	return attach(sys, &stage, err);
}

static int host_read_ahead(struct gs_sys *sys, const struct gs_mounted *mounted, unsigned *ret_kib,
			   struct gs_err *err)
{
	(void)sys;
	return gs_readahead_get(mounted->dev, ret_kib, err);
}

static int host_set_read_ahead(struct gs_sys *sys, const struct gs_mounted *mounted, unsigned kib,
			       struct gs_err *err)
{
	gs_readahead_settle(sys->deadline_ns);
	return gs_readahead_set(mounted->dev, kib, err);
}

/* A plain one waits for the farewell, but leaves time to see that it is gone: else it is undone. */
static int host_umount(struct gs_sys *sys, const char *target, unsigned how, struct gs_err *err)
{
	const struct gs_held *held = gs_held_for(sys, target);
	int64_t end = within(sys, DETACH_MS), now = gs_now_ns();

	if (how == GS_UMOUNT_PLAIN)
		end = now + (sys->deadline_ns - now) / 4 * 3;
	return gs_umount_sure(held ? held->mount_id : -1, target, how, end, err);
}

static int host_holders(struct gs_sys *sys, const struct gs_mounted *mounted,
			struct gs_holders *ret, struct gs_err *err)
{
	return gs_holders_find(mounted->target, mounted->id, within(sys, HOLDERS_MS), ret, err);
}

static int host_mountstats(struct gs_sys *sys, struct gs_str *ret, struct gs_err *err)
{
	(void)sys;
	return gs_mountstats_read(ret, err);
}

static int host_ask_mount(struct gs_sys *sys, const char *path, struct gs_err *err)
{
	return gs_ask_mount(path, within(sys, PROBE_MS), err);
}

static int host_read_bounded(struct gs_sys *sys, const char *path, size_t max, struct gs_str *ret,
			     struct gs_err *err)
{
	gs_autofree char *at = sys->stage ? gs_stage_path(sys->stage, path) : NULL;

	return gs_read_bounded(path, at, max, within(sys, PROBE_MS), ret, err);
}

static int host_probe(struct gs_sys *sys, const struct gs_access_req *req,
		      struct gs_access_result *ret, struct gs_err *err)
{
	gs_autofree char *at = sys->stage ? gs_stage_path(sys->stage, req->dir) : NULL;
	struct gs_access_req there = *req;

	there.at = at;
	return gs_access_probe(&there, ret, err);
}

static int host_seen(struct gs_sys *sys, const struct gs_seen_req *req, unsigned *ret_us,
		     struct gs_err *err)
{
	(void)sys;
	return gs_seen_measure(req, ret_us, err);
}

static int host_open_as(struct gs_sys *sys, const struct gs_open_req *req, struct gs_opened *ret,
			struct gs_err *err)
{
	(void)sys;
	return gs_open_as(req, ret, err);
}

static int64_t host_now_ns(struct gs_sys *sys)
{
	(void)sys;
	return gs_now_ns();
}

static void host_date(struct gs_sys *sys, char ret[static GS_TIME_BYTES])
{
	time_t now = time(NULL);
	struct tm utc;

	(void)sys;
	if (!gmtime_r(&now, &utc) || !strftime(ret, GS_TIME_BYTES, "%FT%TZ", &utc))
		snprintf(ret, GS_TIME_BYTES, "1970-01-01T00:00:00Z");
}

static void host_pause(struct gs_sys *sys, unsigned ms)
{
	struct timespec rest = { ms / 1000, (long)(ms % 1000) * 1000000 };

	(void)sys;
	while (nanosleep(&rest, &rest) < 0 && errno == EINTR)
		;
}

/* What both tables have: files, accounts, privileges, time. */
#define FILE_OPS                                                                                   \
	.read_file = gs_far_read_file, .list_dir = gs_rootfs_list_dir, .look = gs_rootfs_look,     \
	.make_dir = gs_rootfs_make_dir, .remove_dir = gs_rootfs_remove_dir,                        \
	.dress_dir = gs_rootfs_dress_dir, .way = gs_far_way, .replace_file = gs_far_replace_file,  \
	.lock = gs_lock_take, .find_account = gs_accounts_find,                                    \
	.find_group = gs_accounts_find_group, .free_system_id = gs_accounts_free_id,               \
	.random_id = gs_rootfs_random_id, .privilege = gs_privs_enter, .need = gs_privs_need,      \
	.now_ns = host_now_ns, .pause = host_pause, .date = host_date

const struct gs_sys_ops gs_sys_host = {
	FILE_OPS,
	.is_locked = gs_lock_is_held,
	.settle = gs_far_settle,
	.records = gs_records_list,
	.record_begin = gs_record_begin,
	.record_end = gs_record_end,
	.record_drop = gs_record_drop,
	.keep_spare = gs_spare_keep,
	.add_account = gs_accounts_add,
	.remove_account = gs_accounts_remove,
	.fs = host_fs,
	.server = gs_nfsd_look,
	.serving = gs_nfsd_serving,
	.active_exports = gs_exportfs_active,
	.check_exports = gs_exportfs_check,
	.room_for_etab = gs_exportfs_room,
	.apply_exports = gs_exportfs_apply,
	.start_server = gs_nfsd_start,
	.stop_server = gs_nfsd_stop,
	.clients = gs_nfsd_clients,
	.resolve = host_resolve,
	.address_facing = host_address_facing,
	.own_addresses = host_own_addresses,
	.has_client = host_has_client,
	.hold_path = gs_hold_path,
	.reach = host_reach,
	.find_exports = host_find_exports,
	.read_export_id = host_read_export_id,
	.list_grants = host_list_grants,
	.find_mount = host_find_mount,
	.find_mount_of = host_find_mount_of,
	.list_mounts = host_list_mounts,
	.list_nfs = host_list_nfs,
	.mount = host_mount,
	.remount = gs_remount,
	.look_bare = gs_guard_look,
	.set_guard = gs_guard_set,
	.read_ahead = host_read_ahead,
	.set_read_ahead = host_set_read_ahead,
	.stage = host_stage,
	.attach = host_attach,
	.unstage = host_unstage,
	.umount = host_umount,
	.holders = host_holders,
	.mountstats = host_mountstats,
	.ask_mount = host_ask_mount,
	.read_bounded = host_read_bounded,
	.probe = host_probe,
	.seen = host_seen,
	.walk = gs_tree_walk,
	.open_as = host_open_as,
};

const struct gs_sys_ops gs_sys_offline = {
	FILE_OPS,
};

static bool is_here(int fd)
{
	struct stat tree, here;

	return fstat(fd, &tree) == 0 && stat("/", &here) == 0 && tree.st_dev == here.st_dev &&
	       tree.st_ino == here.st_ino;
}

/* Offline it would change files that live exports and mounts depend on, and apply none of it. */
static int refuse_here(const char *root, struct gs_err *err)
{
	gs_err_set(err, GS_E_USAGE, "--root '%.300s' is this machine, not the tree of an image",
		   root);
	gs_err_cause(err, "ROOT_IS_HERE");
	return gs_err_mend(err, "leave --root out to set up this machine");
}

int gs_sys_init(struct gs_sys *sys, const char *root, unsigned timeout_ms, struct gs_err *err)
{
	int fd = open(root ? root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool offline = root;
	struct stat st;

	if (fd < 0)
		return gs_err_set(err, offline ? GS_E_USAGE : errno,
				  "cannot open the root '%s': %s", root ? root : "/",
				  strerror(errno));
	if (offline && is_here(fd)) {
		close(fd);
		return refuse_here(root, err);
	}
	*sys = (struct gs_sys){
		.ops = offline ? &gs_sys_offline : &gs_sys_host,
		.root_fd = fd,
		.owns_root = true,
		.root = root ? root : "/",
		.deadline_ns = gs_deadline_in(timeout_ms),
		.aside_ns = timeout_ms * INT64_C(1000000) / GS_ASIDE_PART,
		.offline = offline,
	};
	sys->end_ns = sys->deadline_ns;
	/* Whose the tree is can put anything anywhere in it; nothing leads out of it. */
	if (offline && fstat(fd, &st) == 0)
		sys->trust.author.uid = st.st_uid;
	return 0;
}

void gs_sys_extend(struct gs_sys *sys, unsigned ms)
{
	int64_t end = gs_deadline_in(ms);

	if (end > sys->end_ns)
		sys->end_ns = end;
	sys->deadline_ns = sys->end_ns;
}

void gs_sys_aside(struct gs_sys *sys, int64_t end_ns)
{
	int64_t aside = (end_ns - sys->ops->now_ns(sys)) / GS_ASIDE_PART;

	if (aside > sys->aside_ns)
		aside = sys->aside_ns;
	sys->deadline_ns = end_ns - (aside > 0 ? aside : 0);
}

void gs_sys_done(struct gs_sys *sys)
{
	host_unstage(sys);
	gs_hold_done(sys);
	gs_accounts_forget(sys);
	gs_lock_drop(sys);
	if (sys->owns_root)
		close(sys->root_fd);
	*sys = (struct gs_sys){ 0 };
}
