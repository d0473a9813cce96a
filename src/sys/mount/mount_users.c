/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/mount/mount_users.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "sys/fs/mount_table.h"
#include "sys/mount/mount.h"
#include "sys/proc/child.h"
#include "sys/proc/fd.h"
#include "sys/proc/privs.h"
#include "sys/proc/running.h"

/*
 * The child answers with four texts per mount user, each ended by a NUL: pid, kind, name, path.
 * Processes choose their names: no other character ends a field.
 */

#define CUT "cut" /* in place of a pid: time ran out */

enum {
	ANSWER_BYTES = GS_MOUNT_USERS_MAX * (PATH_MAX + 64),
	SMALL_BYTES = 4096,    /* comm, fdinfo */
	TELL_MS = 100,	       /* set aside to send what was found */
	MAPS_BYTES = 16 << 20, /* of one process; 65530 mappings are the usual limit */
	PID_BYTES = 16,
};

struct search {
	const char *target;
	size_t target_len;
	int id;
	struct gs_ids parts; /* mounts that end with this one */
	dev_t devno;
	bool maps; /* look at the maps only */
	char own_ns[64];
	int64_t end_ns; /* when the child sends what it found */
	size_t found;
	struct gs_str *answer;
};

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

/* Opens a directory of /proc for listing; NULL where it is gone or access is denied. */
static DIR *open_dir(int at, const char *path)
{
	int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir && fd >= 0)
		close(fd);
	return dir;
}

/* The text of a link, never what it leads to. */
static bool link_text(int at, const char *path, char ret[PATH_MAX])
{
	ssize_t n = readlinkat(at, path, ret, PATH_MAX - 1);

	if (n < 0)
		return false;
	ret[n] = '\0';
	return true;
}

static void add_field(struct search *s, const char *text)
{
	gs_str_adds(s->answer, text);
	gs_str_addc(s->answer, '\0');
}

static void add(struct search *s, const char *pid, enum gs_use hold, const char *name,
		const char *path)
{
	if (s->found == GS_MOUNT_USERS_MAX)
		return;
	s->found++;
	add_field(s, pid);
	add_field(s, (char[]){ (char)('0' + hold), '\0' });
	add_field(s, name);
	add_field(s, path);
}

static void add_process(struct search *s, int proc, const char *pid, enum gs_use hold,
			const char *path)
{
	gs_autostr struct gs_str comm = { 0 };

	(void)gs_proc_text(proc, "comm", SMALL_BYTES, &comm);
	if (comm.len && comm.ptr[comm.len - 1] == '\n')
		comm.ptr[--comm.len] = '\0';
	add(s, pid, hold, comm.ptr ? comm.ptr : "", path);
}

static bool is_below(const struct search *s, const char *path)
{
	return !strncmp(path, s->target, s->target_len) &&
	       (!path[s->target_len] || path[s->target_len] == '/' || path[s->target_len] == ' ');
}

/* "mnt_id:\t29" */
static bool is_on_mount(const struct search *s, int proc, const char *fd)
{
	gs_autofree char *path = gs_printf("fdinfo/%s", fd);
	gs_autostr struct gs_str info = { 0 };
	struct gs_span rest, line;
	uint64_t id;

	if (!gs_proc_text(proc, path, SMALL_BYTES, &info))
		return false;
	rest = gs_str_span(&info);
	while (gs_span_cut(&rest, '\n', &line))
		if (gs_span_has_prefix(line, "mnt_id:"))
			return gs_span_number(gs_span_trim(gs_span_from(line, strlen("mnt_id:"))),
					      INT_MAX, &id) &&
			       ((int)id == s->id || gs_ids_has(&s->parts, (uint32_t)id));
	return false;
}

static bool is_late(const struct search *s)
{
	return gs_deadline_in(0) >= s->end_ns;
}

static bool look_at_files(struct search *s, int proc, const char *pid)
{
	GS_AUTO(close_dir) DIR *dir = open_dir(proc, "fd");
	struct dirent *entry;

	while (dir && !is_late(s) && (entry = readdir(dir))) {
		gs_autofree char *name = gs_printf("fd/%s", entry->d_name);
		char path[PATH_MAX];

		if (entry->d_name[0] == '.' || !is_on_mount(s, proc, entry->d_name) ||
		    !link_text(proc, name, path))
			continue;
		add_process(s, proc, pid, GS_USE_FILE, path);
		return true;
	}
	return false;
}

/*
 * Links have no mount id: their text is compared, which is valid in our own mount namespace only.
 */
static bool look_at_links(struct search *s, int proc, const char *pid)
{
	static const struct {
		const char *name;
		enum gs_use hold;
	} links[] = { { "cwd", GS_USE_CWD }, { "root", GS_USE_ROOT }, { "exe", GS_USE_EXE } };
	char path[PATH_MAX];

	if (!link_text(proc, "ns/mnt", path) || strcmp(path, s->own_ns))
		return false;
	for (size_t i = 0; i < GS_COUNT(links); i++) {
		if (!link_text(proc, links[i].name, path) || !is_below(s, path))
			continue;
		add_process(s, proc, pid, links[i].hold, path);
		return true;
	}
	return false;
}

