/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/nfs/mountd.h"
#include "sys/proc/proc.h"
#include "table.h"

/* ---- a host whose rpcbind and mountd are one listener, and say what a row says -------------- */

enum {
	HEAD_BYTES = 44, /* mark and a call without arguments */
	ARGS_BYTES = 16, /* of GETPORT */
	LIMIT_MS = 500,
};

/* @list is the results of EXPORT as text: see put_results(). */
static const struct host {
	const char *name;
	const char *list;
	const char *raw;	     /* in place of the whole reply */
	bool endless;		     /* list again and again in one record */
	bool no_port;		     /* rpcbind knows no mountd */
	bool bare;		     /* rpcbind says nothing */
	unsigned fragment, pause_ms; /* bytes; between bytes */
	int r;
	const char *seen; /* "PATH client client;" */
} hosts[] = {
	{ .name = "a list",
	  .list = "1/mnt/a|1h10.0.0.8|1h10.0.0.9|01/srv|1h*|00",
	  .seen = "/mnt/a 10.0.0.8 10.0.0.9;/srv *;" },
	{ .name = "nothing is exported", .list = "0", .seen = "" },
	{ .name = "an export without a client is everyone's",
	  .list = "1/srv|00",
	  .seen = "/srv *;" },
	{ .name = "in fragments",
	  .list = "1/mnt/a|1h10.0.0.8|00",
	  .fragment = 24,
	  .seen = "/mnt/a 10.0.0.8;" },
	{ .name = "in too many fragments",
	  .list = "1/mnt/a|1h10.0.0.8|00",
	  .fragment = 1,
	  .r = -ENOENT },
	{ .name = "no mountd", .no_port = true, .r = -ENOENT },
	{ .name = "a silent rpcbind", .bare = true, .r = -ENOENT },
	{ .name = "cut off", .list = "1/mnt/a|1h10.0.0.8|1", .r = -ENOENT },
	{ .name = "more than a list", .list = "1/srv|000", .r = -ENOENT },
	{ .name = "a path that is none", .list = "1srv|00", .r = -ENOENT },
	{ .name = "an empty client", .list = "1/srv|1|00", .r = -ENOENT },
	{ .name = "a client with an escape", .list = "1/srv|1h\033[31m|00", .r = -ENOENT },
	{ .name = "a client with a line of its own", .list = "1/srv|1h\nall|00", .r = -ENOENT },
	{ .name = "garbage", .raw = "HTTP/1.1 400 Bad Request\r\n\r\n", .r = -ENOENT },
	{ .name = "silence", .raw = "", .r = -ENOENT },
	{ .name = "a length of a gigabyte", .list = "1/srv|", .endless = true, .r = -ENOENT },
	{ .name = "a byte a moment", .list = "1/srv|00", .pause_ms = 60, .r = -ENOENT },
};

static void put_word(struct gs_str *out, uint32_t word)
{
	word = htonl(word);
	gs_str_add(out, gs_span((const char *)&word, sizeof word));
}

/* A 0 or 1 is a link; what is not, or follows an h, is a string up to its bar. */
static void put_results(struct gs_str *out, const char *list)
{
	while (*list) {
		const char *end = strchr(list, '|');
		size_t len;

		if (*list == '0' || *list == '1') {
			put_word(out, (uint32_t)(*list++ - '0'));
			continue;
		}
		list += *list == 'h';
		len = (size_t)(end - list);
		put_word(out, (uint32_t)len);
		gs_str_add(out, gs_span(list, len));
		gs_str_add(out, gs_span("\0\0\0", -len % 4));
		list = end + 1;
	}
}

static void send_slowly(int fd, struct gs_span bytes, unsigned pause_ms)
{
	for (size_t i = 0; i < bytes.len && pause_ms; i++) {
		if (send(fd, bytes.ptr + i, 1, MSG_NOSIGNAL) < 0)
			return;
		usleep(pause_ms * 1000);
	}
	if (!pause_ms && send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL) < 0)
		return;
}

static void reply(int fd, uint32_t xid, struct gs_span results, const struct host *host)
{
	gs_autostr struct gs_str body = { 0 };
	gs_autostr struct gs_str out = { 0 };
	struct gs_span rest;

	gs_str_add(&body, gs_span((const char *)&xid, sizeof xid));
	put_word(&body, 1);
	for (int i = 0; i < 4; i++)
		put_word(&body, 0);
	gs_str_add(&body, results);
	rest = gs_str_span(&body);
	while (rest.len) {
		size_t n = host->fragment && host->fragment < rest.len ? host->fragment : rest.len;

		put_word(&out, (n == rest.len ? 0x80000000U : 0) |
				       (uint32_t)(host->endless ? 1 << 30 : n));
		gs_str_add(&out, gs_span(rest.ptr, n));
		rest = gs_span_from(rest, n);
	}
	send_slowly(fd, gs_str_span(&out), host->pause_ms);
}

