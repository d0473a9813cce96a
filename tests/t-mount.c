/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/shareid.h"
#include "sys/fs/mount_table.h"
#include "sys/fs/pin_path.h"
#include "sys/fs/rootfs.h"
#include "sys/mount/mount.h"
#include "sys/mount/mount_look.h"
#include "sys/mount/mount_users.h"
#include "sys/mount/remount.h"
#include "sys/mount/stage.h"
#include "sys/proc/fd.h"
#include "sys/proc/proc.h"
#include "table.h"

static char top[64]; /* a tmpfs of the test's own, in a mount namespace of its own */

static char *make_dir(const char *name)
{
	char *path = gs_printf("%s/%s", top, name);

	if (mkdir(path, 0755) < 0)
		assert_int_equal(errno, EEXIST);
	return path;
}

static void mount_tmpfs(const char *path, const char *source)
{
	assert_int_equal(mount(source, path, "tmpfs", MS_NOSUID, "size=64k"), 0);
}

/* The source of what is mounted exactly at path; NULL where nothing is. */
static char *source_at(const char *path)
{
	GS_AUTO(gs_mount_entry_done) struct gs_mount_entry entry = { 0 };
	struct gs_err err = { 0 };
	bool found = false;

	assert_int_equal(gs_mount_find(path, &entry, &found, &err), 0);
	return found ? gs_strdup(entry.source) : NULL;
}

static void assert_source(const char *path, const char *want)
{
	gs_autofree char *source = source_at(path);

	if (want)
		assert_string_equal(source, want);
	else
		assert_null(source);
}

static void assert_container(const char *path, const char *want)
{
	GS_AUTO(gs_mount_entry_done) struct gs_mount_entry entry = { 0 };
	struct gs_err err = { 0 };

	assert_int_equal(gs_mount_containing(path, &entry, &err), 0);
	assert_string_equal(entry.source, want);
}

static void the_table_is_read_as_a_path_walk_goes(void **state)
{
	gs_autofree char *a = make_dir("a"), *ab = NULL, *abc = NULL, *longer = make_dir("ab");
	gs_autofree char *slashes = gs_printf("%s//", a), *deep = gs_printf("%s/b/c/x/y", a);

	(void)state;
	mount_tmpfs(a, "one");
	ab = make_dir("a/b");
	mount_tmpfs(ab, "two");
	abc = make_dir("a/b/c");
	assert_source(a, "one");
	assert_source(slashes, "one");
	assert_source(ab, "two");
	assert_source(abc, NULL);
	assert_source(longer, NULL);
	assert_container(deep, "two");
	assert_container(longer, "top");
	/* stacked: the topmost counts */
	mount_tmpfs(ab, "three");
	assert_source(ab, "three");
	/* hidden: what lies below a later mount of a parent is not reached any more */
	mount_tmpfs(a, "four");
	assert_source(a, "four");
	assert_source(ab, NULL);
	assert_container(deep, "four");
	assert_int_equal(umount2(a, 0), 0);
	assert_source(ab, "three");
	assert_int_equal(umount2(a, MNT_DETACH), 0);
	assert_source(a, NULL);
}

static void odd_names_and_binds_are_read(void **state)
{
	gs_autofree char *odd = make_dir("a b\tc\\d"), *bound = make_dir("bound"), *sub = NULL;
	GS_AUTO(gs_mount_entry_done) struct gs_mount_entry entry = { 0 };
	struct gs_err err = { 0 };
	bool found = false;

	(void)state;
	mount_tmpfs(odd, "odd source");
	assert_source(odd, "odd source");
	sub = gs_printf("%s/sub", odd);
	assert_int_equal(mkdir(sub, 0755), 0);
	assert_int_equal(mount(sub, bound, NULL, MS_BIND, NULL), 0);
	assert_int_equal(gs_mount_find(bound, &entry, &found, &err), 0);
	assert_true(found);
	assert_string_equal(entry.root, "/sub");
	assert_string_equal(entry.type, "tmpfs");
	assert_non_null(strstr(entry.options, "nosuid"));
	assert_non_null(strstr(entry.options, "size=64k"));
	assert_true(entry.devno != 0);
}