/* "7f1c2000-7f1c3000 r--p 00000000 00:2b 1234      /mnt/data/shared/x" */
static bool look_at_maps(struct search *s, int proc, const char *pid)
{
	gs_autofree char *dev = gs_printf(" %02x:%02x ", major(s->devno), minor(s->devno));
	gs_autostr struct gs_str maps = { 0 };
	struct gs_span rest, line;

	(void)gs_proc_text(proc, "maps", MAPS_BYTES, &maps);
	rest = gs_str_span(&maps);
	while (gs_span_cut(&rest, '\n', &line)) {
		const char *path = memchr(line.ptr, '/', line.len);
		gs_autofree char *text = NULL;

		if (!path || !memmem(line.ptr, (size_t)(path - line.ptr), dev, strlen(dev)))
			continue;
		text = gs_span_dup(gs_span(path, line.len - (size_t)(path - line.ptr)));
		if (!is_below(s, text))
			continue;
		add_process(s, proc, pid, GS_USE_MAP, text);
		return true;
	}
	return false;
}

static int search_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	struct search *s = arg;
	GS_AUTO(close_dir) DIR *dir = open_dir(AT_FDCWD, "/proc");
	ssize_t n = readlink("/proc/self/ns/mnt", s->own_ns, sizeof s->own_ns - 1);
	gs_autofree char *own = gs_printf("%d", getpid());
	struct dirent *entry;

	if (!dir)
		return gs_err_set(err, errno, "cannot read '/proc': %s", strerror(errno));
	gs_privs_raise_ptrace();
	s->own_ns[n < 0 ? 0 : n] = '\0';
	s->answer = ret_answer;
	while (!is_late(s) && (entry = readdir(dir))) {
		gs_autoclose int proc = -1;

		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' || !strcmp(entry->d_name, own))
			continue;
		proc = openat(dirfd(dir), entry->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (proc < 0)
			continue;
		if (s->maps)
			look_at_maps(s, proc, entry->d_name);
		else if (!look_at_files(s, proc, entry->d_name))
			look_at_links(s, proc, entry->d_name);
	}
	if (is_late(s))
		add_field(s, CUT);
	return 0;
}

static void take(struct gs_span answer, struct gs_mount_users *ret)
{
	struct gs_span pid, hold, name, path;

	while (gs_span_cut(&answer, '\0', &pid) && pid.len) {
		uint64_t number = 0, kind = 0;

		if (gs_span_is_text(pid, CUT))
			ret->cut = true;
		if (!gs_span_cut(&answer, '\0', &hold) || !gs_span_cut(&answer, '\0', &name) ||
		    !gs_span_cut(&answer, '\0', &path))
			return;
		if (!gs_span_number(pid, INT_MAX, &number) ||
		    !gs_span_number(hold, GS_USE_MOUNT, &kind))
			return;
		gs_grow(&ret->v, ret->n, &ret->room, sizeof *ret->v);
		ret->v[ret->n++] = (struct gs_mount_user){
			.pid = (pid_t)number,
			.hold = (enum gs_use)kind,
			.name = gs_span_dup(name),
			.path = gs_span_dup(path),
		};
	}
}

static void run(struct search *s, bool maps, int64_t deadline_ns, struct gs_mount_users *ret)
{
	gs_autostr struct gs_str answer = { 0 };
	struct gs_child_req req = {
		.fn = search_in_child,
		.arg = s,
		.deadline_ns = deadline_ns,
		.max_answer = ANSWER_BYTES,
	};
	struct gs_err late = { 0 };

	s->maps = maps;
	s->end_ns = deadline_ns - (int64_t)TELL_MS * 1000000;
	if (gs_child_run(&req, &answer, &late) < 0)
		ret->cut = true;
	else
		take(gs_str_span(&answer), ret);
}

int gs_mount_users_find(const char *target, int id, int64_t deadline_ns, struct gs_mount_users *ret,
			struct gs_err *err)
{
	GS_AUTO(gs_mount_entry_done) struct gs_mount_entry entry = { 0 };
	struct gs_mount_users users = { 0 };
	bool found = false;
	int r = gs_mount_find(target, &entry, &found, err);

	if (r < 0)
		return r;
	if (!found || entry.id != id)
		return 0;
	struct search s = {
		.target = entry.target,
		.target_len = strlen(entry.target),
		.id = id,
		.devno = entry.devno,
	};
	r = gs_mount_list_below(id, &s.parts, &users, err);
	if (r < 0) {
		gs_mount_users_done(&users);
		return r;
	}
	run(&s, false, deadline_ns, &users);
	/*
	 * Reading maps blocks on a process that waits for the server: done last, and only if
	 * needed.
	 */
	if (!users.n)
		run(&s, true, deadline_ns, &users);
	gs_ids_done(&s.parts);
	*ret = users;
	return 0;
}
