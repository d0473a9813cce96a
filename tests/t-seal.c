/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "sys/proc/child.h"
#include "sys/proc/fd.h"
#include "sys/proc/privs.h"
#include "sys/proc/proc.h"
#include "sys/proc/seal.h"
#include "table.h"

/*
 * A confined child whose code is a peer's: the planted payload. Each attack is seen to succeed in a
 * child that is not confined, or the refusal would prove nothing.
 */

enum { USER = 12345, LIMIT_MS = 10000 };

#define SECRET "S3cretPassw0rd\n"

/* No filter there: seal.h says why. */
#if defined(GS_SANITIZED)
static const bool is_sanitized = true;
#else
static const bool is_sanitized = false;
#endif

/* ---- the payload: system calls, a row each -------------------------------------------------- */

struct payload {
	const char *name;
	long nr;
	long args[6];
	bool works; /* in a child of root's that is not confined */
};

#define P(pointer) (long)(pointer)

static char word[] = "x", page[4096] __attribute__((aligned(4096)));
static char dev_null[] = "/dev/null", tty[] = "/dev/tty", program[] = "/bin/true", tmp[] = "/tmp";
static char *const no_words[] = { NULL };
static struct sockaddr nowhere = { .sa_family = AF_UNIX };
static long number;

static const struct payload payloads[] = {
#ifdef SYS_fork
	{ "fork", SYS_fork, { 0 }, true },
	{ "vfork", SYS_vfork, { 0 }, false },
#endif
	{ "clone", SYS_clone, { SIGCHLD }, true },
	{ "clone into a user namespace", SYS_clone, { SIGCHLD | CLONE_NEWUSER }, false },
	{ "clone a thread", SYS_clone, { CLONE_VM | CLONE_SIGHAND | CLONE_THREAD }, false },
	{ "clone3", SYS_clone3, { P(page), 64 }, false },
	{ "execve", SYS_execve, { P(program), P(no_words), P(no_words) }, false },
	{ "execveat", SYS_execveat, { AT_FDCWD, P(program), P(no_words), P(no_words) }, false },
#ifdef SYS_open
	{ "open", SYS_open, { P(dev_null), O_RDWR }, true },
	{ "creat", SYS_creat, { P(dev_null), 0600 }, true },
#endif
	{ "openat", SYS_openat, { AT_FDCWD, P(dev_null), O_RDWR }, true },
	{ "openat the terminal", SYS_openat, { AT_FDCWD, P(tty), O_RDWR }, false },
	{ "openat2", SYS_openat2, { AT_FDCWD, P(dev_null), P(page), 24 }, true },
	{ "open_by_handle_at", SYS_open_by_handle_at, { 0, P(page), O_RDONLY }, false },
	{ "newfstatat", SYS_newfstatat, { AT_FDCWD, P(tmp), P(page), 0 }, true },
	{ "statx", SYS_statx, { AT_FDCWD, P(tmp), 0, 0, P(page) }, true },
	{ "getdents64", SYS_getdents64, { 0, P(page), sizeof page }, false },
	{ "readlinkat", SYS_readlinkat, { AT_FDCWD, P("/proc/self/exe"), P(page), 99 }, true },
	{ "unlinkat", SYS_unlinkat, { AT_FDCWD, P("/no/such"), 0 }, false },
	{ "linkat", SYS_linkat, { AT_FDCWD, P("/no/such"), AT_FDCWD, P("/no/such"), 0 }, false },
	{ "fchmodat", SYS_fchmodat, { AT_FDCWD, P("/no/such"), 0 }, false },
	{ "chdir", SYS_chdir, { P(tmp) }, true },
	{ "fchdir", SYS_fchdir, { 0 }, false },
	{ "chroot", SYS_chroot, { P(tmp) }, false },
	{ "dup", SYS_dup, { 0 }, true },
	{ "dup3", SYS_dup3, { 0, 1, 0 }, true },
	{ "fcntl", SYS_fcntl, { 0, F_DUPFD, 0 }, true },
	{ "pipe2", SYS_pipe2, { P(page), 0 }, true },
	{ "epoll_create1", SYS_epoll_create1, { 0 }, true },
	{ "inotify_init1", SYS_inotify_init1, { 0 }, true },
	{ "memfd_create", SYS_memfd_create, { P(word), 0 }, true },
	{ "userfaultfd", SYS_userfaultfd, { 0 }, false },
	{ "perf_event_open", SYS_perf_event_open, { P(page), 0, -1, -1, 0 }, false },
	{ "io_uring_setup", SYS_io_uring_setup, { 1, P(page) }, false },
	{ "bpf", SYS_bpf, { 0, P(page), sizeof page }, false },
	{ "pidfd_open", SYS_pidfd_open, { 1, 0 }, true },
	{ "pidfd_getfd", SYS_pidfd_getfd, { 0, 2, 0 }, false },
	{ "socket", SYS_socket, { AF_INET, SOCK_STREAM, 0 }, true },
	{ "socket, a route's", SYS_socket, { AF_NETLINK, SOCK_RAW, 0 }, true },
	{ "socketpair", SYS_socketpair, { AF_UNIX, SOCK_STREAM, 0, P(page) }, true },
	{ "connect", SYS_connect, { 0, P(&nowhere), sizeof nowhere }, false },
	{ "bind", SYS_bind, { 0, P(&nowhere), sizeof nowhere }, false },
	{ "listen", SYS_listen, { 0, 1 }, false },
	{ "accept4", SYS_accept4, { 0, 0, 0, 0 }, false },
	{ "setsockopt", SYS_setsockopt, { 0, SOL_SOCKET, SO_MARK, P(&number), 4 }, false },
	{ "ioctl TIOCSTI on 0", SYS_ioctl, { 0, TIOCSTI, P(word) }, false },
	{ "ioctl TIOCSTI on 2", SYS_ioctl, { 2, TIOCSTI, P(word) }, false },
	{ "ioctl TIOCGWINSZ on 2", SYS_ioctl, { 2, TIOCGWINSZ, P(page) }, true },
	{ "ioctl TIOCLINUX on 1", SYS_ioctl, { 1, TIOCLINUX, P(word) }, false },
	{ "ioctl FIONREAD on 2", SYS_ioctl, { 2, FIONREAD, P(page) }, true },
	{ "ptrace", SYS_ptrace, { PTRACE_TRACEME, 0, 0, 0 }, true },
	{ "ptrace another", SYS_ptrace, { PTRACE_SEIZE, 1, 0, 0 }, false },
	{ "process_vm_readv", SYS_process_vm_readv, { 1, P(page), 0, P(page), 0, 0 }, false },
	{ "process_vm_writev", SYS_process_vm_writev, { 1, P(page), 0, P(page), 0, 0 }, false },
	{ "kill all", SYS_kill, { -1, 0 }, true },
	{ "kill the group", SYS_kill, { 0, 0 }, true },
	{ "tgkill", SYS_tgkill, { 1, 1, 0 }, true },
	{ "setsid", SYS_setsid, { 0 }, false },
	{ "setpgid", SYS_setpgid, { 0, 0 }, false },
	{ "prctl", SYS_prctl, { PR_SET_DUMPABLE, 1 }, true },
	{ "prlimit64", SYS_prlimit64, { 0, 7, 0, P(page) }, true },
	{ "setuid", SYS_setuid, { 0 }, true },
	{ "setresuid", SYS_setresuid, { 0, 0, 0 }, true },
	{ "capset", SYS_capset, { P(page), P(page) }, false },
	{ "mmap that executes",
	  SYS_mmap,
	  { 0, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0 },
	  true },
	{ "mmap of a file", SYS_mmap, { 0, 4096, PROT_READ, MAP_PRIVATE, 0, 0 }, false },
	{ "mprotect to execute",
	  SYS_mprotect,
	  { P(page), sizeof page, PROT_READ | PROT_EXEC },
	  true },
	{ "remap_file_pages", SYS_remap_file_pages, { P(page), sizeof page, 0, 0, 0 }, false },
	{ "unshare", SYS_unshare, { CLONE_NEWNS }, true },
	{ "unshare the user", SYS_unshare, { CLONE_NEWUSER }, false },
	{ "setns", SYS_setns, { 0, 0 }, false },
	{ "mount", SYS_mount, { P("none"), P(tmp), P("tmpfs"), 0, 0 }, false },
	{ "umount2", SYS_umount2, { P("/no/such"), MNT_DETACH }, false },
	{ "fsopen", SYS_fsopen, { P("tmpfs"), 0 }, true },
	{ "open_tree", SYS_open_tree, { AT_FDCWD, P("/"), 0 }, true },
	{ "pivot_root", SYS_pivot_root, { P(tmp), P(tmp) }, false },
	{ "keyctl", SYS_keyctl, { KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1 }, false },
	{ "add_key",
	  SYS_add_key,
	  { P("user"), P(word), P(word), 1, KEY_SPEC_PROCESS_KEYRING },
	  false },
	{ "shmget", SYS_shmget, { 0, 4096, 0600 }, false },
	{ "msgget", SYS_msgget, { 0, 0600 }, false },
	{ "seccomp", SYS_seccomp, { 2, 0, P(page) }, false },
	{ "personality", SYS_personality, { 0xffffffff }, true },
	{ "getppid", SYS_getppid, { 0 }, true },
	{ "timer_create", SYS_timer_create, { 0, 0, P(page) }, true },
	{ "rt_sigaction", SYS_rt_sigaction, { SIGALRM, 0, P(page), 8 }, true },
	{ "sysinfo", SYS_sysinfo, { P(page) }, true },
	{ "uname", SYS_uname, { P(page) }, true },
	{ "reboot", SYS_reboot, { 0 }, false },
	{ "finit_module", SYS_finit_module, { 0, P(word), 0 }, false },
	{ "a number that no call has", 4000, { 0 }, false },
};

