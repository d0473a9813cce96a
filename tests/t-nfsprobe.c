/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/access/visibility.h"
#include "sys/net/rpc_null.h"
#include "sys/net/tcp.h"
#include "sys/nfs/browse.h"
#include "sys/nfs/ping.h"
#include "sys/proc/fd.h"
#include "sys/proc/privs.h"
#include "sys/proc/proc.h"
#include "table.h"

/*
 * The NFS adapters against a real server: nfs-ganesha on a loopback port. Its pseudo file system
 * behaves as the kernel server's does where it matters here.
 */

static const char ganesha[] = "/usr/bin/ganesha.nfsd";
static char top[64]; /* of the test's own tmpfs, in a mount namespace of its own */

/* Below the ephemeral ports, and others for each process: several of this may run at once. */
static unsigned port_base;
#define PORT	    port_base
#define PORT_41	    (port_base + 1)
#define PORT_EMPTY  (port_base + 2)
#define PORT_SILENT (port_base + 3)

static const char exports[] =
	"EXPORT { Export_Id = 1; Path = %s/share; Pseudo = /mnt/data/shared; Access_Type = RW;"
	" Squash = All_Squash; Anonymous_Uid = 12345; Anonymous_Gid = 12345; SecType = sys;"
	" PrivilegedPort = true; FSAL { Name = VFS; } }\n"
	"EXPORT { Export_Id = 2; Path = %s/plain; Pseudo = /srv/plain; Access_Type = RO;"
	" SecType = sys; FSAL { Name = VFS; } }\n"
	"EXPORT { Export_Id = 3; Path = %s/dirs; Pseudo = /srv/dirs; Access_Type = RW;"
	" Squash = No_Root_Squash; SecType = sys; FSAL { Name = VFS; } }\n"
	"EXPORT { Export_Id = 4; Path = %s/bad; Pseudo = /srv/bad; Access_Type = RO;"
	" SecType = sys; FSAL { Name = VFS; } }\n"
	"EXPORT { Export_Id = 5; Path = %s/empty; Pseudo = /srv/empty; Access_Type = RO;"
	" SecType = sys; FSAL { Name = VFS; } }\n";

struct server {
	pid_t pid;
};

static void put(const char *name, const char *text)
{
	gs_autofree char *path = gs_printf("%s/%s", top, name);
	gs_autoclose int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		fail_msg("cannot write '%s'", path);
}

static void make(const char *name)
{
	gs_autofree char *path = gs_printf("%s/%s", top, name);

	assert_int_equal(mkdir(path, 0755), 0);
}

/* Ganesha with a configuration of its own, once it answers; it dies with us. */
static struct server start(unsigned port, const char *minors, const char *text)
{
	gs_autofree char *name = gs_printf("conf.%u", port);
	gs_autofree char *path = gs_printf("%s/%s", top, name);
	gs_autofree char *pid_file = gs_printf("%s/pid.%u", top, port);
	gs_autofree char *log = gs_printf("%s/log.%u", top, port);
	gs_autofree char *conf = gs_printf(
		"NFS_CORE_PARAM { Protocols = 4; NFS_Port = %u; "
		"Bind_addr = 127.0.0.1; Enable_NLM = false; "
		"Enable_RQUOTA = false; }\n"
		"NFSV4 { Graceless = true; %s }\n%s",
		port, minors, text);
	struct gs_endpoint at;
	struct gs_err err = { 0 };
	struct server server;

	put(name, conf);
	server.pid = fork();
	if (!server.pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl(ganesha, ganesha, "-F", "-L", log, "-f", path, "-p", pid_file, NULL);
		_exit(127);
	}
	assert_int_equal(gs_endpoint_of("127.0.0.1", port, &at, &err), 0);
	for (int i = 0; i < 3000; i++) { /* half a minute: the machine may have much else to do */
		struct gs_reach_result reach;
		struct gs_rpc_result rpc = { .state = GS_RPC_CLOSED };

		assert_int_equal(gs_reach_one(&at, 100, &reach, &err), 0);
		if (reach.state == GS_REACH_OPEN)
			gs_rpc_null(reach.fd, 100003, 4, NULL, gs_span(NULL, 0),
				    gs_deadline_in(500), &rpc, &err);
		gs_close_indirect(&reach.fd);
		if (rpc.state == GS_RPC_OK)
			return server;
		usleep(10000);
	}
	fail_msg("ganesha does not answer on port %u", port);
	return server;
}

