/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/net/rpc_null.h"
#include "sys/net/tcp.h"
#include "sys/nfs/browse.h"
#include "sys/nfs/unreachable.h"
#include "sys/proc/proc.h"
#include "table.h"

/* ---- servers that behave in every way but the right one, and one that does --------------- */

enum { CALL_BYTES = 44, TIMEOUT_MS = 400 };

/* What a server does with a connection that has sent its call; words are in network order. */
struct server {
	const char *name;
	const char *text;   /* sent as it is */
	uint32_t words[16]; /* sent after the text; XID stands for the call's */
	size_t n_words;
	unsigned pause_ms; /* between bytes; 0: all at once */
	bool close;	   /* afterwards; else stay silent */
	enum gs_rpc state;
	unsigned low, high;
};

#define XID  0xdeadbeefU
#define LAST 0x80000000U

static const struct server servers[] = {
	{ .name = "a proper reply",
	  .words = { LAST | 24, XID, 1, 0, 0, 0, 0 },
	  .n_words = 7,
	  .state = GS_RPC_OK },
	{ .name = "a reply with a verifier",
	  .words = { LAST | 32, XID, 1, 0, 1, 8, 7, 7, 0 },
	  .n_words = 9,
	  .state = GS_RPC_OK },
	{ .name = "silence", .state = GS_RPC_TIMED_OUT },
	{ .name = "closes at once", .close = true, .state = GS_RPC_CLOSED },
	{ .name = "closes in the middle",
	  .words = { LAST | 24, XID, 1 },
	  .n_words = 3,
	  .close = true,
	  .state = GS_RPC_CLOSED },
	{ .name = "64 zero bytes", .words = { 0 }, .n_words = 16, .state = GS_RPC_GARBAGE },
	{ .name = "a text", .text = "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", .state = GS_RPC_GARBAGE },
	{ .name = "an HTTP error",
	  .text = "HTTP/1.1 400 Bad Request\r\n\r\n",
	  .close = true,
	  .state = GS_RPC_GARBAGE },
	{ .name = "a byte a moment",
	  .words = { LAST | 24, XID, 1, 0, 0, 0, 0 },
	  .n_words = 7,
	  .pause_ms = 70,
	  .state = GS_RPC_SLOW },
	{ .name = "another call's xid",
	  .words = { LAST | 24, 1, 1, 0, 0, 0, 0 },
	  .n_words = 7,
	  .state = GS_RPC_GARBAGE },
	{ .name = "a fragment that is not the last",
	  .words = { 24, XID, 1, 0, 0, 0, 0 },
	  .n_words = 7,
	  .state = GS_RPC_GARBAGE },
	{ .name = "a length of a gigabyte",
	  .words = { LAST | 0x40000000, XID, 1, 0 },
	  .n_words = 4,
	  .state = GS_RPC_GARBAGE },
	{ .name = "a call instead of a reply",
	  .words = { LAST | 40, XID, 0, 2, 100003, 4, 0, 0, 0, 0, 0 },
	  .n_words = 11,
	  .state = GS_RPC_GARBAGE },
	{ .name = "an accept status that is none",
	  .words = { LAST | 24, XID, 1, 0, 0, 0, 77 },
	  .n_words = 7,
	  .state = GS_RPC_GARBAGE },
	{ .name = "a verifier longer than the reply",
	  .words = { LAST | 24, XID, 1, 0, 1, 400, 0 },
	  .n_words = 7,
	  .state = GS_RPC_GARBAGE },
	{ .name = "not this program",
	  .words = { LAST | 24, XID, 1, 0, 0, 0, 1 },
	  .n_words = 7,
	  .state = GS_RPC_PROG_UNAVAIL },
	{ .name = "other versions",
	  .words = { LAST | 32, XID, 1, 0, 0, 0, 2, 2, 3 },
	  .n_words = 9,
	  .state = GS_RPC_VERS_MISMATCH,
	  .low = 2,
	  .high = 3 },
	{ .name = "denied: too weak",
	  .words = { LAST | 20, XID, 1, 1, 1, 5 },
	  .n_words = 6,
	  .state = GS_RPC_DENIED },
	{ .name = "denied: RPC version",
	  .words = { LAST | 24, XID, 1, 1, 0, 3, 3 },
	  .n_words = 7,
	  .state = GS_RPC_DENIED },
};

static void send_slowly(int fd, const char *bytes, size_t size, unsigned pause_ms)
{
	for (size_t i = 0; i < size && pause_ms; i++) {
		if (send(fd, bytes + i, 1, MSG_NOSIGNAL) < 0)
			return;
		usleep(pause_ms * 1000);
	}
	if (!pause_ms && send(fd, bytes, size, MSG_NOSIGNAL) < 0)
		return;
}

