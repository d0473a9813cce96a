/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/offered.h"

#include <string.h>

#include "base/command.h"
#include "core/check/row.h"

/*
 * Can a follower mount from the nfsd that runs? Its versions, port and addresses come from
 * nfs.conf(5), or from whoever started it, and change with its next start only, which is left to
 * the administrator: clients wait while it starts.
 */

enum { MINOR_1 = 1 << 1 };

static const char AT_START[] =
	"nfsd reads it when nfs-server starts the next time: clients wait then, so choose the time";

static void set(const struct gs_nfsd_offer *offer, const char *tag, const char *value,
		const char *advice, struct gs_fixes *out)
{
	const char *file = gs_nfsd_conf_of(offer, tag);

	gs_command(gs_fix_here(out, advice), "sudo", "nfsconf", file ? "--file" : NULL, file,
		   "--set", "nfsd", tag, value);
}

/* ---- for every client --------------------------------------------------------------------- */

static bool is_for_all(const struct gs_facts *facts)
{
	return !facts->offered->host && facts->offered->offer->is_known;
}

static bool lacks_tcp(const struct gs_facts *facts)
{
	return is_for_all(facts) && !facts->offered->offer->port;
}

static void set_tcp(const struct gs_facts *facts, struct gs_fixes *out)
{
	set(facts->offered->offer, "tcp", "y", "", out);
	gs_fix_advise(out, "%s", AT_START);
}

static bool lacks_v4(const struct gs_facts *facts)
{
	return is_for_all(facts) && !(facts->offered->offer->minors & GS_NFSD_MINORS_MOUNTED);
}

static void say_no_v4(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "nfsd offers no NFS %s: no follower can mount the share, whatever is exported",
		    facts->offered->offer->minors ? "4.1 or 4.2" : "version 4");
}

static void set_v4(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_nfsd_offer *offer = facts->offered->offer;

	if (!offer->minors)
		set(offer, "vers4", "y", "", out);
	if (offer->minors || gs_nfsd_conf_of(offer, "vers4.2"))
		set(offer, "vers4.2", "y", "", out);
	gs_fix_advise(out, "%s", AT_START);
}

static bool has_41_alone(const struct gs_facts *facts)
{
	const struct gs_nfsd_offer *offer = facts->offered->offer;

	return is_for_all(facts) && (offer->minors & GS_NFSD_MINORS_MOUNTED) == MINOR_1;
}

static bool has_other_port(const struct gs_facts *facts)
{
	const struct gs_nfsd_offer *offer = facts->offered->offer;

	return is_for_all(facts) && offer->port && offer->port != GS_NFS_PORT;
}

/* Clients that are connected have found it. */
static bool has_other_port_unused(const struct gs_facts *facts)
{
	return has_other_port(facts) && facts->offered->is_idle;
}

static bool has_other_port_used(const struct gs_facts *facts)
{
	return has_other_port(facts) && !facts->offered->is_idle;
}

static void set_port(const struct gs_facts *facts, struct gs_fixes *out)
{
	set(facts->offered->offer, "port", "2049", "if that is not meant: ", out);
	gs_fix_advise(out, "%s", AT_START);
}

static void say_port(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "nfsd listens on port %u, not on %d: follower mount needs --port %u, and a "
		    "firewall has to let that port in",
		    facts->offered->offer->port, GS_NFS_PORT, facts->offered->offer->port);
}

/*
 * Eight serve hundreds of clients. With fewer than the clients each of them may wait for what the
 * others read from the disk; nfsd takes another number at once.
 */
static bool has_few_threads(const struct gs_facts *facts)
{
	const struct gs_offered_fact *fact = facts->offered;

	return is_for_all(facts) && fact->threads < GS_NFSD_THREADS &&
	       fact->threads < fact->clients;
}

static void say_few_threads(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "nfsd has %zu thread%s for %zu clients that are connected: while %s, the "
		    "others wait",
		    facts->offered->threads, facts->offered->threads == 1 ? "" : "s",
		    facts->offered->clients,
		    facts->offered->threads == 1 ? "one is served" : "some are served");
}

