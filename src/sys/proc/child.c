/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/proc/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/proc/fd.h"
#include "sys/proc/seal.h"

/* What a child sends before it ends: this header, then the texts and the answer, without NULs. */
struct wire {
	int32_t code;
	uint32_t id_len, msg_len, fix_len;
	uint64_t answer_len;
};

#define FD_DIR "/proc/self/fd/"

enum {
	ID_BYTES = 64,
	WIRE_BYTES = sizeof(struct wire) + ID_BYTES + GS_ERR_MSG_BYTES + GS_ERR_FIX_BYTES,
	LOWEST_CODE = -9999, /* below every errno, outcome and code of libmount */
};

static struct gs_span short_text(const char *text, size_t max)
{
	return gs_span(text, text ? strnlen(text, max) : 0);
}

static void send_all(int fd, struct gs_span bytes)
{
	while (bytes.len) {
		ssize_t n = write(fd, bytes.ptr, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return; /* the parent has gone, or has seen enough */
		bytes = gs_span_from(bytes, (size_t)n);
	}
}

/* A control message with room for one descriptor: unix(7) SCM_RIGHTS. */
union control {
	struct cmsghdr header; /* aligns it */
	char bytes[CMSG_SPACE(sizeof(int))];
};

/* One byte goes along: a message of no bytes carries no descriptor. */
static void send_fd(int line, int fd)
{
	union control control = { 0 };
	char byte = 0;
	struct iovec io = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &io,
			      .msg_iovlen = 1,
			      .msg_control = control.bytes,
			      .msg_controllen = sizeof control.bytes };
	struct cmsghdr *header = CMSG_FIRSTHDR(&msg);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof fd);
	memcpy(CMSG_DATA(header), &fd, sizeof fd);
	(void)sendmsg(line, &msg, MSG_NOSIGNAL);
}

/*
 * read(2), or recvmsg(2) on a line that also carries a descriptor: the kernel ends a message there.
 */
static ssize_t receive(int line, char *bytes, size_t n, int *ret_fd)
{
	union control control = { 0 };
	struct iovec io = { bytes, n };
	struct msghdr msg = { .msg_iov = &io,
			      .msg_iovlen = 1,
			      .msg_control = control.bytes,
			      .msg_controllen = sizeof control.bytes };
	struct cmsghdr *header;
	ssize_t got;

	if (!ret_fd)
		return read(line, bytes, n);
	got = recvmsg(line, &msg, MSG_CMSG_CLOEXEC);
	header = got < 0 ? NULL : CMSG_FIRSTHDR(&msg);
	if (header && header->cmsg_type == SCM_RIGHTS && *ret_fd < 0)
		memcpy(ret_fd, CMSG_DATA(header), sizeof *ret_fd);
	return got;
}

static void send_answer(int fd, int code, const struct gs_err *err, const struct gs_str *answer)
{
	struct gs_span id = short_text(code ? err->id : NULL, ID_BYTES);
	struct gs_span msg = short_text(code ? err->msg : NULL, GS_ERR_MSG_BYTES - 1);
	struct gs_span fix = short_text(code ? err->fix : NULL, GS_ERR_FIX_BYTES - 1);
	struct gs_span body = code ? gs_span(NULL, 0) : gs_str_span(answer);
	struct wire wire = {
		.code = code,
		.id_len = (uint32_t)id.len,
		.msg_len = (uint32_t)msg.len,
		.fix_len = (uint32_t)fix.len,
		.answer_len = body.len,
	};

	send_all(fd, gs_span((const char *)&wire, sizeof wire));
	send_all(fd, id);
	send_all(fd, msg);
	send_all(fd, fix);
	send_all(fd, body);
}

static void end_now(int signal)
{
	_exit(128 + signal);
}

/*
 * A second limit, in case the parent dies: SIGALRM ends the child one second after the deadline. A
 * handler is needed where the child may be pid 1 of a namespace, which its own signals do not end
 * (pid_namespaces(7)). Elsewhere the default action is used: a handler would not run during a wait
 * for a server that does not respond.
 */
