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

enum gs_answer gs_reach_server(struct gs_sys *sys, const struct gs_mounted *mount,
			       unsigned *ret_rtt_us, struct gs_err *silence)
{
	struct gs_span addr = { 0 }, proto = { 0 };
	gs_autofree char *text = NULL;

	if (!gs_mountopt_get(mount->options, "addr", &addr) || !addr.len)
		return GS_ANSWER_UNTRIED;
	/* A port of UDP or RDMA is no port of TCP. */
	if (gs_mountopt_get(mount->options, "proto", &proto) && !gs_span_has_prefix(proto, "tcp"))
		return GS_ANSWER_UNTRIED;
	text = gs_span_dup(addr);
	return sys->ops->nfs->reach(sys, text, gs_mountopt_port(mount->options), ret_rtt_us,
				    silence) == 0
		       ? GS_ANSWER_YES
		       : GS_ANSWER_NO;
}

void gs_ask_anew(struct gs_sys *sys, const struct gs_mounted *mount, unsigned rtt_us,
		 struct gs_err *why)
{
	const char *path = strstr(mount->source, ":/");
	struct gs_span addr = { 0 };
	gs_autostr struct gs_str security = { 0 };
	gs_autofree char *text = NULL;
	char id[GS_SHARE_ID_BYTES];

	/* In clear a server that demands more would refuse, and tell nothing of the mount. */
	gs_mountopt_security(mount->options, &security);
	if (!path || security.len || !gs_mountopt_get(mount->options, "addr", &addr) || !addr.len)
		return;
	text = gs_span_dup(addr);
	if (rtt_us > GS_LINK_SLOW_US) {
		gs_err_set(why, ETIMEDOUT, "the link is too slow to test more in time");
		gs_blame_link(text, rtt_us, why);
		return;
	}
	(void)sys->ops->nfs->read_export_id(sys, text, gs_mountopt_port(mount->options), path + 1,
					    id, why);
}