static void unmounting_says_why_not(void **state)
{
	gs_autofree char *dir = make_dir("busy"), *link = gs_printf("%s/tobusy", top);
	gs_autofree char *file = gs_printf("%s/file", dir);
	struct gs_err err = { 0 };
	int fd;

	(void)state;
	assert_int_equal(gs_umount(-1, dir, 0, gs_deadline_in(1000), &err), -EINVAL);
	mount_tmpfs(dir, "busy");
	fd = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	assert_int_equal(gs_umount(-1, dir, 0, gs_deadline_in(1000), &err), -EBUSY);
	assert_string_equal(err.id, "MOUNT_BUSY");
	assert_non_null(strstr(err.fix, dir));
	assert_int_equal(symlink(dir, link), 0);
	assert_int_equal(gs_umount(-1, link, GS_UMOUNT_LAZY, gs_deadline_in(1000), &err), -EINVAL);
	assert_int_equal(gs_umount(-1, dir, GS_UMOUNT_LAZY, gs_deadline_in(1000), &err), 0);
	assert_source(dir, NULL);
	close(fd);
}

/* What a child does to hold the mount at dir, whose file is file; then it waits. */
static const struct holding {
	const char *name;
	enum gs_use hold;
	bool other_namespace; /* its own mounts: holds nothing of ours */
} holdings[] = {
	{ "works there", GS_USE_CWD, false },
	{ "has its root there", GS_USE_ROOT, false },
	{ "has a file open", GS_USE_FILE, false },
	{ "has a file mapped", GS_USE_MAP, false },
	{ "works there in another mount namespace", GS_USE_CWD, true },
};

static void hold(const struct holding *row, const char *dir, const char *file)
{
	int fd = -1;
	void *map;

	if (row->other_namespace && unshare(CLONE_NEWNS) < 0)
		_exit(1);
	if (row->hold == GS_USE_ROOT && chroot(dir) < 0)
		_exit(2);
	if (row->hold == GS_USE_CWD && chdir(dir) < 0)
		_exit(3);
	if (row->hold == GS_USE_FILE || row->hold == GS_USE_MAP)
		fd = open(file, O_RDONLY | O_CLOEXEC);
	if (row->hold == GS_USE_MAP) {
		map = mmap(NULL, 1, PROT_READ, MAP_SHARED, fd, 0);
		if (map == MAP_FAILED || close(fd) < 0)
			_exit(4);
	}
	raise(SIGSTOP);
	_exit(0);
}

static void a_holder_is_named(void **state)
{
	const struct holding *row = *state;
	gs_autofree char *dir = make_dir("held"), *file = gs_printf("%s/a\nfile", dir);
	GS_AUTO(gs_mount_entry_done) struct gs_mount_entry entry = { 0 };
	GS_AUTO(gs_mount_users_done) struct gs_mount_users users = { 0 };
	struct gs_err err = { 0 };
	bool found = false;
	int status, fd;
	pid_t pid;

	mount_tmpfs(dir, "held");
	fd = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	assert_true(write(fd, "x", 1) == 1 && close(fd) == 0);
	pid = fork();
	if (!pid)
		hold(row, dir, file);
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
	assert_int_equal(gs_mount_find(dir, &entry, &found, &err), 0);
	assert_int_equal(gs_mount_users_find(dir, entry.id, gs_deadline_in(5000), &users, &err), 0);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	assert_int_equal(users.n, row->other_namespace ? 0 : 1);
	if (users.n) {
		assert_int_equal(users.v[0].pid, pid);
		assert_int_equal(users.v[0].hold, row->hold);
		assert_string_equal(users.v[0].name, "t-mount");
		assert_int_equal(strncmp(users.v[0].path, dir, strlen(dir)), 0);
	}
	assert_int_equal(umount2(dir, 0), 0);
}

static void a_mount_below_holds(void **state)
{
	gs_autofree char *dir = make_dir("above"), *below = NULL;
	GS_AUTO(gs_mount_entry_done) struct gs_mount_entry entry = { 0 };
	GS_AUTO(gs_mount_users_done) struct gs_mount_users users = { 0 };
	struct gs_err err = { 0 };
	bool found = false;

	(void)state;
	mount_tmpfs(dir, "above");
	below = make_dir("above/below");
	mount_tmpfs(below, "below");
	assert_int_equal(gs_mount_find(dir, &entry, &found, &err), 0);
	assert_int_equal(gs_mount_users_find(dir, entry.id, gs_deadline_in(5000), &users, &err), 0);
	assert_int_equal(users.n, 1);
	assert_int_equal(users.v[0].hold, GS_USE_MOUNT);
	assert_string_equal(users.v[0].path, below);
	assert_false(users.cut);
	gs_mount_users_done(&users);
	/* Without time for it there may be more. */
	assert_int_equal(gs_mount_users_find(dir, entry.id, gs_deadline_in(0), &users, &err), 0);
	assert_int_equal(users.n, 1);
	assert_true(users.cut);
	/* The table is the judge: what has gone is unmounted. */
	assert_int_equal(gs_umount_sure(-1, dir, 0, gs_deadline_in(1000), &err), -EBUSY);
	assert_int_equal(gs_umount_sure(-1, dir, GS_UMOUNT_LAZY, gs_deadline_in(1000), &err), 0);
	assert_source(dir, NULL);
}

