/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/proc/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/proc/fd.h"

static const char *const plain_env[] = {
	"PATH=/usr/sbin:/usr/bin:/sbin:/bin",
	"LC_ALL=C",
	NULL,
};

/* Our ends of the pipes of a running program; -1 once closed at the other end. */
struct stream {
	int fd;
	struct gs_str *text;
};

struct run {
	struct gs_proc proc;
	struct stream stream[2];
	size_t max;
	bool truncated;
	const struct gs_spawn_req *req;
};

/* A file, not a pipe: a program that does not read its input cannot stop us or send SIGPIPE. */
static int open_input(struct gs_span input)
{
	gs_autoclose int fd = -1;
	int above;

	if (!input.len)
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	else
		fd = memfd_create("input", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	while (input.len) {
		ssize_t n = write(fd, input.ptr, input.len);

		if (n < 0)
			return -errno;
		input = gs_span_from(input, (size_t)n);
	}
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	above = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return above < 0 ? -errno : above;
}

/* The parent gets the failure unchanged: it runs the same program image, so err->id stays valid. */
static _Noreturn void fail_in_child(int report, const struct gs_err *err)
{
	ssize_t sent = write(report, err,
			     sizeof *err); /* less than PIPE_BUF: written whole or not at all */

	_exit(sent < 0 ? 126 : 127);
}

static _Noreturn void be_child(const struct gs_spawn_req *req, int in, int out, int errs,
			       int report)
{
	const char *const *env = req->env ? req->env : plain_env;
	struct gs_err err = { 0 };

	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	    dup2(errs, STDERR_FILENO) < 0 || chdir("/") < 0) {
		gs_err_set(&err, errno, "cannot prepare to run '%s': %s", req->path,
			   strerror(errno));
		fail_in_child(report, &err);
	}
	umask(022);
	if (req->in_child && req->in_child(req->arg, &err) < 0)
		fail_in_child(report, &err);
	gs_proc_close_all_but(&report, 1);
	/* execve(2) RATIONALE: it changes neither array, the missing const is historical. */
	execve(req->path, (char *const *)(uintptr_t)req->argv, (char *const *)(uintptr_t)env);
	gs_err_set(&err, errno, "cannot run '%s': %s", req->path, strerror(errno));
	fail_in_child(report, &err);
}

/* Waits for exec: 1 when the program runs, 0 at the deadline, or the child's failure. */
static int await_exec(int report, int64_t deadline_ns, struct gs_err *err)
{
	struct gs_err said = { 0 };
	ssize_t n;

	for (;;) {
		struct pollfd watch = { .fd = report, .events = POLLIN };
		int ready = poll(&watch, 1, gs_poll_ms(deadline_ns));

		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return 0;
		n = read(report, &said, sizeof said);
		if (n < 0 && errno == EINTR)
			continue;
		break;
	}
	if (n != (ssize_t)sizeof said)
		return 1;
	*err = said;
	return err->code;
}

/* Reads what is available, without waiting. */
static void drain(struct run *run, struct stream *stream)
{
	char bytes[65536];

	while (stream->fd >= 0) {
		ssize_t n = read(stream->fd, bytes, sizeof bytes);
		size_t room = run->max - stream->text->len;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			close(stream->fd);
			stream->fd = -1;
			return;
		}
		if (run->req->said)
			run->req->said(run->req->arg, gs_span(bytes, (size_t)n));
		if ((size_t)n > room)
			run->truncated = true;
		gs_str_add(stream->text, gs_span(bytes, (size_t)n < room ? (size_t)n : room));
		if (n < (ssize_t)sizeof bytes)
			return; /* back to poll: a flood on one stream may not hide the deadline */
	}
}

static bool is_open(const struct run *run)
{
	return run->stream[0].fd >= 0 || run->stream[1].fd >= 0;
}

/* One turn of reading both streams; true when the program has ended or the time is up. */
static bool pump(struct run *run, int64_t deadline_ns, bool watch_end)
{
	struct pollfd watch[] = {
		{ .fd = run->stream[0].fd, .events = POLLIN },
		{ .fd = run->stream[1].fd, .events = POLLIN },
		{ .fd = watch_end ? run->proc.pidfd : -1, .events = POLLIN },
	};
	int n = poll(watch, GS_COUNT(watch), gs_poll_ms(deadline_ns));

	if (n < 0 && errno == EINTR)
		return false;
	for (size_t i = 0; n > 0 && i < 2; i++)
		if (watch[i].revents)
			drain(run, &run->stream[i]);
	/* The clock is checked as well: a program that floods is always ready. */
	return n <= 0 || watch[2].revents || !gs_poll_ms(deadline_ns);
}