static void stop(struct server *server)
{
	kill(server->pid, SIGKILL);
	waitpid(server->pid, NULL, 0);
}

/* Of a busy machine's threads some would answer on before they have stopped. */
static void silence(const struct server *server)
{
	int status = 0;

	kill(server->pid, SIGSTOP);
	assert_int_equal(waitpid(server->pid, &status, WUNTRACED), server->pid);
	assert_true(WIFSTOPPED(status));
}

static const struct gs_nfs_export *find(const struct gs_nfs_exports *seen, const char *path)
{
	for (size_t i = 0; i < seen->n; i++)
		if (!strcmp(seen->v[i].path, path))
			return &seen->v[i];
	fail_msg("%s was not found", path);
	return NULL;
}

static void exports_are_found_over_one_port(void **state)
{
	GS_AUTO(gs_nfs_exports_done) struct gs_nfs_exports seen = { 0 };
	struct gs_err err = { 0 };

	(void)state;
	/* As gshare does it: without privileges of its own at that moment. */
	gs_privs_enter(GS_PHASE_OBSERVE, &err);
	if (gs_nfs_find_exports("127.0.0.1", PORT, gs_deadline_in(5000), NULL, &seen, &err) < 0)
		fail_msg("%s", err.msg);
	gs_privs_enter(GS_PHASE_APPLY, &err);
	assert_int_equal(seen.n, 5);
	assert_false(seen.partial);
	assert_string_equal(find(&seen, "/mnt/data/shared")->id, "7c1e52d0");
	assert_true(find(&seen, "/mnt/data/shared")->has_id);
	assert_true(find(&seen, "/mnt/data/shared")->writable);
	assert_false(find(&seen, "/srv/plain")->has_id);
	assert_false(find(&seen, "/srv/plain")->writable);
	assert_true(find(&seen, "/srv/dirs")->writable);
	assert_string_equal(find(&seen, "/srv/bad")->id, "");
	assert_false(find(&seen, "/srv/empty")->unreadable);
}

static void one_export_is_asked_for_by_name(void **state)
{
	static const struct {
		const char *path, *id;
		int r;
		const char *cause;
	} rows[] = {
		{ "/mnt/data/shared", "7c1e52d0", 0, NULL },
		{ "/srv/plain", "", 0, NULL },
		{ "/srv/bad", "", 0, NULL },
		{ "/", "", 0, NULL },
		{ "/mnt/data/other", NULL, -ENOENT, "NOT_EXPORTED" },
		{ "/srv/plain/file/below", NULL, -ENOTDIR, "NFS_FAILED" },
	};

	(void)state;
	for (size_t i = 0; i < GS_COUNT(rows); i++) {
		struct gs_nfs_seen one = { "before", true };
		struct gs_err err = { 0 };
		int r = gs_nfs_read_id("127.0.0.1", PORT, rows[i].path, gs_deadline_in(3000), NULL,
				       &one, &err);

		if (r != rows[i].r)
			fail_msg("%s: %d %s", rows[i].path, r, err.msg);
		assert_string_equal(one.id, rows[i].id ? rows[i].id : "before");
		assert_int_equal(one.is_closed, r < 0);
		if (rows[i].cause)
			assert_string_equal(err.id, rows[i].cause);
	}
}