/* A link where a directory was leads to another mount; the one that was meant has moved along. */
static void the_mount_is_meant_not_its_path(void **state)
{
	gs_autofree char *way = make_dir("way"), *dir = make_dir("way/data");
	gs_autofree char *other = make_dir("other"), *theirs = make_dir("other/data");
	gs_autofree char *away = gs_printf("%s/away", top), *there = gs_printf("%s/data", away);
	struct gs_err err = { 0 };
	int id;

	(void)state;
	mount_tmpfs(dir, "ours");
	mount_tmpfs(theirs, "theirs");
	id = gs_mount_id_at(dir);
	assert_int_equal(rename(way, away), 0);
	assert_int_equal(symlink(other, way), 0);
	assert_int_equal(gs_umount(-1, dir, 0, gs_deadline_in(1000), &err), -EINVAL);
	assert_source(there, "ours");
	assert_int_equal(gs_umount(id, dir, 0, gs_deadline_in(1000), &err), 0);
	assert_source(there, NULL);
	assert_source(theirs, "theirs");
}

/* The kernel has it, and no path leads there. */
static void a_covered_mount_is_left(void **state)
{
	gs_autofree char *way = make_dir("covered"), *dir = make_dir("covered/data");
	struct gs_err err = { 0 };
	int id;

	(void)state;
	mount_tmpfs(dir, "ours");
	id = gs_mount_id_at(dir);
	mount_tmpfs(way, "cover");
	assert_int_equal(mkdir(dir, 0755), 0);
	assert_int_equal(gs_umount(id, dir, 0, gs_deadline_in(1000), &err), -ESTALE);
	assert_source(way, "cover");
	assert_int_equal(umount2(way, 0), 0);
	assert_source(dir, "ours");
}

/* What is held is used wherever it goes; a mount that has come below it is not. */
static void a_held_way_does_not_bend(void **state)
{
	gs_autofree char *way = make_dir("firm"), *dir = make_dir("firm/data");
	gs_autofree char *away = gs_printf("%s/kept", top), *there = gs_printf("%s/data", away);
	gs_autofree char *other = make_dir("bent");
	gs_autoclose int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct gs_sys sys = { .root_fd = root, .deadline_ns = gs_deadline_in(5000) };
	struct stat st, was;
	struct gs_err err = { 0 };
	int fd;

	(void)state;
	assert_int_equal(stat(dir, &was), 0);
	assert_int_equal(gs_pin_path(&sys, dir, &err), 0);
	assert_int_equal(rename(way, away), 0);
	assert_int_equal(symlink(other, way), 0);
	fd = gs_open_in_root(&sys, dir, O_PATH | O_DIRECTORY, GS_LINKS_NONE);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_ino, was.st_ino);
	close(fd);
	mount_tmpfs(there, "late");
	assert_int_equal(gs_open_in_root(&sys, dir, O_PATH, GS_LINKS_NONE), -EXDEV);
	gs_pin_done(&sys);
	assert_null(sys.held);
}

/* Whose time ran out on a disk of this machine is not told to unmount that. */
static void a_local_disk_is_not_blamed(void **state)
{
	struct gs_err err = { 0 };

	(void)state;
	gs_err_set(&err, ETIMEDOUT, "timed out after 0.1 s");
	assert_int_equal(gs_pin_blame("/", &err), -ETIMEDOUT);
	assert_int_equal(gs_pin_blame(top, &err), -ETIMEDOUT);
	assert_null(err.id);
	assert_string_equal(err.msg, "timed out after 0.1 s");
}

