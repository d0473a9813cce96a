/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/proc/child.h"
#include "sys/proc/fd.h"
#include "sys/proc/spawn.h"
#include "table.h"

/* ---- programs ---------------------------------------------------------------------------- */

/* Each program is bin/sh with a script, unless path says otherwise. */
static const struct program {
	const char *name, *path, *script, *input;
	unsigned timeout_ms;
	size_t max_output;
	int r;		  /* of gs_spawn */
	int check;	  /* of gs_spawn_check */
	const char *out;  /* expected; NULL: do not look */
	const char *said; /* part of err.msg */
	unsigned within_ms;
	bool timed_out, truncated;
} programs[] = {
	{ "missing", "/nonexistent/tool", "", .r = -ENOENT, .said = "'/nonexistent/tool'" },
	{ "not executable", "/etc/passwd", "", .r = -EACCES, .said = "'/etc/passwd'" },
	{ "a directory", "/", "", .r = -EACCES, .said = "'/'" },
	{ "says something", NULL, "echo hello", .out = "hello\n" },
	{ "exit 1 with a reason", NULL, "echo first >&2; echo second >&2; exit 1",
	  .check = -GS_E_CHILD, .said = "status 1: second" },
	{ "exit 1, reason on stdout", NULL, "echo because; exit 1", .check = -GS_E_CHILD,
	  .said = "status 1: because" },
	{ "kills itself", NULL, "kill -9 $$", .check = -GS_E_CHILD, .said = "signal 9" },
	{ "escapes in what it says", NULL, "printf '\\033[31mred\\n' >&2; exit 3",
	  .check = -GS_E_CHILD, .said = "status 3: \\033[31mred" },
	{ "hangs", NULL, "echo before; sleep 60", .timeout_ms = 200, .check = -ETIMEDOUT,
	  .out = "before\n", .within_ms = 600, .timed_out = true, .said = "did not end" },
	{ "hangs and ignores every signal it can", NULL, "trap '' TERM INT HUP; sleep 60 & wait",
	  .timeout_ms = 200, .check = -ETIMEDOUT, .within_ms = 600, .timed_out = true },
	{ "hangs with its output closed", NULL, "exec >&- 2>&-; sleep 60", .timeout_ms = 200,
	  .check = -ETIMEDOUT, .within_ms = 600, .timed_out = true },
	{ "floods 10 MiB", NULL, "head -c 10485760 /dev/zero", .max_output = 1000,
	  .truncated = true },
	{ "floods for ever", NULL, "yes", .timeout_ms = 300, .max_output = 1000,
	  .check = -ETIMEDOUT, .within_ms = 700, .timed_out = true, .truncated = true },
	{ "leaves a grandchild that holds the pipe", NULL, "sleep 2 & echo done", .out = "done\n",
	  .within_ms = 800 },
	{ "garbage", NULL, "head -c 20000 /dev/urandom", .input = "" },
	{ "reads its input", NULL, "cat", .input = "in\nput", .out = "in\nput" },
	{ "reads no input", NULL, "exit 0", .input = "never read" },
	{ "has no terminal and nothing to read", NULL, "cat; tty -s; echo $?", .out = "1\n" },
	{ "has the plain environment", NULL,
	  "env | sort | grep -v ^PWD= | grep -v ^_= | grep -v SHLVL",
	  .out = "LC_ALL=C\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n" },
	{ "has cwd / and umask 022", NULL, "pwd; umask", .out = "/\n0022\n" },
	{ "has no descriptor but three", NULL, "ls /proc/$$/fd; true", .out = "0\n1\n2\n" },
	/* glibc's posix_spawn, by which make runs this, leaves its own signals ignored. */
	{ "has default signals", NULL,
	  "grep -E 'Sig(Blk|Ign)' /proc/$$/status | tr -d '\\t\\n' |"
	  " sed s/Ign:0000000180000000/Ign:0000000000000000/",
	  .out = "SigBlk:0000000000000000SigIgn:0000000000000000" },
	{ "leads a session", NULL, "cut -d' ' -f6 /proc/$$/stat | grep -qx $$ && echo yes",
	  .out = "yes\n" },
};