/* Its errno, 0 where it did what it is to do. A process that it made ends at once. */
static int attack(const struct payload *p)
{
	pid_t own = (pid_t)syscall(SYS_getpid);
	long r;

	memset(page, 0, sizeof page);
	errno = 0;
	r = syscall(p->nr, p->args[0], p->args[1], p->args[2], p->args[3], p->args[4], p->args[5]);
	if (r == 0 && own > 0 && syscall(SYS_getpid) != own)
		_exit(0);
	return r < 0 ? errno : 0;
}

static int fn_attack_unconfined(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const struct payload *p = arg;
	int error = attack(p);

	(void)err;
	gs_str_addf(ret_answer, "%s", error ? strerror(error) : "works");
	return 0;
}

static int seal(struct gs_err *err)
{
	return gs_privs_confine(GS_KEEP_NET_BIND, err) < 0 ? err->code : gs_seal(err);
}

/* Whatever was not refused, by name; and what the terminal has to say. */
static int fn_attack_sealed(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	static const char shout[] = "\033[31mhere I am\n";
	char byte;

	(void)arg;
	if (seal(err) < 0)
		return err->code;
	for (size_t i = 0; i < GS_COUNT(payloads); i++) {
		int error = attack(&payloads[i]);

		if (error != EPERM)
			gs_str_addf(ret_answer, "%s: %s; ", payloads[i].name,
				    error ? strerror(error) : "works");
	}
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (write(fd, shout, sizeof shout) < 0)
			gs_str_addf(ret_answer, "%d takes nothing; ", fd);
		if (read(fd, &byte, 1) != 0)
			gs_str_addf(ret_answer, "%d has something; ", fd);
	}
	/* 3 or so is the answer's pipe; nothing else is open. */
	for (int fd = 0, n = 0; fd < 64; fd++) {
		struct pollfd watch = { .fd = fd };

		n += poll(&watch, 1, 0) >= 0 && !(watch.revents & POLLNVAL);
		if (fd == 63 && n != 4)
			gs_str_addf(ret_answer, "%d descriptors; ", n);
	}
	return 0;
}

