/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "base/command.h"
#include "sys/fs/rootfs.h"
#include "sys/proc/fd.h"
#include "sys/proc/privs.h"
#include "sys/proc/proc.h"

/*
 * One gshare at a time. flock(2) needs no right but to open the file, even read-only: where others
 * may open it, one of them could hold the lock for ever. So the file lies in a directory that only
 * root can access. Only the kernel knows who holds the lock.
 */

#define LOCK_PARENT "/run"
#define LOCK_NAME   "gshare"
#define LOCK_DIR    LOCK_PARENT "/" LOCK_NAME

enum {
	LOCK_TRIES = 20,   /* where its file is removed between our open and our flock */
	INSTANT_MS = 20,   /* gs_lock_is_held() holds it for less */
	REST_NS = 1000000, /* between two tries */
	NAME_BYTES = 64,
	LINE_BYTES = 256,
	VERB_WORDS = 3, /* "gshare leader add" */
	LINE_WORDS = 6,
	LINES_MAX = 65536, /* of /proc/locks, which anybody can make longer */
	HOLDER_MS = 250,   /* for that search: each read walks the kernel's list from its start */
	FDS_MAX = 256,	   /* the lock is among the first that a gshare opens */
};

/* ---- the lock file ------------------------------------------------------------------------- */

/*
 * A tree below --root has a lock of its own on this host: others may open its root directory, so
 * that cannot be the lock.
 */
static void lock_name(const struct gs_sys *sys, char ret[static NAME_BYTES])
{
	struct stat st = { 0 };

	snprintf(ret, NAME_BYTES, "lock");
	if (sys->offline && fstat(sys->root_fd, &st) == 0)
		snprintf(ret, NAME_BYTES, "%u-%u-%ju.tree", major(st.st_dev), minor(st.st_dev),
			 (uintmax_t)st.st_ino);
}

