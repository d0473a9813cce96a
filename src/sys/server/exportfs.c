/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/server/exportfs.h"

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
#include <sys/xattr.h>
#include <unistd.h>

#include "sys/fs/rootfs.h"
#include "sys/fs/spare.h"
#include "sys/proc/alarm.h"
#include "sys/proc/child.h"
#include "sys/proc/fd.h"
#include "sys/proc/proc.h"
#include "sys/proc/spawn.h"

/*
 * Checks candidate files with the system's own exportfs, isolated from the running server: in a
 * private mount namespace with an empty /var/lib/nfs and an /etc of its own, and in a private
 * network namespace. Without the latter exportfs would write the live server's
 * /proc/net/rpc/.../flush: a mount namespace does not isolate /proc/net/rpc, and every cached
 * export would be dropped.
 */

#define EXPORTFS "/usr/sbin/exportfs"
#define STATE	 "/var/lib/nfs"
#define ETAB	 STATE "/etab"
#define HELD	 "/proc/self/net/rpc/nfsd.export/content"
#define HELD_ALL "/proc/fs/nfsd/exports"
#define ETAB_NEW "etab.tmp"
#define SELINUX	 "security.selinux"

enum {
	ETAB_MAX_BYTES = 64 << 20,
	OUTPUT_MAX_BYTES = 1 << 20,
	ETAB_SPARE_BYTES = 16 << 10, /* added to the current size, for the next table */
	LABEL_MAX_BYTES = 4096,
	LOCK_MS = 2000,		 /* the lock is held while a table is written */
	ETC_ENTRIES_MAX = 20000, /* a bound on the links made for the private /etc */
};

int gs_exportfs_active(struct gs_sys *sys, struct gs_str *ret_etab, struct gs_err *err)
{
	bool exists = false;

	return gs_rootfs_read_file(sys, ETAB, ETAB_MAX_BYTES, ret_etab, &exists, err);
}

