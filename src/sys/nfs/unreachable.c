/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/nfs/unreachable.h"

#include <errno.h>
#include <string.h>

#include "base/command.h"
#include "sys/net/address.h"

/*
 * What is seen from here names a cause, or several: then all are named, the likeliest first. Which
 * program is the firewall of another host is not seen; that it is silent is ufw's way, an ICMP
 * "prohibited" firewalld's, and an ICMP "port unreachable" that of REJECT of iptables(8).
 */

/* struct way - what was tried; @self: this node's address as the server sees it, NULL: not known */
struct way {
	const char *addr, *self;
	unsigned port, waited_ms;
	const struct gs_reach_result *nfs, *ssh;
};

static bool is_v6(const struct way *way)
{
	return strchr(way->addr, ':');
}

/* ---- firewalls --------------------------------------------------------------------------- */

static void add_ufw(const struct way *way, struct gs_str *out)
{
	gs_command(out, "sudo", "ufw", "allow", "from", way->self, "to", "any", "port");
	gs_command_wordf(out, "%u", way->port);
	gs_command(out, "proto", "tcp");
}

static void add_rich_rule(const struct way *way, const char *option, struct gs_str *out)
{
	gs_command(out, "sudo", "firewall-cmd", option);
	gs_command_wordf(out,
			 "--add-rich-rule=rule family=%s source address=%s port port=%u "
			 "protocol=tcp accept",
			 is_v6(way) ? "ipv6" : "ipv4", way->self, way->port);
}

/* At once and for good; --reload would drop what others have added at run time. */
static void add_firewalld(const struct way *way, struct gs_str *out)
{
	add_rich_rule(way, NULL, out);
	gs_command_and(out);
	add_rich_rule(way, "--permanent", out);
}

/* Where that program is not in charge. */
static void add_iptables(const struct way *way, const char *without, struct gs_str *out)
{
	if (without) {
		gs_str_addf(out, "; without %s there: ", without);
		gs_command_on(out, way->addr);
	}
	gs_command(out, "sudo", is_v6(way) ? "ip6tables" : "iptables", "-I", "INPUT", "-p", "tcp",
		   "-s", way->self, "--dport");
	gs_command_wordf(out, "%u", way->port);
	gs_command(out, "-j", "ACCEPT");
}

/* Lets this node, and no other, through the firewall of the server. @lead: text before it */
static int let_in(const struct way *way, const char *lead, enum gs_sign sign, struct gs_err *err)
{
	const char *program = sign == GS_SIGN_NONE	   ? "ufw"
			      : sign == GS_SIGN_PROHIBITED ? "firewalld"
							   : NULL;
	gs_autostr struct gs_str out = { 0 };

	if (!way->self)
		return gs_err_advise(err, "let %u/tcp through the firewall on %s", way->port,
				     way->addr);
	gs_str_adds(&out, lead);
	gs_command_on(&out, way->addr);
	if (sign == GS_SIGN_NONE)
		add_ufw(way, &out);
	else if (sign == GS_SIGN_PROHIBITED)
		add_firewalld(way, &out);
	add_iptables(way, program, &out);
	return gs_err_fix_text(err, &out);
}

static int let_out(const struct way *way, struct gs_err *err)
{
	gs_autostr struct gs_str out = { 0 };

	gs_command(&out, "sudo", is_v6(way) ? "ip6tables" : "iptables", "-I", "OUTPUT", "-p", "tcp",
		   "-d", way->addr, "--dport");
	gs_command_wordf(&out, "%u", way->port);
	gs_command(&out, "-j", "ACCEPT");
	gs_str_adds(&out, "; with ufw: ");
	gs_command(&out, "sudo", "ufw", "allow", "out", "to", way->addr, "port");
	gs_command_wordf(&out, "%u", way->port);
	gs_command(&out, "proto", "tcp");
	return gs_err_fix_text(err, &out);
}

/* ---- one function for each kind of silence or refusal ------------------------------------ */

static int dropped(const struct way *way, struct gs_err *err)
{
	bool ssh = way->ssh->state == GS_REACH_OPEN || way->ssh->state == GS_REACH_REFUSED ||
		   (way->ssh->state == GS_REACH_REJECTED && way->ssh->icmp.is_peer);
	bool is_up = ssh || way->ssh->echoes;
	gs_autofree char *lead = NULL;

	gs_err_set(err, ETIMEDOUT,
		   "cannot reach the NFS server at %s: port %u did not respond in %u.%u s%s",
		   way->addr, way->port, way->waited_ms / 1000, way->waited_ms % 1000 / 100,
		   ssh	   ? ", though port 22 does: a firewall drops it"
		   : is_up ? ", though the host responds to ping: a firewall drops it"
			   : ", nor did port 22");
	gs_err_cause(err, is_up ? "PORT_FILTERED" : "HOST_NOT_RESPONDING");
	if (!is_up)
		lead = gs_printf(
			"check the address %s, and that the host is up; if it is, a "
			"firewall drops the packets: ",
			way->addr);
	return let_in(way, is_up ? "" : lead, GS_SIGN_NONE, err);
}

static int refused(const struct way *way, struct gs_err *err)
{
	gs_autostr struct gs_str out = { 0 };

	gs_err_set(err, ECONNREFUSED,
		   "%s is up, but refuses connections to port %u: its NFS server is stopped or "
		   "not set up, a firewall rejects them, or it is another host's address",
		   way->addr, way->port);
	gs_command_on(&out, way->addr);
	gs_command(&out, "sudo", "systemctl", "start", "nfs-server");
	gs_str_adds(&out, "; if it shares nothing yet: ");
	gs_command_on(&out, way->addr);
	gs_command(&out, "sudo", "gshare", "leader", "init", way->self ? "--follower" : NULL,
		   way->self);
	gs_str_adds(&out, "; if the server is running: ");
	gs_command_on(&out, way->addr);
	gs_command(&out, "sudo", "gshare", "leader", "status");
	gs_str_adds(&out, "; if that is healthy, see which rule rejects: ");
	gs_command_on(&out, way->addr);
	gs_command(&out, "sudo", "iptables", "-S", "INPUT");
	return gs_err_fix_text(err, &out);
}

