/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/exportfs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/child.h"
#include "sys/fd.h"
#include "sys/rootfs.h"
#include "sys/spare.h"
#include "sys/spawn.h"

/*
 * Judging candidate files with the system's own exportfs, where nothing can be hurt: a private
 * mount namespace with an empty /var/lib/nfs and an /etc of its own, in a private network
 * namespace. Without the latter exportfs would write the live server's /proc/net/rpc/.../flush:
 * a mount namespace does not isolate /proc/net/rpc, and every cached export would be dropped.
 */

#define EXPORTFS "/usr/sbin/exportfs"
#define STATE	 "/var/lib/nfs"
#define ETAB	 STATE "/etab"

enum {
	ETAB_MAX_BYTES = 64 << 20,
	SAID_MAX_BYTES = 1 << 20,
	ETAB_SPARE_BYTES = 16 << 10, /* more than now, for the next one */
	ETC_ENTRIES_MAX = 20000,     /* a bound on the links made for the private /etc */
};

int gs_exportfs_active(struct gs_sys *sys, struct gs_str *ret_etab, struct gs_err *err)
{
	bool exists = false;

	return gs_rootfs_read_file(sys, ETAB, ETAB_MAX_BYTES, ret_etab, &exists, err);
}

struct stage {
	struct gs_sys *sys;
	const struct gs_files *candidates;
	struct gs_span hosts;
};

static int write_new(const char *path, struct gs_span a, struct gs_span b)
{
	gs_autoclose int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	int r;

	if (fd < 0)
		return -errno;
	r = gs_write_fd(fd, a);
	return r < 0 ? r : gs_write_fd(fd, b);
}

/* Every entry of the real /etc, now at /var/lib/nfs/etc, as a link in the private one. */
static int link_etc(void)
{
	DIR *dir = opendir("/var/lib/nfs/etc");
	struct dirent *entry;
	int r = 0;

	if (!dir)
		return -errno;
	for (unsigned n = 0; r == 0 && n < ETC_ENTRIES_MAX && (entry = readdir(dir)); n++) {
		gs_autofree char *to = gs_printf("/var/lib/nfs/etc/%s", entry->d_name);
		gs_autofree char *from = gs_printf("/etc/%s", entry->d_name);

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..") ||
		    !strcmp(entry->d_name, "exports") || !strcmp(entry->d_name, "exports.d") ||
		    !strcmp(entry->d_name, "hosts"))
			continue;
		r = symlink(to, from) < 0 ? -errno : 0;
	}
	closedir(dir);
	return r;
}

static int write_candidates(const struct stage *stage)
{
	gs_autostr struct gs_str hosts = { 0 };
	int fd = open("/var/lib/nfs/etc/hosts", O_RDONLY | O_CLOEXEC);
	int r = mkdir("/etc/exports.d", 0755) < 0 ? -errno : 0;

	if (fd >= 0) {
		(void)gs_read_fd(fd, SAID_MAX_BYTES, &hosts);
		close(fd);
	}
	if (r == 0)
		r = write_new("/etc/hosts", stage->hosts, gs_str_span(&hosts));
	for (size_t i = 0; r == 0 && i < stage->candidates->n; i++) {
		const struct gs_file *file = &stage->candidates->v[i];

		if (file->exists)
			r = write_new(file->path, gs_str_span(&file->text), gs_span(NULL, 0));
	}
	return r;
}

/* In the child: from here on /etc and /var/lib/nfs are its own. */
static int build_stage(const struct stage *stage, struct gs_err *err)
{
	static const struct {
		const char *source, *target, *type;
		unsigned long flags;
	} mounts[] = {
		{ NULL, "/", NULL, MS_REC | MS_PRIVATE },
		{ "gshare", "/var/lib/nfs", "tmpfs", MS_NOSUID | MS_NODEV },
		{ "/etc", "/var/lib/nfs/etc", NULL, MS_BIND },
		{ "gshare", "/etc", "tmpfs", MS_NOSUID | MS_NODEV },
	};
	int r;

	if (unshare(CLONE_NEWNS | CLONE_NEWNET) < 0)
		return gs_err_set(err, errno, "cannot make private namespaces: %s",
				  strerror(errno));
	for (size_t i = 0; i < GS_COUNT(mounts); i++) {
		if (mounts[i].flags == MS_BIND && mkdir(mounts[i].target, 0755) < 0)
			return gs_err_set(err, errno, "cannot make '%s': %s", mounts[i].target,
					  strerror(errno));
		if (mount(mounts[i].source, mounts[i].target, mounts[i].type, mounts[i].flags,
			  NULL) < 0)
			return gs_err_set(err, errno, "cannot mount over '%s' privately: %s",
					  mounts[i].target, strerror(errno));
	}
	r = link_etc();
	if (r == 0)
		r = write_candidates(stage);
	if (r == 0)
		r = write_new(ETAB, gs_span(NULL, 0), gs_span(NULL, 0));
	return r < 0 ? gs_err_set(err, r, "cannot stage the candidate files: %s", strerror(-r)) : 0;
}