static void serve(int listener, const struct server *server)
{
	/* cppcheck-suppress nullPointer ; both may be null: accept(2) */
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	uint32_t call[CALL_BYTES / 4], words[16];

	if (fd < 0 || recv(fd, call, sizeof call, MSG_WAITALL) != (ssize_t)sizeof call)
		_exit(1);
	if (server->text)
		send_slowly(fd, server->text, strlen(server->text), server->pause_ms);
	for (size_t i = 0; i < server->n_words; i++)
		words[i] = server->words[i] == XID ? call[1] : htonl(server->words[i]);
	send_slowly(fd, (const char *)words, server->n_words * sizeof *words, server->pause_ms);
	if (!server->close)
		pause();
	_exit(0);
}

static int listen_on(struct gs_endpoint *ret)
{
	struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof addr;
	struct gs_err err = { 0 };

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&addr, sizeof addr), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&addr, &len), 0);
	assert_int_equal(gs_endpoint_of("127.0.0.1", ntohs(addr.sin_port), ret, &err), 0);
	return fd;
}

static void server_is_told_apart(void **state)
{
	const struct server *server = *state;
	struct gs_endpoint at;
	struct gs_reach_result reach;
	struct gs_rpc_result rpc;
	struct gs_err err = { 0 };
	int listener = listen_on(&at);
	int64_t begin_ns = gs_now_ns();
	pid_t pid = fork();
	unsigned ms;

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(listener, server);
	}
	assert_int_equal(gs_reach_one(&at, 1000, &reach, &err), 0);
	assert_int_equal(reach.state, GS_REACH_OPEN);
	assert_int_equal(gs_rpc_null(reach.fd, 100003, 4, NULL, gs_span(NULL, 0),
				     gs_deadline_in(TIMEOUT_MS), &rpc, &err),
			 0);
	ms = (unsigned)((gs_now_ns() - begin_ns) / 1000000);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(reach.fd);
	close(listener);
	assert_int_equal(rpc.state, server->state);
	assert_int_equal(rpc.low, server->low);
	assert_int_equal(rpc.high, server->high);
	assert_in_range(ms, 0, TIMEOUT_MS + 300);
	assert_true(server->state == GS_RPC_OK ? !gs_rpc_cause(rpc.state)
					       : !!gs_rpc_cause(rpc.state));
}

/* On a slow link connecting may take nearly all the time: the cause is told all the same. */
static void no_time_left_is_silence(void **state)
{
	struct gs_endpoint at;
	struct gs_reach_result reach;
	struct gs_rpc_result rpc;
	struct gs_err err = { 0 };
	int listener = listen_on(&at);

	(void)state;
	assert_int_equal(gs_reach_one(&at, 1000, &reach, &err), 0);
	assert_int_equal(gs_rpc_null(reach.fd, 100003, 4, NULL, gs_span(NULL, 0),
				     gs_now_ns() - 1000000000, &rpc, &err),
			 0);
	close(reach.fd);
	close(listener);
	assert_int_equal(rpc.state, GS_RPC_TIMED_OUT);
}

/* ---- connecting -------------------------------------------------------------------------- */

static void a_closed_port_is_refused(void **state)
{
	struct gs_endpoint at;
	struct gs_reach_result reach;
	struct gs_err err = { 0 };

	(void)state;
	close(listen_on(&at));
	assert_int_equal(gs_reach_one(&at, 1000, &reach, &err), 0);
	assert_int_equal(reach.state, GS_REACH_REFUSED);
	assert_int_equal(reach.error, ECONNREFUSED);
	assert_int_equal(reach.fd, -1);
	assert_string_equal(gs_reach_cause(reach.state), "PORT_REFUSED");
}

/* A listener whose queue is full drops what comes: as silent as a firewall, without one. */
static int fill(struct gs_endpoint *at, int fds[8])
{
	int listener = listen_on(at);

	assert_int_equal(listen(listener, 0), 0);
	for (int i = 0; i < 8; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		if (connect(fds[i], (struct sockaddr *)&at->addr, at->len) < 0)
			assert_int_equal(errno, EINPROGRESS);
	}
	return listener;
}