static void program_ends_as_it_should(void **state)
{
	const struct program *p = *state;
	const char *const argv[] = { "sh", "-c", p->script, NULL };
	struct gs_spawn_req req = {
		.path = p->path ? p->path : "/bin/sh",
		.argv = argv,
		.input = gs_span_of(p->input),
		.deadline_ns = gs_deadline_in(p->timeout_ms ? p->timeout_ms : 5000),
		.max_output = p->max_output,
	};
	struct gs_spawn_result result = { 0 };
	struct gs_err err = { 0 };
	int64_t begin_ns = gs_now_ns();
	int r = gs_spawn(&req, &result, &err);
	unsigned ms = (unsigned)((gs_now_ns() - begin_ns) / 1000000);

	assert_int_equal(r, p->r);
	if (!r)
		assert_int_equal(gs_spawn_check(&req, &result, &err), p->check);
	if (p->said && !strstr(err.msg, p->said))
		fail_msg("%s: '%s' is not in '%s'", p->name, p->said, err.msg);
	if (p->out)
		assert_string_equal(result.out.ptr, p->out);
	if (p->within_ms)
		assert_in_range(ms, 0, p->within_ms);
	assert_int_equal(result.timed_out, p->timed_out);
	assert_int_equal(result.truncated, p->truncated);
	if (p->max_output)
		assert_int_equal(result.out.len, p->max_output);
	gs_spawn_result_done(&result);
}

static void run_program(const struct program *p)
{
	void *row = (void *)(uintptr_t)p;

	program_ends_as_it_should(&row);
}

static void an_ignored_sigchld_does_not_matter(void **state)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, now;

	(void)state;
	sigaction(SIGCHLD, &ignore, NULL);
	for (size_t i = 0; i < GS_COUNT(programs); i++)
		if (!programs[i].timeout_ms)
			run_program(&programs[i]);
	sigaction(SIGCHLD, NULL, &now);
	assert_true(now.sa_handler == SIG_IGN);
	now.sa_handler = SIG_DFL;
	sigaction(SIGCHLD, &now, NULL);
}

