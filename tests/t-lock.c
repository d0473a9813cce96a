/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "sys/fs/rootfs.h"
#include "sys/proc/proc.h"

/*
 * Who is told that another gshare is at work is told in time, and by whom where that can be seen:
 * also while a local user makes /proc/locks as long as it likes.
 */

enum {
	CROWD = 70000,	   /* more than are looked at */
	CROWD_FILES = 100, /* one with all of them would take its user long */
	HELD_MS = 500,
};

static const struct row {
	const char *name;
	bool crowd;	/* of a local user's locks */
	bool is_orphan; /* who took it has ended, and another keeps it: no pid is told */
	unsigned timeout_ms, most_ms;
} rows[] = {
	{ "the holder is named", false, false, 3000, 1000 },
	{ "one that has ended is not", false, true, 3000, 1000 },
	{ "a crowd, and little time", true, false, 100, 250 },
	{ "a crowd, little time, and nobody to name", true, true, 100, 250 },
	{ "a crowd, and time", true, true, 3000, 1000 },
};

static void take_some(int dir, unsigned number)
{
	gs_autofree char *name = gs_printf("file-%u", number);
	int fd = openat(dir, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	for (int i = 0; fd >= 0 && i < CROWD / CROWD_FILES; i++) {
		struct flock lock = { .l_type = F_WRLCK, .l_start = 2L * i, .l_len = 1 };

		if (fcntl(fd, F_SETLK, &lock) < 0)
			_exit(1);
	}
}

/* An ordinary user with that many locks; ends with us. */
static pid_t start_crowd(void)
{
	int ready[2], dir;
	char byte = 0;
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(ready[0]);
		dir = open("/run/crowd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (setgid(65534) < 0 || setuid(65534) < 0)
			_exit(1);
		for (unsigned i = 0; i < CROWD_FILES; i++)
			take_some(dir, i);
		(void)!write(ready[1], "", 1);
		for (int i = 0; i < 60; i++)
			sleep(1);
		_exit(0);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

/* In a child that ends, or here: the lock is that of the open file, /proc/locks has who took it. */
static void hold(const struct row *row, struct gs_sys *user)
{
	struct gs_err err = { 0 };
	pid_t pid;

	assert_int_equal(gs_lock_take(user, &err), 0);
	if (!row->is_orphan)
		return;
	assert_int_equal(flock(user->lock_fd, LOCK_UN), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(flock(user->lock_fd, LOCK_EX | LOCK_NB) < 0 ? 1 : 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void test_told_in_time(void **state)
{
	const struct row *row = *state;
	struct gs_sys user = { .root = "/" };
	struct gs_sys second = { .root = "/" };
	gs_autofree char *who = gs_printf("(pid %d)", getpid());
	struct gs_err err = { 0 };
	pid_t crowd;
	int64_t from;
	int ms, r;

	user.root_fd = second.root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	user.deadline_ns = gs_deadline_in(3000);
	hold(row, &user);
	crowd = row->crowd ? start_crowd() : 0;
	from = gs_now_ns();
	second.deadline_ns = from + row->timeout_ms * INT64_C(1000000);
	r = gs_lock_take(&second, &err);
	ms = (int)((gs_now_ns() - from) / 1000000);
	print_message("# %s: %d ms, %s\n", row->name, ms, err.msg);
	if (crowd)
		kill(crowd, SIGKILL);
	if (crowd)
		waitpid(crowd, NULL, 0);
	gs_lock_drop(&user);
	assert_int_equal(r, -GS_E_LOCKED);
	assert_string_equal(err.id, "LOCK_HELD");
	assert_in_range(ms, 0, row->most_ms);
	if (!row->crowd)
		assert_int_equal(!strstr(err.msg, who), row->is_orphan);
	/* It was only held: nothing of the wait keeps the next one out. */
	err = (struct gs_err){ 0 };
	assert_int_equal(gs_lock_take(&second, &err), 0);
	gs_lock_drop(&second);
	close(second.root_fd);
}

static const struct wait_row {
	const char *name, *verb; /* of the holder, which ends after HELD_MS */
	unsigned timeout_ms;
	bool gets_it;
} waits[] = {
	{ "a watcher is waited for", "watch", 3000, true },
	{ "a watcher, and no time", "watch", 100, false },
	{ "another verb is not", "mount", 3000, false },
};

/* "gshare follower VERB", which has the lock for a while; what it printed is the read end. */
static int start_holder(const char *verb, pid_t *ret_pid)
{
	char byte = 0;
	int ready[2];

	assert_int_equal(pipe2(ready, 0), 0);
	*ret_pid = fork();
	assert_true(*ret_pid >= 0);
	if (*ret_pid == 0) {
		dup2(ready[1], STDOUT_FILENO);
		close(ready[1]);
		execl("/proc/self/exe", "gshare", "follower", verb, (char *)NULL);
		_exit(127);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	return ready[0];
}

static int be_holder(void)
{
	struct gs_sys sys = { .root = "/", .deadline_ns = gs_deadline_in(3000) };
	const struct timespec held = { .tv_nsec = HELD_MS * 1000000L };
	struct gs_err err = { 0 };

	sys.root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (gs_lock_take(&sys, &err) < 0 || write(STDOUT_FILENO, "", 1) != 1)
		return 1;
	nanosleep(&held, NULL);
	gs_lock_drop(&sys);
	return 0;
}

static void test_waits(void **state)
{
	const struct wait_row *row = *state;
	struct gs_sys sys = { .root = "/" };
	struct gs_err err = { 0 };
	int64_t from = gs_now_ns();
	pid_t holder;
	int output, r, ms;

	sys.root_fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	output = start_holder(row->verb, &holder);
	sys.deadline_ns = gs_deadline_in(row->timeout_ms);
	r = gs_lock_take(&sys, &err);
	ms = (int)((gs_now_ns() - from) / 1000000);
	print_message("# %s: %d ms, %s\n", row->name, ms, err.msg);
	gs_lock_drop(&sys);
	assert_int_equal(waitpid(holder, NULL, 0), holder);
	close(output);
	close(sys.root_fd);
	assert_int_equal(r, row->gets_it ? 0 : -GS_E_LOCKED);
	assert_in_range(ms, row->gets_it ? HELD_MS : 0, row->gets_it ? 3000 : HELD_MS);
}

/* The kernel has a list for each processor, the newest lock first: the crowd stands in front. */
static int use_one_processor(void)
{
	cpu_set_t one;
	int cpu = sched_getcpu();

	CPU_ZERO(&one);
	if (cpu < 0)
		return -1;
	CPU_SET(cpu, &one);
	return sched_setaffinity(0, sizeof one, &one);
}

static int set_up(void)
{
	if (use_one_processor() < 0 || unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("t-lock", "/run", "tmpfs", 0, "mode=755") < 0 || mkdir("/run/crowd", 0777) < 0 ||
	    chmod("/run/crowd", 0777) < 0)
		return -errno;
	return 0;
}

int main(int argc, char **argv)
{
	struct table table = { 0 };
	int r;

	if (argc > 1 && !strcmp(argv[1], "follower"))
		return be_holder();
	r = geteuid() ? -EPERM : set_up();
	if (r < 0)
		return table_skip("root");
	TABLE_ADD(&table, rows, test_told_in_time);
	TABLE_ADD(&table, waits, test_waits);
	return table_run("lock", &table);
}
