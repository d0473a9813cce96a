/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/firewall/firewall_ops.h"

#include <errno.h>
#include <sys/stat.h>

#include "sys/fs/root.h"
#include "sys/net/address.h"
#include "sys/proc/running.h"
#include "sys/proc/spawn.h"

enum { MOST_BYTES = 4 << 20 /* rules of thousands of hosts */ };

static bool has(struct gs_sys *sys, const char *path)
{
	struct stat st;

	(void)sys;
	/* One that cannot be looked at is there: what it is asked then fails, and is told. */
	if (stat(path, &st) < 0)
		return errno != ENOENT && errno != ENOTDIR;
	return S_ISREG(st.st_mode) && (st.st_mode & 0111);
}

static bool is_running(struct gs_sys *sys, const char *name)
{
	(void)sys;
	return gs_may_run(name);
}

static int run(struct gs_sys *sys, const struct gs_firewall_run *what, struct gs_str *ret_output,
	       struct gs_err *err)
{
	const struct gs_spawn_req req = {
		.path = what->argv[0],
		.argv = what->argv,
		.deadline_ns = what->deadline_ns,
		.max_output = MOST_BYTES,
	};
	struct gs_spawn_result result = { 0 };
	int r = gs_spawn(&req, &result, err);

	(void)sys;
	if (r < 0)
		return r;
	r = gs_spawn_check(&req, &result, err);
	if (r == 0 && ret_output)
		gs_str_add(ret_output, gs_str_span(&result.out));
	gs_spawn_result_done(&result);
	return r;
}

static int interface(struct gs_sys *sys, const char *addr, struct gs_str *ret, struct gs_err *err)
{
	gs_autofree char *own = NULL;

	(void)sys;
	return gs_address_facing(addr, &own, err) < 0 ? err->code : gs_interface_of(own, ret, err);
}

const struct gs_firewall_ops gs_firewall_host = {
	.has = has,
	.is_running = is_running,
	.run = run,
	.interface = interface,
};