/* What the child of NULL saw next is what a child of its own sees, for one question. */
static void one_child_calls_and_looks(void **state)
{
	static const struct {
		const char *path;
		int r;
	} rows[] = {
		{ NULL, 0 },
		{ "/mnt/data/shared", 0 },
		{ "/mnt/data/other", -ENOENT },
		{ "/srv/plain/file/below", -ENOTDIR },
	};

	(void)state;
	for (size_t i = 0; i < GS_COUNT(rows); i++) {
		const struct gs_nfs_at at = { "127.0.0.1", PORT, rows[i].path,
					      gs_deadline_in(3000) };
		GS_AUTO(gs_nfs_ahead_done) struct gs_nfs_ahead ahead = { 0 };
		GS_AUTO(gs_nfs_exports_done) struct gs_nfs_exports seen = { 0 };
		struct gs_err err = { 0 }, alone = { 0 };
		struct gs_nfs_seen one = { 0 };
		unsigned us = 0;
		int r;

		gs_privs_enter(GS_PHASE_OBSERVE, &err);
		r = gs_nfs_reach_ahead(&at, gs_deadline_in(3000), &us, &ahead, &err);
		if (r < 0)
			fail_msg("%s", err.msg);
		assert_true(ahead.looked);
		r = at.path ? gs_nfs_read_id(at.addr, at.port, at.path, 0, &ahead, &one, &err)
			    : gs_nfs_find_exports(at.addr, at.port, 0, &ahead, &seen, &err);
		assert_false(ahead.looked);
		assert_int_equal(r, rows[i].r);
		if (!at.path)
			assert_int_equal(seen.n, 5);
		else if (!r)
			assert_string_equal(one.id, "7c1e52d0");
		if (r < 0) {
			(void)gs_nfs_read_id(at.addr, at.port, at.path, gs_deadline_in(3000),
					     &ahead, &one, &alone);
			assert_string_equal(err.id, alone.id);
			assert_string_equal(err.msg, alone.msg);
		}
		gs_privs_enter(GS_PHASE_APPLY, &err);
	}
}

static void denials_are_told_apart(void **state)
{
	GS_AUTO(gs_nfs_exports_done) struct gs_nfs_exports seen = { 0 };
	struct server no_40 = start(PORT_41, "Minor_Versions = 1, 2;", ""),
		      empty = start(PORT_EMPTY, "", "");
	struct gs_err err = { 0 };
	int r;

	(void)state;
	/* The kernel's client is asked next, where there is one: it finds no export. */
	r = gs_nfs_find_exports("127.0.0.1", PORT_41, gs_deadline_in(3000), NULL, &seen, &err);
	if (r == -ENODEV) {
		assert_string_equal(err.id, "KERNEL_WITHOUT_NFS");
	} else {
		assert_int_equal(r, -ENOENT);
		assert_string_equal(err.id, "NOT_EXPORTED");
	}
	assert_int_equal(gs_nfs_find_exports("127.0.0.1", PORT_EMPTY, gs_deadline_in(3000), NULL,
					     &seen, &err),
			 -ENOENT);
	assert_string_equal(err.id, "NOT_EXPORTED");
	assert_int_equal(
		gs_nfs_find_exports("127.0.0.1", 1, gs_deadline_in(3000), NULL, &seen, &err),
		-ECONNRESET);
	assert_string_equal(err.id, "NFS_UNREACHABLE");
	stop(&no_40);
	stop(&empty);
}

/* What fills packets gets a reply; where nothing does, they are not what is lost. */
static void no_large_packet_is_lost(void **state)
{
	(void)state;
	assert_false(gs_nfs_loses_large("127.0.0.1", PORT, gs_deadline_in(8000)));
	assert_false(gs_nfs_loses_large("127.0.0.1", PORT_EMPTY + 100, gs_deadline_in(8000)));
	assert_false(gs_nfs_loses_large("127.0.0.1", PORT, gs_deadline_in(100)));
}