/* ---- who runs gshare ------------------------------------------------------------------------- */

static int be_root(void)
{
	return 0;
}

static int be_contained(void)
{
	static const cap_value_t lost[] = { CAP_SETUID, CAP_SETGID, CAP_SYS_ADMIN };
	cap_t caps = cap_get_proc();
	int r = -1;

	if (caps && !cap_set_flag(caps, CAP_PERMITTED, GS_COUNT(lost), lost, CAP_CLEAR) &&
	    !cap_set_flag(caps, CAP_EFFECTIVE, GS_COUNT(lost), lost, CAP_CLEAR))
		r = cap_set_proc(caps);
	cap_free(caps);
	return r;
}

static int be_user(void)
{
	return setresgid(USER, USER, USER) < 0 ? -1 : setresuid(USER, USER, USER);
}

static int put(const char *path, const char *text)
{
	gs_autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 || write(fd, text, strlen(text)) < 0 ? -1 : 0;
}

/* Root of a user namespace, as in a container that a user has started. */
static int be_root_of_user(void)
{
	if (be_user() < 0 || prctl(PR_SET_DUMPABLE, 1) < 0 || unshare(CLONE_NEWUSER) < 0)
		return -1;
	return put("/proc/self/setgroups", "deny") < 0 ||
			       put("/proc/self/uid_map", "0 12345 1") < 0 ||
			       put("/proc/self/gid_map", "0 12345 1") < 0
		       ? -1
		       : 0;
}

