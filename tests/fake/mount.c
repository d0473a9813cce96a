/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake/fake.h"

#include <errno.h>
#include <string.h>

#include "core/share/names.h"
#include "table.h"

static bool has_client(struct gs_sys *sys)
{
	(void)sys;
	return true;
}

static int find_mount(struct gs_sys *sys, const char *target, struct gs_mounted *ret,
		      bool *ret_found, struct gs_err *err)
{
	if (fake_step(sys, "find_mount", err) < 0)
		return err->code;
	*ret_found = fake_of(sys)->mounted;
	if (*ret_found)
		*ret = (struct gs_mounted){
			.source = gs_strdup("192.168.18.13:/mnt/data/shared"),
			.target = gs_strdup(target),
			.type = gs_strdup("nfs4"),
			.options = gs_printf("%s,vers=4.%d,hard,addr=192.168.18.13",
					     fake_of(sys)->flags, fake_of(sys)->is_old ? 1 : 2),
		};
	return 0;
}

static bool is_trigger(struct gs_sys *sys, const char *target)
{
	(void)sys;
	(void)target;
	return false;
}

static int find_mount_of(struct gs_sys *sys, const char *path, struct gs_mounted *ret,
			 struct gs_err *err)
{
	bool found = false;

	if (find_mount(sys, "/mnt/data/shared", ret, &found, err) < 0)
		return err->code;
	if (!found && fake_of(sys)->whole)
		*ret = (struct gs_mounted){ .target = gs_strdup(path), .is_whole = true };
	ret->dev = !strcmp(path, "/") || !strncmp(path, "/far", 4); /* another file system */
	return 0;
}

static int list_mounts(struct gs_sys *sys, dev_t dev, struct gs_mounts *ret, struct gs_err *err)
{
	const char *const targets[] = { "/mnt/data", fake_of(sys)->bound };

	if (fake_step(sys, "list_mounts", err) < 0)
		return err->code;
	for (size_t i = 0; !dev && i < GS_COUNT(targets) && targets[i]; i++) {
		gs_grow(&ret->v, ret->n, &ret->room, sizeof *ret->v);
		ret->v[ret->n++] = (struct gs_mounted){ .target = gs_strdup(targets[i]) };
	}
	return 0;
}

static int do_mount(struct gs_sys *sys, const char *source, const char *target, const char *type,
		    const char *options, struct gs_err *err)
{
	(void)source;
	(void)target;
	(void)type;
	(void)options;
	if (fake_change(sys, "mount", err) < 0)
		return err->code;
	fake_of(sys)->mounted = true;
	fake_of(sys)->flags = "rw,nosuid,nodev";
	fake_of(sys)->ahead_kib = 128;
	return 0;
}

static int pin_path(struct gs_sys *sys, const char *target, struct gs_err *err)
{
	(void)target;
	return fake_step(sys, "hold_path", err);
}

static int stage(struct gs_sys *sys, const char *source, const char *target, const char *type,
		 const char *options, struct gs_err *err)
{
	(void)source;
	(void)target;
	(void)type;
	if (fake_change(sys, "stage", err) < 0)
		return err->code;
	if (fake_of(sys)->is_old && strstr(options, "vers=4.2")) {
		gs_err_set(err, EPROTONOSUPPORT, "it does not speak NFS 4.2");
		return gs_err_cause(err, "VERSION_REFUSED");
	}
	fake_of(sys)->staged = true;
	return 0;
}

static int do_remount(struct gs_sys *sys, const char *target, const char *was, const char *flags,
		      struct gs_err *err)
{
	(void)target;
	(void)was;
	if (fake_change(sys, "remount", err) < 0)
		return err->code;
	assert_true(fake_of(sys)->mounted);
	fake_of(sys)->flags = strstr(flags, "ro") ? "ro,nosuid,nodev" : "rw,nosuid,nodev";
	return 0;
}

static int ask_mount(struct gs_sys *sys, const char *path, struct gs_err *err)
{
	(void)path;
	if (fake_step(sys, "ask_mount", err) < 0)
		return err->code;
	fake_of(sys)->now_ns += fake_of(sys)->trip_ms * INT64_C(1000000);
	if (fake_of(sys)->silent)
		return gs_err_set(err, ETIMEDOUT, "no answer");
	return fake_of(sys)->stale ? gs_err_set(err, ESTALE, "stale") : 0;
}

static int reload_units(struct gs_sys *sys, struct gs_err *err)
{
	return fake_step(sys, "reload_units", err);
}

static int early(struct gs_sys *sys, const char *target, struct gs_earlies *ret, struct gs_err *err)
{
	(void)target;
	(void)ret;
	return fake_step(sys, "early", err);
}

static int mountstats(struct gs_sys *sys, struct gs_str *ret, struct gs_err *err)
{
	(void)ret;
	return fake_step(sys, "mountstats", err);
}

