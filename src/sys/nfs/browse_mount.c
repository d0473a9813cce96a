/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/nfs/browse_mount.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/shareid.h"
#include "sys/fs/inroot.h"
#include "sys/net/address.h"
#include "sys/proc/fd.h"
#include "sys/proc/privs.h"

/* A directory that every system has (FHS 3.0 section 3.15); only this child sees it covered. */
static const char PLACE[] = "/run";

enum {
	FLAGS = MS_NOSUID | MS_NODEV | MS_NOEXEC,
};

static int enter(struct gs_nfs_view *view, const char *dir)
{
	const struct gs_nfs_stage *stage = (const struct gs_nfs_stage *)view;
	gs_autoclose int fd = gs_open_in_root(&stage->root, dir, O_RDONLY | O_DIRECTORY,
					      GS_LINKS_NONE);

	return fd < 0 ? fd : 0;
}

static int read_card(struct gs_nfs_view *view, const char *dir, struct gs_str *ret)
{
	const struct gs_nfs_stage *stage = (const struct gs_nfs_stage *)view;
	gs_autofree char *path = gs_printf("%s/%s", dir, GS_SHARE_FILE);
	char bytes[GS_SHARE_FILE_BYTES];
	gs_autoclose int fd = gs_open_in_root(&stage->root, path, O_RDONLY | O_NONBLOCK,
					      GS_LINKS_NONE);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = read(fd, bytes, sizeof bytes);
	if (n < 0)
		return -errno;
	gs_str_add(ret, gs_span(bytes, (size_t)n));
	return 0;
}

/* The mount is ro, but its super block is not: EROFS means that the server permits writing. */
static int may_change(struct gs_nfs_view *view, const char *dir)
{
	const struct gs_nfs_stage *stage = (const struct gs_nfs_stage *)view;
	gs_autoclose int fd = gs_open_in_root(&stage->root, dir, O_RDONLY | O_DIRECTORY,
					      GS_LINKS_NONE);

	if (fd < 0)
		return fd;
	return !faccessat(fd, ".", W_OK, 0) || errno == EROFS ? 0 : -errno;
}

static int list(struct gs_nfs_view *view, const char *path, struct gs_nfs_listing *listing)
{
	const struct gs_nfs_stage *stage = (const struct gs_nfs_stage *)view;
	int fd = gs_open_in_root(&stage->root, path, O_RDONLY | O_DIRECTORY, GS_LINKS_NONE);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	bool more = true;
	int r;

	if (!dir)
		return fd < 0 ? fd : -errno;
	errno = 0;
	while (more && (entry = readdir(dir))) {
		more = gs_nfs_listing_add(listing, gs_span_of(entry->d_name),
					  entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN);
		errno = 0;
	}
	r = -errno;
	closedir(dir);
	return r;
}

static int isolate(struct gs_err *err)
{
	if (gs_privs_need(GS_PHASE_APPLY, err) < 0 || gs_privs_enter(GS_PHASE_APPLY, err) < 0)
		return err->code;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return gs_err_set(err, errno, "cannot create a mount namespace: %s",
				  strerror(errno));
	return 0;
}

/* Without mount.nfs: all that it would find out is known, and no grandchild has to be killed. */
static int mount_root(const char *server, unsigned port, unsigned minor)
{
	const char *own = "0.0.0.0";
	gs_autofree char *source = NULL, *options = NULL, *facing = NULL;
	struct gs_err unknown = { 0 };

	if (gs_address_facing(server, &facing, &unknown) == 0)
		own = facing;
	source = strchr(server, ':') ? gs_printf("[%s]:/", server) : gs_printf("%s:/", server);
	options = gs_printf(
		"vers=4.%u,proto=tcp,port=%u,sec=sys,softerr,timeo=10,retrans=1,"
		"addr=%s,clientaddr=%s",
		minor, port, server, own);
	return mount(source, PLACE, "nfs4", FLAGS, options) < 0 ? -errno : 0;
}

int gs_nfs_stage_open(struct gs_nfs_stage *stage, const char *server, unsigned port,
		      struct gs_err *err)
{
	int r = isolate(err), fd;

	if (r < 0)
		return r;
	r = mount_root(server, port, 2);
	if (r == -EPROTONOSUPPORT || r == -EINVAL)
		r = mount_root(server, port, 1);
	if (r < 0)
		return r == -EPROTONOSUPPORT ? -EPFNOSUPPORT : r;
	if (mount(NULL, PLACE, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | FLAGS, NULL) < 0)
		return gs_err_set(err, errno, "cannot make a mount read-only: %s", strerror(errno));
	fd = open(PLACE, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	/* Still uid 0, as the follower's root will be, but without capabilities. */
	if (gs_privs_become(0, 0, GS_KEEP_NOTHING, err) < 0)
		return err->code;
	*stage = (struct gs_nfs_stage){
		.view = {
			.enter = enter,
			.read_card = read_card,
			.may_change = may_change,
			.list = list,
		},
		.root = { .root_fd = fd },
	};
	return 0;
}