static void end_late(int64_t deadline_ns, bool by_handler)
{
	const struct sigaction on_alarm = { .sa_handler = end_now };
	int64_t us = (deadline_ns - gs_now_ns()) / 1000 + 1000000;
	struct itimerval once = { 0 };

	if (us < 1)
		us = 1;
	once.it_value.tv_sec = us / 1000000;
	once.it_value.tv_usec = us % 1000000;
	if (by_handler)
		sigaction(SIGALRM, &on_alarm, NULL);
	setitimer(ITIMER_REAL, &once, NULL);
}

/* shutdown(2) marks the end of the answer; the child ends when the parent closes the line. */
static void stay(int line)
{
	struct itimerval never = { 0 };
	char byte;

	shutdown(line, SHUT_WR);
	setitimer(ITIMER_REAL, &never, NULL);
	while (read(line, &byte, 1) < 0 && errno == EINTR)
		;
}

/*
 * Closes all descriptors but those that the child needs. A confined child above all must not have
 * the terminal, where it could read what root types.
 */
static void take_descriptors(const struct gs_child_req *req, int out)
{
	gs_autofree int *keep = gs_alloc((req->n_keep + 1) * sizeof *keep);
	int last = STDOUT_FILENO, null;

#if !defined(GS_SANITIZED)
	if (req->confined)
		last = STDERR_FILENO;
#endif
	for (size_t i = 0; i < req->n_keep; i++)
		keep[i] = req->keep[i];
	keep[req->n_keep] = out;
	gs_proc_close_all_but(keep, req->n_keep + 1);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0)
		_exit(126);
	for (int fd = STDIN_FILENO; fd <= last; fd++)
		if (dup2(null, fd) < 0)
			_exit(126);
	if (null > STDERR_FILENO)
		close(null);
}

/*
 * Did the parent die before the child asked for its death signal? getppid(2) cannot tell in a new
 * pid namespace, but the pipe can: only the parent had its other end.
 */
static bool is_alone(int out)
{
	struct pollfd watch = { .fd = out };

	return poll(&watch, 1, 0) > 0 && watch.revents & (POLLERR | POLLHUP);
}

static _Noreturn void be_child(const struct gs_child_req *req, int out)
{
	gs_autostr struct gs_str answer = { 0 };
	struct gs_err err = { 0 };
	int code;

	take_descriptors(req, out);
	end_late(req->deadline_ns, req->confined);
	if (req->confined && !req->survive && is_alone(out))
		_exit(127);
	code = req->fn(req->arg, &answer, &err);
	if (!code && answer.len > req->max_answer)
		code = gs_err_set(&err, EMSGSIZE, "a reply of %zu bytes is too long", answer.len);
	if (!code && req->fd)
		send_fd(out, *req->fd);
	send_answer(out, code, &err, &answer);
	if (!code && req->fd)
		stay(out);
	_exit(0);
}

/* Reads until the child has sent everything or ended, or to the deadline or limit; 0 or -errno. */
static int collect(int fd, const struct gs_proc *proc, const struct gs_child_req *req,
		   struct gs_str *said, int *ret_fd)
{
	for (;;) {
		struct pollfd watch[] = { { .fd = fd, .events = POLLIN },
					  { .fd = proc->pidfd, .events = POLLIN } };
		char bytes[8192];
		ssize_t n;

		n = poll(watch, 2, gs_poll_ms(req->deadline_ns));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -ETIMEDOUT;
		if (!watch[0].revents)
			return 0; /* the child has ended, and nothing is left to read */
		n = receive(fd, bytes, sizeof bytes, ret_fd);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		gs_str_add(said, gs_span(bytes, (size_t)n));
		if (said->len > WIRE_BYTES + req->max_answer)
			return -EMSGSIZE;
	}
}

static struct gs_span take(struct gs_span *rest, size_t n)
{
	struct gs_span part = gs_span(rest->ptr, n);

	*rest = gs_span_from(*rest, n);
	return part;
}

static const char *known_id(const char *const *ids, struct gs_span id)
{
	for (; ids && *ids; ids++)
		if (gs_span_is_text(id, *ids))
			return *ids;
	return NULL;
}

/*
 * Root may run a fix as a command, so a child that a peer may have taken over does not choose one.
 * Its cause is one of a list, and the parent looks up the fix for it.
 */
static int blame_confined(const struct gs_child_req *req, struct gs_span id, struct gs_err *err)
{
	static const char unconfined[] = "CHILD_UNCONFINED"; /* any confined child may report it */

	if (!gs_span_is_text(id, unconfined))
		return gs_err_cause(err, known_id(req->ids, id));
	gs_err_cause(err, unconfined);
	return gs_seal_fix(err);
}

