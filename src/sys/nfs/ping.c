/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/nfs/ping.h"

#include <errno.h>
#include <string.h>

#include "base/command.h"
#include "sys/net/rpc_null.h"
#include "sys/net/tcp.h"
#include "sys/nfs/unreachable.h"
#include "sys/proc/fd.h"
#include "sys/proc/proc.h"

enum {
	LATE_MS = 1000,	   /* a round trip on the worst link that NFS is used over, doubled; then
			      port 22 is tried, too. With less, silence says nothing */
	CONNECT_MS = 2500, /* a lost SYN is sent again after 1 s (tcp(7), RFC 6298) */
	NULL_MS = 2500,	   /* a busy server answers NULL at once: nothing is looked up for it */
	TOTAL_MS = 4400,   /* all of it: an answer within 5 s, whatever the peer does */
	LARGE_BYTES = 12 << 10, /* more than Ethernet's largest frame, and sent in one round trip:
				   RFC 6928 */
	LARGE_MS = 1200,	/* a lost packet is sent again after 0.2, 0.4 and 0.8 s */
	SMALL_MS = 400,		/* a link that is slower may be slow for the large one, too */
	SSH_PORT = 22,		/* open on most Linux hosts: tells a firewall from a dead host */
	NFS_PROGRAM = 100003,
	NFS_VERSION = 4,
};

static int no_nfs(const char *addr, unsigned port, const struct gs_rpc_result *rpc,
		  struct gs_err *err)
{
	static const struct {
		int code;
		const char *text;
	} said[] = {
		[GS_RPC_TIMED_OUT] = { ETIMEDOUT,
				       "accepts connections but does not respond: it hangs, or a "
				       "firewall drops what follows" },
		[GS_RPC_SLOW] = { ETIMEDOUT, "responds too slowly for an NFS server" },
		[GS_RPC_GARBAGE] = { EPROTO, "is not an NFS server" },
		[GS_RPC_PROG_UNAVAIL] = { EPROTONOSUPPORT, "speaks RPC but not NFS" },
		[GS_RPC_VERS_MISMATCH] = { EPROTONOSUPPORT, "serves NFS, but not version 4" },
		[GS_RPC_DENIED] = { EPERM, "refuses calls of this node" },
		[GS_RPC_CLOSED] = { ECONNRESET, "closes the connection without a response" },
	};
	gs_autostr struct gs_str fix = { 0 };

	gs_err_set(err, said[rpc->state].code, "what listens on port %u of %s %s", port, addr,
		   said[rpc->state].text);
	gs_err_cause(err, gs_rpc_cause(rpc->state));
	if (rpc->state == GS_RPC_VERS_MISMATCH)
		return gs_err_fix_on(err, addr, "sudo", "gshare", "leader", "status");
	gs_str_adds(&fix, "see which program that is: ");
	gs_command_on(&fix, addr);
	gs_command(&fix, "sudo", "ss", "-ltnp");
	gs_command_wordf(&fix, "sport = :%u", port);
	if (rpc->state == GS_RPC_TIMED_OUT) {
		gs_str_adds(&fix,
			    "; if it is nfsd, see which rule drops packets of a connection: ");
		gs_command_on(&fix, addr);
		gs_command(&fix, "sudo", "iptables", "-S", "INPUT");
	}
	return gs_err_fix_text(err, &fix);
}

static int slow_link(const char *addr, unsigned port, unsigned rtt_us, struct gs_err *err)
{
	gs_err_set(err, ETIMEDOUT,
		   "the route to %s is too slow: connecting to port %u took %u.%u s, and the "
		   "response timed out",
		   addr, port, rtt_us / 1000000, rtt_us % 1000000 / 100000);
	gs_err_cause(err, "LINK_SLOW");
	return gs_err_fix(err, "check the network between: ", "ping", "-c", "3", addr);
}

/* A server that is there may seem silent to somebody who cannot wait. */
static int no_time(const char *addr, unsigned port, unsigned ms, struct gs_err *err)
{
	gs_err_set(err, ETIMEDOUT, "too little time was left for port %u of %s to respond: %u.%u s",
		   port, addr, ms / 1000, ms % 1000 / 100);
	gs_err_cause(err, "NO_TIME");
	return gs_err_advise(err, "give it more, with --timeout");
}