static void set_threads(const struct gs_facts *facts, struct gs_fixes *out)
{
	const char *file = gs_nfsd_conf_of(facts->offered->offer, "threads");
	struct gs_str *fix = gs_fix_here(out, "");

	if (file) {
		gs_command(fix, "sudo", "nfsconf", "--file", file, "--set", "nfsd", "threads");
		gs_command_wordf(fix, "%d", GS_NFSD_THREADS);
		gs_command_and(fix);
	}
	gs_command(fix, "sudo", "rpc.nfsd");
	gs_command_wordf(fix, "%d", GS_NFSD_THREADS);
}

/* ---- for one follower ---------------------------------------------------------------------- */

static bool is_deaf(const struct gs_facts *facts)
{
	return facts->offered->host &&
	       !gs_nfsd_offer_addr(facts->offered->offer, facts->offered->face);
}

static void add_list(const struct gs_strs *list, struct gs_str *out)
{
	for (size_t i = 0; i < list->n; i++)
		gs_str_addf(out, "%s%s", i ? ", " : "", list->v[i]);
}

static void say_deaf(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "nfsd does not listen on %s, by which %s reaches this node, but on ",
		    facts->offered->face, facts->offered->host);
	add_list(&facts->offered->offer->addrs, out);
	gs_str_adds(out, " only");
}

/* The administrator may have left that address out on purpose. */
static void set_host(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_strs *addrs = &facts->offered->offer->addrs;
	gs_autostr struct gs_str value = { 0 };

	for (size_t i = 0; i < addrs->n; i++)
		gs_str_addf(&value, "%s,", addrs->v[i]);
	gs_str_adds(&value, facts->offered->face);
	set(facts->offered->offer, "host", value.ptr,
	    "if followers are meant to reach it there: ", out);
	gs_fix_advise(out, "%s", AT_START);
}

static bool has_other_address(const struct gs_facts *facts)
{
	const struct gs_offered_fact *fact = facts->offered;
	const char *addr = fact->host ? gs_nfsd_offer_addr(fact->offer, fact->face) : NULL;

	return addr && strcmp(addr, fact->face) != 0;
}

static void say_other_address(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_offered_fact *fact = facts->offered;

	gs_str_addf(out,
		    "nfsd does not listen on %s, by which %s reaches this node: follower mount has "
		    "to name %s",
		    fact->face, fact->host, gs_nfsd_offer_addr(fact->offer, fact->face));
}

const struct gs_check gs_checks_offered[] = {
	{ "NFSD_NO_TCP", "nfsd does not listen on TCP, by which followers mount.", GS_ON_LEADER,
	  GS_GIVEN(OFFERED), GS_FAIL, lacks_tcp,
	  .text = "nfsd does not listen on any TCP port: no follower can mount the share",
	  .fix = set_tcp },
	{ "NFSD_NO_V4", "nfsd offers neither NFS 4.2 nor 4.1, by which followers mount.",
	  GS_ON_LEADER, GS_GIVEN(OFFERED), GS_FAIL, lacks_v4, .message = say_no_v4, .fix = set_v4 },
	{ "NFSD_V41_ONLY", "nfsd offers NFS 4.1, but not 4.2.", GS_ON_LEADER, GS_GIVEN(OFFERED),
	  GS_NOTE, has_41_alone,
	  .text = "nfsd offers NFS 4.1 but not 4.2: followers mount with 4.1" },
	{ "NFSD_PORT", "nfsd listens on another port than 2049.", GS_ON_LEADER, GS_GIVEN(OFFERED),
	  GS_WARN, has_other_port_unused, .message = say_port, .fix = set_port },
	{ "NFSD_PORT", NULL, GS_ON_LEADER, GS_GIVEN(OFFERED), GS_NOTE, has_other_port_used,
	  .message = say_port },
	{ "NFSD_THREADS", "nfsd has fewer threads than clients that are connected.", GS_ON_LEADER,
	  GS_GIVEN(OFFERED), GS_WARN, has_few_threads, .message = say_few_threads,
	  .fix = set_threads },
	{ "NFSD_ADDRESS", "nfsd does not listen on the address by which a follower reaches it.",
	  GS_ON_LEADER, GS_GIVEN(OFFERED), GS_FAIL, is_deaf, .message = say_deaf, .fix = set_host },
	{ "NFSD_ADDRESS", NULL, GS_ON_LEADER, GS_GIVEN(OFFERED), GS_NOTE, has_other_address,
	  .message = say_other_address },
	{ 0 },
};
