/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/firewall/way_in.h"
#include "engine/observe/firewall.h"
#include "engine/observe/nft_list.h"
#include "engine/step/step.h"
#include "sys/fs/rootfs.h"
#include "sys/net/icmp.h"
#include "sys/net/tcp.h"
#include "sys/proc/fd.h"
#include "sys/proc/privs.h"
#include "sys/proc/spawn.h"
#include "table.h"

/*
 * What the evaluator of rules says, against what the kernel does: two network namespaces with a
 * link between them; the rules of a row are loaded in one, read back as gshare reads them, and
 * connections come from each address of the other.
 */

#define SERVER4	   "10.9.0.1"
#define SERVER6	   "fd09::1"
#define LINK	   "lan0"
#define SERVER_MAC "02:00:00:00:09:01"
#define CLIENT_MAC "02:00:00:00:09:02"

enum {
	PORT = 2049,
	CLIENTS = 7,
	LOADS = 3,
	ANSWER_MS = 5000, /* at most, where an answer is expected */
	SILENT_MS = 120,  /* where none is */
	PROGRAM_S = 20,
	READY_S = 5,
};

static const char *const clients[CLIENTS] = { "10.9.0.2", "10.9.0.3", "10.9.0.130", "10.9.1.2",
					      "fd09::2",  "fd09::3",  "fd09:1::2" };

enum tool { NONE, NFT, LEGACY, LEGACY6, XT, XT6 };

/* A for admitted, D dropped, R rejected, U not clear; of each client in that order */
static const struct row {
	const char *name, *ways;
	struct {
		enum tool tool;
		const char *text;
	} load[LOADS];
} rows[] = {
#include "packets-rows.h"
};

static int ns_server = -1, ns_clients = -1, listener = -1;

/* ---- programs ---- */

struct job {
	int ns;
};

static int enter(void *arg, struct gs_err *err)
{
	const struct job *job = arg;

	return setns(job->ns, CLONE_NEWNET) < 0 ? gs_err_set(err, -errno, "setns") : 0;
}

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* Returns whether it could be run with status 0. */
static bool run(int ns, const char *const *argv, const char *input, struct gs_str *ret)
{
	struct job job = { ns };
	const struct gs_spawn_req req = {
		.path = argv[0],
		.argv = argv,
		.input = gs_span_of(input),
		.deadline_ns = now_ns() + PROGRAM_S * INT64_C(1000000000),
		.max_output = 1 << 24,
		.in_child = enter,
		.arg = &job,
	};
	struct gs_spawn_result result = { 0 };
	struct gs_err err = { 0 };
	bool done = gs_spawn(&req, &result, &err) == 0 && gs_spawn_check(&req, &result, &err) == 0;

	if (!done)
		printf("# %s: %s %s\n", argv[0], err.msg, result.errs.ptr ? result.errs.ptr : "");
	if (ret)
		gs_str_add(ret, gs_str_span(&result.out));
	gs_spawn_result_done(&result);
	return done;
}

#define RUN(ns, ...) run(ns, (const char *const[]){ __VA_ARGS__, NULL }, NULL, NULL)

/* tests/rulesets: as these programs loaded them */
static void read_recorded(const char *name, struct gs_str *ret)
{
	const char *src = getenv("abs_top_srcdir");
	gs_autofree char *path = gs_printf("%s/tests/rulesets/%s", src ? src : ".", name);
	gs_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(gs_read_fd(fd, 1 << 20, ret), 0);
}

static bool load(enum tool tool, const char *text)
{
	static const char *const argv[][4] = {
		[NFT] = { "/usr/sbin/nft", "-f", "-" },
		[LEGACY] = { "/usr/sbin/iptables-legacy-restore", "--noflush" },
		[LEGACY6] = { "/usr/sbin/ip6tables-legacy-restore", "--noflush" },
		[XT] = { "/usr/sbin/iptables-nft-restore", "--noflush" },
		[XT6] = { "/usr/sbin/ip6tables-nft-restore", "--noflush" },
	};

	gs_autostr struct gs_str file = { 0 };

	if (*text == '@')
		read_recorded(text + 1, &file);
	return run(ns_server, argv[tool], *text == '@' ? file.ptr : text, NULL);
}

