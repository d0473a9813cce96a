/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/mount/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/fs/mount_table.h"
#include "sys/mount/mount.h"
#include "sys/proc/fd.h"

/*
 * open_tree(2) and move_mount(2), by number: glibc before 2.36 defines neither them nor these
 * flags.
 */
enum {
	TREE_CLONE = 1, /* OPEN_TREE_CLONE */
	FROM_FD = 0x4,	/* MOVE_MOUNT_F_EMPTY_PATH */
	ONTO_FD = 0x40, /* MOVE_MOUNT_T_EMPTY_PATH */
};

struct staging {
	const char *source, *type, *options;
	int tree;
};

static int failed(const char *what, int error, struct gs_err *err)
{
	return gs_err_set(err, error, "cannot mount in a private namespace: %s: %s", what,
			  strerror(error));
}

/* Mounts made here are not visible outside, nor the other way round. */
static int go_out_of_sight(struct gs_err *err)
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return failed("no mount namespace", errno, err);
	if (mkdir(GS_STAGE_PLACE, 0700) < 0 && errno != EEXIST)
		return failed(GS_STAGE_PLACE, errno, err);
	return 0;
}

static int stage_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	struct staging *s = arg;
	int r = go_out_of_sight(err);

	(void)ret_answer;
	if (r == 0)
		r = gs_mount_here(s->source, GS_STAGE_PLACE, s->type, s->options, err);
	if (r == 0) {
		s->tree = (int)syscall(SYS_open_tree, AT_FDCWD, GS_STAGE_PLACE,
				       TREE_CLONE | O_CLOEXEC | AT_SYMLINK_NOFOLLOW);
		r = s->tree < 0 ? failed("open_tree", errno, err) : 0;
	}
	if (r == 0 && umount2(GS_STAGE_PLACE, MNT_DETACH | UMOUNT_NOFOLLOW) < 0)
		r = failed(GS_STAGE_PLACE, errno, err);
	rmdir(GS_STAGE_PLACE);
	return r;
}

int gs_stage_mount(const char *source, const char *target, const char *type, const char *options,
		   int64_t deadline_ns, struct gs_stage *ret, struct gs_err *err)
{
	struct staging staging = { source, type, options, -1 };
	struct gs_stage stage = { 0 };
	struct gs_child_req req = {
		.fn = stage_in_child,
		.arg = &staging,
		.ids = gs_mount_ids,
		.deadline_ns = deadline_ns,
		.fd = &staging.tree,
	};
	int r = gs_child_hold(&req, &stage.child, err);

	if (r == -ETIMEDOUT && !err->id)
		return gs_mount_late(source, err);
	if (r < 0)
		return r;
	stage.tree = staging.tree;
	stage.id = gs_mount_id_of(stage.tree, "");
	stage.target = gs_strdup(target);
	*ret = stage;
	return 0;
}

struct attaching {
	int tree, dir;
	const char *target;
};

/* In a child: the kernel may ask the server whether the root is still what it was. */
static int attach_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const struct attaching *a = arg;

	(void)ret_answer;
	if (syscall(SYS_move_mount, a->tree, "", a->dir, "", FROM_FD | ONTO_FD) == 0)
		return 0;
	return gs_err_set(err, errno, "cannot attach the share to '%s': %s", a->target,
			  strerror(errno));
}

int gs_stage_attach(const struct gs_stage *stage, int dir, int64_t deadline_ns, struct gs_err *err)
{
	struct attaching attaching = { stage->tree, dir, stage->target };
	gs_autostr struct gs_str nothing = { 0 };
	const int keep[] = { stage->tree, dir };
	struct gs_child_req req = {
		.fn = attach_in_child,
		.arg = &attaching,
		.ids = gs_mount_ids,
		.keep = keep,
		.n_keep = GS_COUNT(keep),
		.deadline_ns = deadline_ns,
	};

	return gs_child_run(&req, &nothing, err);
}

char *gs_stage_path(const struct gs_stage *stage, const char *path)
{
	size_t n = strlen(stage->target);

	if (strncmp(path, stage->target, n) != 0 || (path[n] && path[n] != '/'))
		return NULL;
	return gs_printf("/proc/self/fd/%d%s", stage->tree, path[n] ? path + n : "/");
}

void gs_stage_done(struct gs_stage *stage)
{
	/*
	 * Our reference first: the child's is then the last, and dropping the last one may block.
	 */
	if (!stage->target)
		return;
	close(stage->tree);
	gs_child_let_go(&stage->child);
	free(stage->target);
	*stage = (struct gs_stage){ 0 };
}
