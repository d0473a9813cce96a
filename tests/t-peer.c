/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <string.h>

#include "core/check/judge.h"
#include "core/peer/idmap.h"
#include "core/peer/report.h"

/* A node's report: what is printed reads back, what is not whole does not; and two of them. */

#define FIRST "gshare-report 1\n"

/* ---- lines that are refused ------------------------------------------------------------------ */

struct bad {
	const char *name;
	const char *line; /* in place of line 5 of a good report */
	const char *said;
};

static const struct bad bads[] = {
	{ "an unknown fact", "shadow root", "f:5: no fact of a report begins with this word" },
	{ "an empty line", "", "f:5: no fact of a report begins with this word" },
	{ "a fact twice", "time 1", "f:5: this fact is there twice" },
	{ "a word too few", "export /a", "f:5: a word is missing" },
	{ "a word too many", "export /a b c", "f:5: there are more words than this fact has" },
	{ "two spaces", "export /a  b", "f:5: a word is not as a report has it" },
	{ "a number with a sign", "owner /a +5 0 x", "f:5: a word is not as a report has it" },
	{ "a number with a zero", "owner /a 05 0 x", "f:5: a word is not as a report has it" },
	{ "a number over its end", "owner /a 4294967296 0 x",
	  "f:5: a word is not as a report has it" },
	{ "a name as an address", "address gpu-1 24 e 0", "f:5: a word is not as a report has it" },
	{ "an address that is long", "address fd00:0::1 64 e 0",
	  "f:5: a word is not as a report has it" },
	{ "what must be known is not", "export - b", "f:5: a word is not as a report has it" },
	{ "a control byte", "export /a \033[2J", "f:5: a word is not as a report has it" },
	{ "an octal that is no byte", "export /a \\400", "f:5: a word is not as a report has it" },
	{ "a NUL as octal", "export /a x\\000", "f:5: a word is not as a report has it" },
	{ "an octal for a letter", "export /a \\141", "f:5: a word is not as a report has it" },
	{ "an octal that ends", "export /a \\04", "f:5: a word is not as a report has it" },
};