/* A sandbox around gshare that lets no process confine itself further. */
static int be_where_no_filter_is(void)
{
	const struct scmp_arg_cmp sets_filter = { .arg = 0,
						  .op = SCMP_CMP_EQ,
						  .datum_a = PR_SET_SECCOMP };
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(seccomp), 0);

	if (!r)
		r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1,
				     sets_filter);
	if (!r)
		r = seccomp_load(filter);
	seccomp_release(filter);
	return r;
}

/* ---- a terminal ------------------------------------------------------------------------------ */

/* Of this process, with a line typed that nobody has read yet; the master. */
static int take_terminal(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios mode;
	int slave;

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0 || setsid() < 0)
		return -1;
	slave = open(ptsname(master), O_RDWR | O_CLOEXEC);
	if (slave < 0 || ioctl(slave, TIOCSCTTY, 0) < 0 || tcgetattr(slave, &mode) < 0)
		return -1;
	mode.c_lflag &= ~(tcflag_t)ECHO;
	if (tcsetattr(slave, TCSANOW, &mode) < 0 || dup2(slave, 0) < 0 || dup2(slave, 1) < 0 ||
	    dup2(slave, 2) < 0)
		return -1;
	close(slave);
	return write(master, SECRET, sizeof SECRET - 1) < 0 ? -1 : master;
}

static void look_at_terminal(int master, struct gs_str *flaws)
{
	struct pollfd written = { .fd = master, .events = POLLIN };
	struct pollfd typed = { .fd = STDIN_FILENO, .events = POLLIN };
	char line[64] = "";

	if (poll(&written, 1, 100) != 0)
		gs_str_adds(flaws, "something was written to the terminal; ");
	if (poll(&typed, 1, 0) != 1 || read(STDIN_FILENO, line, sizeof line - 1) < 0 ||
	    strcmp(line, SECRET) != 0)
		gs_str_adds(flaws, "what was typed has gone; ");
}

static int fn_read_terminal(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	struct pollfd typed = { .fd = STDERR_FILENO, .events = POLLIN };
	char line[64] = "";

	(void)arg;
	(void)err;
	if (poll(&typed, 1, 0) == 1 && read(STDERR_FILENO, line, sizeof line - 1) > 0)
		gs_str_adds(ret_answer, line);
	return 0;
}

/* ---- a run, in a process of its own ---------------------------------------------------------- */