static void unload(const struct row *row)
{
	static const char empty[] =
		"*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n*raw\n:PREROUTING ACCEPT "
		"[0:0]\nCOMMIT\n*mangle\n:INPUT ACCEPT [0:0]\nCOMMIT\n*nat\n"
		":PREROUTING ACCEPT [0:0]\nCOMMIT\n";

	RUN(ns_server, "/usr/sbin/nft", "flush", "ruleset");
	for (size_t i = 0; i < LOADS; i++)
		if (row->load[i].tool == LEGACY || row->load[i].tool == LEGACY6) {
			const char *const argv[] = { row->load[i].tool == LEGACY
							     ? "/usr/sbin/iptables-legacy-restore"
							     : "/usr/sbin/ip6tables-legacy-restore",
						     NULL };

			assert_true(run(ns_server, argv, empty, NULL));
		}
}

/* ---- what gshare says ---- */

static void read_save(const char *program, bool is_v6, bool is_legacy, struct gs_ruleset *rules)
{
	gs_autostr struct gs_str text = { 0 };
	const char *const argv[] = { program, NULL };

	assert_true(run(ns_server, argv, NULL, &text));
	gs_ruleset_read_save(rules, gs_str_span(&text), is_v6, is_legacy, NULL);
}

static void read_rules(const struct row *row, struct gs_ruleset *ret)
{
	gs_autostr struct gs_str list = { 0 };
	const char *const argv[] = { "/usr/sbin/nft", "-j", "list", "ruleset", NULL };

	assert_true(run(ns_server, argv, NULL, &list));
	assert_true(gs_nft_list_read(gs_str_span(&list), ret));
	for (size_t i = 0; i < LOADS; i++)
		switch (row->load[i].tool) {
		case LEGACY:
			read_save("/usr/sbin/iptables-legacy-save", false, true, ret);
			break;
		case LEGACY6:
			read_save("/usr/sbin/ip6tables-legacy-save", true, true, ret);
			break;
		case XT:
			read_save("/usr/sbin/iptables-nft-save", false, false, ret);
			break;
		case XT6:
			read_save("/usr/sbin/ip6tables-nft-save", true, false, ret);
			break;
		case NONE:
		case NFT:
			break;
		}
}

static char say(const struct gs_ruleset *rules, const char *client)
{
	gs_autostr struct gs_str why = { 0 };
	struct gs_nf_packet packet = { .interface = LINK, .has_to = true, .port = PORT };
	struct gs_way_in way = { 0 };

	assert_true(gs_nf_address(gs_span_of(client), packet.from, &packet.family));
	packet.prefix = packet.family == 4 ? 32 : 128;
	assert_true(gs_nf_address(gs_span_of(packet.family == 4 ? SERVER4 : SERVER6), packet.to,
				  &packet.family));
	gs_way_in(rules, &packet, &way);
	gs_way_in_tell(&way, &why);
	if (way.way != GS_FATE_ADMITTED)
		printf("# %s: %s\n", client, why.ptr ? why.ptr : "?");
	return "ADRU"[way.way];
}

/* ---- what the kernel does ---- */

static int call(const char *client)
{
	bool is_v6 = strchr(client, ':');
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 }, to6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in four = { .sin_family = AF_INET }, to4 = { .sin_family = AF_INET };
	int fd = socket(is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	inet_pton(AF_INET6, client, &six.sin6_addr);
	inet_pton(AF_INET, client, &four.sin_addr);
	inet_pton(AF_INET6, SERVER6, &to6.sin6_addr);
	inet_pton(AF_INET, SERVER4, &to4.sin_addr);
	to6.sin6_port = to4.sin_port = htons(PORT);
	assert_int_equal(is_v6 ? bind(fd, (struct sockaddr *)&six, sizeof six)
			       : bind(fd, (struct sockaddr *)&four, sizeof four),
			 0);
	if ((is_v6 ? connect(fd, (struct sockaddr *)&to6, sizeof to6)
		   : connect(fd, (struct sockaddr *)&to4, sizeof to4)) < 0)
		assert_int_equal(errno, EINPROGRESS);
	return fd;
}

static char answer(int fd, int wait_ms)
{
	struct pollfd wait = { .fd = fd, .events = POLLOUT };
	int failed = 0;
	socklen_t n = sizeof failed;

	if (poll(&wait, 1, wait_ms) == 0)
		return 'D';
	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_ERROR, &failed, &n), 0);
	return failed ? 'R' : 'A';
}