/* exportfs -ra: what it says matters, its status does not (it is 0 when exports are missing). */
static int run_exportfs(struct gs_sys *sys, struct gs_str *ret_said, struct gs_err *err)
{
	const char *const argv[] = { EXPORTFS, "-ra", NULL };
	struct gs_spawn_req req = {
		.path = EXPORTFS,
		.argv = argv,
		.deadline_ns = sys->deadline_ns,
		.max_output = SAID_MAX_BYTES,
	};
	struct gs_spawn_result result = { 0 };
	int r = gs_spawn(&req, &result, err);

	if (r < 0)
		return r;
	if (!WIFEXITED(result.status))
		r = result.timed_out
			    ? gs_err_set(err, ETIMEDOUT, EXPORTFS " did not end in time")
			    : gs_err_set(err, GS_E_CHILD, EXPORTFS " was killed by signal %d",
					 WTERMSIG(result.status));
	else
		gs_str_add(ret_said, gs_str_span(&result.errs));
	gs_spawn_result_done(&result);
	return r;
}

/* The answer: what exportfs said, a NUL, what it wrote. */
static int judge(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const struct stage *stage = arg;
	gs_autostr struct gs_str said = { 0 };
	gs_autoclose int fd = -1;
	int r = build_stage(stage, err);

	if (r == 0)
		r = run_exportfs(stage->sys, &said, err);
	if (r < 0)
		return r;
	gs_str_add(ret_answer, gs_span(said.ptr, strnlen(said.ptr ? said.ptr : "", said.len)));
	gs_str_addc(ret_answer, '\0');
	/* By its path: root_fd still shows the real tree. */
	fd = open(ETAB, O_RDONLY | O_CLOEXEC);
	r = fd < 0 ? -errno : gs_read_fd(fd, ETAB_MAX_BYTES, ret_answer);
	return r < 0 ? gs_err_set(err, r, "cannot read the private '" ETAB "': %s", strerror(-r))
		     : 0;
}

int gs_exportfs_check(struct gs_sys *sys, const struct gs_files *candidates, struct gs_span hosts,
		      struct gs_str *ret_etab, struct gs_str *ret_said, struct gs_err *err)
{
	struct stage stage = { .sys = sys, .candidates = candidates, .hosts = hosts };
	struct gs_child_req req = {
		.fn = judge,
		.arg = &stage,
		.deadline_ns = sys->deadline_ns,
		.max_answer = ETAB_MAX_BYTES,
	};
	gs_autostr struct gs_str answer = { 0 };
	struct gs_span rest, said = { 0 };
	int r = gs_child_run(&req, &answer, err);

	if (r < 0)
		return r;
	rest = gs_str_span(&answer);
	gs_span_cut(&rest, '\0', &said);
	gs_str_add(ret_said, said);
	gs_str_add(ret_etab, rest);
	return 0;
}

/*
 * Room for a file of so many bytes? By trying: what a file system says is free may be kept for
 * somebody or something else, as 2 % of an ext4 are. The trial has no name, and goes at once.
 */
static bool can_write(int dir, size_t bytes)
{
	gs_autoclose int fd = openat(dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	struct statvfs st;

	if (fd >= 0 && fallocate(fd, 0, 0, (off_t)(bytes ? bytes : 1)) == 0)
		return true;
	if (errno == ENOSPC || errno == EDQUOT)
		return false;
	/* Not every file system can be tried so. */
	return fstatvfs(dir, &st) == 0 && (uint64_t)st.f_bfree * st.f_frsize >= bytes &&
	       (!st.f_files || st.f_ffree);
}

/* The new table is written beside the old one, which goes only then: exportfs(8) FILES. */
int gs_exportfs_room(struct gs_sys *sys, size_t bytes, struct gs_err *err)
{
	gs_autoclose int dir = open(STATE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint64_t spare;

	if (dir < 0)
		return gs_err_set(err, errno, "cannot look at '" STATE "': %s", strerror(errno));
	spare = gs_spare_room(sys, dir);
	if ((spare && spare >= bytes) || can_write(dir, bytes))
		return 0;
	gs_err_set(err, ENOSPC,
		   "no room for the new table of exports in '" STATE
		   "', which takes %zu bytes: exportfs would drop what does not fit",
		   bytes);
	gs_err_cause(err, "STATE_FULL");
	return gs_err_mend(err, "make room there (df " STATE "), then run this again");
}

/* exportfs opens its new table with O_TRUNC, without O_EXCL: what lies there becomes the table. */
static void lay_spare(struct gs_sys *sys)
{
	gs_autoclose int dir = open(STATE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat etab;
	int fd;

	if (!sys->may_spend || dir < 0 || fstatat(dir, "etab", &etab, AT_SYMLINK_NOFOLLOW) < 0 ||
	    can_write(dir, (size_t)etab.st_size + ETAB_SPARE_BYTES))
		return;
	fd = gs_spare_take(sys, dir, "etab.tmp");
	if (fd < 0)
		return;
	/* As exportfs makes it: rpc.mountd and others read it. */
	(void)fchmod(fd, 0644);
	close(fd);
}

int gs_exportfs_apply(struct gs_sys *sys, struct gs_str *ret_said, struct gs_err *err)
{
	lay_spare(sys);
	return run_exportfs(sys, ret_said, err);
}
