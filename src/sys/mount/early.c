/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/mount/early.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/str.h"
#include "base/strmap.h"
#include "sys/fs/mount_table.h"
#include "sys/proc/child.h"
#include "sys/proc/fd.h"
#include "sys/proc/privs.h"
#include "sys/proc/running.h"

enum {
	MOUNTINFO_BYTES = 1 << 20, /* of a namespace; a host with 400 containers has 0.3 MB */
	SMALL_BYTES = 4096,
	NS_BYTES = 64,
	NAMESPACES_MAX = 512,
	FIELDS = 5, /* of an answer, each ended by a NUL: is it old, pid, name, place, cgroup */
	ANSWER_BYTES = GS_EARLY_MAX * (PATH_MAX + 2 * SMALL_BYTES),
};

struct search {
	const char *target;
	char *bare; /* the directory's path in its file system */
	dev_t dev;
	char *source;	     /* of the share's mount here; NULL: nothing is mounted */
	struct gs_strs devs; /* of this namespace's NFS mounts */
	struct gs_strs seen; /* namespaces */
	struct gs_str *answer;
	size_t found;
};

/* A line of mountinfo: "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw" */
struct line {
	struct gs_span dev, root, place, type, source;
};

static bool read_line(struct gs_span text, struct line *ret)
{
	struct gs_span id, parent, options, rest = text;
	const char *dash = memmem(text.ptr, text.len, " - ", 3);

	if (!gs_span_cut(&rest, ' ', &id) || !gs_span_cut(&rest, ' ', &parent) ||
	    !gs_span_cut(&rest, ' ', &ret->dev) || !gs_span_cut(&rest, ' ', &ret->root) ||
	    !gs_span_cut(&rest, ' ', &ret->place) || !gs_span_cut(&rest, ' ', &options) || !dash)
		return false;
	rest = gs_span_from(text, (size_t)(dash - text.ptr) + 3);
	return gs_span_cut(&rest, ' ', &ret->type) && gs_span_cut(&rest, ' ', &ret->source);
}

static bool is_nfs(const struct line *line)
{
	return gs_span_has_prefix(line->type, "nfs");
}

static bool has_share(struct gs_span info, const char *place)
{
	struct gs_span text;
	struct line line;

	while (gs_span_cut(&info, '\n', &text))
		if (read_line(text, &line) && gs_span_is_text(line.place, place) && is_nfs(&line))
			return true;
	return false;
}

/*
 * Where the bare directory, or one in it, is seen by this mount; NULL: not by this one. Whole file
 * systems are those of services with a namespace of their own, which get mounts as the host does.
 */
static char *place_of(const struct search *s, const struct line *line)
{
	gs_autofree char *root = gs_span_dup(line->root);
	size_t n = strlen(s->bare), k = strlen(root);

	if (!strncmp(root, s->bare, n) && (!root[n] || root[n] == '/'))
		return gs_span_dup(line->place);
	if (k > 1 && !strncmp(s->bare, root, k) && s->bare[k] == '/')
		return gs_printf("%.*s%s", (int)line->place.len, line->place.ptr, s->bare + k);
	return NULL;
}

/* Its inode as the kernel holds it, which asks no server; 0: a stale one. */
static bool cached_inode(int root, const char *path, ino_t *ret)
{
	struct statx st = { 0 };
	bool known = statx(root, path, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT | AT_SYMLINK_NOFOLLOW,
			   STATX_INO, &st) == 0;

	*ret = st.stx_ino;
	return known || errno == ESTALE;
}

/* On a superblock that this namespace has no more, or another directory than here. */
static bool is_other(const struct search *s, int proc, const struct line *line)
{
	gs_autofree char *dev = gs_span_dup(line->dev);
	gs_autofree char *below = gs_span_is_text(line->root, "/") ? NULL : gs_span_dup(line->root);
	struct gs_span part = gs_span_from(line->source, strlen(s->source)); /* of the share */
	gs_autofree char *here = gs_printf("%s%.*s%s", s->target, (int)part.len, part.ptr,
					   below ? below : "");
	gs_autofree char *there = gs_printf("root%.*s", (int)line->place.len, line->place.ptr);
	ino_t ours, theirs;
	bool has_dev = false;

	for (size_t i = 0; i < s->devs.n; i++)
		has_dev |= !strcmp(s->devs.v[i], dev);
	return !has_dev || (cached_inode(AT_FDCWD, here, &ours) &&
			    cached_inode(proc, there, &theirs) && ours != theirs);
}

/* A mount that was replaced stays where a bind mount of it is: of the share, or of a part of it. */
static bool is_old(const struct search *s, int proc, const struct line *line)
{
	size_t n = s->source ? strlen(s->source) : 0;

	return n && is_nfs(line) && gs_span_has_prefix(line->source, s->source) &&
	       (line->source.len == n || line->source.ptr[n] == '/') && is_other(s, proc, line);
}

static void add_field(struct search *s, struct gs_span text)
{
	gs_str_add(s->answer, text);
	gs_str_addc(s->answer, '\0');
}

/* "0::/system.slice/docker-0123.scope", the line of cgroup 2: cgroups(7) */
static struct gs_span cgroup_of(struct gs_span text)
{
	struct gs_span line;

	while (gs_span_cut(&text, '\n', &line))
		if (gs_span_has_prefix(line, "0::"))
			return gs_span_from(line, 3);
	return gs_span("", 0);
}

static void add(struct search *s, int proc, const char *pid, bool old, const char *place)
{
	gs_autostr struct gs_str comm = { 0 }, cgroup = { 0 };

	(void)gs_proc_text(proc, "comm", SMALL_BYTES, &comm);
	(void)gs_proc_text(proc, "cgroup", SMALL_BYTES, &cgroup);
	add_field(s, gs_span_of(old ? "1" : "0"));
	add_field(s, gs_span_of(pid));
	add_field(s, gs_span_trim(gs_str_span(&comm)));
	add_field(s, gs_span_of(place));
	add_field(s, cgroup_of(gs_str_span(&cgroup)));
	s->found++;
}