static void many_cost_as_much_as_the_slowest(void **state)
{
	struct gs_endpoint at[4];
	struct gs_reach_result reach[4];
	struct gs_err err = { 0 };
	int full[2][8], listener[4];
	int64_t begin_ns;

	(void)state;
	listener[0] = fill(&at[0], full[0]);
	listener[1] = listen_on(&at[1]);
	listener[2] = fill(&at[2], full[1]);
	listener[3] = listen_on(&at[3]);
	close(listener[3]);
	begin_ns = gs_now_ns();
	assert_int_equal(gs_reach_many(at, 4, 300, reach, &err), 0);
	assert_in_range((gs_now_ns() - begin_ns) / 1000000, 290, 450);
	assert_int_equal(reach[0].state, GS_REACH_FILTERED);
	assert_int_equal(reach[1].state, GS_REACH_OPEN);
	assert_int_equal(reach[2].state, GS_REACH_FILTERED);
	assert_int_equal(reach[3].state, GS_REACH_REFUSED);
	assert_true(reach[1].rtt_us < 100000);
	assert_int_equal(reach[0].error, ETIMEDOUT);
	close(reach[1].fd);
	for (int i = 0; i < 3; i++)
		close(listener[i]);
	for (int i = 0; i < 8; i++) {
		close(full[0][i]);
		close(full[1][i]);
	}
}

static void a_second_place_is_tried_where_the_first_is_late(void **state)
{
	static const struct {
		bool full, second_listens;
		enum gs_reach first, second;
		unsigned least_ms, most_ms;
	} rows[] = {
		{ false, true, GS_REACH_OPEN, GS_REACH_FILTERED, 0, 90 },
		{ true, true, GS_REACH_FILTERED, GS_REACH_OPEN, 290, 450 },
		{ true, false, GS_REACH_FILTERED, GS_REACH_REFUSED, 290, 450 },
	};

	(void)state;
	for (size_t i = 0; i < GS_COUNT(rows); i++) {
		struct gs_reach_result reach[2];
		struct gs_endpoint at[2];
		struct gs_err err = { 0 };
		int fds[8], listener[2];
		int64_t begin_ns;

		listener[0] = rows[i].full ? fill(&at[0], fds) : listen_on(&at[0]);
		listener[1] = listen_on(&at[1]);
		if (!rows[i].second_listens)
			close(listener[1]);
		begin_ns = gs_now_ns();
		assert_int_equal(gs_reach_two(at, 100, 300, reach, &err), 0);
		assert_in_range((gs_now_ns() - begin_ns) / 1000000, rows[i].least_ms,
				rows[i].most_ms);
		assert_int_equal(reach[0].state, rows[i].first);
		assert_int_equal(reach[1].state, rows[i].second);
		for (size_t k = 0; k < 2; k++)
			assert_int_equal(reach[k].fd >= 0, reach[k].state == GS_REACH_OPEN);
		for (size_t k = 0; k < 2; k++)
			if (reach[k].fd >= 0)
				close(reach[k].fd);
		close(listener[0]);
		if (rows[i].second_listens)
			close(listener[1]);
		for (size_t k = 0; rows[i].full && k < 8; k++)
			close(fds[k]);
	}
}