static int rejected(const struct way *way, struct gs_err *err)
{
	const struct gs_icmp *icmp = &way->nfs->icmp;

	if (icmp->is_own) {
		gs_err_set(err, EPERM,
			   "this node's own firewall rejects connections to port %u of %s",
			   way->port, way->addr);
		gs_err_cause(err, "OWN_FIREWALL");
		return let_out(way, err);
	}
	if (icmp->is_peer) {
		gs_err_set(err, EACCES,
			   "%s is up, but its firewall rejects connections of this node to port %u",
			   way->addr, way->port);
		return let_in(way, "", icmp->sign, err);
	}
	gs_err_set(err, EACCES,
		   "a firewall or a route of %s, which is between, rejects connections to port %u "
		   "of %s",
		   icmp->from, way->port, way->addr);
	return gs_err_advise(err, "on %s let tcp port %u from %s to %s through", icmp->from,
			     way->port, way->self ? way->self : "this node", way->addr);
}

static int unsent(const struct way *way, struct gs_err *err)
{
	gs_err_set(err, EPERM,
		   "port %u of %s did not respond in %u.%u s: a firewall on this node drops the "
		   "packets to it",
		   way->port, way->addr, way->waited_ms / 1000, way->waited_ms % 1000 / 100);
	return let_out(way, err);
}

static int no_route(const struct way *way, struct gs_err *err)
{
	const struct gs_icmp *icmp = &way->nfs->icmp;
	gs_autostr struct gs_str out = { 0 };

	if (icmp->sign == GS_SIGN_NONE || icmp->is_own) {
		gs_err_set(err, way->nfs->error, "this node has no route to %s", way->addr);
		gs_str_adds(&out, "check that address and the routes: ");
	} else {
		gs_err_set(err, way->nfs->error, "the router %s has no route to %s", icmp->from,
			   way->addr);
		gs_command_on(&out, icmp->from);
	}
	gs_command(&out, "ip", "route", "get", way->addr);
	return gs_err_fix_text(err, &out);
}

static int down(const struct way *way, struct gs_err *err)
{
	const struct gs_icmp *icmp = &way->nfs->icmp;

	if (icmp->sign == GS_SIGN_NONE || icmp->is_own)
		gs_err_set(err, way->nfs->error,
			   "no host responds to the address %s on this network", way->addr);
	else
		gs_err_set(err, way->nfs->error, "the router %s reports that %s does not respond",
			   icmp->from, way->addr);
	return gs_err_fix(err, "check that address, that the host is up, and the route: ", "ip",
			  "route", "get", way->addr);
}

/* ip-route(8), TYPES; what each makes of connect(2): net/ipv4/fib_semantics.c fib_props[] */
static int blocked(const struct way *way, struct gs_err *err)
{
	int error = way->nfs->error;
	const char *type = error == EACCES	   ? "prohibit"
			   : error == EHOSTUNREACH ? "unreachable"
						   : "blackhole";

	gs_err_set(err, error, "a route of this node, of type %s, refuses connections to %s", type,
		   way->addr);
	return gs_err_fix(err, "delete the route that this shows: ", "ip", is_v6(way) ? "-6" : NULL,
			  "route", "show", "table", "all", "type", type, "match", way->addr);
}

static int forbidden(const struct way *way, struct gs_err *err)
{
	gs_err_set(err, way->nfs->error,
		   "a rule of this node forbids this program to connect to port %u of %s: %s",
		   way->port, way->addr, gs_errno_text(way->nfs->error));
	return gs_err_advise(err,
			     "look at IPAddressDeny= of the unit that gshare runs in, and at "
			     "the container's network policy");
}

static int failed(const struct way *way, struct gs_err *err)
{
	gs_err_set(err, way->nfs->error, "cannot reach the NFS server at %s: %s", way->addr,
		   gs_errno_text(way->nfs->error));
	return gs_err_fix(err, "check that address and the route: ", "ip", "route", "get",
			  way->addr);
}

int gs_unreachable(const char *addr, unsigned port, unsigned waited_ms,
		   const struct gs_reach_result at[2], struct gs_err *err)
{
	static int (*const tell[])(const struct way *, struct gs_err *) = {
		[GS_REACH_OPEN] = NULL,		  [GS_REACH_REFUSED] = refused,
		[GS_REACH_FILTERED] = dropped,	  [GS_REACH_UNSENT] = unsent,
		[GS_REACH_REJECTED] = rejected,	  [GS_REACH_NO_ROUTE] = no_route,
		[GS_REACH_HOST_DOWN] = down,	  [GS_REACH_BLOCKED] = blocked,
		[GS_REACH_FORBIDDEN] = forbidden, [GS_REACH_FAILED] = failed,
	};
	gs_autofree char *self = NULL;
	struct gs_err unknown = { 0 };
	struct way way = { addr, NULL, port, waited_ms, &at[0], &at[1] };

	if (!tell[at[0].state])
		return 0;
	if (gs_address_facing(addr, &self, &unknown) == 0)
		way.self = self;
	tell[at[0].state](&way, err);
	if (!err->id)
		gs_err_cause(err, gs_reach_cause(at[0].state));
	return err->code;
}