/* fn's flaws, "" where there are none: fn may become somebody, and have a terminal. */
static char *in_process(void (*fn)(const void *, struct gs_str *), const void *arg)
{
	gs_autostr struct gs_str flaws = { 0 };
	char bytes[4096];
	int fds[2], status;
	ssize_t n;
	pid_t pid;

	assert_int_equal(gs_proc_pipe(fds), 0);
	pid = fork();
	if (!pid) {
		alarm(LIMIT_MS / 1000);
		fn(arg, &flaws);
		_exit(write(fds[1], flaws.ptr, flaws.len) == (ssize_t)flaws.len ? 0 : 1);
	}
	close(fds[1]);
	while ((n = read(fds[0], bytes, sizeof bytes)) > 0)
		gs_str_add(&flaws, gs_span(bytes, (size_t)n));
	close(fds[0]);
	waitpid(pid, &status, 0);
	if (status)
		gs_str_addf(&flaws, "status %d", status);
	return gs_span_dup(gs_str_span(&flaws));
}

static int run(int (*fn)(void *, struct gs_str *, struct gs_err *), const void *arg, bool confined,
	       struct gs_str *ret, struct gs_err *err)
{
	const struct gs_child_req req = {
		.fn = fn,
		.arg = (void *)(uintptr_t)arg,
		.deadline_ns = gs_deadline_in(LIMIT_MS / 2),
		.max_answer = 16384,
		.confined = confined,
	};

	return gs_child_run(&req, ret, err);
}

struct caller {
	const char *name;
	int (*become)(void);
};

static void attack_as(const void *arg, struct gs_str *flaws)
{
	const struct caller *caller = arg;
	struct gs_err err = { 0 };
	int master = take_terminal();

	if (master < 0 || caller->become() < 0)
		gs_str_addf(flaws, "cannot set the scene: %s; ", strerror(errno));
	else if (run(fn_attack_sealed, NULL, true, flaws, &err) < 0)
		gs_str_addf(flaws, "%s; ", err.msg);
	else
		look_at_terminal(master, flaws);
}

static const struct caller callers[] = {
	{ "root", be_root },
	{ "root that may not become nobody", be_contained },
	{ "an ordinary user", be_user },
	{ "root of a user namespace", be_root_of_user },
};

static void a_sealed_child_owns_nothing(void **state)
{
	gs_autofree char *flaws = in_process(attack_as, *state);

	assert_string_equal(flaws, "");
}

static void it_works_in_an_unconfined_child(void **state)
{
	gs_autostr struct gs_str answer = { 0 };
	struct gs_err err = { 0 };

	if (run(fn_attack_unconfined, *state, false, &answer, &err) < 0)
		fail_msg("%s", err.msg);
	assert_string_equal(answer.ptr, "works");
}

static void read_unconfined(const void *arg, struct gs_str *flaws)
{
	gs_autostr struct gs_str seen = { 0 };
	struct gs_err err = { 0 };

	(void)arg;
	if (take_terminal() < 0 || run(fn_read_terminal, NULL, false, &seen, &err) < 0 ||
	    !seen.ptr || strcmp(seen.ptr, SECRET) != 0)
		gs_str_addf(flaws, "read '%s': %s", seen.ptr ? seen.ptr : "", err.msg);
}

static void an_unconfined_child_reads_what_is_typed(void **state)
{
	gs_autofree char *flaws = in_process(read_unconfined, NULL);

	(void)state;
	assert_string_equal(flaws, "");
}

/* ---- where there is no filter ---------------------------------------------------------------- */

static void unfiltered(const void *arg, struct gs_str *flaws)
{
	gs_autostr struct gs_str answer = { 0 };
	struct gs_err err = { 0 };
	int r;

	(void)arg;
	if (be_where_no_filter_is() < 0) {
		gs_str_adds(flaws, "cannot set the scene");
		return;
	}
	r = run(fn_attack_sealed, NULL, true, &answer, &err);
	if (r != -ENOSYS || answer.len || !err.id || strcmp(err.id, "CHILD_UNCONFINED") != 0 ||
	    !err.fix[0])
		gs_str_addf(flaws, "%d, '%s', %s", r, err.msg, gs_err_name(&err));
}