static int look_bare(struct gs_sys *sys, const char *target, struct gs_inode *ret,
		     struct gs_err *err)
{
	(void)target;
	if (fake_step(sys, "look_bare", err) < 0)
		return err->code;
	*ret = (struct gs_inode){ .type = GS_INODE_DIR,
				  .can_guard = true,
				  .is_guarded = fake_of(sys)->guarded };
	return 0;
}

static int set_guard(struct gs_sys *sys, const char *target, bool on, struct gs_err *err)
{
	if (fake_change(sys, "set_guard", err) < 0)
		return err->code;
	assert_non_null(fake_find_dir(fake_of(sys), target));
	fake_of(sys)->guarded = on;
	return on && fake_of(sys)->guard_sticks ? gs_err_set(err, EIO, "it cannot be synced") : 0;
}

static int read_ahead(struct gs_sys *sys, const struct gs_mounted *mounted, unsigned *ret_kib,
		      struct gs_err *err)
{
	(void)mounted;
	if (fake_step(sys, "read_ahead", err) < 0)
		return err->code;
	*ret_kib = fake_of(sys)->ahead_kib;
	return 0;
}

static int set_read_ahead(struct gs_sys *sys, const struct gs_mounted *mounted, unsigned kib,
			  struct gs_err *err)
{
	(void)mounted;
	if (fake_change(sys, "set_read_ahead", err) < 0)
		return err->code;
	fake_of(sys)->ahead_kib = kib;
	return 0;
}

static int attach(struct gs_sys *sys, struct gs_err *err)
{
	if (fake_change(sys, "attach", err) < 0)
		return err->code;
	assert_true(fake_of(sys)->staged);
	fake_of(sys)->staged = fake_of(sys)->stale = false;
	fake_of(sys)->mounted = true;
	fake_of(sys)->flags = "rw,nosuid,nodev";
	fake_of(sys)->ahead_kib = 128;
	return 0;
}

static void unstage(struct gs_sys *sys)
{
	fake_of(sys)->staged = false;
}

static int list_within(struct gs_sys *sys, const char *path, struct gs_mounts *ret,
		       struct gs_err *err)
{
	(void)path;
	(void)ret;
	return fake_step(sys, "list_within", err);
}

static int list_nfs(struct gs_sys *sys, struct gs_mounts *ret, struct gs_err *err)
{
	bool found = false;

	gs_grow(&ret->v, ret->n, &ret->room, sizeof *ret->v);
	if (find_mount(sys, "/mnt/data/shared", &ret->v[0], &found, err) < 0)
		return err->code;
	ret->n += found;
	return 0;
}

static int users(struct gs_sys *sys, const struct gs_mounted *mounted, struct gs_mount_users *ret,
		 struct gs_err *err)
{
	(void)mounted;
	(void)ret;
	return fake_step(sys, "holders", err);
}

static int do_umount(struct gs_sys *sys, const char *target, unsigned how, struct gs_err *err)
{
	(void)target;
	(void)how;
	if (fake_change(sys, "umount", err) < 0)
		return err->code;
	fake_of(sys)->mounted = fake_of(sys)->stale = false;
	fake_of(sys)->ahead_kib = 0;
	return 0;
}

static int read_bounded(struct gs_sys *sys, const char *path, size_t max, struct gs_str *ret,
			struct gs_err *err)
{
	(void)path;
	(void)max;
	if (fake_step(sys, "read_bounded", err) < 0)
		return err->code;
	if (fake_of(sys)->shows) /* exports without an id: nfs.c */
		return gs_err_set(err, ENOENT, "there is none");
	gs_share_id_render("7c1e52d0", NULL, ret);
	return 0;
}

static void look(struct gs_sys *sys, const char *path, bool for_writing, struct gs_mount_look *ret)
{
	struct gs_err said = { 0 };

	(void)for_writing;
	ret->mode = fake_of(sys)->top_mode;
	ret->asked = ask_mount(sys, path, &said);
	if (ret->asked == 0)
		ret->read = read_bounded(sys, GS_SHARE_FILE, GS_SHARE_FILE_BYTES, &ret->text,
					 &ret->unread);
}

const struct gs_mount_ops fake_mount = {
	.has_client = has_client,
	.pin_path = pin_path,
	.find = find_mount,
	.is_trigger = is_trigger,
	.find_of = find_mount_of,
	.list_dev = list_mounts,
	.list_within = list_within,
	.list_nfs = list_nfs,
	.mount = do_mount,
	.stage = stage,
	.attach = attach,
	.unstage = unstage,
	.umount = do_umount,
	.remount = do_remount,
	.look_bare = look_bare,
	.set_guard = set_guard,
	.read_ahead = read_ahead,
	.set_read_ahead = set_read_ahead,
	.users = users,
	.early = early,
	.mountstats = mountstats,
	.reload_units = reload_units,
	.ask = ask_mount,
	.look = look,
	.read_bounded = read_bounded,
};
