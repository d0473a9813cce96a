/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/mount/remount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/fs/mount_table.h"
#include "sys/fs/pin.h"
#include "sys/fs/rootfs.h"
#include "sys/proc/child.h"
#include "sys/proc/fd.h"

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif

enum { FD_PATH_BYTES = 32 };

struct remounting {
	struct gs_sys *sys;
	const char *path, *was, *flags;
};

/* struct mount_attr of mount_setattr(2): glibc before 2.36 does not define it. */
struct attributes {
	uint64_t set, clear, propagation, userns_fd;
};

static const struct {
	const char *name;
	uint64_t attribute; /* MOUNT_ATTR_* */
	unsigned long flag; /* of mount(2) */
} known[] = {
	{ "ro", 0x1, MS_RDONLY },
	{ "nosuid", 0x2, MS_NOSUID },
	{ "nodev", 0x4, MS_NODEV },
	{ "noexec", 0x8, MS_NOEXEC },
};

static bool has(const char *flags, const char *name)
{
	struct gs_span rest = gs_span_of(flags), flag;

	while (gs_span_cut(&rest, ',', &flag))
		if (gs_span_is_text(flag, name))
			return true;
	return false;
}

/*
 * A super block mounted ro stays ro under a mount that is made rw. Without data NFS checks no
 * options.
 */
static int make_writable(int fd, const char *flags)
{
	char path[FD_PATH_BYTES];
	unsigned long how = MS_REMOUNT;

	for (size_t i = 0; i < GS_COUNT(known); i++)
		how |= has(flags, known[i].name) ? known[i].flag : 0;
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return mount(NULL, path, NULL, how, NULL) < 0 ? -errno : 0;
}

/* Where the path is pinned, the mount that was found there, whatever the path is by now. */
static int open_mount(const struct remounting *r)
{
	const struct gs_pin *pin = gs_pin_for(r->sys, r->path);
	int fd;

	if (!pin)
		return gs_open_in_root(r->sys, r->path, O_PATH | O_DIRECTORY, GS_LINKS_NONE);
	fd = openat(pin->fd, gs_pin_rest(r->sys, r->path),
		    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (gs_mount_id_of(fd, "") == pin->mount_id)
		return fd;
	close(fd);
	return -ESTALE;
}

static int remount_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const struct remounting *r = arg;
	struct attributes attributes = { 0 };
	gs_autoclose int fd = open_mount(r);
	int code = fd < 0 ? fd : 0;

	(void)ret_answer;
	for (size_t i = 0; i < GS_COUNT(known); i++) {
		if (has(r->flags, known[i].name))
			attributes.set |= known[i].attribute;
		else
			attributes.clear |= known[i].attribute;
	}
	if (code == 0 && has(r->was, "ro") && !has(r->flags, "ro"))
		code = make_writable(fd, r->flags);
	if (code == 0 &&
	    syscall(SYS_mount_setattr, fd, "", AT_EMPTY_PATH, &attributes, sizeof attributes) < 0)
		code = -errno;
	return code < 0 ? gs_err_set(err, code, "cannot remount '%s': %s", r->path, strerror(-code))
			: 0;
}

int gs_remount(struct gs_sys *sys, const char *path, const char *was, const char *flags,
	       struct gs_err *err)
{
	struct remounting remounting = { sys, path, was, flags };
	gs_autostr struct gs_str nothing = { 0 };
	const int keep[] = { sys->root_fd, sys->held ? sys->held->fd : sys->root_fd };
	const struct gs_child_req req = {
		.fn = remount_in_child,
		.arg = &remounting,
		.keep = keep,
		.n_keep = GS_COUNT(keep),
		.deadline_ns = sys->deadline_ns,
	};

	return gs_child_run(&req, &nothing, err);
}