static void without_a_filter_nothing_is_parsed(void **state)
{
	gs_autofree char *flaws = in_process(unfiltered, NULL);

	(void)state;
	assert_string_equal(flaws, "");
}

/* ---- other ways out -------------------------------------------------------------------------- */

static int fn_look_around(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	gs_autoclose int made = -1;
	struct stat up, here;
	DIR *dir;

	(void)arg;
	if (gs_privs_confine(GS_KEEP_NOTHING, err) < 0)
		return err->code;
	dir = opendir("/");
	for (const struct dirent *e; dir && (e = readdir(dir));)
		gs_str_addf(ret_answer, "%s ", e->d_name);
	if (stat("..", &up) < 0 || stat("/", &here) < 0 || up.st_ino != here.st_ino ||
	    up.st_dev != here.st_dev)
		gs_str_adds(ret_answer, "a way up ");
	made = open("/x", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	if (made >= 0 || errno != EROFS)
		gs_str_adds(ret_answer, "a file can be made ");
	gs_str_addf(ret_answer, "pid %d", (int)getpid());
	return 0;
}

static void its_root_is_empty_and_its_pid_is_one(void **state)
{
	gs_autostr struct gs_str answer = { 0 };
	struct gs_err err = { 0 };

	(void)state;
	assert_int_equal(run(fn_look_around, NULL, true, &answer, &err), 0);
	assert_true(!strcmp(answer.ptr, ". .. pid 1") || !strcmp(answer.ptr, ".. . pid 1"));
}

#ifdef __x86_64__
static int fn_x32(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	(void)arg;
	if (seal(err) < 0)
		return err->code;
	gs_str_addf(ret_answer, "%ld", syscall(0x40000000 | SYS_getpid));
	return 0;
}

static void numbers_of_another_architecture_end_it(void **state)
{
	gs_autostr struct gs_str answer = { 0 };
	struct gs_err err = { 0 };

	(void)state;
	assert_int_equal(run(fn_x32, NULL, true, &answer, &err), -GS_E_CHILD);
	assert_non_null(strstr(err.msg, "signal 31"));
}
#endif

/* ---- its end --------------------------------------------------------------------------------- */

/* Leaves a grandchild in a session of its own, which has the pipe's end *arg; its pid. */
static int fn_leave(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	pid_t pid = fork();

	(void)arg;
	(void)err;
	if (!pid) {
		setsid();
		alarm(LIMIT_MS / 1000);
		for (;;)
			pause();
	}
	usleep(100000); /* so that it has come to setsid() */
	gs_str_addf(ret_answer, "%d", (int)pid);
	return 0;
}

static int fn_hang(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	(void)arg;
	(void)ret_answer;
	if (seal(err) < 0)
		return err->code;
	for (;;)
		poll(NULL, 0, 1000);
}

/* Within ms: has everybody who had the pipe's other end gone? */
static bool is_over(int fd, int ms)
{
	struct pollfd watch = { .fd = fd };

	return poll(&watch, 1, ms) == 1;
}

static void nothing_outlives_a_confined_child(void **state)
{
	static const bool confined[] = { false, true };

	(void)state;
	for (size_t i = 0; i < GS_COUNT(confined); i++) {
		gs_autostr struct gs_str answer = { 0 };
		struct gs_err err = { 0 };
		int fds[2];
		struct gs_child_req req = {
			.fn = fn_leave,
			.keep = &fds[1],
			.n_keep = 1,
			.deadline_ns = gs_deadline_in(2000),
			.max_answer = 100,
			.confined = confined[i],
		};

		assert_int_equal(gs_proc_pipe(fds), 0);
		assert_int_equal(gs_child_run(&req, &answer, &err), 0);
		close(fds[1]);
		assert_int_equal(is_over(fds[0], confined[i] ? 1000 : 100), confined[i]);
		if (!confined[i])
			kill((pid_t)strtol(answer.ptr, NULL, 10), SIGKILL);
		close(fds[0]);
	}
}

static const struct orphan {
	const char *name;
	bool survive;
	int least_ms, most_ms; /* after its parent's end */
} orphans[] = {
	{ "it ends with its parent", false, 0, 300 },
	{ "one that has to tidy up ends a second after its deadline", true, 800, 1500 },
};

static void a_confined_child_ends(void **state)
{
	const struct orphan *orphan = *state;
	int64_t begin_ns;
	pid_t parent;
	int fds[2];

	assert_int_equal(gs_proc_pipe(fds), 0);
	parent = fork();
	if (!parent) {
		const struct gs_child_req req = {
			.fn = fn_hang,
			.keep = &fds[1],
			.n_keep = 1,
			.deadline_ns = gs_deadline_in(300),
			.confined = true,
			.survive = orphan->survive,
		};
		gs_autostr struct gs_str answer = { 0 };
		struct gs_err err = { 0 };

		_exit(gs_child_run(&req, &answer, &err) ? 1 : 0);
	}
	close(fds[1]);
	assert_false(is_over(fds[0], 150));
	kill(parent, SIGKILL);
	waitpid(parent, NULL, 0);
	begin_ns = gs_now_ns();
	assert_true(is_over(fds[0], 3000));
	assert_in_range((gs_now_ns() - begin_ns) / 1000000, orphan->least_ms, orphan->most_ms);
	close(fds[0]);
}

static int fn_seal(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	(void)arg;
	gs_str_adds(ret_answer, "sealed");
	return seal(err);
}

/* Also in builds with AddressSanitizer, which have nothing else of the seal. */
static void a_sealed_child_answers(void **state)
{
	gs_autostr struct gs_str answer = { 0 };
	struct gs_err err = { 0 };

	(void)state;
	assert_int_equal(run(fn_seal, NULL, true, &answer, &err), 0);
	assert_string_equal(answer.ptr, "sealed");
}

static int name_a_command(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	(void)arg;
	(void)ret_answer;
	gs_err_set(err, EIO, "it went wrong");
	gs_err_cause(err, "MADE_UP");
	return gs_err_advise(err, "rm -rf /");
}

/* What root is told to run is never the word of one whom a peer may have taken over. */
static void a_confined_child_names_no_command(void **state)
{
	struct gs_child_req req = { .fn = name_a_command, .deadline_ns = gs_deadline_in(5000) };
	gs_autostr struct gs_str answer = { 0 };
	struct gs_err err = { 0 };

	(void)state;
	assert_int_equal(gs_child_run(&req, &answer, &err), -EIO);
	assert_string_equal(err.fix, "rm -rf /");
	req.confined = true;
	err = (struct gs_err){ 0 };
	assert_int_equal(gs_child_run(&req, &answer, &err), -EIO);
	assert_string_equal(err.msg, "it went wrong");
	assert_string_equal(err.fix, "");
	assert_null(err.id);
}

static void add_attacks(struct table *table)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unconfined_child_reads_what_is_typed),
		cmocka_unit_test(without_a_filter_nothing_is_parsed),
		cmocka_unit_test(its_root_is_empty_and_its_pid_is_one),
#ifdef __x86_64__
		cmocka_unit_test(numbers_of_another_architecture_end_it),
#endif
	};

	TABLE_ADD(table, callers, a_sealed_child_owns_nothing);
	for (size_t i = 0; i < GS_COUNT(payloads); i++)
		if (payloads[i].works && strncmp(payloads[i].name, "ioctl", 5) != 0)
			table_add(table, payloads[i].name, it_works_in_an_unconfined_child,
				  &payloads[i]);
	for (size_t i = 0; i < GS_COUNT(tests); i++)
		table->test[table->n++] = tests[i];
}

int main(void)
{
	static struct table table;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sealed_child_answers),
		cmocka_unit_test(nothing_outlives_a_confined_child),
		cmocka_unit_test(a_confined_child_names_no_command),
	};

	if (geteuid())
		return table_skip("root");
	if (!is_sanitized)
		add_attacks(&table);
	TABLE_ADD(&table, orphans, a_confined_child_ends);
	for (size_t i = 0; i < GS_COUNT(tests); i++)
		table.test[table.n++] = tests[i];
	return table_run("seal", &table);
}
