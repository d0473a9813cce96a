/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>

#include "core/check/check.h"
#include "core/check/offered.h"
#include "core/exports/nfsd_offer.h"
#include "core/plan/finding.h"

/* What a running nfsd offers, from what the kernel shows of it; findings out. */

#define USUAL	 "+3 +4 +4.1 +4.2\n"
#define TCP	 "tcp 2049\ntcp 2049\n"
#define IF_MEANT "if followers are meant to reach it there: "
#define WAIT                                                                                       \
	"; nfsd reads it when nfs-server starts the next time: clients wait then, so choose the "  \
	"time"

static const struct offered_row {
	const char *name;
	const char *id;		      /* of the only finding; NULL: none */
	const char *fix;	      /* NULL: none */
	bool is_note, is_idle;	      /* else a failure; and clients are connected */
	const char *versions, *ports; /* NULL: the usual ones */
	const char *listens;	      /* addresses, of the port's sockets; NULL: not known */
	const char *face;	      /* towards a follower; NULL: not looked at */
	const char *addr;	 /* by which that follower can name the leader; NULL: by none */
	const char *conf;	 /* of the file in nfs.conf.d; NULL: only the main one */
	unsigned port;		 /* 0: 2049 */
	size_t threads, clients; /* 0: as usual */
} rows[] = {
	{ .name = "as it comes", .listens = "0.0.0.0 ::", .face = "10.0.0.1", .addr = "10.0.0.1" },
	{ .name = "sockets that were not read", .face = "10.0.0.1", .addr = "10.0.0.1" },
	{ "version 4 is off", "NFSD_NO_V4", "sudo nfsconf --set nfsd vers4 y" WAIT,
	  .versions = "+3 -4 -4.0 -4.1 -4.2\n" },
	{ "it is off in a file of its own", "NFSD_NO_V4",
	  "sudo nfsconf --file /etc/nfs.conf.d/local.conf --set nfsd vers4 y" WAIT,
	  .versions = "+3 -4 -4.0 -4.1 -4.2\n", .conf = "# x\n[nfsd]\n Vers4 = n\n" },
	{ "the same name in another section", "NFSD_NO_V4", "sudo nfsconf --set nfsd vers4 y" WAIT,
	  .versions = "+3 -4\n", .conf = "[nfsd]\nvers3=y\n[mountd]\nvers4=n\n" },
	{ "4.0 alone", "NFSD_NO_V4", "sudo nfsconf --set nfsd vers4.2 y" WAIT,
	  .versions = "-3 +4 -4.1 -4.2\n" },
	{ "one thread for two clients", "NFSD_THREADS",
	  "sudo nfsconf --file /etc/nfs.conf --set nfsd threads 8 && sudo rpc.nfsd 8", .threads = 1,
	  .clients = 2 },
	{ .name = "one thread for one client", .threads = 1, .clients = 1 },
	{ .name = "as many threads as clients", .threads = 4, .clients = 4 },
	{ .name = "the usual threads for many clients", .threads = 8, .clients = 300 },
	{ "4.1 alone is enough", "NFSD_V41_ONLY", .is_note = true,
	  .versions = "+3 +4 -4.0 +4.1 -4.2\n" },
	{ .name = "4.2 alone", .versions = "-3 +4 -4.0 -4.1 +4.2\n" },
	{ "udp alone", "NFSD_NO_TCP", "sudo nfsconf --set nfsd tcp y" WAIT,
	  .ports = "udp 2049\nrdma 20049\n" },
	{ "another port", "NFSD_PORT", .is_note = true, .ports = "tcp 2050\ntcp 2050\n",
	  .listens = "0.0.0.0", .port = 2050, .face = "10.0.0.1", .addr = "10.0.0.1" },
	{ "another port, and nobody is connected", "NFSD_PORT",
	  "if that is not meant: sudo nfsconf --set nfsd port 2049" WAIT, .is_idle = true,
	  .ports = "tcp 2050\n", .listens = "0.0.0.0", .port = 2050, .face = "10.0.0.1",
	  .addr = "10.0.0.1" },
	{ .name = "the usual port beside others", .ports = "tcp 20490\ntcp 2049\nrdma 20049\n" },
	{ "another address", "NFSD_ADDRESS", .is_note = true, .listens = "127.0.0.1 10.0.0.2",
	  .face = "10.0.0.1", .addr = "10.0.0.2" },
	{ "this node alone", "NFSD_ADDRESS",
	  IF_MEANT "sudo nfsconf --set nfsd host 127.0.0.1,10.0.0.1" WAIT, .listens = "127.0.0.1",
	  .face = "10.0.0.1" },
	{ "IPv6 alone", "NFSD_ADDRESS", IF_MEANT "sudo nfsconf --set nfsd host ::,10.0.0.1" WAIT,
	  .listens = "::", .face = "10.0.0.1" },
	{ .name = "IPv6 alone, and an IPv6 follower",
	  .listens = "::",
	  .face = "fd00::1",
	  .addr = "fd00::1" },
	{ .name = "a link-local address",
	  .listens = "fe80::1",
	  .face = "fe80::1%eth0",
	  .addr = "fe80::1%eth0" },
	{ "IPv4 alone, and an IPv6 follower", "NFSD_ADDRESS",
	  IF_MEANT "sudo nfsconf --set nfsd host 0.0.0.0,fd00::1" WAIT, .listens = "0.0.0.0",
	  .face = "fd00::1" },
};