static uint64_t sum_of(const char *text)
{
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	for (; *text; text++)
		sum = (sum ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return sum;
}

static void add_sum(struct gs_str *text)
{
	gs_str_addf(text, "sum %016llx\n", (unsigned long long)sum_of(text->ptr));
}

/* The first four lines are the same in all. */
static void compose(const char *lines, struct gs_str *ret)
{
	gs_str_adds(ret, FIRST "node n b 1\ntime 1\nidmap -\n");
	gs_str_adds(ret, lines);
	add_sum(ret);
}

static void assert_refused(struct gs_span text, const char *said)
{
	struct gs_node node = { 0 };
	struct gs_err err = { 0 };

	assert_true(gs_report_read(text, "f", &node, &err) < 0);
	assert_string_equal(err.msg, said);
	assert_string_equal(err.id, "PEER_REPORT_BAD");
	assert_null(node.name);
}

static void test_bad(void **state)
{
	const struct bad *bad = *state;
	gs_autofree char *lines = gs_printf("%s\nnfsd 0 -\nleft-out 0\n", bad->line);
	gs_autostr struct gs_str text = { 0 };

	compose(lines, &text);
	assert_refused(gs_str_span(&text), bad->said);
}

static void other_files_are_refused(void **state)
{
	gs_autostr struct gs_str lacks = { 0 }, long_one = { 0 }, newer = { 0 }, many = { 0 },
				 too_many = { 0 };

	(void)state;
	compose("nfsd 0 -\n", &lacks);
	assert_refused(gs_str_span(&lacks), "f:5: the report lacks a fact that every report has");
	gs_str_adds(&newer, "gshare-report 2\nnode n b 1\n");
	add_sum(&newer);
	assert_refused(gs_str_span(&newer),
		       "f:1: the report has another version than 1, which this gshare reads");
	assert_refused(gs_span_of(""), "f:1: this is no report of gshare doctor --peer-report");
	assert_refused(gs_span_of("#!/bin/sh\n"),
		       "f:1: this is no report of gshare doctor --peer-report");
	gs_str_adds(&many, "nfsd 0 -\nleft-out 0\n");
	for (size_t i = 0; i < 257; i++)
		gs_str_adds(&many, "address 10.0.0.1 24 e 0\n");
	compose(many.ptr, &too_many);
	assert_refused(gs_str_span(&too_many),
		       "f:263: there are more facts of this kind than a report has");
	assert_refused(gs_span_of(FIRST), "f:1: the report ends before its line with the checksum");
	while (long_one.len <= GS_REPORT_BYTES)
		gs_str_adds(&long_one, FIRST);
	assert_refused(gs_str_span(&long_one), "f:1: a report has at most 65536 bytes");
}

/* Whichever byte is lost or changed, it is noticed. */
static void what_is_damaged_is_refused(void **state)
{
	gs_autostr struct gs_str text = { 0 };
	struct gs_node node = { 0 };
	struct gs_err err = { 0 };

	(void)state;
	compose("nfsd 2049 +4.2\nleft-out 0\nexport /a 10.0.0.1\n", &text);
	assert_int_equal(gs_report_read(gs_str_span(&text), "f", &node, &err), 0);
	gs_node_done(&node);
	for (size_t i = 0; i < text.len; i++) {
		char was = text.ptr[i];

		assert_true(gs_report_read(gs_span(text.ptr, i), "f", &node, &err) < 0);
		text.ptr[i] = (char)(was ^ 1);
		assert_true(gs_report_read(gs_str_span(&text), "f", &node, &err) < 0);
		text.ptr[i] = was;
	}
}

/* ---- lines that are read --------------------------------------------------------------------- */

/* A node from facts, as in a report. */
static void read_node(const char *name, const char *facts, struct gs_node *ret)
{
	gs_autostr struct gs_str text = { 0 };
	struct gs_err err = { 0 };

	gs_str_addf(&text, FIRST "node %s boot-of-%s 1\n%s%snfsd 0 -\nleft-out 0\n%s", name, name,
		    strstr(facts, "time ") ? "" : "time 1000000\n",
		    strstr(facts, "idmap ") ? "" : "idmap -\n", facts);
	add_sum(&text);
	if (gs_report_read(gs_str_span(&text), "facts", ret, &err) < 0)
		fail_msg("%s", err.msg);
}

static void hostile_names_come_back(void **state)
{
	static const char *const names[] = { "-",  "",	      "a b",  "\\", "\\040",
					     "\n", "\033[2J", "\xff", "ü",  "sum 0" };

	(void)state;
	for (size_t i = 0; i < GS_COUNT(names); i++) {
		GS_AUTO(gs_node_done) struct gs_node node = { 0 }, again = { 0 };
		gs_autostr struct gs_str text = { 0 };
		struct gs_node_client *client;
		struct gs_err err = { 0 };

		read_node("n", "", &node);
		client = gs_node_add(&node, GS_NODE_CLIENT);
		client->addr = gs_strdup("10.0.0.1");
		client->state = gs_strdup("confirmed");
		client->name = gs_strdup(names[i]);
		gs_report_node(&node, &text);
		for (size_t b = 0; b < text.len; b++)
			assert_true(text.ptr[b] == '\n' ||
				    (text.ptr[b] >= ' ' && text.ptr[b] <= '~'));
		assert_int_equal(gs_report_read(gs_str_span(&text), "f", &again, &err), 0);
		assert_string_equal(again.clients.v[0].name, names[i]);
		assert_null(again.clients.v[0].host);
	}
}

/* A leader of very many followers: the report stays small, and says that it is not all. */
static void what_does_not_fit_is_counted(void **state)
{
	GS_AUTO(gs_node_done) struct gs_node node = { 0 }, again = { 0 };
	gs_autostr struct gs_str text = { 0 };
	struct gs_err err = { 0 };

	(void)state;
	read_node("n", "", &node);
	for (unsigned i = 0; i < 5000; i++) {
		struct gs_node_export *export = gs_node_add(&node, GS_NODE_EXPORT);

		export->path = gs_strdup("/srv");
		export->client = gs_printf("10.0.%u.%u", i / 250, i % 250);
	}
	gs_report_node(&node, &text);
	assert_true(text.len <= GS_REPORT_BYTES);
	assert_int_equal(gs_report_read(gs_str_span(&text), "f", &again, &err), 0);
	assert_true(again.exports.n > 1000 && again.left_out == 5000 - again.exports.n);
}

static void the_domain_of_idmapd(void **state)
{
	static const struct {
		const char *conf, *domain;
	} rows[] = {
		{ "", NULL },
		{ "Domain = a.example\n", NULL },
		{ "[General]\nDomain = a.example\n", "a.example" },
		{ "[general]\n#Domain = x\n domain=a.example \n[Mapping]\nDomain = b\n",
		  "a.example" },
		{ "[Mapping]\nDomain = b\n", NULL },
		{ "[General]\nDomain =\n", NULL },
	};

	(void)state;
	for (size_t i = 0; i < GS_COUNT(rows); i++) {
		gs_autofree char *domain = gs_idmap_domain(gs_span_of(rows[i].conf));

		assert_true(rows[i].domain ? domain && !strcmp(domain, rows[i].domain) : !domain);
	}
}

/* ---- two nodes ------------------------------------------------------------------------------- */

#define LEADER	 "address 10.0.0.1 24 eth0 1500\nowner /srv 1000 1000 ubuntu\n"
#define EXPORT	 "export /srv 10.0.0.2\n"
#define FOLLOWER "address 10.0.0.2 24 eth1 1500\n"
#define MOUNT	 "mount /mnt 10.0.0.1:/srv 10.0.0.1 10.0.0.2 4.2 sys 0 0\n"
#define KERBEROS "mount /mnt 10.0.0.1:/srv 10.0.0.1 10.0.0.2 4.2 krb5p 0 0\n"
#define CLIENT	 "client 10.0.0.2 2 1 confirmed f Linux\\040f\n"

/* Said on the follower unless is_leader; found and fix: of the only finding; NULL: there is none */
struct two {
	const char *name;
	const char *leader, *follower;
	const char *found, *fix;
	bool is_leader;
};

static const struct two twos[] = {
	{ "a share in order", LEADER EXPORT CLIENT, FOLLOWER MOUNT, NULL, NULL, false },
	{ "nothing in common", "", "", NULL, NULL, false },
	{ "a follower that is not mounted yet", LEADER EXPORT, FOLLOWER, NULL, NULL, false },

	{ "the export is for another address", LEADER "export /srv 10.0.0.9\n", FOLLOWER MOUNT,
	  "NOT_EXPORTED", "on l run: sudo gshare leader add 10.0.0.2 --path /srv", false },
	{ "the same, told on the leader", LEADER "export /srv 10.0.0.9\n", FOLLOWER MOUNT,
	  "NOT_EXPORTED", "sudo gshare leader add 10.0.0.2 --path /srv", true },
	{ "an export by hand", "address 10.0.0.1 24 e 0\nexport /srv 10.0.0.9\n", FOLLOWER MOUNT,
	  "NOT_EXPORTED", "on l run: sudo gshare leader init /srv --follower 10.0.0.2", false },
	{ "before anything is mounted", LEADER "export /srv 10.0.0.9\n", FOLLOWER, "NOT_EXPORTED",
	  "on l run: sudo gshare leader add 10.0.0.2 --path /srv", false },
	{ "of two exports nobody knows which is meant",
	  LEADER "export /srv 10.0.0.9\nexport /var 10.0.0.9\n", FOLLOWER, "NOT_EXPORTED", NULL,
	  false },
	{ "an export by name may be for it", LEADER "export /srv gpu-1\n", FOLLOWER MOUNT, NULL,
	  NULL, false },
	{ "a network covers it", LEADER "export /srv 10.0.0.0/24\n", FOLLOWER MOUNT, NULL, NULL,
	  false },
	{ "another leader is no follower", LEADER "export /srv 10.0.0.9\n",
	  FOLLOWER "export /own 10.0.0.7\n", NULL, NULL, false },
	{ "what was left out may cover it", LEADER "export /srv 10.0.0.9\nleft-out 1\n",
	  FOLLOWER MOUNT, NULL, NULL, false },
	{ "a mount of another server", LEADER "export /srv 10.0.0.9\n",
	  FOLLOWER "mount /mnt 10.7.0.1:/srv 10.7.0.1 10.0.0.2 4.2 sys 0 0\n"
		   "export /own 10.0.0.7\n",
	  NULL, NULL, false },

	{ "a follower behind NAT", LEADER EXPORT "client 10.0.0.254 2 1 confirmed f Linux\\040f\n",
	  "address 10.0.0.2 24 e 0\n" MOUNT, "PEER_ADDRESS_DIFFERS",
	  "on l run: sudo gshare leader add 10.0.0.254 --path /srv", false },
	{ "behind NAT, and exported to that",
	  LEADER "export /srv 10.0.0.254\nclient 10.0.0.254 2 1 confirmed f Linux\\040f\n",
	  FOLLOWER MOUNT, NULL, NULL, false },
	{ "a client that is gone says nothing",
	  LEADER EXPORT "client 10.0.0.254 2 0 confirmed f Linux\\040f\n", FOLLOWER MOUNT, NULL,
	  NULL, false },

	{ "the leader's address is another by now",
	  "address 10.0.0.7 24 e 0\nowner /srv 0 0 -\n" EXPORT CLIENT, FOLLOWER MOUNT,
	  "PEER_SERVER_DIFFERS",
	  "if that address is gone: sudo gshare follower unmount /mnt --forget --lazy && sudo gshare follower mount "
	  "10.0.0.7 /mnt --export /srv",
	  false },
	{ "and its connection is lost",
	  "address 10.0.0.7 24 e 0\nowner /srv 0 0 -\n" EXPORT
	  "client 10.0.0.2 2 0 confirmed f Linux\\040f\n",
	  FOLLOWER MOUNT, "PEER_SERVER_DIFFERS",
	  "if that address is gone: sudo gshare follower unmount /mnt --forget --lazy && sudo gshare follower mount "
	  "10.0.0.7 /mnt --export /srv",
	  false },
	{ "a client of long ago",
	  "address 10.0.0.7 24 e 0\nowner /srv 0 0 -\n" EXPORT
	  "client 10.0.0.2 2 0 lapsed f Linux\\040f\n",
	  FOLLOWER MOUNT, NULL, NULL, false },
	{ "two servers: nobody knows which is meant",
	  "address 10.0.0.7 24 e 0\nowner /srv 0 0 -\n" EXPORT CLIENT,
	  FOLLOWER MOUNT "mount /b 10.0.0.8:/srv 10.0.0.8 10.0.0.2 4.2 sys 0 0\n", NULL, NULL,
	  false },

	{ "a jumbo frame at one end", LEADER EXPORT, "address 10.0.0.2 24 eth1 9000\n" MOUNT,
	  "PEER_MTU_DIFFERS", "sudo ip link set dev eth1 mtu 1500", false },
	{ "at the other end", LEADER EXPORT, "address 10.0.0.2 24 eth1 1400\n" MOUNT,
	  "PEER_MTU_DIFFERS", "on l run: sudo ip link set dev eth0 mtu 1400", false },
	{ "a router between them", "address 10.7.0.1 24 e 1500\nowner /srv 0 0 -\n" EXPORT,
	  "address 10.0.0.2 24 e 9000\n"
	  "mount /mnt 10.7.0.1:/srv 10.7.0.1 10.0.0.2 4.2 sys 0 0\n",
	  NULL, NULL, false },
	{ "an interface without an MTU", LEADER EXPORT, "address 10.0.0.2 24 eth1 0\n" MOUNT, NULL,
	  NULL, false },

	{ "the leader's firewall keeps it out", LEADER EXPORT "gate 10.0.0.2 denied a\\040rule\n",
	  FOLLOWER "knock 10.0.0.1 2049 PORT_FILTERED\n", "PEER_FIREWALL",
	  "on l run: sudo gshare doctor", false },
	{ "the same, told on the leader", LEADER EXPORT "gate 10.0.0.2 closed -\n",
	  FOLLOWER "knock 10.0.0.1 2049 PORT_FORBIDDEN\n", "PEER_FIREWALL", "sudo gshare doctor",
	  true },
	{ "it lets it in, and something between does not", LEADER EXPORT "gate 10.0.0.2 open -\n",
	  FOLLOWER "knock 10.0.0.1 2049 PORT_FILTERED\n", "LOST_BETWEEN",
	  "let tcp port 2049 from 10.0.0.2 to 10.0.0.1 through what is between them: a router, a "
	  "switch, or the security groups of the cloud",
	  false },
	{ "what is refused was answered", LEADER EXPORT "gate 10.0.0.2 open -\n",
	  FOLLOWER "knock 10.0.0.1 2049 PORT_REFUSED\n", NULL, NULL, false },
	{ "nobody knows what its rules do", LEADER EXPORT "gate 10.0.0.2 unknown -\n",
	  FOLLOWER "knock 10.0.0.1 2049 PORT_FILTERED\n", NULL, NULL, false },
	{ "a closed firewall that it has got through", LEADER EXPORT "gate 10.0.0.2 closed -\n",
	  FOLLOWER "knock 10.0.0.1 2049 reached\n", NULL, NULL, false },
	{ "another server is silent, too", LEADER EXPORT "gate 10.0.0.2 open -\n",
	  FOLLOWER "knock 10.0.0.1 2049 PORT_FILTERED\nknock 10.0.0.9 2049 PORT_FILTERED\n", NULL,
	  NULL, false },

	{ "two nodes of one name",
	  LEADER EXPORT CLIENT "client 10.0.0.3 2 1 confirmed f Linux\\040f\n", FOLLOWER MOUNT,
	  "CLIENT_ID_SHARED", "sudo gshare follower status /mnt", false },
	{ "a leader says that by itself",
	  LEADER EXPORT CLIENT "client 10.0.0.3 2 1 confirmed f Linux\\040f\n", FOLLOWER MOUNT,
	  NULL, NULL, true },
	{ "the same node a moment ago",
	  LEADER EXPORT CLIENT "client 10.0.0.3 2 0 lapsed f Linux\\040f\n", FOLLOWER MOUNT, NULL,
	  NULL, false },

	{ "the owner's number is another account", LEADER EXPORT,
	  FOLLOWER MOUNT "account alice 1000 1000\n", "PEER_OWNER_DIFFERS", NULL, false },
	{ "the owner's name has another number", LEADER EXPORT,
	  FOLLOWER MOUNT "account ubuntu 1001 1001\n", "PEER_OWNER_DIFFERS", NULL, false },
	{ "the same account", LEADER EXPORT,
	  FOLLOWER MOUNT "account ubuntu 1000 1000\naccount bob 5 5\n", NULL, NULL, false },
	{ "nobody is nobody", "address 10.0.0.1 24 e 0\nowner /srv 65534 65534 nobody\n" EXPORT,
	  FOLLOWER MOUNT "account nfsnobody 65534 65534\n", NULL, NULL, false },

	{ "domains, with Kerberos", LEADER "idmap a.example\n" EXPORT,
	  FOLLOWER "idmap b.example\n" KERBEROS, "PEER_DOMAIN_DIFFERS",
	  "sudo nfsconf --file /etc/idmapd.conf --set General Domain a.example && sudo nfsidmap -c",
	  false },
	{ "domains, without", LEADER "idmap a.example\n" EXPORT, FOLLOWER "idmap b.example\n" MOUNT,
	  NULL, NULL, false },
	{ "no domain set", LEADER EXPORT, FOLLOWER "idmap b.example\n" KERBEROS, NULL, NULL,
	  false },

	{ "a report from the future", LEADER EXPORT "time 1001001\n", FOLLOWER MOUNT,
	  "PEER_CLOCK_AHEAD",
	  "sudo timedatectl set-ntp true; on l run: sudo timedatectl set-ntp true", false },
	{ "a second is nothing", LEADER EXPORT "time 1001000\n", FOLLOWER MOUNT, NULL, NULL,
	  false },
	{ "a report of ten minutes ago", LEADER EXPORT "time 400000\n", FOLLOWER MOUNT, NULL, NULL,
	  false },
	{ "an older one", LEADER EXPORT "time 399999\n", FOLLOWER MOUNT, "PEER_REPORT_OLD",
	  "on l run: sudo gshare doctor --peer-report", false },

	{ "a hostile path", LEADER "export /$(reboot)\\033 10.0.0.9\n",
	  FOLLOWER "mount /mnt 10.0.0.1:/$(reboot)\\033 10.0.0.1 10.0.0.2 4.2 sys 0 0\n",
	  "NOT_EXPORTED",
	  "on l run: sudo gshare leader init $'/$(reboot)\\033' --follower 10.0.0.2", false },
};

/* A node's own words, or those that any report has. */
static void read_two(const char *name, const char *facts, struct gs_node *ret)
{
	const char *left_out = strstr(facts, "left-out 1\n");
	gs_autofree char *all = gs_strdup(facts);

	if (left_out)
		all[left_out - facts] = '\0';
	read_node(name, all, ret);
	ret->left_out = left_out ? 1 : 0;
}

static void test_two(void **state)
{
	const struct two *two = *state;
	GS_AUTO(gs_node_done) struct gs_node leader = { 0 }, follower = { 0 };
	GS_AUTO(gs_findings_done) struct gs_findings found = { 0 };

	read_two("l", two->leader, &leader);
	read_two("f", two->follower, &follower);
	if (two->is_leader)
		gs_pair_judge(&leader, &follower, &found);
	else
		gs_pair_judge(&follower, &leader, &found);
	if (found.n > (two->found ? 1 : 0))
		fail_msg("%s: %s", found.v[0].id, found.v[0].text);
	assert_int_equal(found.n, two->found ? 1 : 0);
	if (!two->found)
		return;
	assert_string_equal(found.v[0].id, two->found);
	if (two->fix)
		assert_string_equal(found.v[0].fix, two->fix);
	else
		assert_null(found.v[0].fix);
	assert_null(strchr(found.v[0].text, '\033'));
}

int main(void)
{
	static struct table table;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_files_are_refused),
		cmocka_unit_test(what_is_damaged_is_refused),
		cmocka_unit_test(hostile_names_come_back),
		cmocka_unit_test(what_does_not_fit_is_counted),
		cmocka_unit_test(the_domain_of_idmapd),
	};

	TABLE_ADD(&table, bads, test_bad);
	TABLE_ADD(&table, twos, test_two);
	for (size_t i = 0; i < GS_COUNT(tests); i++)
		table.test[table.n++] = tests[i];
	return table_run("peer", &table);
}
