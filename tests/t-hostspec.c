/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/exports/host.h"

#include <string.h>

#include "table.h"

static const struct strict {
	const char *name, *text;
	enum gs_host_kind kind;
	const char *canonical; /* NULL: refused */
	const char *said;      /* in the message or what fixes it */
	bool wide;
} stricts[] = {
	{ "an IPv4 address", "192.168.18.8", GS_HOST_ADDR, "192.168.18.8", NULL, false },
	{ "an IPv6 address is shortened", "FD00:0::0001", GS_HOST_ADDR, "fd00::1", NULL, false },
	{ "brackets are dropped", "[fd00::1]", GS_HOST_ADDR, "fd00::1", NULL, false },
	{ "brackets before a prefix are dropped", "[fd00::]/64", GS_HOST_NET, "fd00::/64", NULL,
	  false },
	{ "a network", "10.0.0.0/24", GS_HOST_NET, "10.0.0.0/24", NULL, false },
	{ "a dotted mask becomes a length", "10.0.0.0/255.255.254.0", GS_HOST_NET, "10.0.0.0/23",
	  NULL, true },
	{ "/32 is the address", "10.0.0.1/32", GS_HOST_ADDR, "10.0.0.1", NULL, false },
	{ "/128 is the address", "fd00::1/128", GS_HOST_ADDR, "fd00::1", NULL, false },
	{ "/0 is wide", "0.0.0.0/0", GS_HOST_NET, "0.0.0.0/0", NULL, true },
	{ "v6 wider than /64 is wide", "fd00::/63", GS_HOST_NET, "fd00::/63", NULL, true },
	{ "a name is lower case, without its final dot", "GPU-2.Example.COM.", GS_HOST_NAME,
	  "gpu-2.example.com", NULL, false },
	{ "a wildcard", "*.Example.com", GS_HOST_WILDCARD, "*.example.com", NULL, true },
	{ "a netgroup keeps its case", "@Nodes", GS_HOST_NETGROUP, "@Nodes", NULL, true },
	{ "everyone", "*", GS_HOST_ANYONE, "*", NULL, true },
	{ "host bits name the right network", "10.0.0.5/8", 0, NULL, "'10.0.0.0/8'", false },
	{ "host bits of v6", "fd00::1/64", 0, NULL, "'fd00::/64'", false },
	{ "nothing after the slash", "10.0.0.5/", 0, NULL, "use '10.0.0.5'", false },
	{ "prefix too long", "10.0.0.0/33", 0, NULL, "0 to 32", false },
	{ "a mask with holes", "10.0.0.0/255.0.0.255", 0, NULL, "not contiguous", false },
	{ "a mask on v6", "fd00::/255.0.0.0", 0, NULL, "not a netmask", false },
	{ "a number over 255", "300.1.1.1", 0, NULL, "IPv4", false },
	{ "a short address", "10.1", 0, NULL, "IPv4", false },
	{ "a hexadecimal address", "0x7f.1", 0, NULL, "IPv4", false },
	{ "hexadecimal at the end", "127.0x1", 0, NULL, "IPv4", false },
	{ "leading zeros", "010.0.0.1", 0, NULL, "leading zeros", false },
	{ "a zone", "fe80::1%eth0", 0, NULL, "zone", false },
	{ "a mapped address names the v4", "::ffff:10.0.0.1", 0, NULL, "'10.0.0.1'", false },
	{ "a mapped network", "::ffff:10.0.0.0/120", 0, NULL, "IPv4-mapped", false },
	{ "colons that are no address", "a:b", 0, NULL, "colon", false },
	{ "an unspecified address", "0.0.0.0", 0, NULL, "unspecified", false },
	{ "a multicast address", "224.0.0.1", 0, NULL, "multicast", false },
	{ "a v6 multicast address", "ff02::1", 0, NULL, "multicast", false },
	{ "the broadcast address", "255.255.255.255", 0, NULL, "broadcast", false },
	{ "gss", "gss/krb5", 0, NULL, "sec=krb5", false },
	{ "a space", "a b", 0, NULL, "space", false },
	{ "a control byte is shown harmlessly", "a\033[31mb", 0, NULL, "\\033", false },
	{ "parentheses", "10.0.0.1(rw)", 0, NULL, "options of exports(5)", false },
	{ "a comma", "a,b", 0, NULL, "( )", false },
	{ "a name with a prefix length", "bogus/name", 0, NULL, "not a name", false },
	{ "a name with a number there", "gpu-2/24", 0, NULL, "not a name", false },
	{ "no address before the slash", "10.0.0/24", 0, NULL, "IPv4", false },
	{ "empty", "", 0, NULL, "empty", false },
	{ "two dots", "a..b", 0, NULL, "is empty", false },
	{ "a hyphen first", "-a", 0, NULL, "'-'", false },
	{ "an odd letter in a name", "a+b", 0, NULL, "letters", false },
	{ "an odd letter in a pattern", "a*+", 0, NULL, "pattern", false },
	{ "a netgroup without a name", "@", 0, NULL, "no name", false },
	{ "a wildcard with a prefix", "10.0.*/24", 0, NULL, "wildcard", false },
};