/* A line of /proc/net/tcp, or tcp6: words of 32 bits in this host's order. */
static void add_socket(const char *name, unsigned port, const char *state, struct gs_str *out)
{
	bool is_v6 = strchr(name, ':');
	uint32_t word[4] = { 0 };

	assert_int_equal(inet_pton(is_v6 ? AF_INET6 : AF_INET, name, word), 1);
	gs_str_adds(out, "   0: ");
	for (size_t i = 0; i < (is_v6 ? 4 : 1); i++)
		gs_str_addf(out, "%08X", word[i]);
	gs_str_addf(out, ":%04X %0*X:0000 %s 00000000:00000000 00:00000000\n", port, is_v6 ? 32 : 8,
		    0U, state);
}

static void read_offer(const struct offered_row *row, struct gs_nfsd_offer *ret)
{
	const char *head = "  sl  local_address rem_address   st tx_queue rx_queue\n";
	struct gs_span rest = gs_span_of(row->listens ? row->listens : ""), word;
	gs_autostr struct gs_str tcp = { 0 }, tcp6 = { 0 };
	unsigned port = row->port ? row->port : 2049;

	gs_str_adds(&tcp, head);
	gs_str_adds(&tcp6, head);
	add_socket("10.9.9.9", 22, "0A", &tcp);
	add_socket("10.9.9.8", port, "01", &tcp);
	while (gs_span_cut(&rest, ' ', &word)) {
		gs_autofree char *name = gs_span_dup(word);

		if (name[0])
			add_socket(name, port, "0A", strchr(name, ':') ? &tcp6 : &tcp);
	}
	gs_nfsd_offer_read(gs_span_of(row->versions ? row->versions : USUAL),
			   gs_span_of(row->ports ? row->ports : TCP), gs_str_span(&tcp),
			   gs_str_span(&tcp6), ret);
	gs_files_add(&ret->conf, "/etc/nfs.conf", true,
		     gs_span_of("[nfsd]\n# vers4=y\nthreads=8\n"));
	if (row->conf)
		gs_files_add(&ret->conf, "/etc/nfs.conf.d/local.conf", true, gs_span_of(row->conf));
}

static void test_offered(void **state)
{
	const struct offered_row *row = *state;
	GS_AUTO(gs_nfsd_offer_done) struct gs_nfsd_offer offer = { 0 };
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };
	const struct gs_offered_fact all = { .offer = &offer,
					     .is_idle = row->is_idle,
					     .threads = row->threads ? row->threads
								     : GS_NFSD_THREADS,
					     .clients = row->clients };
	const struct gs_offered_fact one = { .offer = &offer,
					     .host = "10.0.0.8",
					     .face = row->face };
	struct gs_facts facts = { .offered = &all };

	read_offer(row, &offer);
	gs_checks_run(&facts, GS_FAIL, &findings);
	facts.offered = &one;
	if (row->face) {
		const char *addr = gs_nfsd_offer_addr(&offer, row->face);

		gs_checks_run(&facts, GS_FAIL, &findings);
		assert_string_equal(addr ? addr : "none", row->addr ? row->addr : "none");
	}
	assert_int_equal(findings.n, row->id ? 1 : 0);
	if (!row->id)
		return;
	assert_string_equal(findings.v[0].id, row->id);
	assert_string_equal(findings.v[0].fix ? findings.v[0].fix : "", row->fix ? row->fix : "");
	assert_int_equal(findings.v[0].severity, row->is_note			? GS_NOTE
						 : row->is_idle || row->threads ? GS_WARN
										: GS_FAIL);
	assert_false(gs_nfsd_offer_is_usual(&offer) && findings.v[0].severity == GS_FAIL &&
		     !strchr(row->face ? row->face : "", ':'));
}

/* Not root, or nfsd does not run: nothing is found. */
static void test_unknown(void **state)
{
	const struct gs_nfsd_offer offer = { 0 };
	const struct gs_offered_fact all = { .offer = &offer };
	const struct gs_offered_fact one = { .offer = &offer,
					     .host = "10.0.0.8",
					     .face = "10.0.0.1" };
	struct gs_facts facts = { .offered = &all };
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };

	(void)state;
	gs_checks_run(&facts, GS_FAIL, &findings);
	facts.offered = &one;
	gs_checks_run(&facts, GS_FAIL, &findings);
	assert_int_equal(findings.n, 0);
	assert_true(gs_nfsd_offer_is_usual(&offer));
}

static const struct {
	const char *name;
} unknown[] = { { "what is not known" } };

int main(void)
{
	static struct table table;

	TABLE_ADD(&table, rows, test_offered);
	TABLE_ADD(&table, unknown, test_unknown);
	return table_run("offered", &table);
}