/* Plain texts keep their bytes: a backslash in them may be an escape. */
static char *plain_text(struct gs_span text)
{
	gs_autostr struct gs_str safe = { 0 };

	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] < 0x20 || text.ptr[i] > 0x7e) {
			gs_str_add_safe(&safe, text);
			return gs_span_dup(gs_str_span(&safe));
		}
	}
	return gs_span_dup(text);
}

static int unpack(const struct gs_child_req *req, struct gs_span said, struct gs_str *ret_answer,
		  struct gs_err *err)
{
	gs_autofree char *msg = NULL, *fix = NULL;
	struct gs_span id;
	struct wire wire;

	if (said.len < sizeof wire)
		return gs_err_set(err, EPROTO, "a child process gave an incomplete reply");
	memcpy(&wire, take(&said, sizeof wire).ptr, sizeof wire);
	if (wire.code > 0 || wire.code < LOWEST_CODE || wire.id_len > ID_BYTES ||
	    wire.msg_len >= GS_ERR_MSG_BYTES || wire.fix_len >= GS_ERR_FIX_BYTES ||
	    wire.answer_len > req->max_answer ||
	    said.len != wire.id_len + wire.msg_len + wire.fix_len + wire.answer_len)
		return gs_err_set(err, EPROTO, "a child process gave a malformed reply");
	id = take(&said, wire.id_len);
	msg = plain_text(take(&said, wire.msg_len));
	fix = plain_text(take(&said, wire.fix_len));
	if (!wire.code) {
		struct gs_str answer = { 0 };

		gs_str_add(&answer, said);
		*ret_answer = answer;
		return 0;
	}
	gs_err_set(err, wire.code, "%s", msg);
	if (req->confined)
		return blame_confined(req, id, err);
	gs_err_advise(err, "%s", fix);
	return gs_err_cause(err, known_id(req->ids, id));
}

static int explain_end(int collected, int ended, int status, int64_t begin_ns, struct gs_err *err)
{
	double seconds = (double)(gs_now_ns() - begin_ns) / 1e9;

	if (ended < 0)
		return gs_err_set(err, ETIMEDOUT,
				  "timed out after %.1f s, and the child process cannot be "
				  "killed: it waits in the kernel",
				  seconds);
	if (collected == -ETIMEDOUT)
		return gs_err_set(err, ETIMEDOUT, "timed out after %.1f s", seconds);
	if (collected < 0)
		return gs_err_set(err, collected, "cannot use the reply of a child process: %s",
				  strerror(-collected));
	if (WIFSIGNALED(status))
		return gs_err_set(err, GS_E_CHILD, "a child process ended by signal %d (%s)",
				  WTERMSIG(status), strsignal(WTERMSIG(status)));
	if (status)
		return gs_err_set(err, GS_E_CHILD, "a child process ended with status %d",
				  WEXITSTATUS(status));
	return 0;
}

/* Ends the child, and reports how it ended. */
static int finish(const struct gs_child_req *req, struct gs_proc *proc, int collected,
		  struct gs_span said, int64_t begin_ns, struct gs_str *ret_answer,
		  struct gs_err *err)
{
	int ended, status, r;
	bool killed;

	/*
	 * Processes that the child started end with it; its pid is not reused yet, so the group is
	 * the right one.
	 */
	gs_proc_signal_group(proc, SIGKILL);
	ended = gs_proc_end(proc, gs_deadline_in(GS_REAP_GRACE_MS), &status, &killed);
	if (collected == 0 && !ended && said.len)
		return unpack(req, said, ret_answer, err);
	r = explain_end(collected, ended, status, begin_ns, err);
	return r ? r : unpack(req, said, ret_answer, err);
}

int gs_child_start(const struct gs_child_req *req, struct gs_child *ret, struct gs_err *err)
{
	struct gs_child child = { .req = *req, .begin_ns = gs_now_ns() };
	int pipe_fds[2], r;

	r = gs_proc_pipe(pipe_fds);
	if (r < 0)
		return gs_err_set(err, r, "cannot create a pipe: %s", strerror(-r));
	gs_autoclose int in = pipe_fds[0];
	gs_autoclose int out = pipe_fds[1];

	r = gs_proc_fork(&child.proc, req->confined, req->survive ? 0 : SIGKILL, err);
	if (r < 0)
		return r;
	if (!child.proc.pid)
		be_child(req, out);
	child.in = in;
	in = -1;
	*ret = child;
	return 0;
}

