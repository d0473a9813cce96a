/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/fs/far.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "sys/fs/mount_table.h"
#include "sys/fs/pin_path.h"
#include "sys/fs/rootfs.h"
#include "sys/proc/child.h"
#include "sys/proc/fd.h"

enum {
	LOOK_MS = 3000, /* of a look at a file: a recovery and its command must fit both */
	LEAST_MS = 500, /* what a child needs, even after the deadline: a run must be rolled back */
	ALARM_MS = 300, /* a child is woken so long before its end (alarm.h), to report why */
	LINKS_MAX = 40, /* path_resolution(7): MAXSYMLINKS */
	PATHS = 3,	/* in the answer of way_in_child() */
	WAY_BYTES = 128 * 1024, /* of that answer, with the longest path that gs_open_way() takes */
};

/* The causes that a child here may name: those of the functions of fs/ that it calls. */
static const char *const ids[] = { "PATH_OF_OTHERS", "LINK_OF_OTHERS", "CLIENT_DELEGATION",
				   "LEFT",	     "TARGET_MOVED",   NULL };

/* ---- is the path local? -------------------------------------------------------------------- */

/* Files of the kernel and of gshare: they are never on a server, and are read often. */
static bool is_own(const char *path)
{
	static const char *const own[] = { "/proc/", "/sys/", "/run/", "/var/lib/gshare/" };

	for (size_t i = 0; i < GS_COUNT(own); i++)
		if (!strncmp(path, own[i], strlen(own[i])))
			return true;
	return false;
}

enum edge {
	EDGE_NONE,  /* the whole path is local, or the rest is absent */
	EDGE_MOUNT, /* a mount that may have a server */
	EDGE_LINK,
	EDGE_ODD, /* only a walk can tell where the name leads */
};

/* O_PATH triggers no automount, and the kernel has the root of a mount in memory. */
static enum edge edge_at(int fd)
{
	const unsigned flags = AT_EMPTY_PATH | AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT;
	gs_autofree char *type = NULL;
	struct statx st;

	if (statx(fd, "", (int)flags, STATX_TYPE, &st) < 0)
		return EDGE_ODD;
	if (S_ISLNK(st.stx_mode))
		return EDGE_LINK;
	if (!(st.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT))
		return EDGE_ODD;
	if (!(st.stx_attributes & STATX_ATTR_MOUNT_ROOT))
		return EDGE_NONE;
	type = gs_mount_type(gs_mount_id_of(fd, ""));
	return gs_mount_is_local(type) ? EDGE_NONE : EDGE_MOUNT;
}

/* @name: the link's, inside path; @rest: the path after it */
static enum edge follow(int link, struct gs_span path, struct gs_span name, struct gs_span rest,
			char **ret_path)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(link, "", text, sizeof text);
	gs_autostr struct gs_str whole = { 0 };

	if (n <= 0 || (size_t)n == sizeof text)
		return EDGE_ODD;
	if (text[0] != '/')
		gs_str_add(&whole, gs_span(path.ptr, (size_t)(name.ptr - path.ptr)));
	gs_str_add(&whole, gs_span(text, (size_t)n));
	gs_str_addc(&whole, '/');
	gs_str_add(&whole, rest);
	*ret_path = gs_span_dup(gs_str_span(&whole));
	return EDGE_LINK;
}