static const struct rehearsal {
	const char *name, *source, *type, *options;
	int r;
	const char *id;
} rehearsals[] = {
	{ "the default options", "127.0.0.1:/x", "nfs4",
	  "vers=4.2,proto=tcp,hard,timeo=600,retrans=2,nosuid,nodev", 0, NULL },
	{ "fstab's own options are left out", "127.0.0.1:/x", "nfs4",
	  "vers=4.2,x-gshare.id=7c1e52d0,_netdev,nofail,x-systemd.mount-timeout=5s,X-mount.mkdir",
	  0, NULL },
	{ "no options", "127.0.0.1:/x", "nfs4", "", 0, NULL },
	{ "IPv6", "[::1]:/x", "nfs4", "vers=4.2", 0, NULL },
	{ "not a type of NFS", "127.0.0.1:/x", "ext4", "", -EINVAL, NULL },
};

static void mount_is_rehearsed(void **state)
{
	const struct rehearsal *row = *state;
	gs_autofree char *dir = make_dir("rehearsal");
	struct gs_err err = { 0 };
	int r = gs_mount_rehearse(row->source, dir, row->type, row->options, gs_deadline_in(3000),
				  &err);

	if (r != row->r)
		fail_msg("%d: %s", r, err.msg);
	assert_source(dir, NULL);
}

/* ---- a mount.nfs of our own, bound over the system's in this mount namespace ------------- */

static const struct helper {
	const char *name, *script; /* $2 is the target */
	int r;
	const char *id, *said;
	unsigned timeout_ms, within_ms;
} helpers[] = {
	{ "succeeds", "mount -t tmpfs x \"$2\"", 0, NULL, NULL, 3000, 1000 },
	{ "access denied", "echo mount.nfs: access denied by server while mounting $1 >&2; exit 32",
	  -EACCES, "NFS_ACCESS_DENIED",
	  "cannot mount '127.0.0.1:/x': access denied by server while mounting 127.0.0.1:/x", 3000,
	  1000 },
	{ "absent",
	  "echo mount.nfs: mounting $1 failed, reason given by server: No such file or directory >&2;"
	  " exit 32",
	  -ENOENT, "EXPORT_ABSENT", "No such file", 3000, 1000 },
	{ "wrong version",
	  "echo mount.nfs4: requested NFS version or transport protocol is not supported for $1 >&2;"
	  " exit 32",
	  -EPROTONOSUPPORT, "VERSION_REFUSED", "not supported", 3000, 1000 },
	{ "the telling line comes first",
	  "echo mount.nfs: Connection refused >&2; echo some advice >&2; exit 32", -ECONNREFUSED,
	  "SERVER_REFUSED", "Connection refused", 3000, 1000 },
	{ "no NFS client in the kernel", "echo mount.nfs: No such device >&2; exit 32", -ENODEV,
	  "KERNEL_WITHOUT_NFS", "No such device", 3000, 1000 },
	{ "an unsafe port", "echo mount.nfs: Operation not permitted >&2; exit 32", -EPERM,
	  "NFS_PERM", "not permitted", 3000, 1000 },
	{ "escapes", "printf 'mount.nfs: \\033[31mred\\n' >&2; exit 32", -GS_E_CHILD, NULL,
	  "\\033[31mred", 3000, 1000 },
	{ "says nothing", "exit 32", -GS_E_CHILD, NULL, "status 32", 3000, 1000 },
	{ "what it is given", "echo \"$*\" >&2; exit 32", -GS_E_CHILD, NULL,
	  " -o rw,vers=4.2,hard,retry=0", 3000, 1000 },
	{ "a plain environment", "env | grep -q SECRET && exit 1; mount -t tmpfs x \"$2\"", 0, NULL,
	  NULL, 3000, 1000 },
	{ "hangs", "sleep 60", -ETIMEDOUT, "MOUNT_TIMEOUT", "timed out after", 300, 800 },
	{ "mounts late and hangs", "mount -t tmpfs late \"$2\"; sleep 60", -ETIMEDOUT,
	  "MOUNT_TIMEOUT", "timed out after", 500, 1800 },
};

static void bind_helper(const char *script)
{
	gs_autofree char *path = gs_printf("%s/mount.nfs", top);
	gs_autofree char *text = gs_printf("#!/bin/sh\n%s\n", script);
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0755);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	assert_int_equal(mount(path, "/sbin/mount.nfs", NULL, MS_BIND, NULL), 0);
}

/* Where mounting comes from: out of sight. What is mounted goes at once. */
static int stage(const char *dir, const char *options, unsigned timeout_ms, struct gs_err *err)
{
	struct gs_stage out = { 0 };
	int r = gs_stage_mount("127.0.0.1:/x", dir, "nfs4", options, gs_deadline_in(timeout_ms),
			       &out, err);

	gs_stage_done(&out);
	return r;
}