int gs_child_finish(struct gs_child *child, struct gs_str *ret_answer, struct gs_err *err)
{
	gs_autostr struct gs_str said = { 0 };
	gs_autoclose int in = child->in;
	int collected = collect(in, &child->proc, &child->req, &said, NULL);

	if (collected == 0)
		gs_proc_wait(&child->proc, child->req.deadline_ns);
	return finish(&child->req, &child->proc, collected, gs_str_span(&said), child->begin_ns,
		      ret_answer, err);
}

int gs_child_run(const struct gs_child_req *req, struct gs_str *ret_answer, struct gs_err *err)
{
	struct gs_child child = { .in = -1 };

	if (gs_child_start(req, &child, err) < 0)
		return err->code;
	return gs_child_finish(&child, ret_answer, err);
}

int gs_child_hold(const struct gs_child_req *req, struct gs_child_held *ret, struct gs_err *err)
{
	gs_autostr struct gs_str said = { 0 }, nothing = { 0 };
	int64_t begin_ns = gs_now_ns();
	int line_fds[2], collected, r;
	gs_autoclose int fd = -1;
	struct gs_span answer;
	struct gs_proc proc;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line_fds) < 0)
		return gs_err_set(err, errno, "cannot make a line: %s", strerror(errno));
	gs_autoclose int in = line_fds[0];
	gs_autoclose int out = line_fds[1];

	r = gs_proc_fork(&proc, req->confined, SIGKILL, err);
	if (r < 0)
		return r;
	if (!proc.pid)
		be_child(req, out);
	close(out);
	out = -1;
	collected = collect(in, &proc, req, &said, &fd);
	/* The byte that came with the descriptor is no part of the answer. */
	answer = fd < 0 ? gs_str_span(&said) : gs_span_from(gs_str_span(&said), 1);
	if (collected < 0 || fd < 0)
		return finish(req, &proc, collected, answer, begin_ns, &nothing, err);
	r = unpack(req, answer, &nothing, err);
	*ret = (struct gs_child_held){ .proc = proc, .line = in };
	in = -1;
	if (r < 0) {
		gs_child_let_go(ret);
		return r;
	}
	*req->fd = fd;
	fd = -1;
	return 0;
}

void gs_child_let_go(struct gs_child_held *held)
{
	bool killed;
	int status;

	close(held->line);
	gs_proc_signal_group(&held->proc, SIGKILL);
	(void)gs_proc_end(&held->proc, gs_deadline_in(0), &status, &killed);
	*held = (struct gs_child_held){ .proc.pidfd = -1, .line = -1 };
}

/* "/proc/self/fd/N/REST" as N and "REST"; false for a plain path. */
static bool split_path(const char *path, int *ret_fd, const char **ret_rest)
{
	struct gs_span name = gs_span_of(path), number;
	uint64_t fd;

	if (!gs_span_has_prefix(name, FD_DIR))
		return false;
	name = gs_span_from(name, sizeof FD_DIR - 1);
	if (!gs_span_cut(&name, '/', &number) || !gs_span_number(number, 1 << 20, &fd))
		return false;
	*ret_fd = (int)fd;
	*ret_rest = name.len ? name.ptr : ".";
	return true;
}

int gs_child_at(const char **path)
{
	int fd = AT_FDCWD;

	(void)split_path(*path, &fd, path);
	return fd;
}

int gs_child_open(const char *path, int flags)
{
	int fd = gs_child_at(&path);

	return openat(fd, path, flags);
}

int gs_child_keep(const char *path)
{
	const char *rest = NULL;
	int fd = -1;

	return split_path(path, &fd, &rest) ? fd : -1;
}

void gs_child_limit_memory(size_t bytes)
{
#if !defined(GS_SANITIZED) /* its shadow memory is larger */
	const struct rlimit limit = { bytes, bytes };

	setrlimit(RLIMIT_DATA, &limit);
#else
	(void)bytes;
#endif
}