int gs_exportfs_held(struct gs_sys *sys, struct gs_str *ret, struct gs_err *err)
{
	bool exists = false;
	struct gs_err denied = { 0 };

	if (gs_rootfs_read_file(sys, HELD, ETAB_MAX_BYTES, ret, &exists, &denied) == 0)
		return 0;
	return gs_rootfs_read_file(sys, HELD_ALL, ETAB_MAX_BYTES, ret, &exists, err);
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

/* Links every entry of the real /etc, now at /var/lib/nfs/etc, into the private one. */
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
		(void)gs_read_fd(fd, OUTPUT_MAX_BYTES, &hosts);
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

/* In the child: makes /etc and /var/lib/nfs private to it. */
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
		return gs_err_set(err, errno, "cannot create private namespaces: %s",
				  strerror(errno));
	for (size_t i = 0; i < GS_COUNT(mounts); i++) {
		if (mounts[i].flags == MS_BIND && mkdir(mounts[i].target, 0755) < 0)
			return gs_err_set(err, errno, "cannot create '%s': %s", mounts[i].target,
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

/*
 * Runs exportfs -ra: its messages matter, its status does not (it is 0 even if exports are
 * missing).
 */
static int run_exportfs(struct gs_sys *sys, struct gs_str *ret_output, struct gs_err *err)
{
	const char *const argv[] = { EXPORTFS, "-ra", NULL };
	struct gs_spawn_req req = {
		.path = EXPORTFS,
		.argv = argv,
		.deadline_ns = sys->deadline_ns,
		.max_output = OUTPUT_MAX_BYTES,
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
		gs_str_add(ret_output, gs_str_span(&result.errs));
	gs_spawn_result_done(&result);
	return r;
}

/* The answer: the messages of exportfs, a NUL, the table that it wrote. */
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
	/* Opened by its path: root_fd still shows the real tree. */
	fd = open(ETAB, O_RDONLY | O_CLOEXEC);
	r = fd < 0 ? -errno : gs_read_fd(fd, ETAB_MAX_BYTES, ret_answer);
	return r < 0 ? gs_err_set(err, r, "cannot read the private '" ETAB "': %s", strerror(-r))
		     : 0;
}

int gs_exportfs_check(struct gs_sys *sys, const struct gs_files *candidates, struct gs_span hosts,
		      struct gs_str *ret_etab, struct gs_str *ret_output, struct gs_err *err)
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
	gs_str_add(ret_output, said);
	gs_str_add(ret_etab, rest);
	return 0;
}

/*
 * Is there room for a file of so many bytes? Tested by allocating one: free space may be reserved
 * for somebody or something else, as 2 % of an ext4 are. The test file has no name and goes at
 * once, so another process may still take the room before the table is written.
 */
static bool can_write(int dir, size_t bytes)
{
	gs_autoclose int fd = openat(dir, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	struct statvfs st;

	if (fd >= 0 && fallocate(fd, 0, 0, (off_t)(bytes ? bytes : 1)) == 0)
		return true;
	if (errno == ENOSPC || errno == EDQUOT)
		return false;
	/* Not every file system has O_TMPFILE and fallocate(2). */
	return fstatvfs(dir, &st) == 0 && (uint64_t)st.f_bfree * st.f_frsize >= bytes &&
	       (!st.f_files || st.f_ffree);
}

static int no_room(size_t bytes, struct gs_err *err)
{
	gs_err_set(err, ENOSPC,
		   "no room for the new table of exports in '" STATE
		   "', which needs %zu bytes: exportfs would drop the entries that do not fit",
		   bytes);
	gs_err_cause(err, "STATE_FULL");
	return gs_err_advise(err, "make room there (df " STATE "), then run the command again");
}

static int open_state(struct gs_err *err)
{
	int dir = open(STATE, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return dir < 0 ? gs_err_set(err, errno, "cannot access '" STATE "': %s", strerror(errno))
		       : dir;
}

/*
 * exportfs writes the new table beside the old one and only then removes the old one: exportfs(8)
 * FILES. Each file written before the table may have taken a spare by then.
 */
int gs_exportfs_room(struct gs_sys *sys, size_t bytes, unsigned files, struct gs_err *err)
{
	gs_autoclose int dir = open_state(err);

	if (dir < 0)
		return dir;
	if (gs_spare_count(sys, dir, bytes) > files || can_write(dir, bytes))
		return 0;
	return no_room(bytes, err);
}

/* The lock that every writer of the table takes: nfs-utils support/nfs/xio.c, xflock(). */
static int lock_table(const struct gs_sys *sys, int dir)
{
	const struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int64_t end_ns = gs_deadline_in(LOCK_MS);
	struct gs_alarm alarm;
	int fd = openat(dir, ".etab.lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600), r;

	if (fd < 0)
		return -errno;
	gs_alarm_begin(&alarm, sys->deadline_ns < end_ns ? sys->deadline_ns : end_ns);
	r = gs_alarm_end(&alarm, fcntl(fd, F_SETLKW, &whole) < 0 ? -errno : 0);
	if (r == 0)
		return fd;
	close(fd);
	return r;
}

/* Removes the new table of an exportfs that was killed; it must be root's, as the table is. */
static int clear_table(int dir)
{
	struct stat st;

	if (fstatat(dir, ETAB_NEW, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISREG(st.st_mode) || st.st_uid || st.st_nlink != 1)
		return -EEXIST;
	return unlinkat(dir, ETAB_NEW, 0) < 0 ? -errno : 0;
}

/* Sets mode and SELinux label as exportfs does: rpc.mountd and others read the table. */
static int set_table_mode(int dir, int fd)
{
	gs_autoclose int etab = openat(dir, "etab", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char label[LABEL_MAX_BYTES];
	ssize_t n = fgetxattr(etab < 0 ? dir : etab, SELINUX, label, sizeof label);

	if (n > 0 && fsetxattr(fd, SELINUX, label, (size_t)n, 0) < 0)
		return -errno;
	return fchmod(fd, 0644) < 0 ? -errno : 0;
}

/*
 * exportfs opens its new table with O_TRUNC but without O_EXCL, so it reuses the file that is
 * there. The lock keeps out another exportfs, which would apply the spare's zeros.
 */
static int take_table(struct gs_sys *sys, int dir)
{
	gs_autoclose int lock = lock_table(sys, dir);
	int r = lock < 0 ? lock : clear_table(dir);
	int fd = r < 0 ? r : gs_spare_take(sys, dir, ETAB_NEW);

	if (fd < 0)
		return fd;
	r = set_table_mode(dir, fd);
	close(fd);
	if (r < 0)
		(void)unlinkat(dir, ETAB_NEW, 0);
	return r;
}

/*
 * Uses a spare wherever there is one: free space may be gone once exportfs has begun, and exportfs
 * installs a truncated table, without the exports of others that did not fit.
 */
static int lay_table(struct gs_sys *sys, int dir, size_t bytes, struct gs_err *err)
{
	bool is_enough = gs_spare_count(sys, dir, bytes);
	struct stat etab;

	if (gs_spare_count(sys, dir, 0) && take_table(sys, dir) == 0 && is_enough)
		return 0;
	if (!bytes && fstatat(dir, "etab", &etab, AT_SYMLINK_NOFOLLOW) == 0)
		bytes = (size_t)etab.st_size + ETAB_SPARE_BYTES;
	return can_write(dir, bytes) ? 0 : no_room(bytes, err);
}

/*
 * Is the table truncated, because another process took the blocks that O_TRUNC freed? The file
 * system may have room again by now, without the old table: so free space is not checked.
 */
static bool is_cut(const struct gs_sys *sys, int dir, size_t bytes)
{
	struct stat etab;

	return sys->may_spend && fstatat(dir, "etab", &etab, AT_SYMLINK_NOFOLLOW) == 0 &&
	       (uintmax_t)etab.st_size < bytes;
}

int gs_exportfs_apply(struct gs_sys *sys, size_t bytes, struct gs_str *ret_output,
		      struct gs_err *err)
{
	gs_autoclose int dir = open_state(err);

	if (dir < 0 || lay_table(sys, dir, bytes, err) < 0 ||
	    run_exportfs(sys, ret_output, err) < 0)
		return err->code;
	if (!is_cut(sys, dir, bytes))
		return 0;
	if (lay_table(sys, dir, bytes, err) < 0)
		return err->code;
	gs_spare_drop(sys, dir);
	return run_exportfs(sys, ret_output, err);
}