/* Accepts and says nothing, and on top of it the server's process is stopped. */
static void a_silent_server_costs_the_deadline(void **state)
{
	GS_AUTO(gs_nfs_exports_done) struct gs_nfs_exports seen = { 0 };
	struct server server = start(PORT_SILENT, "", "");
	struct gs_err err = { 0 };
	int64_t begin_ns = gs_now_ns();
	struct gs_nfs_at at = { "127.0.0.1", PORT_SILENT, NULL, 0 };
	GS_AUTO(gs_nfs_ahead_done) struct gs_nfs_ahead ahead = { 0 };
	struct gs_nfs_seen one;
	unsigned us = 0;

	(void)state;
	silence(&server);
	assert_int_equal(gs_nfs_find_exports("127.0.0.1", PORT_SILENT, gs_deadline_in(400), NULL,
					     &seen, &err),
			 -ETIMEDOUT);
	assert_string_equal(err.id, "NFS_UNREACHABLE");
	assert_int_equal(gs_nfs_read_id("127.0.0.1", PORT_SILENT, "/", gs_deadline_in(400), NULL,
					&one, &err),
			 -ETIMEDOUT);
	assert_in_range((gs_now_ns() - begin_ns) / 1000000, 700, 1500);
	at.deadline_ns = gs_deadline_in(1500);
	assert_true(gs_nfs_reach_ahead(&at, gs_deadline_in(800), &us, &ahead, &err) < 0);
	assert_string_equal(err.id, "RPC_TIMEOUT");
	/* In so short a time a busy one may be as silent. */
	at.deadline_ns = gs_deadline_in(400);
	assert_true(gs_nfs_reach_ahead(&at, gs_deadline_in(800), &us, &ahead, &err) < 0);
	assert_string_equal(err.id, "NO_TIME");
	assert_false(ahead.looked);
	stop(&server);
}

static int entries(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	int n = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		n += entry->d_name[0] != '.' || strstr(entry->d_name, "probe");
	closedir(dir);
	return n;
}

/* The server's directory is looked at on its own disk: what it makes is there before it answers. */
static void a_name_made_by_another_is_seen(void **state)
{
	static const struct {
		const char *dir, *path;
		uid_t uid;
		int r;
	} rows[] = {
		{ "dirs", "/srv/dirs", 0, 0 },		{ "share", "/mnt/data/shared", 1000, 0 },
		{ "dirs", "/srv/dirs", 1000, -EACCES }, { "plain", "/srv/plain", 0, -EROFS },
		{ "share", "/srv/dirs", 0, -ESTALE },	{ "dirs", "/srv/none", 0, -ENOENT },
		{ "none", "/srv/dirs", 0, -ENOENT },
	};

	(void)state;
	for (size_t i = 0; i < GS_COUNT(rows); i++) {
		gs_autofree char *dir = gs_printf("%s/%s", top, rows[i].dir);
		const struct gs_seen_req req = {
			.server = "127.0.0.1",
			.port = PORT,
			.path = rows[i].path,
			.dir = dir,
			.uid = rows[i].uid,
			.gid = rows[i].uid,
			.deadline_ns = gs_deadline_in(5000),
		};
		int before = rows[i].r == -ENOENT ? 0 : entries(dir), r;
		struct gs_err err = { 0 };
		unsigned us = UINT_MAX;

		gs_privs_enter(GS_PHASE_PROBE, &err);
		r = gs_seen_measure(&req, &us, &err);
		gs_privs_enter(GS_PHASE_APPLY, &err);
		if (r != rows[i].r)
			fail_msg("%s by %u: %d %s", rows[i].path, rows[i].uid, r, err.msg);
		if (r == 0)
			assert_in_range(us, 0, 1000000);
		if (r != -ENOENT)
			assert_int_equal(entries(dir), before);
	}
}

static int children(void)
{
	gs_autofree char *path = gs_printf("/proc/self/task/%d/children", (int)getpid());
	FILE *file = fopen(path, "re");
	int n = 0, pid;

	assert_non_null(file);
	while (fscanf(file, "%d", &pid) == 1)
		n++;
	fclose(file);
	return n;
}

/* What was started has ended, the orphans that came to us, too. */
static void assert_children(int were)
{
	for (int i = 0; i < 300 && children() != were; i++) {
		(void)waitpid(-1, NULL, WNOHANG);
		usleep(10000);
	}
	assert_int_equal(children(), were);
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
}