static void helper_is_understood(void **state)
{
	const struct helper *row = *state;
	gs_autofree char *dir = make_dir("helper");
	struct gs_err err = { 0 };
	int64_t begin_ns = gs_now_ns();
	int r;

	setenv("SECRET", "1", 1);
	bind_helper(row->script);
	r = stage(dir, "vers=4.2,x-gshare.id=7c1e52d0,hard", row->timeout_ms, &err);
	assert_int_equal(umount2("/sbin/mount.nfs", MNT_DETACH), 0);
	print_message("# %s (%s)\n", err.msg, err.id ? err.id : "no cause");
	assert_int_equal(r, row->r);
	assert_in_range((gs_now_ns() - begin_ns) / 1000000, 0, row->within_ms);
	if (row->said)
		assert_non_null(strstr(err.msg, row->said));
	if (row->id)
		assert_string_equal(err.id, row->id);
	/* Every cause says what helps, and where: the server here, or this node. */
	assert_int_equal(!row->id, !err.fix[0]);
	assert_source(dir, NULL);
}

/* Nothing listens on this port of ours: refused, or this kernel has no NFS; never a mount. */
static void a_mount_that_fails_says_so_in_time(void **state)
{
	gs_autofree char *dir = make_dir("failing");
	struct gs_err err = { 0 };
	int64_t begin_ns = gs_now_ns();
	int r = stage(dir, "vers=4.2,port=1,hard", 1500, &err);

	(void)state;
	assert_true(r < 0);
	assert_non_null(err.id);
	print_message("# %s (%s)\n", err.msg, err.id);
	assert_in_range((gs_now_ns() - begin_ns) / 1000000, 0, 2200);
	assert_source(dir, NULL);
}

static bool lacks_helper(void)
{
	struct stat st;

	return stat("/sbin/mount.nfs", &st) < 0;
}

/* ---- changing in place --------------------------------------------------------------------- */

static const struct changing {
	const char *name, *was, *flags;
	unsigned long mounted; /* flags of mount(2) */
	bool writes;	       /* a file is open for writing meanwhile */
	int code;
	const char *options; /* then: how they begin */
	bool writable;
} changings[] = {
	{ "made ro and noexec, no more nosuid", "rw,nosuid", "ro,nodev,noexec", MS_NOSUID, false, 0,
	  "ro,nodev,noexec,relatime", false },
	{ "made rw, below it too", "ro,nodev", "rw,nodev", MS_RDONLY | MS_NODEV | MS_NOATIME, false,
	  0, "rw,nodev,noatime", true },
	{ "nosuid and nodev added", "rw", "rw,nosuid,nodev", MS_NOATIME | MS_NODIRATIME, true, 0,
	  "rw,nosuid,nodev,noatime,nodiratime", true },
	{ "not ro while it is written", "rw", "ro", 0, true, -EBUSY, "rw,relatime", true },
};

static void a_mount_is_changed_in_place(void **state)
{
	const struct changing *row = *state;
	gs_autofree char *dir = make_dir("changed"), *file = gs_printf("%s/file", dir);
	GS_AUTO(gs_mount_entry_done) struct gs_mount_entry entry = { 0 };
	struct gs_sys sys = { .deadline_ns = gs_deadline_in(5000) };
	gs_autoclose int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct gs_err err = { 0 };
	bool found = false;
	int fd = -1;

	sys.root_fd = root;
	assert_int_equal(mount("changed", dir, "tmpfs", row->mounted, "size=64k"), 0);
	if (row->writes)
		fd = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	assert_int_equal(gs_remount(&sys, dir, row->was, row->flags, &err), row->code);
	assert_int_equal(gs_mount_find(dir, &entry, &found, &err), 0);
	assert_int_equal(strncmp(entry.options, row->options, strlen(row->options)), 0);
	if (fd >= 0)
		close(fd);
	fd = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	assert_int_equal(fd >= 0, row->writable);
	if (fd >= 0)
		close(fd);
	umount2(dir, MNT_DETACH);
	rmdir(dir);
}

static int set_up(void)
{
	snprintf(top, sizeof top, "/tmp/t-mount-%d", getpid());
	if (mkdir(top, 0755) < 0 || unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("top", top, "tmpfs", 0, "mode=0755") < 0 ||
	    mount("run", "/run", "tmpfs", 0, "mode=0755") < 0) /* for GS_STAGE_PLACE */
		return -errno;
	return 0;
}

