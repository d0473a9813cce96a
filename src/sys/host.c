/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/fs/outgoing.h"
#include "sys/fs/pin_path.h"
#include "sys/fs/rootfs.h"
#include "sys/mount/attach.h"
#include "sys/proc/proc.h"
#include "sys/sys.h"

/* The two real tables: this host, and a tree below --root. */

const struct gs_sys_ops gs_sys_host = {
	.fs = &gs_fs_host,
	.journal = &gs_journal_host,
	.accounts = &gs_accounts_host,
	.server = &gs_nfsd_host,
	.mount = &gs_mount_host,
	.net = &gs_net_host,
	.nfs = &gs_nfs_host,
	.access = &gs_access_host,
	.package = &gs_package_host,
	.firewall = &gs_firewall_host,
	.service = &gs_service_host,
	.task = &gs_task_host,
	.privs = &gs_privs_host,
	.clock = &gs_clock_host,
};

const struct gs_sys_ops gs_sys_offline = {
	.fs = &gs_fs_offline,
	.accounts = &gs_accounts_offline,
	.privs = &gs_privs_host,
	.clock = &gs_clock_host,
};

static bool is_here(int fd)
{
	struct stat tree, here;

	return fstat(fd, &tree) == 0 && stat("/", &here) == 0 && tree.st_dev == here.st_dev &&
	       tree.st_ino == here.st_ino;
}

/*
 * With --root gshare would change files that live exports and mounts depend on, and apply nothing.
 */
static int refuse_local(const char *root, struct gs_err *err)
{
	gs_err_set(err, GS_E_USAGE, "--root '%.300s' is this host, not the tree of an image", root);
	gs_err_cause(err, "ROOT_IS_THIS_HOST");
	return gs_err_advise(err, "omit --root to set up this host");
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
		return refuse_local(root, err);
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
	/* The tree's owner can put anything anywhere in it; nothing leads out of it. */
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
	int64_t aside = (end_ns - sys->ops->clock->now_ns(sys)) / GS_ASIDE_PART;

	if (aside > sys->aside_ns)
		aside = sys->aside_ns;
	sys->deadline_ns = end_ns - (aside > 0 ? aside : 0);
}

void gs_sys_done(struct gs_sys *sys)
{
	gs_attach_drop(sys);
	gs_pin_done(sys);
	gs_accounts_forget(sys);
	gs_nfs_forget(sys);
	gs_outgoing_drop(sys);
	gs_lock_drop(sys);
	if (sys->owns_root)
		close(sys->root_fd);
	*sys = (struct gs_sys){ 0 };
}
