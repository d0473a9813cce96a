/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/fs/pin_path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/command.h"
#include "sys/fs/inroot.h"
#include "sys/fs/mount_table.h"
#include "sys/proc/child.h"
#include "sys/proc/proc.h"

enum { SPARE_PART = 16 }; /* of the time that is left: to say who does not respond */

struct opening {
	const struct gs_sys *sys;
	const char *dir;
	int fd;
};

static int open_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	struct opening *o = arg;

	(void)ret_answer;
	o->fd = gs_open_in_root(o->sys, o->dir, O_PATH | O_DIRECTORY, GS_LINKS_NONE);
	if (o->fd >= 0)
		return 0;
	return gs_err_set(err, o->fd, "cannot open '%s': %s", o->dir, strerror(-o->fd));
}

/* Returns the descriptor, or the child's error. */
static int open_dir(const struct gs_sys *sys, const char *dir, struct gs_err *err)
{
	struct opening opening = { sys, dir, -1 };
	/* Who is silent is told before the command's own end. */
	int64_t spare_ns = (sys->deadline_ns - gs_now_ns()) / SPARE_PART;
	struct gs_child_held child;
	const struct gs_child_req req = {
		.fn = open_in_child,
		.arg = &opening,
		.keep = &sys->root_fd,
		.n_keep = 1,
		.deadline_ns = sys->deadline_ns - (spare_ns > 0 ? spare_ns : 0),
		.fd = &opening.fd,
	};
	int r = gs_child_hold(&req, &child, err);

	if (r < 0)
		return r;
	gs_child_let_go(&child);
	return opening.fd;
}

/* File systems with a server, or with a process that acts as one. A local disk has none. */
static bool has_server(const char *type)
{
	static const char *const kinds[] = { "nfs",  "fuse", "ceph", "cifs",
					     "smb3", "9p",   "afs",  "autofs" };

	for (size_t i = 0; i < GS_COUNT(kinds); i++)
		if (!strncmp(type, kinds[i], strlen(kinds[i])))
			return true;
	return false;
}

int gs_pin_blame(const char *dir, struct gs_err *err)
{
	GS_AUTO(gs_mount_entry_done) struct gs_mount_entry user = { 0 };
	struct gs_err unseen = { 0 };

	if (gs_mount_containing(dir, &user, &unseen) < 0 || !has_server(user.type))
		return err->code;
	gs_err_prefix(err, "'%s' is on '%s', which is mounted on '%s' and not responding", dir,
		      user.source, user.target);
	gs_err_cause(err, "MOUNT_BELOW_NOT_RESPONDING");
	/* umount(8) of the last mount of a silent server waits for it to end the session. */
	if (!strncmp(user.type, "nfs", 3))
		return gs_err_fix(err, "restore that server, or unmount it: ", "sudo", "gshare",
				  "follower", "unmount", user.target, "--lazy");
	return gs_err_fix(err, "restore that server, or unmount it: ", "sudo", "umount", "-f", "-l",
			  user.target);
}

int gs_pin_path(struct gs_sys *sys, const char *target, struct gs_err *err)
{
	struct gs_pin held = { .mount_id = gs_mount_id_at(target) };
	size_t n = strlen(target);
	int r = -ENOENT;

	if (gs_pin_for(sys, target))
		return 0;
	gs_pin_done(sys);
	while (r == -ENOENT && n > 1) {
		struct gs_err absent = { 0 };

		free(held.dir);
		while (n > 1 && target[--n] != '/')
			;
		held.dir = gs_span_dup(gs_span(target, n ? n : 1));
		r = open_dir(sys, held.dir, &absent);
		if (r != -ETIMEDOUT)
			continue;
		*err = absent;
		gs_pin_blame(held.dir, err);
		free(held.dir);
		return r;
	}
	if (r < 0) {
		free(held.dir);
		return 0;
	}
	held.fd = r;
	held.target = gs_strdup(target);
	sys->held = gs_dup(&held, sizeof held);
	return 0;
}