static void parse_strictly(void **state)
{
	const struct strict *row = *state;
	GS_AUTO(gs_hostspec_done) struct gs_hostspec spec = { 0 };
	struct gs_err err = { 0 };
	int code = gs_hostspec_parse(gs_span_of(row->text), &spec, &err);

	if (!row->canonical) {
		assert_int_equal(code, -GS_E_USAGE);
		assert_null(spec.text);
		if (!strstr(err.msg, row->said) && !strstr(err.fix, row->said))
			fail_msg("'%s', '%s' do not say '%s'", err.msg, err.fix, row->said);
		return;
	}
	assert_int_equal(code, 0);
	assert_int_equal(spec.kind, row->kind);
	assert_string_equal(spec.text, row->canonical);
	assert_int_equal(gs_hostspec_is_wide(&spec), row->wide);
}

static const struct follower {
	const char *name, *text, *host; /* NULL: refused */
	enum gs_access access;
	bool given;
} followers[] = {
	{ "no access is rw", "gpu-2", "gpu-2", GS_ACCESS_RW, false },
	{ "ro", "gpu-2:ro", "gpu-2", GS_ACCESS_RO, true },
	{ "loopback", "127.0.0.1", NULL, 0, false },
	{ "loopback, as Debian's hosts file has it", "127.0.1.1:rw", NULL, 0, false },
	{ "loopback of IPv6", "::1", NULL, 0, false },
	{ "a loopback network", "127.0.0.0/24", NULL, 0, false },
	{ "a network of no address", "0.0.0.0/24", NULL, 0, false },
	{ "every IPv4 host", "0.0.0.0/0", "0.0.0.0/0", GS_ACCESS_RW, false },
	{ "a multicast network", "224.0.0.0/24", NULL, 0, false },
	{ "the end of the multicast networks", "239.255.255.0/24:ro", NULL, 0, false },
	{ "a multicast network of IPv6", "ff02::/64", NULL, 0, false },
	{ "a network up to the broadcast address", "255.255.255.0/24", NULL, 0, false },
	{ "a network after the multicast ones", "240.0.0.0/24", "240.0.0.0/24", GS_ACCESS_RW,
	  false },
	{ "a network with multicast ones in it", "128.0.0.0/1", "128.0.0.0/1", GS_ACCESS_RW,
	  false },
	{ "rw of a network", "10.0.0.0/24:rw", "10.0.0.0/24", GS_ACCESS_RW, true },
	{ "ro of a bare IPv6 address", "fd00::8:ro", "fd00::8", GS_ACCESS_RO, true },
	{ "rw of a bracketed one", "[fd00::8]:rw", "fd00::8", GS_ACCESS_RW, true },
	{ "a bare IPv6 address", "fd00::8", "fd00::8", GS_ACCESS_RW, false },
	{ "a bracketed one", "[fd00::8]", "fd00::8", GS_ACCESS_RW, false },
	{ "a v6 network", "fd00::/64:ro", "fd00::/64", GS_ACCESS_RO, true },
	{ "rx is no access", "gpu-2:rx", NULL, 0, false },
	{ "rx is no access of v6", "fd00::8:rx", NULL, 0, false },
	{ "rx is no access of a bracketed one", "[fd00::8]:rx", NULL, 0, false },
	{ "RO is no access", "gpu-2:RO", NULL, 0, false },
	{ "nothing after the colon", "gpu-2:", NULL, 0, false },
	{ "nothing before it", ":ro", NULL, 0, false },
};

