/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "core/firewall/way_in.h"
#include "table.h"

/*
 * What the rules of iptables-save do with a connection to 10.9.0.1 or fd09::1, port 2049, that
 * comes in by lan0: networks, and what is odd. tests/t-packets.c has the ordinary, on a kernel.
 */

#define FILTER(body) "*filter\n:INPUT DROP [0:0]\n:one - [0:0]\n" body "COMMIT\n"

static const struct row {
	const char *name, *save, *from;
	enum gs_fate way;
	const char *told;    /* NULL: nothing is */
	const char *address; /* of a network: one that it is about */
	bool is_partly;
} rows[] = {
	{ "a network, all admitted", FILTER("-A INPUT -s 10.9.0.0/24 -j ACCEPT\n"), "10.9.0.0/24",
	  GS_FATE_ADMITTED, NULL, "10.9.0.0", false },
	{ "a network within one", FILTER("-A INPUT -s 10.0.0.0/8 -j ACCEPT\n"), "10.9.0.0/24",
	  GS_FATE_ADMITTED, NULL, "10.9.0.0", false },
	{ "a network in halves",
	  FILTER("-A INPUT -s 10.9.0.0/25 -j ACCEPT\n-A INPUT -s 10.9.0.128/25 -j ACCEPT\n"),
	  "10.9.0.0/24", GS_FATE_ADMITTED, NULL, "10.9.0.0", false },
	{ "half a network", FILTER("-A INPUT -s 10.9.0.0/25 -j ACCEPT\n"), "10.9.0.0/24",
	  GS_FATE_DROPPED, "table ip filter, chain INPUT: policy drop", "10.9.0.128", true },
	{ "all but one of a network",
	  FILTER("-A INPUT -s 10.9.0.7/32 -j REJECT --reject-with tcp-reset\n"
		 "-A INPUT -s 10.9.0.0/24 -j ACCEPT\n"),
	  "10.9.0.0/24", GS_FATE_REJECTED,
	  "table ip filter, chain INPUT: -A INPUT -s 10.9.0.7/32 -j REJECT "
	  "--reject-with tcp-reset",
	  "10.9.0.7", true },
	{ "no one of a network", FILTER("-A INPUT -s 10.9.1.0/24 -j ACCEPT\n"), "10.9.0.0/24",
	  GS_FATE_DROPPED, "table ip filter, chain INPUT: policy drop", "10.9.0.0", false },
	{ "the last address of all", FILTER("-A INPUT -s 255.255.255.255/32 -j ACCEPT\n"),
	  "0.0.0.0/0", GS_FATE_DROPPED, "table ip filter, chain INPUT: policy drop", "0.0.0.0",
	  true },
	{ "an unclear one of a network",
	  FILTER("-A INPUT -s 10.9.0.7/32 -m owner -j DROP\n"
		 "-A INPUT -j ACCEPT\n"),
	  "10.9.0.0/24", GS_FATE_UNCLEAR,
	  "table ip filter, chain INPUT: -A INPUT -s 10.9.0.7/32 -m owner -j DROP", "10.9.0.7",
	  true },
	{ "one of version 6", FILTER("-A INPUT -s 10.9.0.0/24 -j ACCEPT\n"), "fd09::2",
	  GS_FATE_ADMITTED, NULL, "fd09::2", false },
	{ "counters", FILTER("[5:300] -A INPUT -s 10.9.0.2/32 -j ACCEPT\n"), "10.9.0.2",
	  GS_FATE_ADMITTED, NULL, "10.9.0.2", false },
	{ "a comment with a target in it",
	  FILTER("-A INPUT -m comment --comment \"x -j DROP \\\" \\\\\" -j ACCEPT\n"), "10.9.0.2",
	  GS_FATE_ADMITTED, NULL, "10.9.0.2", false },
	{ "a rule that does nothing", FILTER("-A INPUT\n"), "10.9.0.2", GS_FATE_DROPPED,
	  "table ip filter, chain INPUT: policy drop", "10.9.0.2", false },
	{ "a target that is not known", FILTER("-A INPUT -j STRANGE --strangely 1\n"), "10.9.0.2",
	  GS_FATE_UNCLEAR, "table ip filter, chain INPUT: -A INPUT -j STRANGE --strangely 1",
	  "10.9.0.2", false },
	{ "a target without a name", FILTER("-A INPUT -j\n"), "10.9.0.2", GS_FATE_UNCLEAR,
	  "table ip filter, chain INPUT: -A INPUT -j", "10.9.0.2", false },
	{ "an option that is not known", FILTER("-A INPUT --strange a b -j ACCEPT\n"), "10.9.0.2",
	  GS_FATE_UNCLEAR, "table ip filter, chain INPUT: -A INPUT --strange a b -j ACCEPT",
	  "10.9.0.2", false },
	{ "an unclear match, and the end is the same",
	  FILTER("-A INPUT -m string --string x -j DROP\n"), "10.9.0.2", GS_FATE_DROPPED,
	  "table ip filter, chain INPUT: -A INPUT -m string --string x -j DROP", "10.9.0.2",
	  false },
	{ "a set of ipset", FILTER("-A INPUT -m set --match-set nodes src -j ACCEPT\n"), "10.9.0.2",
	  GS_FATE_UNCLEAR,
	  "table ip filter, chain INPUT: -A INPUT -m set --match-set nodes src -j ACCEPT",
	  "10.9.0.2", false },
	{ "a set of ipset, of another port",
	  FILTER("-A INPUT -p tcp -m multiport --dports 22 -m set --match-set f2b src -j DROP\n"
		 "-A INPUT -p tcp -j ACCEPT\n"),
	  "10.9.0.2", GS_FATE_ADMITTED, NULL, "10.9.0.2", false },
	{ "ports that cannot be read", FILTER("-A INPUT -p tcp --dport nfs -j ACCEPT\n"),
	  "10.9.0.2", GS_FATE_UNCLEAR,
	  "table ip filter, chain INPUT: -A INPUT -p tcp --dport nfs -j ACCEPT", "10.9.0.2",
	  false },
	{ "an address that cannot be read", FILTER("-A INPUT -s here -j ACCEPT\n"), "10.9.0.2",
	  GS_FATE_UNCLEAR, "table ip filter, chain INPUT: -A INPUT -s here -j ACCEPT", "10.9.0.2",
	  false },
	{ "a chain that jumps to itself", FILTER("-A INPUT -j one\n-A one -j one\n"), "10.9.0.2",
	  GS_FATE_UNCLEAR, "table ip filter, chain one: -A one -j one", "10.9.0.2", false },
	{ "a mark that may have been set",
	  FILTER("-A INPUT -m string --string x -j MARK --set-xmark 0x1/0xffffffff\n"
		 "-A INPUT -m mark --mark 0x1 -j DROP\n-A INPUT -j ACCEPT\n"),
	  "10.9.0.2", GS_FATE_UNCLEAR,
	  "table ip filter, chain INPUT: -A INPUT -m mark --mark 0x1 -j DROP", "10.9.0.2", false },
	{ "a mark of the connection",
	  FILTER("-A INPUT -j CONNMARK --restore-mark\n-A INPUT -m mark --mark 0x1 -j ACCEPT\n"),
	  "10.9.0.2", GS_FATE_UNCLEAR,
	  "table ip filter, chain INPUT: -A INPUT -m mark --mark 0x1 -j ACCEPT", "10.9.0.2",
	  false },
	{ "not tracked",
	  "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp -j CT --notrack\nCOMMIT\n" FILTER(
		  "-A INPUT -m conntrack --ctstate NEW -j ACCEPT\n"),
	  "10.9.0.2", GS_FATE_DROPPED, "table ip filter, chain INPUT: policy drop", "10.9.0.2",
	  false },
	{ "a line that is cut off", "*filter\n:INPUT DROP [0:0]\n-A INPUT -s", "10.9.0.2",
	  GS_FATE_DROPPED, "table ip filter, chain INPUT: policy drop", "10.9.0.2", false },
	{ "rules before a table", "-A INPUT -j DROP\n:INPUT DROP\n", "10.9.0.2", GS_FATE_ADMITTED,
	  NULL, "10.9.0.2", false },
	{ "nothing", "", "10.9.0.2", GS_FATE_ADMITTED, NULL, "10.9.0.2", false },
};