/* Where does path leave the local file systems? At a link, *ret_path is the path it leads to. */
static enum edge find_edge(int root_fd, const char *path, char **ret_path)
{
	gs_autoclose int at = openat(root_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct gs_span rest = gs_span_of(path), part;
	enum edge edge = at < 0 ? EDGE_ODD : EDGE_NONE;

	while (edge == EDGE_NONE && gs_span_cut(&rest, '/', &part)) {
		char name[NAME_MAX + 1];
		int fd;

		if (!part.len || gs_span_is_text(part, "."))
			continue;
		if (part.len > NAME_MAX || gs_span_is_text(part, ".."))
			return EDGE_ODD;
		memcpy(name, part.ptr, part.len);
		name[part.len] = '\0';
		fd = openat(at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			return errno == ENOENT || errno == ENOTDIR ? EDGE_NONE : EDGE_ODD;
		close(at);
		at = fd;
		edge = edge_at(at);
		if (edge == EDGE_LINK)
			edge = follow(at, gs_span_of(path), part, rest, ret_path);
	}
	return edge;
}

/* find_edge() with links followed; *ret_path is the path without them. */
static enum edge find_last_edge(int root_fd, const char *path, char **ret_path)
{
	gs_autofree char *at = gs_strdup(path);
	enum edge edge = EDGE_LINK;

	for (unsigned i = 0; i < LINKS_MAX && edge == EDGE_LINK; i++) {
		char *next = NULL;

		edge = find_edge(root_fd, at, &next);
		if (edge != EDGE_LINK)
			break;
		free(at);
		at = next;
	}
	*ret_path = at;
	at = NULL;
	return edge;
}

bool gs_path_is_here(int root_fd, const char *path)
{
	gs_autofree char *end = NULL;

	return find_last_edge(root_fd, path, &end) == EDGE_NONE;
}

static bool is_here(const struct gs_sys *sys, const char *path)
{
	return is_own(path) || gs_path_is_here(sys->root_fd, path);
}

/* Which mount does not respond? By the current links and the mount table. */
static int blame(const struct gs_sys *sys, const char *path, struct gs_err *err)
{
	gs_autofree char *end = NULL;

	(void)find_last_edge(sys->root_fd, path, &end);
	gs_pin_blame(end, err);
	return err->id ? err->code : gs_err_prefix(err, "'%s'", path);
}

/* ---- the child ----------------------------------------------------------------------------- */

struct job {
	struct gs_sys *sys;
	const char *path;
	const struct gs_replace *replace;
	const struct gs_new_file *file;
	const struct gs_dir_spec *made;
	size_t max;
};

static int64_t look_end(const struct gs_sys *sys)
{
	int64_t end = gs_deadline_in(LOOK_MS), least = gs_deadline_in(LEAST_MS);

	if (end > sys->deadline_ns)
		end = sys->deadline_ns;
	return end > least ? end : least;
}

/* @more: the most bytes that the answer may have */
static int in_child(int (*fn)(void *, struct gs_str *, struct gs_err *), struct job *job,
		    int64_t deadline_ns, size_t more, struct gs_str *ret, struct gs_err *err)
{
	const struct gs_pin *held = job->sys->held;
	const int keep[] = { job->sys->root_fd, held ? held->fd : -1 };
	int64_t end_ns = job->sys->deadline_ns;
	const struct gs_child_req req = {
		.fn = fn,
		.arg = job,
		.ids = ids,
		.keep = keep,
		.n_keep = held ? 2 : 1,
		.deadline_ns = deadline_ns,
		.max_answer = more,
	};
	int r;

	job->sys->deadline_ns = deadline_ns - ALARM_MS * INT64_C(1000000);
	r = gs_child_run(&req, ret, err);
	job->sys->deadline_ns = end_ns;
	return r == -ETIMEDOUT && !err->id ? blame(job->sys, job->path, err) : r;
}

/* ---- the directories of a path ------------------------------------------------------------- */

struct way_wire {
	bool refused, is_link, ends_in_link;
	struct gs_inode inode;
	uid_t callers_uid;
	enum gs_obstacle obstacle;
	size_t len[PATHS]; /* with their NUL; 0: none */
};

static int way_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const struct job *job = arg;
	GS_AUTO(gs_way_done) struct gs_way way = { 0 };
	const char *name = NULL;
	gs_autoclose int fd = gs_open_way(job->sys, job->path, &way, &name);
	const char *const paths[PATHS] = { way.dir, way.entry, way.callers };
	struct way_wire wire = { .refused = way.refused,
				 .is_link = way.is_link,
				 .ends_in_link = way.ends_in_link,
				 .inode = way.inode,
				 .callers_uid = way.callers_uid };
	struct statfs asked;

	(void)err;
	/* All results so far may have come from a cache; fstatfs(2) asks the server. */
	if (fd >= 0)
		(void)fstatfs(fd, &asked);
	if (fd >= 0)
		wire.obstacle = gs_rootfs_obstacle(fd, name);
	for (size_t i = 0; i < PATHS; i++)
		wire.len[i] = paths[i] ? strlen(paths[i]) + 1 : 0;
	gs_str_add(ret_answer, gs_span((const char *)&wire, sizeof wire));
	for (size_t i = 0; i < PATHS; i++)
		gs_str_add(ret_answer, gs_span(paths[i], wire.len[i]));
	return 0;
}

static int unpack_way(struct gs_span said, struct gs_way *ret, struct gs_err *err)
{
	char *paths[PATHS] = { NULL };
	struct way_wire wire;
	size_t n = 0;

	if (said.len < sizeof wire)
		return gs_err_set(err, EPROTO, "a child process gave an incomplete reply");
	memcpy(&wire, said.ptr, sizeof wire);
	said = gs_span_from(said, sizeof wire);
	for (size_t i = 0; i < PATHS; i++) {
		if (wire.len[i] > said.len - n)
			return gs_err_set(err, EPROTO, "a child process gave a malformed reply");
		n += wire.len[i];
	}
	for (size_t i = 0; i < PATHS; i++) {
		paths[i] = wire.len[i] ? gs_span_dup(gs_span(said.ptr, wire.len[i] - 1)) : NULL;
		said = gs_span_from(said, wire.len[i]);
	}
	*ret = (struct gs_way){
		.refused = wire.refused,
		.is_link = wire.is_link,
		.ends_in_link = wire.ends_in_link,
		.dir = paths[0],
		.entry = paths[1],
		.inode = { .type = wire.inode.type,
			   .mode = wire.inode.mode,
			   .uid = wire.inode.uid,
			   .gid = wire.inode.gid },
		.callers = paths[2],
		.callers_uid = wire.callers_uid,
		.obstacle = wire.obstacle,
	};
	return 0;
}

int gs_far_way(struct gs_sys *sys, const char *path, struct gs_way *ret, struct gs_err *err)
{
	struct job job = { .sys = sys, .path = path };
	gs_autostr struct gs_str answer = { 0 };

	if (is_here(sys, path)) {
		gs_rootfs_way(sys, path, ret);
		return 0;
	}
	if (in_child(way_in_child, &job, look_end(sys), WAY_BYTES, &answer, err) < 0)
		return err->code;
	return unpack_way(gs_str_span(&answer), ret, err);
}

/* ---- reading ------------------------------------------------------------------------------- */

/* The first letter of the answer says whether the file exists. */
static int read_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const struct job *job = arg;
	bool exists = false;