static void parse_followers(void **state)
{
	const struct follower *row = *state;
	GS_AUTO(gs_hostspec_done) struct gs_hostspec spec = { 0 };
	enum gs_access access = GS_ACCESS_RO;
	bool given = !row->given;
	struct gs_err err = { 0 };
	int code = gs_hostspec_parse_follower(gs_span_of(row->text), &spec, &access, &given, &err);

	if (!row->host) {
		assert_int_equal(code, -GS_E_USAGE);
		assert_int_equal(given, !row->given);
		return;
	}
	assert_int_equal(code, 0);
	assert_string_equal(spec.text, row->host);
	assert_int_equal(access, row->access);
	assert_int_equal(given, row->given);
}

static const struct pair {
	const char *name, *a, *b;
	bool same, covers;
} pairs[] = {
	{ "mask and length are the same", "10.0.0.0/24", "10.0.0.0/255.255.255.0", true, true },
	{ "/32 and the address are the same", "10.0.0.1/32", "10.0.0.1", true, true },
	{ "host bits are masked", "10.0.0.7/8", "10.0.0.0/8", true, true },
	{ "nothing after the slash is everything", "10.0.0.5/", "1.2.3.4", false, true },
	{ "spellings of v6 are the same", "FD00:0::1", "fd00::1", true, true },
	{ "a name's case is nothing", "GPU-2.", "gpu-2", true, true },
	{ "a net covers its address", "10.0.0.0/24", "10.0.0.77", false, true },
	{ "a net covers a smaller one", "10.0.0.0/23", "10.0.1.0/24", false, true },
	{ "not a larger one", "10.0.1.0/24", "10.0.0.0/23", false, false },
	{ "not a neighbour", "10.0.0.0/25", "10.0.0.200", false, false },
	{ "v4 /0 does not cover v6", "0.0.0.0/0", "fd00::1", false, false },
	{ "anyone covers all", "*", "fd00::1", false, true },
	{ "no client is anyone", "", "*", true, true },
	{ "a wildcard covers names, dots too", "*.ex.com", "a.b.ex.com", false, true },
	{ "a wildcard covers no address", "*.1", "10.0.0.1", false, false },
	{ "sets and questions", "h[1-3]?.ex", "h2x.ex", false, true },
	{ "a negated set", "h[!1-3].ex", "h2.ex", false, false },
	{ "a set without end is a letter", "h[1", "h[1", true, true },
	{ "many stars end", "*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false, false },
	{ "brackets are a wildcard in a file", "[fd00::1]", "fd00::1", false, false },
	{ "names are not resolved", "localhost", "127.0.0.1", false, false },
	{ "a prefix that cannot be is the same only as itself", "10.0.0.0/33", "10.0.0.0/33", true,
	  true },
};

static void compare(void **state)
{
	const struct pair *row = *state;
	GS_AUTO(gs_hostspec_done) struct gs_hostspec a = { 0 }, b = { 0 };

	gs_hostspec_read(gs_span_of(row->a), &a);
	gs_hostspec_read(gs_span_of(row->b), &b);
	assert_int_equal(gs_hostspec_is_same(&a, &b), row->same);
	assert_int_equal(gs_hostspec_covers(&a, &b), row->covers);
}

static void long_names_are_refused(void **state)
{
	GS_AUTO(gs_hostspec_done) struct gs_hostspec spec = { 0 };
	struct gs_err err = { 0 };
	char name[255];

	(void)state;
	for (size_t i = 0; i < sizeof name; i++)
		name[i] = i % 64 == 63 ? '.' : 'a';
	assert_int_equal(gs_hostspec_parse(gs_span(name, 253), &spec, &err), 0);
	gs_hostspec_done(&spec);
	assert_int_equal(gs_hostspec_parse(gs_span(name, 254), &spec, &err), -GS_E_USAGE);
	name[63] = 'a';
	assert_int_equal(gs_hostspec_parse(gs_span(name, 64), &spec, &err), -GS_E_USAGE);
	assert_int_equal(gs_hostspec_parse(gs_span(name, 63), &spec, &err), 0);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, stricts, parse_strictly);
	TABLE_ADD(&table, followers, parse_followers);
	TABLE_ADD(&table, pairs, compare);
	table_add(&table, "names and their parts have a longest length", long_names_are_refused,
		  NULL);
	return table_run("hostspec", &table);
}
