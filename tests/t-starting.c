/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <string.h>

#include "core/check/check.h"
#include "core/check/starting.h"
#include "core/package/package.h"
#include "core/plan/finding.h"
#include "core/share/container.h"

/* What keeps an NFS server from starting, and a client from mounting. */

#define WHOLE "         0          0 4294967295\n"
#define LXC   "         0     100000      65536\n"
#define ONE   "         0          0          1\n"
#define HOSTS                                                                                      \
	"share the directory from the container's host: run gshare leader init there, and bind "   \
	"the directory into this container"

static const struct starting_row {
	const char *name, *map, *environ, *file;
	bool lacks_nfsd, runs, is_absent, unlisted, until_boot, stays_idle, no_systemd, no_mountd;
	const char *masked, *failed, *lacks, *taker, *of_unit;
	const char *id, *fix; /* NULL: none */
	const char *says;     /* a part of it */
} rows[] = {
	{ "nothing hinders it", WHOLE, "", "", .id = "SERVER_DOWN",
	  .fix = "sudo systemctl start nfs-server" },
	{ "its unit is active, without a thread", WHOLE, "", "", .stays_idle = true,
	  .id = "SERVER_DOWN", .fix = "sudo rpc.nfsd" },
	{ "no systemd", WHOLE, "", "", .no_systemd = true, .id = "SERVER_DOWN",
	  .fix = "sudo rpcbind && sudo exportfs -r && sudo rpc.mountd && sudo rpc.nfsd" },
	{ "nor a mountd that does not run", WHOLE, "", "", .no_systemd = true, .no_mountd = true,
	  .runs = true, .id = "MOUNTD_DEAD", .fix = "sudo rpc.mountd" },
	{ "a mountd that does not run", WHOLE, "", "", .no_mountd = true, .runs = true,
	  .id = "MOUNTD_DEAD", .fix = "sudo systemctl start nfs-mountd" },
	{ "a unit has failed, and would again", WHOLE, "", "", .failed = "nfs-server.service",
	  .id = "SERVER_DOWN", .says = "not running: nfs-server.service has failed",
	  .fix = "see why: sudo journalctl --boot --no-pager --lines 20 --unit nfs-server.service; "
		 "then: sudo systemctl start nfs-server" },
	{ "it runs, and is masked", WHOLE, "", "", .runs = true, .masked = "nfs-server.service",
	  .id = "SERVER_NOT_ENABLED",
	  .fix = "sudo systemctl unmask nfs-server.service && sudo systemctl enable nfs-server",
	  .says = "at boot: nfs-server.service is masked" },
	{ "it runs, and a part of it is masked", WHOLE, "", "", .runs = true, .until_boot = true,
	  .masked = "nfs-mountd.service", .id = "SERVER_NOT_ENABLED",
	  .fix = "sudo systemctl unmask --runtime nfs-mountd.service && sudo systemctl enable "
		 "nfs-server" },
	{ "not installed", LXC, "", "lxc\n", .is_absent = true, .id = "SERVER_MISSING",
	  .fix = "sudo apt-get --yes install nfs-kernel-server" },
	{ "a program of it is missing", WHOLE, "", "", .is_absent = true,
	  .lacks = "/usr/sbin/exportfs", .id = "SERVER_MISSING",
	  .fix = "sudo apt-get --yes --reinstall install nfs-kernel-server",
	  .says = "not complete: there is no '/usr/sbin/exportfs'" },
	{ "another program has its port", WHOLE, "", "", .taker = "py\033", .failed = "x.service",
	  .id = "PORT_TAKEN",
	  .fix = "if nothing needs that: sudo kill 77; then: sudo systemctl start nfs-server",
	  .says = "' (process 77) listens on port 2049" },
	{ "another unit has its port", WHOLE, "", "", .taker = "ganesha.nfsd",
	  .of_unit = "nfs-ganesha.service", .id = "PORT_TAKEN",
	  .fix = "if nothing needs that: sudo systemctl stop nfs-ganesha.service; then: sudo "
		 "systemctl start nfs-server",
	  .says = "'ganesha.nfsd' (process 77, of nfs-ganesha.service) listens on port 2049" },
	{ "masked, and its port is taken", WHOLE, "", "", .taker = "x",
	  .masked = "nfs-server.service", .id = "UNIT_MASKED",
	  .fix = "sudo systemctl unmask nfs-server.service" },
	{ "it runs, whoever has the port", WHOLE, "", "", .runs = true, .taker = "x" },
	{ "masked", WHOLE, "", "", .masked = "nfs-server.service", .id = "UNIT_MASKED",
	  .fix = "sudo systemctl unmask nfs-server.service",
	  .says = "nfs-server.service is masked" },
	{ "masked until the next boot", WHOLE, "", "", .masked = "nfs-server.service",
	  .until_boot = true, .id = "UNIT_MASKED",
	  .fix = "sudo systemctl unmask --runtime nfs-server.service" },
	{ "no module", WHOLE, "", "", .lacks_nfsd = true, .id = "KERNEL_WITHOUT_NFSD",
	  .fix = "reboot if the kernel was upgraded since the last boot; else install the package with "
		 "its modules, or boot one that has CONFIG_NFSD" },
	{ "no module in a privileged container", WHOLE, "", "systemd-nspawn", .lacks_nfsd = true,
	  .id = "KERNEL_WITHOUT_NFSD", .fix = "on the container's host: sudo modprobe nfsd",
	  .says = "a container (systemd-nspawn)" },
	{ "no list of modules in a privileged container", WHOLE, "", "docker", .lacks_nfsd = true,
	  .unlisted = true, .id = "SERVER_DOWN", .fix = "sudo systemctl start nfs-server" },
	{ "nor on a host", WHOLE, "", "", .lacks_nfsd = true, .unlisted = true,
	  .id = "KERNEL_WITHOUT_NFSD",
	  .fix = "reboot if the kernel was upgraded since the last boot; else install the package with "
		 "its modules, or boot one that has CONFIG_NFSD" },
	{ "a privileged container in which it may work", WHOLE, "", "lxc", .id = "SERVER_DOWN",
	  .fix = "sudo systemctl start nfs-server" },
	{ "an unprivileged container", LXC, "", "lxc\n", .lacks_nfsd = true,
	  .masked = "nfs-server.service", .id = "SERVER_IN_CONTAINER", .fix = HOSTS,
	  .says = "an unprivileged container (lxc)" },
	{ "its kind in the environment", LXC, "A=container=x\0container=podman", "",
	  .id = "SERVER_IN_CONTAINER", .fix = HOSTS, .says = "(podman)" },
	{ "a kind that nobody knows", LXC, "container=\033[31m", "", .id = "SERVER_IN_CONTAINER",
	  .fix = HOSTS, .says = "an unprivileged container, and" },
	{ "a user namespace of one id", ONE, "", "", .id = "SERVER_IN_CONTAINER", .fix = HOSTS,
	  .says = "an unprivileged container (a user namespace)" },
};