static void read_packet(const char *from, struct gs_nf_packet *ret)
{
	struct gs_span rest = gs_span_of(from), address;
	uint64_t prefix = 0;

	*ret = (struct gs_nf_packet){ .interface = "lan0", .has_to = true, .port = 2049 };
	gs_span_cut(&rest, '/', &address);
	assert_true(gs_nf_address(address, ret->from, &ret->family));
	prefix = ret->family == 4 ? 32 : 128;
	if (rest.len)
		assert_true(gs_span_number(rest, 128, &prefix));
	ret->prefix = (unsigned)prefix;
	gs_nf_address(gs_span_of(ret->family == 4 ? "10.9.0.1" : "fd09::1"), ret->to, &ret->family);
}

static void test_way(void **state)
{
	const struct row *row = *state;
	GS_AUTO(gs_ruleset_done) struct gs_ruleset rules = { 0 };
	gs_autostr struct gs_str told = { 0 };
	struct gs_nf_packet packet;
	struct gs_way_in way = { 0 };

	read_packet(row->from, &packet);
	gs_ruleset_read_save(&rules, gs_span_of(row->save), false, true, NULL);
	gs_way_in(&rules, &packet, &way);
	gs_way_in_tell(&way, &told);
	assert_string_equal(told.ptr ? told.ptr : "", row->told ? row->told : "");
	assert_int_equal(way.way, row->way);
	assert_string_equal(way.address, row->address);
	assert_int_equal(way.is_partly, row->is_partly);
}