static int descriptors(void)
{
	int n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void no_descriptor_and_no_child_is_left(void **state)
{
	int before = descriptors();

	(void)state;
	run_program(&programs[0]);
	run_program(&programs[3]);
	run_program(&programs[8]);
	assert_int_equal(descriptors(), before);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static int refuse(void *arg, struct gs_err *err)
{
	gs_err_set(err, EPERM, "the hook says %s", (const char *)arg);
	return gs_err_cause(err, "HOOK");
}

static int make_variable(void *arg, struct gs_err *err)
{
	(void)arg;
	if (chdir("/proc") < 0)
		return gs_err_set(err, errno, "chdir");
	return 0;
}

static void the_hook_runs_before_exec_and_may_refuse(void **state)
{
	static const char *const argv[] = { "pwd", NULL };
	char why[] = "no";
	struct gs_spawn_req req = {
		.path = "/bin/pwd",
		.argv = argv,
		.deadline_ns = gs_deadline_in(5000),
		.in_child = refuse,
		.arg = why,
	};
	struct gs_spawn_result result = { 0 };
	struct gs_err err = { 0 };

	(void)state;
	assert_int_equal(gs_spawn(&req, &result, &err), -EPERM);
	assert_string_equal(err.msg, "the hook says no");
	assert_string_equal(err.id, "HOOK");
	req.in_child = make_variable;
	assert_int_equal(gs_spawn(&req, &result, &err), 0);
	assert_string_equal(result.out.ptr, "/proc\n");
	gs_spawn_result_done(&result);
}

static void closed_standard_descriptors_do_not_matter(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	if (!pid) {
		static const char *const argv[] = { "sh", "-c", "cat; echo out; echo err >&2",
						    NULL };
		struct gs_spawn_req req = {
			.path = "/bin/sh",
			.argv = argv,
			.input = gs_span_of("in "),
			.deadline_ns = gs_deadline_in(5000),
		};
		struct gs_spawn_result result = { 0 };
		struct gs_err err = { 0 };

		close(0);
		close(1);
		close(2);
		if (gs_spawn(&req, &result, &err) < 0)
			_exit(1);
		if (!result.out.ptr || strcmp(result.out.ptr, "in out\n"))
			_exit(2);
		_exit(!result.errs.ptr || strcmp(result.errs.ptr, "err\n") ? 3 : 0);
	}
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
}

/* Starts a run in a process of its own, kills that, and looks whether the program lives on. */
static void a_program_does_not_outlive_us(void **state)
{
	int fds[2], status;
	char number[32] = "";
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (!pid) {
		gs_autofree char *script = gs_printf("echo $$ >/proc/%d/fd/%d; exec sleep 60",
						     getpid(), fds[1]);
		const char *const argv[] = { "sh", "-c", script, NULL };
		struct gs_spawn_req req = {
			.path = "/bin/sh",
			.argv = argv,
			.deadline_ns = gs_deadline_in(60000),
		};
		struct gs_spawn_result result = { 0 };
		struct gs_err err = { 0 };

		gs_spawn(&req, &result, &err);
		_exit(0);
	}
	assert_true(read(fds[0], number, sizeof number - 1) > 0);
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	close(fds[0]);
	close(fds[1]);
	pid = (pid_t)strtol(number, NULL, 10);
	for (int i = 0; i < 100 && !kill(pid, 0); i++) {
		gs_autofree char *path = gs_printf("/proc/%d/stat", pid);
		char stat[256] = "";
		gs_autoclose int fd = open(path, O_RDONLY);

		if (fd >= 0 && read(fd, stat, sizeof stat - 1) > 0 && strstr(stat, ") Z "))
			return; /* dead; whoever inherited it has not reaped it yet */
		usleep(10000);
	}
	assert_int_equal(kill(pid, 0), -1);
}

/* ---- functions --------------------------------------------------------------------------- */

static int fn_answer(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	(void)err;
	gs_str_adds(ret_answer, arg);
	return 0;
}

static int fn_fail(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	(void)arg;
	gs_str_adds(ret_answer, "half");
	gs_err_set(err, ENOENT, "no '%s'\033[31m", "thing");
	gs_err_advise(err, "make one");
	return gs_err_cause(err, "NO_THING");
}

static int fn_fail_unknown(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	fn_fail(arg, ret_answer, err);
	return gs_err_cause(err, "SOMETHING_ELSE");
}

static int fn_hang(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	(void)arg;
	(void)ret_answer;
	(void)err;
	for (;;)
		pause();
	return 0;
}

static int fn_crash(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	(void)arg;
	(void)ret_answer;
	(void)err;
	signal(SIGUSR1, SIG_DFL);
	raise(SIGUSR1);
	return 0;
}

static int fn_exit(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	(void)arg;
	(void)ret_answer;
	(void)err;
	_exit(7);
}

static int fn_flood(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	(void)err;
	for (int i = 0; i < 10000; i++)
		gs_str_adds(ret_answer, arg);
	return 0;
}

/* Writes nonsense to every descriptor it has, the answer's pipe among them. */
static int fn_garbage(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	char bytes[200];

	(void)arg;
	(void)ret_answer;
	(void)err;
	memset(bytes, 0xff, sizeof bytes);
	for (int fd = 3; fd < 64; fd++)
		if (write(fd, bytes, sizeof bytes) < 0)
			continue;
	_exit(0);
}

static int fn_grandchild(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	(void)err;
	if (!fork())
		for (;;)
			pause();
	gs_str_adds(ret_answer, arg);
	return 0;
}

static void functions_answer_fail_and_end(void **state)
{
	static const char *const ids[] = { "OTHER", "NO_THING", NULL };
	static const struct {
		const char *name;
		int (*fn)(void *, struct gs_str *, struct gs_err *);
		int r;
		const char *answer, *msg, *id;
	} rows[] = {
		{ "answers", fn_answer, 0, "text", NULL, NULL },
		{ "fails", fn_fail, -ENOENT, NULL, "no 'thing'\\033[31m", "NO_THING" },
		{ "fails for a cause that it may not name", fn_fail_unknown, -ENOENT, NULL,
		  "no 'thing'", NULL },
		{ "hangs", fn_hang, -ETIMEDOUT, NULL, "timed out after 0.", NULL },
		{ "crashes", fn_crash, -GS_E_CHILD, NULL, "signal 10", NULL },
		{ "exits", fn_exit, -GS_E_CHILD, NULL, "status 7", NULL },
		{ "floods", fn_flood, -EMSGSIZE, NULL, "too long", NULL },
		{ "garbage", fn_garbage, -EPROTO, NULL, "malformed", NULL },
		{ "leaves a grandchild", fn_grandchild, 0, "text", NULL, NULL },
	};
	char text[] = "text";

	(void)state;
	for (size_t i = 0; i < GS_COUNT(rows); i++) {
		struct gs_child_req req = {
			.fn = rows[i].fn,
			.arg = text,
			.ids = ids,
			.deadline_ns = gs_deadline_in(300),
			.max_answer = 1000,
		};
		gs_autostr struct gs_str answer = { 0 };
		struct gs_err err = { 0 };
		int64_t begin_ns = gs_now_ns();

		print_message("# %s\n", rows[i].name);
		assert_int_equal(gs_child_run(&req, &answer, &err), rows[i].r);
		assert_in_range((gs_now_ns() - begin_ns) / 1000000, 0, 700);
		if (rows[i].answer)
			assert_string_equal(answer.ptr, rows[i].answer);
		else
			assert_null(answer.ptr);
		if (rows[i].msg && !strstr(err.msg, rows[i].msg))
			fail_msg("%s: '%s'", rows[i].name, err.msg);
		if (rows[i].id)
			assert_string_equal(err.id, rows[i].id);
		else
			assert_null(err.id);
	}
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static int fn_count(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const int *wanted = arg;

	(void)err;
	gs_str_addf(ret_answer, "%d %d", descriptors(), fcntl(*wanted, F_GETFD) >= 0);
	return 0;
}

static void a_function_has_only_the_descriptors_it_keeps(void **state)
{
	int keep = fcntl(0, F_DUPFD_CLOEXEC, 50), other = fcntl(0, F_DUPFD_CLOEXEC, 60);
	struct gs_child_req req = {
		.fn = fn_count,
		.arg = &keep,
		.keep = &keep,
		.n_keep = 1,
		.deadline_ns = gs_deadline_in(1000),
		.max_answer = 100,
	};
	gs_autostr struct gs_str answer = { 0 };
	struct gs_err err = { 0 };

	(void)state;
	assert_int_equal(gs_child_run(&req, &answer, &err), 0);
	/* 0, 1, 2, the one kept, the answer's pipe */
	assert_string_equal(answer.ptr, "5 1");
	close(keep);
	close(other);
}

/* arg: the descriptor to hand out; a pipe's end that only the child has then */
static int fn_hold(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	int *fd = arg;
	int fds[2];

	(void)ret_answer;
	if (pipe2(fds, O_CLOEXEC) < 0)
		return gs_err_set(err, errno, "no pipe");
	*fd = fds[0];
	return write(fds[1], "x", 1) == 1 ? 0 : gs_err_set(err, errno, "cannot write");
}

static int fn_hold_nothing(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	(void)arg;
	(void)ret_answer;
	return gs_err_set(err, ENODEV, "nothing to hold");
}

/* What is held stays open in the child: its pipe ends when the child is let go. */
static void a_held_child_hands_out_and_stays(void **state)
{
	int fd = -1;
	struct gs_child_req req = {
		.fn = fn_hold,
		.arg = &fd,
		.fd = &fd,
		.deadline_ns = gs_deadline_in(1000),
	};
	struct gs_child_held held = { .line = -1 };
	struct gs_err err = { 0 };
	struct pollfd watch = { .events = POLLIN };
	char byte = 0;

	(void)state;
	assert_int_equal(gs_child_hold(&req, &held, &err), 0);
	assert_int_equal(read(fd, &byte, 1), 1);
	assert_int_equal(byte, 'x');
	watch.fd = fd;
	assert_int_equal(poll(&watch, 1, 100), 0);
	gs_child_let_go(&held);
	assert_int_equal(poll(&watch, 1, 1000), 1);
	close(fd);
	req.fn = fn_hold_nothing;
	fd = -1;
	assert_int_equal(gs_child_hold(&req, &held, &err), -ENODEV);
	assert_string_equal(err.msg, "nothing to hold");
	assert_int_equal(fd, -1);
}

int main(void)
{
	static struct table table;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ignored_sigchld_does_not_matter),
		cmocka_unit_test(no_descriptor_and_no_child_is_left),
		cmocka_unit_test(the_hook_runs_before_exec_and_may_refuse),
		cmocka_unit_test(closed_standard_descriptors_do_not_matter),
		cmocka_unit_test(a_program_does_not_outlive_us),
		cmocka_unit_test(functions_answer_fail_and_end),
		cmocka_unit_test(a_function_has_only_the_descriptors_it_keeps),
		cmocka_unit_test(a_held_child_hands_out_and_stays),
	};

	TABLE_ADD(&table, programs, program_ends_as_it_should);
	for (size_t i = 0; i < GS_COUNT(tests); i++)
		table.test[table.n++] = tests[i];
	return table_run("spawn", &table);
}
