/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/nfs/nfs_ops.h"

#include <stdlib.h>
#include <string.h>

#include "sys/fs/root.h"
#include "sys/nfs/mountd.h"
#include "sys/nfs/ping.h"

enum {
	BROWSE_MS = 4000, /* of one look at a server: several must fit into a command's deadline */
	AHEAD_MS = 8400,  /* of a connection, NULL and such a look by one child */
	GRANTS_MS = 1000, /* extra evidence must not delay: a look ends in 5 s */
};

struct gs_silent {
	struct gs_silent *next;
	char *addr;
	unsigned port;
	struct gs_err err;
};

static void hold_silent(struct gs_sys *sys, const char *addr, unsigned port,
			const struct gs_err *err)
{
	struct gs_silent *silent = gs_alloc(sizeof *silent);

	*silent = (struct gs_silent){ sys->silent, gs_strdup(addr), port, *err };
	sys->silent = silent;
}

static int held(const struct gs_sys *sys, const char *addr, unsigned port, struct gs_err *err)
{
	for (const struct gs_silent *silent = sys->silent; silent; silent = silent->next) {
		if (silent->port != port || strcmp(silent->addr, addr) != 0)
			continue;
		*err = silent->err;
		return err->code;
	}
	return 0;
}

static int reach(struct gs_sys *sys, const char *addr, unsigned port, unsigned *ret_connect_us,
		 struct gs_err *err)
{
	if (held(sys, addr, port, err) < 0)
		return err->code;
	return gs_reach_nfs(addr, port, sys->deadline_ns, ret_connect_us, err);
}

static bool loses_large(struct gs_sys *sys, const char *addr, unsigned port)
{
	return gs_nfs_loses_large(addr, port, sys->deadline_ns);
}

static int reach_ahead(struct gs_sys *sys, const char *addr, unsigned port, const char *path,
		       unsigned *ret_connect_us, struct gs_err *err)
{
	const struct gs_nfs_at at = { addr, port, path, sys->deadline_ns };

	if (held(sys, addr, port, err) < 0)
		return err->code;
	if (!sys->ahead)
		sys->ahead = gs_alloc(sizeof *sys->ahead);
	return gs_nfs_reach_ahead(&at, gs_sys_within(sys, AHEAD_MS), ret_connect_us, sys->ahead,
				  err);
}

void gs_nfs_forget(struct gs_sys *sys)
{
	if (sys->ahead)
		gs_nfs_ahead_done(sys->ahead);
	free(sys->ahead);
	sys->ahead = NULL;
	while (sys->silent) {
		struct gs_silent *next = sys->silent->next;

		free(sys->silent->addr);
		free(sys->silent);
		sys->silent = next;
	}
}

static int find_exports(struct gs_sys *sys, const char *addr, unsigned port,
			struct gs_nfs_exports *ret, struct gs_err *err)
{
	return gs_nfs_find_exports(addr, port, gs_sys_within(sys, BROWSE_MS), sys->ahead, ret, err);
}

static int read_export_id(struct gs_sys *sys, const char *addr, unsigned port, const char *path,
			  struct gs_nfs_seen *ret, struct gs_err *err)
{
	return gs_nfs_read_id(addr, port, path, gs_sys_within(sys, BROWSE_MS), sys->ahead, ret,
			      err);
}

static int list_grants(struct gs_sys *sys, const char *addr, struct gs_grants *ret,
		       struct gs_err *err)
{
	return gs_mountd_list(addr, GS_RPCBIND_PORT, gs_sys_within(sys, GRANTS_MS), ret, err);
}

const struct gs_nfs_ops gs_nfs_host = {
	.hold_silent = hold_silent,
	.held = held,
	.reach = reach,
	.loses_large = loses_large,
	.reach_ahead = reach_ahead,
	.find_exports = find_exports,
	.read_export_id = read_export_id,
	.list_grants = list_grants,
};