static void endpoints_are_numeric(void **state)
{
	static const struct {
		const char *text;
		unsigned port;
		int r;
	} rows[] = {
		{ "192.168.18.13", 2049, 0 }, { "::1", 2049, 0 },
		{ "fe80::1%lo", 2049, 0 },    { "localhost", 2049, -EINVAL },
		{ "", 2049, -EINVAL },	      { "1.2.3.4.5", 2049, -EINVAL },
		{ "127.0.0.1", 0, -EINVAL },  { "127.0.0.1", 65536, -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < GS_COUNT(rows); i++) {
		struct gs_endpoint at;
		struct gs_err err = { 0 };

		assert_int_equal(gs_endpoint_of(rows[i].text, rows[i].port, &at, &err), rows[i].r);
	}
}

/* ---- what is said of a server that cannot be reached ------------------------------------- */

#define REACHES(STATE, ERROR)                                                                      \
	{                                                                                          \
		.state = (STATE), .fd = -1, .error = (ERROR)                                       \
	}
#define REJECTS(SIGN, FROM, OWN, PEER)                                                             \
	{                                                                                          \
		.state = GS_REACH_REJECTED, .fd = -1, .error = EHOSTUNREACH, .icmp = {             \
			SIGN,                                                                      \
			OWN,                                                                       \
			PEER,                                                                      \
			FROM                                                                       \
		}                                                                                  \
	}
#define UFW	 "sudo ufw allow from 127.0.0.1 to any port 2049 proto tcp"
#define IPTABLES "sudo iptables -I INPUT -p tcp -s 127.0.0.1 --dport 2049 -j ACCEPT"
#define RICH_RULE                                                                                  \
	"'--add-rich-rule=rule family=ipv4 source address=127.0.0.1 port port=2049 protocol=tcp "  \
	"accept'"
#define LET_OUT "sudo iptables -I OUTPUT -p tcp -d 127.0.0.1 --dport 2049 -j ACCEPT; with ufw: "

static const struct silence {
	const char *name;
	struct gs_reach_result at[2];
	const char *id, *text, *fix; /* parts of the message and of the fix */
} silences[] = {
	{ "stopped, not set up, a firewall, another host",
	  { REACHES(GS_REACH_REFUSED, ECONNREFUSED) },
	  "PORT_REFUSED",
	  "stopped or not set up, a firewall rejects them, or it is another host's address",
	  "on 127.0.0.1 run: sudo systemctl start nfs-server; if it shares nothing yet: on "
	  "127.0.0.1 run: sudo gshare leader init --follower 127.0.0.1; if the server is running: on "
	  "127.0.0.1 run: sudo gshare leader status; if that is healthy, see which rule rejects: on "
	  "127.0.0.1 run: sudo iptables -S INPUT" },
	{ "dropped, and port 22 answers",
	  { REACHES(GS_REACH_FILTERED, ETIMEDOUT), REACHES(GS_REACH_REFUSED, ECONNREFUSED) },
	  "PORT_FILTERED",
	  "though port 22 does: a firewall drops it",
	  "on 127.0.0.1 run: " UFW "; without ufw there: on 127.0.0.1 run: " IPTABLES },
	{ "dropped, and it answers to ping alone",
	  { REACHES(GS_REACH_FILTERED, ETIMEDOUT),
	    { .state = GS_REACH_FILTERED, .fd = -1, .error = ETIMEDOUT, .echoes = true } },
	  "PORT_FILTERED",
	  "though the host responds to ping",
	  "on 127.0.0.1 run: " UFW },
	{ "dropped, and a router rejects port 22",
	  { REACHES(GS_REACH_FILTERED, ETIMEDOUT),
	    REJECTS(GS_SIGN_PROHIBITED, "10.0.0.1", false, false) },
	  "HOST_NOT_RESPONDING",
	  "nor did port 22",
	  "check the address 127.0.0.1, and that the host is up; if it is, a firewall drops the "
	  "packets: on 127.0.0.1 run: " UFW },
	{ "firewalld there",
	  { REJECTS(GS_SIGN_PROHIBITED, "127.0.0.1", false, true) },
	  "PORT_REJECTED",
	  "127.0.0.1 is up, but its firewall rejects",
	  "on 127.0.0.1 run: sudo firewall-cmd " RICH_RULE
	  " && sudo firewall-cmd --permanent " RICH_RULE
	  "; without firewalld there: on 127.0.0.1 run: " IPTABLES },
	{ "iptables there",
	  { REJECTS(GS_SIGN_NO_PORT, "127.0.0.1", false, true) },
	  "PORT_REJECTED",
	  "its firewall rejects",
	  "on 127.0.0.1 run: " IPTABLES },
	{ "a router between",
	  { REJECTS(GS_SIGN_PROHIBITED, "10.0.0.1", false, false) },
	  "PORT_REJECTED",
	  "a firewall or a route of 10.0.0.1, which is between",
	  "on 10.0.0.1 let tcp port 2049 from 127.0.0.1 to 127.0.0.1 through" },
	{ "this node rejects",
	  { REJECTS(GS_SIGN_NO_PORT, "127.0.0.1", true, false) },
	  "OWN_FIREWALL",
	  "this node's own firewall rejects",
	  LET_OUT },
	{ "this node drops",
	  { REACHES(GS_REACH_UNSENT, ETIMEDOUT) },
	  "OWN_FIREWALL",
	  "a firewall on this node drops",
	  LET_OUT "sudo ufw allow out to 127.0.0.1 port 2049 proto tcp" },
	{ "a rule of the unit",
	  { REACHES(GS_REACH_FORBIDDEN, EPERM) },
	  "PORT_FORBIDDEN",
	  "a rule of this node forbids",
	  "IPAddressDeny=" },
	{ "a route of this node",
	  { REACHES(GS_REACH_BLOCKED, EACCES) },
	  "ROUTE_BLOCKED",
	  "of type prohibit",
	  "ip route show table all type prohibit match 127.0.0.1" },
	{ "no route of this node",
	  { REACHES(GS_REACH_NO_ROUTE, ENETUNREACH) },
	  "NO_ROUTE",
	  "this node has no route to 127.0.0.1",
	  "ip route get 127.0.0.1" },
	{ "no route of a router",
	  { { .state = GS_REACH_NO_ROUTE,
	      .fd = -1,
	      .error = ENETUNREACH,
	      .icmp = { GS_SIGN_NO_ROUTE, false, false, "10.0.0.1" } } },
	  "NO_ROUTE",
	  "the router 10.0.0.1 has no route to 127.0.0.1",
	  "on 10.0.0.1 run: ip route get 127.0.0.1" },
	{ "nobody has the address",
	  { { .state = GS_REACH_HOST_DOWN,
	      .fd = -1,
	      .error = EHOSTUNREACH,
	      .icmp = { GS_SIGN_NO_HOST, true, false, "10.0.0.2" } } },
	  "HOST_DOWN",
	  "no host responds to the address 127.0.0.1 on this network",
	  "check that address" },
};

static void silence_is_explained(void **state)
{
	const struct silence *silence = *state;
	struct gs_err err = { 0 };

	assert_true(gs_unreachable("127.0.0.1", 2049, 2500, silence->at, &err) < 0);
	assert_string_equal(err.id, silence->id);
	if (!strstr(err.msg, silence->text))
		assert_string_equal(err.msg, silence->text);
	if (!strstr(err.fix, silence->fix))
		assert_string_equal(err.fix, silence->fix);
}

/* ---- what a child says about a server is checked ----------------------------------------- */

static void share_ids_are_parsed_strictly(void **state)
{
	static const struct {
		const char *text, *id;
	} rows[] = {
		{ "gshare 1\nid 7c1e52d0\nfs 0a\n", "7c1e52d0" },
		{ "gshare 1\r\nnote x\r\nid 7c1e52d0", "7c1e52d0" },
		{ "gshare 1\nid 7C1E52D0\n", NULL },
		{ "gshare 1\nid 7c1e52d\n", NULL },
		{ "gshare 1\nid 7c1e52d00\n", NULL },
		{ "gshare 1\nid ../../etc\n", NULL },
		{ "gshare 2\nid 7c1e52d0\n", NULL },
		{ "id 7c1e52d0\n", NULL },
		{ "gshare 1", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < GS_COUNT(rows); i++) {
		char id[GS_SHARE_ID_BYTES] = "before";

		assert_int_equal(gs_share_id_parse(gs_span_of(rows[i].text), id), !!rows[i].id);
		assert_string_equal(id, rows[i].id ? rows[i].id : "before");
	}
}

static void export_answers_are_parsed_strictly(void **state)
{
	static const struct {
		const char *text;
		int n; /* -1: refused */
	} rows[] = {
		{ "all\n", 0 },
		{ "w- 7c1e52d0 /mnt/data/shared\n-u - /srv/a b\nall\n", 2 },
		{ "-- - /\npartial\n", 1 },
		{ "-- - /\n", -1 },
		{ "", -1 },
		{ "all\nall\n", -1 },
		{ "-- - relative\nall\n", -1 },
		{ "-- - /a/../b\nall\n", -1 },
		{ "-- - /a//b\nall\n", -1 },
		{ "-- - /a\033[31m\nall\n", -1 },
		{ "-- 7C1E52D0 /a\nall\n", -1 },
		{ "--- - /a\nall\n", -1 },
		{ "-- /a\nall\n", -1 },
	};

	(void)state;
	for (size_t i = 0; i < GS_COUNT(rows); i++) {
		GS_AUTO(gs_nfs_exports_done) struct gs_nfs_exports exports = { 0 };
		bool good = gs_nfs_exports_parse(gs_span_of(rows[i].text), &exports);

		assert_int_equal(good ? (int)exports.n : -1, rows[i].n);
	}
}

int main(void)
{
	static struct table table;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_closed_port_is_refused),
		cmocka_unit_test(many_cost_as_much_as_the_slowest),
		cmocka_unit_test(a_second_place_is_tried_where_the_first_is_late),
		cmocka_unit_test(endpoints_are_numeric),
		cmocka_unit_test(share_ids_are_parsed_strictly),
		cmocka_unit_test(export_answers_are_parsed_strictly),
	};

	TABLE_ADD(&table, servers, server_is_told_apart);
	TABLE_ADD(&table, silences, silence_is_explained);
	table_add(&table, "no time left is silence", no_time_left_is_silence, NULL);
	for (size_t i = 0; i < GS_COUNT(tests); i++)
		table.test[table.n++] = tests[i];
	return table_run("rpcprobe", &table);
}