static void read_container(const struct starting_row *row, struct gs_container *ret)
{
	enum { ENVIRON_BYTES = 31 }; /* of the longest, with its NUL byte */
	size_t n = row->environ[0] == 'A' ? ENVIRON_BYTES : strlen(row->environ);

	gs_container_read(gs_span_of(row->map), gs_span(row->environ, n), gs_span_of(row->file),
			  ret);
}

static void test_starting(void **state)
{
	const struct starting_row *row = *state;
	struct gs_container container = { 0 };
	struct gs_server server = { .installed = !row->is_absent,
				    .manager = &gs_manager_apt,
				    .systemd = !row->no_systemd,
				    .enabled = true,
				    .mountd = row->runs && !row->no_mountd,
				    .threads = row->runs ? 8 : 0,
				    .lacks_nfsd = row->lacks_nfsd,
				    .unlisted = row->unlisted,
				    .stays_idle = row->stays_idle,
				    .masked_until_boot = row->until_boot,
				    .failed = row->failed,
				    .masked = row->masked,
				    .lacks = row->lacks };
	const struct gs_starting_fact starting = { .container = &container, .server = &server };
	const struct gs_facts facts = { .server = &server, .starting = &starting };
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };

	if (row->taker) {
		server.taker.pid = 77;
		memcpy(server.taker.name, row->taker, strlen(row->taker));
	}
	if (row->of_unit)
		memcpy(server.taker.unit, row->of_unit, strlen(row->of_unit));
	read_container(row, &container);
	gs_checks_run(&facts, GS_WARN, &findings);
	assert_int_equal(findings.n, row->id ? 1 : 0);
	if (!row->id)
		return;
	assert_string_equal(findings.v[0].id, row->id);
	assert_string_equal(findings.v[0].fix, row->fix);
	if (row->says && !strstr(findings.v[0].text, row->says))
		fail_msg("%s", findings.v[0].text);
}

/* A client's mount needs root of the host; what kind of container it is does not matter. */
static const struct inside_row {
	const char *name, *map, *file, *target, *fix; /* NULL: it may mount */
	const char *typed[8];
} insides[] = {
	{ "no container", WHOLE, "", "/m", NULL, { NULL } },
	{ "a privileged one", WHOLE, "docker", "/m", NULL, { NULL } },
	{ "what was typed is kept",
	  LXC,
	  "lxc",
	  "/m",
	  "on the container's host: sudo gshare follower mount lead --ro --port 2050 /m; then bind "
	  "the mount into this container",
	  { "follower", "mount", "-n", "lead", "--ro", "--port", "2050", "/m" } },
	{ "another verb was typed",
	  LXC,
	  "lxc",
	  "/m",
	  "on the container's host: sudo gshare follower mount lead /m; then bind the mount into this "
	  "container",
	  { "follower", "remount", "/m" } },
	{ "an unprivileged one",
	  LXC,
	  "lxc",
	  "/m",
	  "on the container's host: sudo gshare follower mount lead /m; then bind the mount into this "
	  "container",
	  { NULL } },
	{ "a user namespace",
	  ONE,
	  "",
	  NULL,
	  "on the container's host: sudo gshare follower mount lead; then bind the mount into this "
	  "container",
	  { NULL } },
};

static void test_inside(void **state)
{
	const struct inside_row *row = *state;
	GS_AUTO(gs_strs_done) struct gs_strs typed = { 0 };
	struct gs_container container = { 0 };
	const struct gs_starting_fact inside = {
		.container = &container, .leader = "lead", .target = row->target, .typed = &typed
	};
	const struct gs_facts facts = { .starting = &inside };
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };

	for (size_t i = 0; i < GS_COUNT(row->typed) && row->typed[i]; i++)
		gs_strs_add(&typed, row->typed[i]);
	gs_container_read(gs_span_of(row->map), gs_span("", 0), gs_span_of(row->file), &container);
	gs_checks_run(&facts, GS_WARN, &findings);
	assert_int_equal(findings.n, row->fix ? 1 : 0);
	if (row->fix)
		assert_string_equal(findings.v[0].fix, row->fix);
}

int main(void)
{
	static struct table table;

	TABLE_ADD(&table, rows, test_starting);
	TABLE_ADD(&table, insides, test_inside);
	return table_run("starting", &table);
}