/* Whoever waits for the figure dies at any moment: the link goes all the same, and who made it. */
static void no_link_is_left_when_we_are_killed(void **state)
{
	gs_autofree char *dir = gs_printf("%s/dirs", top);
	int before = entries(dir), were = children();

	(void)state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	for (unsigned i = 0; i < 40; i++) {
		pid_t pid = fork();

		while (!pid) {
			const struct gs_seen_req req = {
				.server = "127.0.0.1",
				.port = PORT,
				.path = "/srv/dirs",
				.dir = dir,
				.deadline_ns = gs_deadline_in(5000),
			};
			struct gs_err err = { 0 };
			unsigned us;

			(void)gs_seen_measure(&req, &us, &err);
		}
		usleep(500 + i * 611);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
	for (int i = 0; i < 500 && entries(dir) != before; i++)
		usleep(10000);
	usleep(300000); /* nor does one come late */
	assert_int_equal(entries(dir), before);
	assert_children(were);
}

static void nothing_is_measured_where_nobody_answers(void **state)
{
	gs_autofree char *dir = gs_printf("%s/dirs", top);
	struct gs_seen_req req = {
		.server = "127.0.0.1", .port = 1, .path = "/srv/dirs", .dir = dir
	};
	struct server server = start(PORT_SILENT, "", "");
	struct gs_err err = { 0 };
	int64_t begin_ns = gs_now_ns();
	int were = children();
	unsigned us;

	(void)state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	req.deadline_ns = gs_deadline_in(2000);
	assert_int_equal(gs_seen_measure(&req, &us, &err), -ECONNRESET);
	assert_in_range((gs_now_ns() - begin_ns) / 1000000, 0, 900);
	silence(&server);
	req.port = PORT_SILENT;
	req.deadline_ns = gs_deadline_in(1500);
	assert_int_equal(gs_seen_measure(&req, &us, &err), -ETIMEDOUT);
	assert_in_range((gs_now_ns() - begin_ns) / 1000000, 0, 2900);
	assert_children(were);
	stop(&server);
}

static void set_up_tree(void)
{
	make("share");
	make("plain");
	make("dirs");
	make("dirs/one");
	make("bad");
	make("empty");
	put("share/.gshare-id", "gshare 1\nid 7c1e52d0\nfs 2b7e1516-28ae-d2a6-abf7-158809cf4f3c\n");
	put("plain/file", "x");
	put("bad/.gshare-id", "gshare 1\nid ../../etc\n");
}

static int set_up(void)
{
	gs_autofree char *share = gs_printf("%s/share", top);

	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("top", top, "tmpfs", 0, "mode=0755") < 0)
		return -errno;
	/* Ganesha writes there, and wants a table at /etc/mtab, which a container may lack. */
	if (mkdir("/run/ganesha", 0755) < 0 && errno != EEXIST)
		return -errno;
	mkdir("/var/lib/nfs/ganesha", 0755);
	set_up_tree();
	return chown(share, 12345, 12345) < 0 ? -errno : 0;
}

static int start_one(void **state)
{
	static struct server server;
	gs_autofree char *text = gs_printf(exports, top, top, top, top, top);

	server = start(PORT, "", text);
	*state = &server;
	return 0;
}

static int stop_one(void **state)
{
	stop(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exports_are_found_over_one_port),
		cmocka_unit_test(one_export_is_asked_for_by_name),
		cmocka_unit_test(one_child_calls_and_looks),
		cmocka_unit_test(denials_are_told_apart),
		cmocka_unit_test(no_large_packet_is_lost),
		cmocka_unit_test(a_silent_server_costs_the_deadline),
		cmocka_unit_test(a_name_made_by_another_is_seen),
		cmocka_unit_test(no_link_is_left_when_we_are_killed),
		cmocka_unit_test(nothing_is_measured_where_nobody_answers),
	};
	struct stat st;
	int r;

	port_base = 12000 + 4 * ((unsigned)getpid() % 5000);
	snprintf(top, sizeof top, "/tmp/t-nfsprobe-%d", getpid());
	if (geteuid() || stat(ganesha, &st) < 0 || stat("/etc/mtab", &st) < 0 ||
	    mkdir(top, 0755) < 0 || set_up() < 0) {
		rmdir(top);
		return table_skip("root, nfs-ganesha and /etc/mtab");
	}
	r = cmocka_run_group_tests_name("nfsprobe", tests, start_one, stop_one);
	umount2(top, MNT_DETACH);
	rmdir(top);
	return r;
}