static int64_t sooner(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* At most ms, and no more than what is left until the deadline. */
static unsigned at_most(unsigned ms, int64_t deadline_ns)
{
	unsigned left = (unsigned)gs_poll_ms(deadline_ns);

	return left < ms ? left : ms;
}

const struct gs_rpc_call gs_nfs_null = {
	.prog = NFS_PROGRAM,
	.vers = NFS_VERSION,
	.max_reply = GS_RPC_NULL_BYTES,
	.max_fragments = 1,
};

static int call_null(void *arg, int fd, int64_t deadline_ns, struct gs_rpc_result *ret,
		     struct gs_err *err)
{
	(void)arg;
	return gs_rpc_null(fd, NFS_PROGRAM, NFS_VERSION, NULL, gs_span(NULL, 0), deadline_ns, ret,
			   err);
}

int gs_reach_nfs(const char *addr, unsigned port, int64_t deadline_ns, unsigned *ret_connect_us,
		 struct gs_err *err)
{
	const struct gs_null_call null = { call_null, NULL };

	return gs_reach_nfs_by(addr, port, deadline_ns, &null, ret_connect_us, err);
}

int gs_reach_nfs_by(const char *addr, unsigned port, int64_t deadline_ns,
		    const struct gs_null_call *null, unsigned *ret_connect_us, struct gs_err *err)
{
	struct gs_endpoint to[2] = { 0 };
	struct gs_reach_result at[2] = { { .fd = -1 }, { .fd = -1 } };
	struct gs_rpc_result rpc = { 0 };
	int64_t end_ns = sooner(deadline_ns, gs_deadline_in(TOTAL_MS));
	int64_t begin_ns = gs_now_ns();
	unsigned connect_ms = at_most(CONNECT_MS, deadline_ns), null_ms;
	int r;

	if (gs_endpoint_of(addr, port, &to[0], err) < 0 ||
	    gs_endpoint_of(addr, SSH_PORT, &to[1], err) < 0)
		return err->code;
	r = gs_reach_two(to, LATE_MS, connect_ms, at, err);
	gs_close_indirect(&at[1].fd);
	if (r < 0)
		return r;
	if (at[0].state == GS_REACH_FILTERED && connect_ms < LATE_MS)
		return no_time(addr, port, connect_ms, err);
	if (at[0].state != GS_REACH_OPEN)
		return gs_unreachable(addr, port, (unsigned)((gs_now_ns() - begin_ns) / 1000000),
				      at, err);
	null_ms = at_most(NULL_MS, end_ns);
	r = null->call(null->arg, at[0].fd, gs_deadline_in(null_ms), &rpc, err);
	gs_close_indirect(&at[0].fd);
	if (r < 0)
		return r;
	if (rpc.state == GS_RPC_TIMED_OUT && null_ms < LATE_MS)
		return no_time(addr, port, null_ms, err);
	if (rpc.state == GS_RPC_TIMED_OUT && at[0].rtt_us > GS_LINK_SLOW_US)
		return slow_link(addr, port, at[0].rtt_us, err);
	if (rpc.state != GS_RPC_OK)
		return no_nfs(addr, port, &rpc, err);
	*ret_connect_us = at[0].rtt_us;
	return 0;
}

bool gs_nfs_offers_tls(const char *addr, unsigned port, int64_t deadline_ns)
{
	struct gs_endpoint to = { 0 };
	struct gs_reach_result at = { .fd = -1 };
	struct gs_rpc_result rpc = { 0 };
	struct gs_err unknown = { 0 };

	if (gs_endpoint_of(addr, port, &to, &unknown) < 0 ||
	    gs_reach_one(&to, at_most(LATE_MS, deadline_ns), &at, &unknown) < 0)
		return false;
	if (at.state == GS_REACH_OPEN)
		(void)gs_rpc_null(at.fd, NFS_PROGRAM, NFS_VERSION, &gs_rpc_tls, gs_span(NULL, 0),
				  sooner(deadline_ns, gs_deadline_in(LATE_MS)), &rpc, &unknown);
	gs_close_indirect(&at.fd);
	return rpc.state == GS_RPC_OK && rpc.offers_tls;
}

/* NULL over a new connection, with so many bytes of arguments. */
static enum gs_rpc call_with(const struct gs_endpoint *to, size_t bytes, unsigned ms)
{
	gs_autofree char *args = gs_alloc(bytes + 1);
	int64_t end_ns = gs_deadline_in(ms);
	struct gs_reach_result at = { .fd = -1 };
	struct gs_rpc_result rpc = { .state = GS_RPC_CLOSED };
	struct gs_err unknown = { 0 };

	if (gs_reach_one(to, (unsigned)gs_poll_ms(end_ns), &at, &unknown) == 0 &&
	    at.state == GS_REACH_OPEN)
		(void)gs_rpc_null(at.fd, NFS_PROGRAM, NFS_VERSION, NULL, gs_span(args, bytes),
				  end_ns, &rpc, &unknown);
	gs_close_indirect(&at.fd);
	return rpc.state;
}

bool gs_nfs_loses_large(const char *addr, unsigned port, int64_t deadline_ns)
{
	struct gs_endpoint to = { 0 };
	struct gs_err unknown = { 0 };

	if (gs_endpoint_of(addr, port, &to, &unknown) < 0 ||
	    deadline_ns - gs_now_ns() < (2 * LARGE_MS + SMALL_MS) * INT64_C(1000000))
		return false;
	return call_with(&to, LARGE_BYTES, LARGE_MS) == GS_RPC_TIMED_OUT &&
	       call_with(&to, 0, SMALL_MS) == GS_RPC_OK &&
	       call_with(&to, LARGE_BYTES, LARGE_MS) == GS_RPC_TIMED_OUT;
}
