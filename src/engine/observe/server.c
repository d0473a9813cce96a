/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/server.h"

#include <errno.h>
#include <string.h>

#include "base/command.h"
#include "base/shareid.h"
#include "core/format/fstab.h"
#include "core/verify/access_report.h"
#include "engine/observe/common.h"
#include "sys/nfs/ping.h"

void gs_blame_link(const char *addr, unsigned connect_us, struct gs_err *err)
{
	gs_err_prefix(err, "connecting to %s took %u.%u s, which is too slow", addr,
		      connect_us / 1000000, connect_us % 1000000 / 100000);
	gs_err_cause(err, "LINK_SLOW");
	gs_err_fix(err, "check the network between: ", "ping", "-c", "3", addr);
}

char *gs_mount_server(const struct gs_mounted *mount, unsigned *ret_port)
{
	struct gs_span addr = { 0 }, proto = { 0 };

	if (!gs_mountopt_get(mount->options, "addr", &addr) || !addr.len)
		return NULL;
	/* A port of UDP or RDMA is no port of TCP. */
	if (gs_mountopt_get(mount->options, "proto", &proto) && !gs_span_has_prefix(proto, "tcp"))
		return NULL;
	*ret_port = gs_mountopt_port(mount->options);
	return gs_span_dup(addr);
}

enum gs_answer gs_reach_server(struct gs_sys *sys, const struct gs_mounted *mount,
			       unsigned *ret_rtt_us, struct gs_err *silence)
{
	unsigned port = 0;
	gs_autofree char *addr = gs_mount_server(mount, &port);

	if (!addr)
		return GS_ANSWER_UNTRIED;
	return sys->ops->nfs->reach(sys, addr, port, ret_rtt_us, silence) == 0 ? GS_ANSWER_YES
									       : GS_ANSWER_NO;
}

char *gs_address_towards(struct gs_sys *sys, const struct gs_mounted *mount)
{
	struct gs_span value = { 0 };
	gs_autofree char *addr = NULL;
	struct gs_err unknown = { 0 };
	char *own = NULL;

	if (!gs_mountopt_get(mount->options, "addr", &value) || !value.len)
		return NULL;
	addr = gs_span_dup(value);
	(void)sys->ops->net->address_facing(sys, addr, &own, &unknown);
	return own;
}

/* The leader knows this node by an address: the one that it has now need not be that of before. */
static void blame_address(struct gs_sys *sys, const struct gs_mounted *mount, const char *server,
			  const char *path, struct gs_err *why)
{
	gs_autofree char *own = gs_address_towards(sys, mount), *said = gs_strdup(why->msg);
	gs_autostr struct gs_str fix = { 0 };

	if (!own)
		return;
	gs_err_set(why, why->code, "%s, which it sees as %s", said, own);
	gs_err_cause(why, "NOT_EXPORTED");
	gs_command_on(&fix, server);
	gs_command(&fix, "sudo", "gshare", "leader", "add", own, "--path", path);
	gs_str_adds(&fix, "; if it is listed already: ");
	gs_command_on(&fix, server);
	gs_command(&fix, "sudo", "gshare", "leader", "status", "--path", path);
	gs_err_fix_text(why, &fix);
}

bool gs_ask_anew(struct gs_sys *sys, const struct gs_mounted *mount, unsigned rtt_us,
		 struct gs_err *why)
{
	const char *path = strstr(mount->source, ":/");
	struct gs_span addr = { 0 };
	gs_autostr struct gs_str security = { 0 };
	gs_autofree char *text = NULL;
	struct gs_nfs_seen seen;

	/* In clear a server that demands more would refuse, and tell nothing of the mount. */
	gs_mountopt_security(mount->options, &security);
	if (!path || security.len || !gs_mountopt_get(mount->options, "addr", &addr) || !addr.len)
		return false;
	text = gs_span_dup(addr);
	if (rtt_us > GS_LINK_SLOW_US) {
		gs_err_set(why, ETIMEDOUT, "the link is too slow to test more in time");
		gs_blame_link(text, rtt_us, why);
		return false;
	}
	if (sys->ops->nfs->read_export_id(sys, text, gs_mountopt_port(mount->options), path + 1,
					  &seen, why) == 0)
		return true;
	if (why->id && !strcmp(why->id, "NOT_EXPORTED"))
		blame_address(sys, mount, text, path + 1, why);
	return false;
}