/* A table that nft listed is read again from iptables-save; one of the older tables is another. */
static void test_replaced(void **state)
{
	GS_AUTO(gs_ruleset_done) struct gs_ruleset rules = { 0 };

	(void)state;
	gs_ruleset_add(&rules, GS_NF_IP, gs_span_of("filter"));
	gs_nf_chain(&rules.table[0], gs_span_of("old"));
	gs_ruleset_read_save(&rules, gs_span_of(FILTER("")), false, false, NULL);
	assert_int_equal(rules.n, 1);
	assert_null(gs_nf_find_chain(&rules.table[0], gs_span_of("old")));
	gs_ruleset_read_save(&rules, gs_span_of(FILTER("")), false, true, NULL);
	gs_ruleset_read_save(&rules, gs_span_of(FILTER("")), true, false, NULL);
	assert_int_equal(rules.n, 3);
	assert_true(rules.table[1].is_legacy);
	assert_int_equal(rules.table[2].family, GS_NF_IP6);
}

static const struct mask_row {
	const char *name, *mask;
	bool is_prefix;
	unsigned bits;
} masks[] = {
	{ "a mask of 24 bits", "255.255.255.0", true, 24 },
	{ "a mask of 9 bits", "255.128.0.0", true, 9 },
	{ "a mask of none", "0.0.0.0", true, 0 },
	{ "a mask of all", "255.255.255.255", true, 32 },
	{ "a mask with holes", "255.0.255.0", false, 0 },
	{ "a mask with a hole in a byte", "255.160.0.0", false, 0 },
	{ "a mask of version 6", "ffff:ffff:e000::", true, 35 },
};

static void test_mask(void **state)
{
	const struct mask_row *row = *state;
	unsigned char mask[GS_NF_BYTES];
	unsigned family = 0, bits = 0;

	assert_true(gs_nf_address(gs_span_of(row->mask), mask, &family));
	assert_int_equal(gs_nf_mask_bits(mask, family, &bits), row->is_prefix);
	assert_int_equal(bits, row->bits);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, rows, test_way);
	TABLE_ADD(&table, masks, test_mask);
	table_add(&table, "a table is read again", test_replaced, NULL);
	return table_run("ruleset", &table);
}