static void read_all(struct run *run, const struct gs_spawn_req *req)
{
	int64_t tail_ns;

	while (!pump(run, req->deadline_ns, true))
		continue;
	if (!gs_proc_wait(&run->proc, 0))
		return;
	tail_ns = gs_deadline_in(GS_SPAWN_TAIL_MS);
	while (is_open(run) && !pump(run, tail_ns, false))
		continue;
}

struct ends {
	int in, out[2], errs[2], report[2];
};

static void close_ends(struct ends *ends)
{
	int fds[] = { ends->in,	     ends->out[0],    ends->out[1],   ends->errs[0],
		      ends->errs[1], ends->report[0], ends->report[1] };

	for (size_t i = 0; i < GS_COUNT(fds); i++)
		gs_close_indirect(&fds[i]);
}

static int open_ends(struct ends *ends, struct gs_span input, struct gs_err *err)
{
	int r = ends->in = open_input(input);

	if (r >= 0)
		r = gs_proc_pipe(ends->out);
	if (r >= 0)
		r = gs_proc_pipe(ends->errs);
	if (r >= 0)
		r = gs_proc_pipe(ends->report);
	if (r < 0)
		return gs_err_set(err, r, "cannot create pipes: %s", strerror(-r));
	if (fcntl(ends->out[0], F_SETFL, O_NONBLOCK) < 0 ||
	    fcntl(ends->errs[0], F_SETFL, O_NONBLOCK) < 0)
		return gs_err_set(err, errno, "cannot create pipes: %s", strerror(errno));
	return 0;
}

static void close_one(int *fd)
{
	gs_close_indirect(fd);
	*fd = -1;
}

int gs_spawn(const struct gs_spawn_req *req, struct gs_spawn_result *ret, struct gs_err *err)
{
	GS_AUTO(close_ends) struct ends ends = { -1, { -1, -1 }, { -1, -1 }, { -1, -1 } };
	GS_AUTO(gs_spawn_result_done) struct gs_spawn_result result = { 0 };
	struct run run = { .max = req->max_output ? req->max_output : GS_SPAWN_MAX_OUTPUT,
			   .req = req };
	int64_t begin_ns = gs_now_ns();
	int r = open_ends(&ends, req->input, err);

	if (r < 0)
		return r;
	r = gs_proc_fork(&run.proc, false, SIGKILL, err);
	if (r < 0)
		return r;
	if (!run.proc.pid)
		be_child(req, ends.in, ends.out[1], ends.errs[1], ends.report[1]);
	close_one(&ends.out[1]);
	close_one(&ends.errs[1]);
	close_one(&ends.report[1]);
	run.stream[0] = (struct stream){ ends.out[0], &result.out };
	run.stream[1] = (struct stream){ ends.errs[0], &result.errs };
	r = await_exec(ends.report[0], req->deadline_ns, err);
	if (r > 0)
		read_all(&run, req);
	ends.out[0] = run.stream[0].fd;
	ends.errs[0] = run.stream[1].fd;
	gs_proc_end(&run.proc, req->deadline_ns, &result.status, &result.timed_out);
	if (r < 0)
		return r;
	result.truncated = run.truncated;
	result.ms = (unsigned)((gs_now_ns() - begin_ns) / 1000000);
	*ret = result;
	result = (struct gs_spawn_result){ 0 };
	return 0;
}

static struct gs_span last_line(struct gs_span text)
{
	struct gs_span line, last = { 0 };

	while (gs_span_cut(&text, '\n', &line))
		if (gs_span_trim(line).len)
			last = gs_span_trim(line);
	return last;
}

int gs_spawn_check(const struct gs_spawn_req *req, const struct gs_spawn_result *result,
		   struct gs_err *err)
{
	enum { LINE_BYTES = 400 }; /* of its output: leaves room for the rest of the message */
	gs_autostr struct gs_str said = { 0 };
	struct gs_span line = last_line(gs_str_span(&result->errs));

	if (!line.len)
		line = last_line(gs_str_span(&result->out));
	if (line.len > LINE_BYTES)
		line.len = LINE_BYTES;
	gs_str_adds(&said, line.len ? ": " : "");
	gs_str_add_safe(&said, line);
	if (result->timed_out)
		return gs_err_set(err, ETIMEDOUT, "'%s' did not end in %.1f s and was killed%s",
				  req->path, result->ms / 1000.0, said.ptr);
	if (WIFSIGNALED(result->status))
		return gs_err_set(err, GS_E_CHILD, "'%s' ended by signal %d%s", req->path,
				  WTERMSIG(result->status), said.ptr);
	if (WEXITSTATUS(result->status))
		return gs_err_set(err, GS_E_CHILD, "'%s' ended with status %d%s", req->path,
				  WEXITSTATUS(result->status), said.ptr);
	return 0;
}

void gs_spawn_result_done(struct gs_spawn_result *result)
{
	gs_str_done(&result->out);
	gs_str_done(&result->errs);
	*result = (struct gs_spawn_result){ 0 };
}