/* Where this mount has the process on what is not the share; NULL: it does not. */
static char *wrong_place(const struct search *s, int proc, struct gs_span info,
			 const struct line *line, bool *ret_old)
{
	gs_autofree char *dev = gs_printf("%u:%u", major(s->dev), minor(s->dev));
	char *place;

	*ret_old = is_old(s, proc, line);
	if (*ret_old)
		return gs_span_dup(line->place);
	place = gs_span_is_text(line->dev, dev) ? place_of(s, line) : NULL;
	if (!place || !has_share(info, place))
		return place;
	free(place);
	return NULL;
}

static void look_at(struct search *s, int proc, const char *pid)
{
	gs_autostr struct gs_str info = { 0 };
	struct gs_span rest, text;
	struct line line;

	(void)gs_proc_text(proc, "mountinfo", MOUNTINFO_BYTES, &info);
	rest = gs_str_span(&info);
	while (gs_span_cut(&rest, '\n', &text)) {
		gs_autofree char *place = NULL;
		bool old;

		if (!read_line(text, &line))
			continue;
		place = wrong_place(s, proc, gs_str_span(&info), &line, &old);
		if (!place)
			continue;
		add(s, proc, pid, old, place);
		return;
	}
}

/* Is it the first process of its namespace? */
static bool is_new(struct search *s, int proc)
{
	char ns[NS_BYTES];
	ssize_t n = readlinkat(proc, "ns/mnt", ns, sizeof ns - 1);

	if (n < 0)
		return false;
	ns[n] = '\0';
	for (size_t i = 0; i < s->seen.n; i++)
		if (!strcmp(s->seen.v[i], ns))
			return false;
	gs_strs_add(&s->seen, ns);
	return true;
}

static int search_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	struct search *s = arg;
	gs_autoclose int self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = opendir("/proc");
	struct dirent *entry;

	if (!dir)
		return gs_err_set(err, errno, "cannot read '/proc': %s", strerror(errno));
	gs_privs_raise_ptrace();
	s->answer = ret_answer;
	(void)is_new(s, self);
	while (s->found < GS_EARLY_MAX && s->seen.n < NAMESPACES_MAX && (entry = readdir(dir))) {
		gs_autoclose int proc = -1;

		if (entry->d_name[0] < '1' || entry->d_name[0] > '9')
			continue;
		proc = openat(dirfd(dir), entry->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (proc >= 0 && is_new(s, proc))
			look_at(s, proc, entry->d_name);
	}
	closedir(dir);
	return 0;
}

static void take(struct gs_span answer, struct gs_earlies *ret)
{
	struct gs_span field[FIELDS];

	for (;;) {
		gs_autofree char *name = NULL, *place = NULL, *cgroup = NULL;
		uint64_t pid = 0;

		for (size_t i = 0; i < FIELDS; i++)
			if (!gs_span_cut(&answer, '\0', &field[i]))
				return;
		name = gs_span_dup(field[2]);
		place = gs_span_dup(field[3]);
		cgroup = gs_span_dup(field[4]);
		if (!gs_span_number(field[1], INT_MAX, &pid))
			return;
		gs_earlies_add(ret, (pid_t)pid, gs_span_is_text(field[0], "1"),
			       (const char *const[]){ name, place, cgroup });
	}
}

/* The path of the directory below target in the file system that holds it. */
static int find_bare(const char *target, struct search *s, struct gs_err *err)
{
	gs_autofree char *parent =
		gs_span_dup(gs_span(target, (size_t)(strrchr(target, '/') - target)));
	GS_AUTO(gs_mount_entry_done) struct gs_mount_entry entry = { 0 };
	bool is_top;

	if (gs_mount_containing(parent[0] ? parent : "/", &entry, err) < 0)
		return err->code;
	is_top = !strcmp(entry.target, "/");
	s->bare = gs_printf("%s%s", strcmp(entry.root, "/") ? entry.root : "",
			    target + (is_top ? 0 : strlen(entry.target)));
	s->dev = entry.devno;
	return 0;
}

/* What is mounted here: the share's source, and the superblocks that are in use. */
static void find_ours(const char *target, struct search *s)
{
	gs_autostr struct gs_str info = { 0 };
	struct gs_span rest, text;
	struct line line;

	(void)gs_proc_text(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_BYTES, &info);
	rest = gs_str_span(&info);
	while (gs_span_cut(&rest, '\n', &text)) {
		gs_autofree char *dev = NULL;

		if (!read_line(text, &line) || !is_nfs(&line))
			continue;
		dev = gs_span_dup(line.dev);
		gs_strs_add(&s->devs, dev);
		if (!gs_span_is_text(line.place, target))
			continue;
		free(s->source);
		s->source = gs_span_dup(line.source);
	}
}

int gs_early_find(const char *target, int64_t deadline_ns, struct gs_earlies *ret,
		  struct gs_err *err)
{
	struct search s = { .target = target };
	gs_autostr struct gs_str answer = { 0 };
	struct gs_child_req req = {
		.fn = search_in_child,
		.arg = &s,
		.deadline_ns = deadline_ns,
		.max_answer = ANSWER_BYTES,
	};
	int r = find_bare(target, &s, err);

	find_ours(target, &s);
	if (r == 0)
		r = gs_child_run(&req, &answer, err);
	if (r == 0)
		take(gs_str_span(&answer), ret);
	free(s.bare);
	free(s.source);
	gs_strs_done(&s.devs);
	return r;
}