/* Those that are expected to answer are waited for first; the others had that time as well. */
static void really(const char *ways, char ret[CLIENTS + 1])
{
	int fds[CLIENTS];
	int fd, waited = 0;

	assert_int_equal(setns(ns_clients, CLONE_NEWNET), 0);
	for (size_t i = 0; i < CLIENTS; i++)
		fds[i] = call(clients[i]);
	for (size_t i = 0; i < CLIENTS; i++)
		if (strchr("AR", ways[i]))
			ret[i] = answer(fds[i], ANSWER_MS);
	for (size_t i = 0; i < CLIENTS; i++)
		if (!strchr("AR", ways[i]))
			ret[i] = answer(fds[i], waited++ ? 0 : SILENT_MS);
	for (size_t i = 0; i < CLIENTS; i++)
		close(fds[i]);
	ret[CLIENTS] = '\0';
	/* cppcheck-suppress nullPointer ; both may be null: accept(2) */
	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0)
		close(fd);
}

static void test_row(void **state)
{
	const struct row *row = *state;
	GS_AUTO(gs_ruleset_done) struct gs_ruleset rules = { 0 };
	char said[CLIENTS + 1] = "", real[CLIENTS + 1] = "";

	for (size_t i = 0; i < LOADS; i++)
		if (row->load[i].tool)
			assert_true(load(row->load[i].tool, row->load[i].text));
	read_rules(row, &rules);
	for (size_t i = 0; i < CLIENTS; i++)
		said[i] = say(&rules, clients[i]);
	really(row->ways, real);
	unload(row);
	assert_string_equal(said, row->ways);
	for (size_t i = 0; i < CLIENTS; i++)
		if (row->ways[i] == 'U')
			real[i] = 'U';
	assert_string_equal(real, row->ways);
}

/* ---- the two namespaces ---- */

static void put(const char *path, const char *text)
{
	gs_autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd >= 0 && write(fd, text, strlen(text)) < 0)
		printf("# %s: %s\n", path, strerror(errno));
}