static void answer_mountd(int fd, uint32_t xid, const struct host *host)
{
	gs_autostr struct gs_str results = { 0 };

	if (host->raw) {
		send_slowly(fd, gs_span_of(host->raw), 0);
		return;
	}
	put_results(&results, host->list);
	reply(fd, xid, gs_str_span(&results), host);
	for (int i = 0; host->endless && i < 1 << 20; i++)
		if (send(fd, results.ptr, results.len, MSG_NOSIGNAL) < 0)
			return;
}

static void answer_rpcbind(int fd, uint32_t xid, const struct host *host, unsigned port)
{
	static const struct host plain = { 0 };
	gs_autostr struct gs_str results = { 0 };
	uint32_t args[ARGS_BYTES / 4];

	if (recv(fd, args, sizeof args, MSG_WAITALL) != (ssize_t)sizeof args ||
	    ntohl(args[0]) != 100005 || ntohl(args[2]) != IPPROTO_TCP)
		_exit(1);
	put_word(&results, host->no_port ? 0 : port);
	if (!host->bare)
		reply(fd, xid, gs_str_span(&results), &plain);
}

static _Noreturn void serve(int listener, unsigned port, const struct host *host)
{
	for (;;) {
		/* cppcheck-suppress nullPointer ; both may be null: accept(2) */
		int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		uint32_t call[HEAD_BYTES / 4];

		if (fd < 0 || recv(fd, call, sizeof call, MSG_WAITALL) != (ssize_t)sizeof call)
			_exit(1);
		if (ntohl(call[4]) == 100000)
			answer_rpcbind(fd, call[1], host, port);
		else
			answer_mountd(fd, call[1], host);
	}
}

static int listen_on(unsigned *ret_port)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof addr;

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof addr), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
	*ret_port = ntohs(addr.sin_port);
	return fd;
}

static void show(const struct gs_grants *grants, struct gs_str *out)
{
	gs_str_adds(out, "");
	for (size_t i = 0; i < grants->n; i++) {
		gs_str_adds(out, grants->v[i].path);
		for (size_t c = 0; c < grants->v[i].clients.n; c++)
			gs_str_addf(out, " %s", grants->v[i].clients.v[c]);
		gs_str_addc(out, ';');
	}
}

static void a_host_is_asked(void **state)
{
	const struct host *host = *state;
	GS_AUTO(gs_grants_done) struct gs_grants grants = { 0 };
	gs_autostr struct gs_str seen = { 0 };
	struct gs_err err = { 0 };
	unsigned port, ms;
	int listener = listen_on(&port), r;
	int64_t begin_ns = gs_now_ns();
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(listener, port, host);
	}
	r = gs_mountd_list("127.0.0.1", port, gs_deadline_in(LIMIT_MS), &grants, &err);
	ms = (unsigned)((gs_now_ns() - begin_ns) / 1000000);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(listener);
	assert_in_range(ms, 0, LIMIT_MS + 300);
	/* Whether the child or its parent notices the end of the time is a race. */
	if (host->r && r == -ETIMEDOUT)
		r = host->r;
	assert_int_equal(r, host->r);
	show(&grants, &seen);
	assert_string_equal(seen.len ? seen.ptr : "", host->seen ? host->seen : "");
}

static void a_closed_port_is_no_mountd(void **state)
{
	struct gs_grants grants = { 0 };
	struct gs_err err = { 0 };
	unsigned port;

	(void)state;
	close(listen_on(&port));
	assert_int_equal(gs_mountd_list("127.0.0.1", port, gs_deadline_in(LIMIT_MS), &grants, &err),
			 -ENOENT);
	assert_int_equal(grants.n, 0);
}

static void answers_are_parsed_strictly(void **state)
{
	static const struct {
		const char *text;
		int n; /* -1: refused */
	} rows[] = {
		{ "all\n", 0 },	      { "/a\n 10.0.0.8\n *\n/b\nall\n", 2 },
		{ "", -1 },	      { "/a\n", -1 },
		{ "all\nall\n", -1 }, { " 10.0.0.8\nall\n", -1 },
		{ "a\nall\n", -1 },   { "/a\n \nall\n", -1 },
		{ "\nall\n", -1 },    { "/a\033[31m\nall\n", -1 },
	};

	(void)state;
	for (size_t i = 0; i < GS_COUNT(rows); i++) {
		GS_AUTO(gs_grants_done) struct gs_grants grants = { 0 };
		bool good = gs_mountd_parse(gs_span_of(rows[i].text), &grants);

		assert_int_equal(good ? (int)grants.n : -1, rows[i].n);
	}
}

int main(void)
{
	static struct table table;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_closed_port_is_no_mountd),
		cmocka_unit_test(answers_are_parsed_strictly),
	};

	TABLE_ADD(&table, hosts, a_host_is_asked);
	for (size_t i = 0; i < GS_COUNT(tests); i++)
		table.test[table.n++] = tests[i];
	return table_run("mountd", &table);
}