static int open_parent(const struct gs_sys *sys)
{
	int fd;

	if (!sys->offline)
		return gs_open_in_root(sys, LOCK_PARENT "/.", O_PATH | O_DIRECTORY,
				       GS_LINKS_IN_ROOT);
	fd = open(LOCK_PARENT, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static int unsafe(const char *path, const char *what, struct gs_err *err)
{
	gs_autofree char *old = gs_printf("%s.old", path);

	gs_err_set(err, EPERM, "'%s' %s: others could take the lock", path, what);
	gs_err_cause(err, "LOCK_OF_OTHERS");
	return gs_err_fix(err, "", "sudo", "mv", "-T", "--backup=numbered", path, old);
}

/* Corrects the mode of a file of root's; one of another owner or type is no place for a lock. */
static int check(int fd, const char *path, mode_t type, mode_t mode, struct gs_err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return gs_err_set(err, errno, "cannot access '%s': %s", path, strerror(errno));
	if ((st.st_mode & S_IFMT) != type)
		return unsafe(path,
			      type == S_IFDIR ? "is not a directory" : "is not a regular file",
			      err);
	if (st.st_uid != geteuid())
		return unsafe(path, "does not belong to root", err);
	if ((st.st_mode & 07777) != mode && fchmod(fd, mode) < 0)
		return gs_err_set(err, errno, "cannot set the mode of '%s': %s", path,
				  strerror(errno));
	return 0;
}

/* Opens the directory; with make, creates and checks it. */
static int open_dir(const struct gs_sys *sys, bool make, struct gs_err *err)
{
	gs_autoclose int parent = open_parent(sys);
	int fd;

	if (parent < 0)
		return gs_err_set(err, parent, "cannot open '" LOCK_PARENT "': %s",
				  strerror(-parent));
	if (make && mkdirat(parent, LOCK_NAME, 0700) < 0 && errno != EEXIST)
		return gs_err_set(err, errno, "cannot make '" LOCK_DIR "': %s", strerror(errno));
	fd = openat(parent, LOCK_NAME, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && (errno == ELOOP || errno == ENOTDIR))
		return unsafe(LOCK_DIR, "is not a directory", err);
	if (fd < 0)
		return gs_err_set(err, errno, "cannot open '" LOCK_DIR "': %s", strerror(errno));
	if (!make || check(fd, LOCK_DIR, S_IFDIR, 0700, err) == 0)
		return fd;
	close(fd);
	return err->code;
}

/* Opens no FIFO or device: only root can put one here, but it would block all the same. */
static int open_lock(int dir, const char *name, struct gs_err *err)
{
	gs_autofree char *path = gs_printf(LOCK_DIR "/%s", name);
	int fd = openat(dir, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);

	if (fd < 0 && (errno == ELOOP || errno == EISDIR || errno == ENXIO))
		return unsafe(path, "is not a regular file", err);
	if (fd < 0)
		return gs_err_set(err, errno, "cannot open the lock '%s': %s", path,
				  strerror(errno));
	if (check(fd, path, S_IFREG, 0600, err) == 0)
		return fd;
	close(fd);
	return err->code;
}

/* ---- the holder ---------------------------------------------------------------------------- */

/*
 * A line is "1: FLOCK  ADVISORY  WRITE 4711 00:1a:37 0 EOF", with "->" before the kind for waiters:
 * proc_locks(5). Returns the pid, 0 for a line of another lock.
 */
static uint64_t holder_of(const char *line, const char *file)
{
	struct gs_span rest = gs_span_trim(gs_span_of(line)), word[LINE_WORDS] = { 0 };
	uint64_t pid = 0;

	for (size_t i = 0; i < LINE_WORDS && rest.len; i++) {
		gs_span_cut(&rest, ' ', &word[i]);
		rest = gs_span_trim(rest);
	}
	if (!gs_span_is_text(word[1], "FLOCK") || !gs_span_is_text(word[5], file) ||
	    !gs_span_number(word[4], INT32_MAX, &pid))
		return 0;
	return pid;
}

/* The process that took a lock may have ended, and its pid may be another's by now. */
static bool has_open(uint64_t pid, int fd)
{
	gs_autofree char *own = gs_printf("/proc/self/fd/%d", fd);
	char want[LINE_BYTES] = "", have[LINE_BYTES];

	if (readlink(own, want, sizeof want - 1) <= 0)
		return false;
	for (int n = 0; n < FDS_MAX; n++) {
		gs_autofree char *path = gs_printf("/proc/%ju/fd/%d", pid, n);
		int r = gs_privs_readlink(path, have, sizeof have);

		if (r < 0 && r != -ENOENT)
			return false;
		if (!strcmp(have, want))
			return true;
	}
	return false;
}

/*
 * Returns 0 where the holder cannot be found: it is in another pid namespace, has just ended, or
 * more locks of others come before it than there is time for. Its pid is not worth more time.
 */
static uint64_t find_holder(const struct gs_sys *sys, int fd)
{
	int64_t soon = gs_deadline_in(HOLDER_MS);
	int64_t end = soon < sys->deadline_ns ? soon : sys->deadline_ns;
	FILE *locks = fopen("/proc/locks", "re");
	gs_autofree char *file = NULL;
	char line[LINE_BYTES];
	struct stat st = { 0 };
	uint64_t pid = 0;

	if (!locks)
		return 0;
	if (fstat(fd, &st) == 0)
		file = gs_printf("%02x:%02x:%ju", major(st.st_dev), minor(st.st_dev),
				 (uintmax_t)st.st_ino);
	for (int i = 0;
	     file && i < LINES_MAX && !pid && gs_now_ns() < end && fgets(line, sizeof line, locks);
	     i++)
		pid = holder_of(line, file);
	fclose(locks);
	return pid && has_open(pid, fd) ? pid : 0;
}

/* Its verb, as its command line has it: ", leader add". Only root's processes hold the lock. */
static void find_verb(uint64_t pid, struct gs_str *ret)
{
	gs_autofree char *path = gs_printf("/proc/%ju/cmdline", pid);
	gs_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);
	char text[LINE_BYTES];
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	const char *word = text;

	text[n > 0 ? n : 0] = '\0';
	for (int i = 0; i < VERB_WORDS && word < text + n; i++) {
		size_t len = strlen(word);

		if (i && (!len || strspn(word, "abcdefghijklmnopqrstuvwxyz") != len))
			return;
		if (i)
			gs_str_addf(ret, "%s%s", i > 1 ? " " : ", ", word);
		word += len + 1;
	}
}

/* The unit that looks after a share has the lock for a few seconds at a time: it is waited for. */
static bool is_watcher(uint64_t pid)
{
	gs_autostr struct gs_str verb = { 0 };

	find_verb(pid, &verb);
	return verb.len && !strcmp(verb.ptr, ", follower watch");
}

static int locked(uint64_t pid, struct gs_err *err)
{
	gs_autostr struct gs_str verb = { 0 };

	if (pid)
		find_verb(pid, &verb);
	if (pid)
		gs_err_set(err, GS_E_LOCKED, "another gshare is running (pid %ju%s)", pid,
			   verb.len ? verb.ptr : "");
	else
		gs_err_set(err, GS_E_LOCKED, "another gshare is running");
	gs_err_cause(err, "LOCK_HELD");
	return gs_err_advise(err, "wait until it ends, then run the same command again");
}

/* ---- taking the lock ----------------------------------------------------------------------- */

static bool try_until(int fd, int64_t end_ns)
{
	const struct timespec rest = { .tv_nsec = REST_NS };
	int r = flock(fd, LOCK_EX | LOCK_NB);

	while (r < 0 && gs_now_ns() < end_ns) {
		(void)nanosleep(&rest, NULL);
		r = flock(fd, LOCK_EX | LOCK_NB);
	}
	return r == 0;
}

/* A container that builds an image may have no /run: then the tree's root is locked instead. */
static int open_some_lock(const struct gs_sys *sys, const char *name, struct gs_err *err)
{
	gs_autoclose int dir = open_dir(sys, true, err);
	int fd;

	if (dir >= 0)
		return open_lock(dir, name, err);
	if (!sys->offline || (err->code != -ENOENT && err->code != -EROFS))
		return err->code;
	*err = (struct gs_err){ 0 };
	fd = openat(sys->root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return gs_err_set(err, errno, "cannot open '%s': %s", sys->root, strerror(errno));
	return fd;
}

static bool has_name(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_nlink > 0;
}

/*
 * Tries again where the last holder removed a tree's lock between our open and our flock.
 * @ret_fd: the file that somebody else has locked; -1: nobody has
 */
static int try_to_take(struct gs_sys *sys, int *ret_fd, struct gs_err *err)
{
	char name[NAME_BYTES];

	lock_name(sys, name);
	*ret_fd = -1;
	for (int i = 0; !sys->has_lock && *ret_fd < 0 && i < LOCK_TRIES; i++) {
		int fd = open_some_lock(sys, name, err);

		if (fd < 0)
			return fd;
		if (!try_until(fd, gs_deadline_in(INSTANT_MS))) {
			*ret_fd = fd;
		} else if (has_name(fd)) {
			sys->lock_fd = fd;
			sys->has_lock = true;
		} else {
			close(fd);
		}
	}
	return 0;
}

int gs_lock_take(struct gs_sys *sys, struct gs_err *err)
{
	gs_autoclose int held = -1;
	gs_autoclose int again = -1;
	uint64_t user;

	if (try_to_take(sys, &held, err) < 0)
		return err->code;
	if (sys->has_lock)
		return 0;
	/* Searched only once: anybody can make /proc/locks long. */
	user = held < 0 ? 0 : find_holder(sys, held);
	if (user && is_watcher(user) && try_until(held, sys->deadline_ns)) {
		sys->lock_fd = held;
		sys->has_lock = true;
		held = -1;
		return 0;
	}
	if (user)
		return locked(user, err);
	/* The holder may have ended between our last try and the search. */
	if (try_to_take(sys, &again, err) < 0)
		return err->code;
	return sys->has_lock ? 0 : locked(0, err);
}

/* Trees come and go, so their locks are removed. This host's own lock stays. */
void gs_lock_drop(struct gs_sys *sys)
{
	struct gs_err unseen = { 0 };
	char name[NAME_BYTES];

	if (!sys->has_lock)
		return;
	lock_name(sys, name);
	if (sys->offline) {
		gs_autoclose int dir = open_dir(sys, false, &unseen);

		if (dir >= 0)
			(void)unlinkat(dir, name, 0);
	}
	close(sys->lock_fd);
	sys->has_lock = false;
}

bool gs_lock_is_held(struct gs_sys *sys)
{
	struct gs_err unseen = { 0 };
	gs_autoclose int dir = open_dir(sys, false, &unseen);
	char name[NAME_BYTES];
	gs_autoclose int fd = -1;

	lock_name(sys, name);
	if (dir >= 0)
		fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}