/* A namespace of its own, kept by a process until it is entered by its descriptor. */
static int new_namespace(pid_t *ret_holder)
{
	gs_autofree char *path = NULL;
	int made[2], fd;
	char byte;
	pid_t pid;

	if (pipe2(made, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (unshare(CLONE_NEWNET) < 0 || write(made[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(made[1]);
	fd = read(made[0], &byte, 1) == 1 ? 0 : -1;
	close(made[0]);
	path = gs_printf("/proc/%d/ns/net", (int)pid);
	*ret_holder = pid;
	return fd < 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);
}

static bool add_addresses(void)
{
	for (size_t i = 0; i < CLIENTS; i++) {
		bool is_v6 = strchr(clients[i], ':');
		gs_autofree char *net = gs_printf("%s/%s", clients[i], is_v6 ? "24" : "16");

		if (!RUN(ns_clients, "/bin/ip", "addr", "add", net, "dev", "peer0",
			 is_v6 ? "nodad" : NULL))
			return false;
	}
	return RUN(ns_server, "/bin/ip", "addr", "add", SERVER4 "/16", "dev", LINK) &&
	       RUN(ns_server, "/bin/ip", "addr", "add", SERVER6 "/24", "dev", LINK, "nodad");
}

/* So that no rule on ICMPv6 keeps the neighbours from finding each other: only TCP is judged. */
static bool add_neighbours(void)
{
	bool done = RUN(ns_clients, "/bin/ip", "neigh", "add", SERVER6, "lladdr", SERVER_MAC, "dev",
			"peer0", "nud", "permanent");

	for (size_t i = 0; i < CLIENTS && done; i++)
		if (strchr(clients[i], ':'))
			done = RUN(ns_server, "/bin/ip", "neigh", "add", clients[i], "lladdr",
				   CLIENT_MAC, "dev", LINK, "nud", "permanent");
	return done;
}

static bool join(void)
{
	pid_t server = -1, other = -1;
	gs_autofree char *target = NULL;
	bool done;

	ns_server = new_namespace(&server);
	ns_clients = new_namespace(&other);
	if (ns_server < 0 || ns_clients < 0)
		return false;
	target = gs_printf("%d", (int)server);
	done = RUN(ns_clients, "/bin/ip", "link", "add", "peer0", "address", CLIENT_MAC, "type",
		   "veth", "peer", "name", LINK, "address", SERVER_MAC, "netns", target) &&
	       add_addresses() && RUN(ns_clients, "/bin/ip", "link", "set", "peer0", "up") &&
	       RUN(ns_server, "/bin/ip", "link", "set", LINK, "up") &&
	       RUN(ns_server, "/bin/ip", "link", "set", "lo", "up") && add_neighbours();
	kill(server, SIGKILL);
	kill(other, SIGKILL);
	waitpid(server, NULL, 0);
	waitpid(other, NULL, 0);
	return done;
}

/* Until a connection without any rules works. */
static bool is_ready(void)
{
	char real[CLIENTS + 1];

	for (int i = 0; i < READY_S; i++) {
		really("AAAAAAA", real);
		if (!strcmp(real, "AAAAAAA"))
			return true;
	}
	return false;
}

static bool listens(void)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) };

	if (setns(ns_server, CLONE_NEWNET) < 0)
		return false;
	put("/proc/sys/net/ipv4/icmp_ratelimit", "0");
	put("/proc/sys/net/ipv4/icmp_msgs_per_sec", "100000");
	put("/proc/sys/net/ipv6/icmp/ratelimit", "0");
	listener = socket(AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	return listener >= 0 && bind(listener, (struct sockaddr *)&any, sizeof any) == 0 &&
	       listen(listener, SOMAXCONN) == 0;
}

/* ---- gshare's own rules in nft ---- */

#define CONF  "/etc/nftables.conf"
#define FLUSH "#!/usr/sbin/nft -f\nflush ruleset\n\n"
#define INPUT                                                                                      \
	"table inet filter {\n\tchain input {\n"                                                   \
	"\t\ttype filter hook input priority 0; policy drop;\n"
#define END "\t}\n}\n"
#define TAG "gshare /mnt/data/shared"

/* @before, @after: what becomes of each client; @left: why a rule does not help; NULL: it does */
static const struct own_row {
	const char *name, *conf, *host, *before, *after;
	const char *legacy, *left;
	size_t zones;
} own_rows[] = {
	{ "own rule: a host", FLUSH INPUT END, "10.9.0.2", "DDDDDDD", "ADDDDDD", NULL, NULL, 1 },
	{ "own rule: a network", FLUSH INPUT END, "10.9.0.0/24", "DDDDDDD", "AAADDDD", NULL, NULL,
	  1 },
	{ "own rule: a host of version 6", FLUSH INPUT END, "fd09::3", "DDDDDDD", "DDDDDAD", NULL,
	  NULL, 1 },
	{ "own rule: before one that denies",
	  FLUSH INPUT "\t\tip saddr 10.9.0.0/24 drop\n\t\ttcp dport 2049 accept\n" END, "10.9.0.3",
	  "DDDAAAA", "DADAAAA", NULL, NULL, 1 },
	{ "own rule: a file without a last newline", FLUSH INPUT "\t}\n}", "10.9.0.2", "DDDDDDD",
	  "ADDDDDD", NULL, NULL, 1 },
	{ "own rule: in each chain that drops",
	  FLUSH INPUT END "table ip early {\n\tchain pre {\n"
			  "\t\ttype filter hook prerouting priority -300; policy accept;\n"
			  "\t\ttcp dport 2049 drop\n" END,
	  "10.9.0.2", "DDDDDDD", "ADDDDDD", NULL, NULL, 2 },
	{ "own rule: not in one that admits it",
	  FLUSH INPUT END "table ip other {\n\tchain in {\n"
			  "\t\ttype filter hook input priority 5; policy accept;\n"
			  "\t\ttcp dport 22 drop\n" END,
	  "10.9.0.2", "DDDDDDD", "ADDDDDD", NULL, NULL, 1 },
	{ "own rule: iptables drops it all the same", FLUSH INPUT END, "10.9.0.2", "DDDDDDD",
	  "DDDDDDD", "*filter\n:INPUT DROP [0:0]\nCOMMIT\n", "FIREWALL_STILL_CLOSED", 1 },
};

static char top[] = "/tmp/t-packets-XXXXXX";

static void put_conf(const char *text)
{
	gs_autofree char *path = gs_printf("%s" CONF, top);
	gs_autoclose int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void get_conf(struct gs_str *ret)
{
	gs_autofree char *path = gs_printf("%s" CONF, top);
	gs_autoclose int fd = open(path, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(gs_read_fd(fd, 1 << 20, ret), 0);
}

/* As nftables.service does at boot and when it is reloaded. */
static void load_conf(void)
{
	gs_autofree char *path = gs_printf("%s" CONF, top);

	assert_true(RUN(ns_server, "/usr/sbin/nft", "-f", path));
}

static void expect(const char *ways)
{
	char real[CLIENTS + 1];

	really(ways, real);
	assert_string_equal(real, ways);
	assert_int_equal(setns(ns_server, CLONE_NEWNET), 0);
}

/* What is to be opened where, as the planner asks it. */
static void find_zones(struct gs_sys *sys, const struct gs_hostspec *host, struct gs_strs *ret)
{
	GS_AUTO(gs_firewall_done) struct gs_firewall firewall = { 0 };
	const struct gs_knock knock = { host, LINK, PORT, host->is_v6 ? SERVER6 : SERVER4 };

	gs_observe_kind(sys, false, &gs_firewall_nft, &firewall);
	assert_int_equal(firewall.charge, GS_CHARGE_NOW);
	gs_firewall_nft.zones(&firewall, &knock, ret);
}

static enum gs_gate gate_of(struct gs_sys *sys, const struct gs_hostspec *host)
{
	GS_AUTO(gs_firewall_done) struct gs_firewall firewall = { 0 };
	GS_AUTO(gs_verdict_done) struct gs_verdict verdict = { 0 };
	const struct gs_knock knock = { host, LINK, PORT, host->is_v6 ? SERVER6 : SERVER4 };

	gs_observe_kind(sys, false, &gs_firewall_nft, &firewall);
	gs_firewall_judge(&firewall, &knock, &verdict);
	return gs_firewall_gate(&verdict);
}

static void open_all(struct gs_step_run *run, const struct own_row *row,
		     const struct gs_strs *zones, struct gs_step *steps)
{
	for (size_t i = 0; i < zones->n; i++) {
		struct gs_err err = { 0 };

		steps[i] = (struct gs_step){ .kind = GS_STEP_OPEN_PORT, .path = row->host };
		steps[i].opening = (struct gs_opening){ .kind = &gs_firewall_nft,
							.host = row->host,
							.tag = TAG,
							.zone = zones->v[i],
							.port = PORT,
							.more = i + 1 < zones->n };
		if (gs_step_open_port.run(run, &steps[i], &err) < 0)
			printf("# %s\n", err.msg);
		assert_string_equal(err.id ? err.id : "", row->left ? row->left : "");
	}
}

static void close_all(struct gs_step_run *run, struct gs_step *steps, size_t n)
{
	for (size_t i = n; i-- > 0;) {
		struct gs_err err = { 0 };

		assert_int_equal(gs_step_open_port.back(run, &steps[i], &err), 0);
	}
}

static void test_own(void **state)
{
	const struct own_row *row = *state;
	struct gs_sys sys = { .ops = &gs_sys_host,
			      .root_fd = open(top, O_PATH | O_DIRECTORY | O_CLOEXEC),
			      .owns_root = true,
			      .root = "/",
			      .deadline_ns = INT64_MAX,
			      .end_ns = INT64_MAX };
	struct gs_step_run run = { .sys = &sys };
	struct gs_step steps[2] = { 0 };
	GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };
	GS_AUTO(gs_strs_done) struct gs_strs zones = { 0 };
	gs_autostr struct gs_str with = { 0 }, without = { 0 };

	gs_hostspec_read(gs_span_of(row->host), &host);
	put_conf(row->conf);
	load_conf();
	if (row->legacy)
		assert_true(load(LEGACY, row->legacy));
	expect(row->before);
	find_zones(&sys, &host, &zones);
	assert_int_equal(zones.n, row->zones);
	open_all(&run, row, &zones, steps);
	expect(row->after);
	load_conf();
	expect(row->after);
	assert_int_equal(gate_of(&sys, &host) == GS_GATE_OPEN, !row->left);
	get_conf(&with);
	assert_memory_equal(with.ptr, row->conf, strlen(row->conf));
	assert_non_null(strstr(with.ptr, "\ninsert rule "));
	close_all(&run, steps, zones.n);
	get_conf(&without);
	assert_int_equal(strncmp(without.ptr, row->conf, strlen(row->conf)), 0);
	assert_true(without.len <= strlen(row->conf) + 1); /* a newline that it lacked */
	expect(row->before);
	load_conf();
	expect(row->before);
	unload(&(struct row){ .load = { { row->legacy ? LEGACY : NONE, NULL } } });
	gs_sys_done(&sys);
}

/* A place for the file, and a machine on which nftables.service is enabled. */
static bool prepare_conf(void)
{
	static const char script[] = "#!/bin/sh\necho enabled\n";
	gs_autofree char *etc = NULL, *program = NULL, *proc = NULL;
	int fd;

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    !mkdtemp(top) || mount("top", top, "tmpfs", 0, "size=1m") < 0)
		return false;
	etc = gs_printf("%s/etc", top);
	program = gs_printf("%s/systemctl", top);
	fd = open(program, O_CREAT | O_WRONLY | O_CLOEXEC, 0755);
	proc = gs_printf("%s/proc", top);
	if (mkdir(etc, 0755) < 0 || mkdir(proc, 0755) < 0 ||
	    mount("/proc", proc, NULL, MS_BIND, NULL) < 0 || fd < 0 ||
	    write(fd, script, sizeof script - 1) < 0)
		return false;
	close(fd);
	return mount(program, "/usr/bin/systemctl", NULL, MS_BIND, NULL) == 0;
}

static void remove_top(void)
{
	if (umount2(top, MNT_DETACH) == 0)
		rmdir(top);
}

/* ---- does a host answer ping? ---- */

/* @groups: net.ipv4.ping_group_range of the client; nobody, as in Debian: by CAP_NET_RAW */
static const struct ping_row {
	const char *name, *addr, *groups;
	bool answers;
} ping_rows[] = {
	{ "ping: a host", SERVER4, "1 0", true },
	{ "ping: a host of version 6", SERVER6, "1 0", true },
	{ "ping: a host, by everybody", SERVER4, "0 2147483647", true },
	{ "ping: a host of version 6, by everybody", SERVER6, "0 2147483647", true },
	{ "ping: a host that is not there", "10.9.0.77", "1 0", false },
};

static void test_ping(void **state)
{
	const struct ping_row *row = *state;
	struct gs_endpoint to = { 0 };
	struct gs_err err = { 0 };
	cap_t all = cap_get_proc();
	struct pollfd watch;
	int came;

	assert_int_equal(setns(ns_clients, CLONE_NEWNET), 0);
	put("/proc/sys/net/ipv4/ping_group_range", row->groups);
	assert_int_equal(gs_privs_init(&err), 0);
	assert_int_equal(gs_endpoint_of(row->addr, PORT, &to, &err), 0);
	watch = (struct pollfd){ .fd = gs_echo_begin(&to.addr, to.len), .events = POLLIN };
	assert_int_equal(cap_set_proc(all), 0);
	cap_free(all);
	assert_true(watch.fd >= 0);
	came = poll(&watch, 1, row->answers ? ANSWER_MS : SILENT_MS);
	assert_int_equal(came, row->answers);
	assert_int_equal(gs_echo_end(watch.fd), row->answers);
}

static bool can_load(const struct row *row)
{
	static const char *const program[] = {
		[NONE] = "/usr/sbin/nft",
		[NFT] = "/usr/sbin/nft",
		[LEGACY] = "/usr/sbin/iptables-legacy-restore",
		[LEGACY6] = "/usr/sbin/ip6tables-legacy-restore",
		[XT] = "/usr/sbin/iptables-nft-restore",
		[XT6] = "/usr/sbin/ip6tables-nft-restore",
	};

	for (size_t i = 0; i < LOADS; i++)
		if (faccessat(AT_FDCWD, program[row->load[i].tool], X_OK, 0) < 0)
			return false;
	return true;
}

int main(void)
{
	struct table table = { 0 };
	gs_autoclose int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (geteuid() || faccessat(AT_FDCWD, "/usr/sbin/nft", X_OK, 0) < 0 || !join() ||
	    !listens() || !is_ready())
		return table_skip("root, nft and network namespaces");
	for (size_t i = 0; i < GS_COUNT(rows); i++)
		if (can_load(&rows[i]))
			table_add(&table, rows[i].name, test_row, &rows[i]);
	TABLE_ADD(&table, ping_rows, test_ping);
	if (prepare_conf())
		TABLE_ADD(&table, own_rows, test_own);
	atexit(remove_top);
	setns(home, CLONE_NEWNET);
	return table_run("packets", &table);
}