/* ---- what a mount says --------------------------------------------------------------------- */

#define CARD "gshare 1\nid 7c1e52d0\n"

static const struct look_row {
	const char *name, *card; /* NULL: there is none */
	bool is_pipe, is_ro, for_writing;
	int read; /* 1: an error of what is no file */
	bool given_ro;
} looks[] = {
	{ "no id", NULL, .for_writing = true, .read = -ENOENT },
	{ "an id", CARD, .for_writing = true },
	{ "an id, ro", CARD, .is_ro = true, .for_writing = true, .given_ro = true },
	{ "an id, ro as it is meant", CARD, .is_ro = true },
	{ "another text, ro", "x\n", .is_ro = true, .for_writing = true },
	{ "a pipe", "", .is_pipe = true, .for_writing = true, .read = 1 },
};

static void write_file(const char *path, const char *text)
{
	gs_autoclose int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
}

static void a_mount_is_looked_at(void **state)
{
	const struct look_row *row = *state;
	gs_autofree char *dir = gs_printf("%s/look", top), *file = gs_printf("%s/.gshare-id", dir);
	GS_AUTO(gs_mount_look_done) struct gs_mount_look look = { 0 };

	assert_int_equal(mkdir(dir, 0700), 0);
	assert_int_equal(mount("look", dir, "tmpfs", 0, "size=64k,mode=3775"), 0);
	if (row->is_pipe)
		assert_int_equal(mkfifo(file, 0444), 0);
	else if (row->card)
		write_file(file, row->card);
	if (row->is_ro)
		assert_int_equal(mount(NULL, dir, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
	gs_mount_look(dir, row->for_writing, gs_deadline_in(5000), &look);
	assert_int_equal(look.asked, 0);
	assert_int_equal(look.mode, 03775);
	assert_int_equal(look.uid, 0);
	assert_int_equal(look.given_ro, row->given_ro);
	if (row->read == 1)
		assert_true(gs_share_is_no_file(look.read));
	else
		assert_int_equal(look.read, row->read);
	assert_true(look.read == 0 || look.unread.msg[0]);
	if (look.read == 0)
		assert_string_equal(look.text.ptr, row->card);
	assert_int_equal(umount(dir), 0);
	assert_int_equal(rmdir(dir), 0);
}

/* Nothing there; and no time to look, which says nothing of what is there. */
static void a_look_that_fails(void **state)
{
	gs_autofree char *absent = gs_printf("%s/absent", top);
	struct gs_mount_look look = { 0 };

	(void)state;
	gs_mount_look(absent, true, gs_deadline_in(5000), &look);
	assert_int_equal(look.asked, -ENOENT);
	assert_int_equal(look.read, -ENOENT);
	gs_mount_look_done(&look);
	gs_mount_look(top, true, gs_deadline_in(0), &look);
	assert_int_equal(look.asked, -ETIMEDOUT);
	assert_int_equal(look.read, -ETIMEDOUT);
	assert_false(look.given_ro);
	gs_mount_look_done(&look);
}

int main(void)
{
	static struct table table;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_read_as_a_path_walk_goes),
		cmocka_unit_test(odd_names_and_binds_are_read),
		cmocka_unit_test(unmounting_says_why_not),
		cmocka_unit_test(a_mount_below_holds),
		cmocka_unit_test(the_mount_is_meant_not_its_path),
		cmocka_unit_test(a_covered_mount_is_left),
		cmocka_unit_test(a_held_way_does_not_bend),
		cmocka_unit_test(a_local_disk_is_not_blamed),
		cmocka_unit_test(a_mount_that_fails_says_so_in_time),
		cmocka_unit_test(a_look_that_fails),
	};
	int r = geteuid() || lacks_helper() ? -EPERM : set_up();

	if (r < 0) {
		rmdir(top);
		return table_skip("root and mount.nfs");
	}
	for (size_t i = 0; i < GS_COUNT(tests); i++)
		table.test[table.n++] = tests[i];
	TABLE_ADD(&table, rehearsals, mount_is_rehearsed);
	TABLE_ADD(&table, holdings, a_holder_is_named);
	TABLE_ADD(&table, changings, a_mount_is_changed_in_place);
	TABLE_ADD(&table, helpers, helper_is_understood);
	TABLE_ADD(&table, looks, a_mount_is_looked_at);
	r = table_run("mount", &table);
	umount2(top, MNT_DETACH);
	rmdir(top);
	return r;
}