	gs_str_addc(ret_answer, ' ');
	if (gs_rootfs_read_file(job->sys, job->path, job->max, ret_answer, &exists, err) < 0)
		return err->code;
	ret_answer->ptr[0] = exists ? 'y' : 'n';
	return 0;
}

int gs_far_read_file(struct gs_sys *sys, const char *path, size_t max, struct gs_str *ret_text,
		     bool *ret_exists, struct gs_err *err)
{
	struct job job = { .sys = sys, .path = path, .max = max };
	gs_autostr struct gs_str answer = { 0 };

	if (is_here(sys, path))
		return gs_rootfs_read_file(sys, path, max, ret_text, ret_exists, err);
	if (in_child(read_in_child, &job, look_end(sys), max + 1, &answer, err) < 0)
		return err->code;
	if (!answer.len)
		return gs_err_set(err, EPROTO, "a child process gave an incomplete reply");
	*ret_exists = answer.ptr[0] == 'y';
	gs_str_add(ret_text, gs_span_from(gs_str_span(&answer), 1));
	return 0;
}

/* ---- writing ------------------------------------------------------------------------------- */

static int replace_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const struct job *job = arg;

	(void)ret_answer;
	return gs_rootfs_replace_file(job->sys, job->replace, err);
}

/*
 * The server is asked first: if it does not respond, nothing has changed, and the error can say so.
 * If it stops responding later, it may still carry out what it has received.
 */
int gs_far_replace_file(struct gs_sys *sys, const struct gs_replace *replace, struct gs_err *err)
{
	struct job job = { .sys = sys, .path = replace->path, .replace = replace };
	GS_AUTO(gs_way_done) struct gs_way way = { 0 };
	gs_autostr struct gs_str nothing = { 0 };
	int64_t end_ns;
	int r;

	if (is_here(sys, replace->path))
		return gs_rootfs_replace_file(sys, replace, err);
	if (gs_far_way(sys, replace->path, &way, err) < 0)
		return err->code;
	end_ns = look_end(sys);
	r = in_child(replace_in_child, &job, end_ns > sys->deadline_ns ? end_ns : sys->deadline_ns,
		     0, &nothing, err);
	if (r != -ETIMEDOUT || (err->id && !strcmp(err->id, "CLIENT_DELEGATION")))
		return r;
	err->code = -GS_E_LEFT;
	return gs_err_prefix(err, "the file may or may not have changed");
}

static int make_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const struct job *job = arg;

	(void)ret_answer;
	return gs_rootfs_make_file(job->sys, job->file, err);
}

int gs_far_make_file(struct gs_sys *sys, const struct gs_new_file *file, struct gs_err *err)
{
	struct job job = { .sys = sys, .path = file->path, .file = file };
	gs_autostr struct gs_str nothing = { 0 };

	if (is_here(sys, file->path))
		return gs_rootfs_make_file(sys, file, err);
	return in_child(make_in_child, &job, look_end(sys), 0, &nothing, err);
}

static int settle_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const struct job *job = arg;

	(void)ret_answer;
	return gs_rootfs_settle(job->sys, job->path, job->replace, job->made, err);
}

int gs_far_settle(struct gs_sys *sys, const char *path, const struct gs_replace *replace,
		  const struct gs_dir_spec *made, struct gs_err *err)
{
	struct job job = { .sys = sys, .path = path, .replace = replace, .made = made };
	gs_autostr struct gs_str nothing = { 0 };

	if (is_here(sys, path))
		return gs_rootfs_settle(sys, path, replace, made, err);
	return in_child(settle_in_child, &job, look_end(sys), 0, &nothing, err);
}
