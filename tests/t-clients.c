/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <string.h>

#include "core/clients.h"

/* The texts are those of Linux 6.1 with Linux and libnfs clients, but for what a row changes. */

#define INFO_42                                                                                    \
	"clientid: 0xf463acc16b032531\n"                                                           \
	"address: \"192.168.18.8:839\"\n"                                                          \
	"status: confirmed\n"                                                                      \
	"seconds from last renew: 4\n"                                                             \
	"name: \"Linux NFSv4.2 follower\"\n"                                                       \
	"minor version: 2\n"                                                                       \
	"Implementation domain: \"kernel.org\"\n"                                                  \
	"Implementation name: \"Linux 6.1.176 #1 Sat Jul  4 15:38:16 UTC 2026 x86_64\"\n"          \
	"Implementation time: [0, 0]\n"                                                            \
	"callback state: UP\n"                                                                     \
	"callback address: 192.168.18.8:0\n"
#define INFO_40                                                                                    \
	"clientid: 0xf463acc36b032531\n"                                                           \
	"address: \"192.168.18.8:832\"\n"                                                          \
	"status: confirmed\n"                                                                      \
	"seconds from last renew: 3\n"                                                             \
	"name: \"Linux NFSv4.0 follower/192.168.18.13\"\n"                                         \
	"minor version: 0\n"                                                                       \
	"callback state: UP\n"                                                                     \
	"callback address: 192.168.18.8:39047\n"
#define INFO_LIBNFS                                                                                \
	"clientid: 0xf463acbf6b032531\n"                                                           \
	"address: \"192.168.18.8:682\"\n"                                                          \
	"status: confirmed\n"                                                                      \
	"seconds from last renew: 6\n"                                                             \
	"name: \"Libnfs pid:445 1795368242\"\n"                                                    \
	"minor version: 0\n"                                                                       \
	"callback state: DOWN\n"                                                                   \
	"callback address: 0.0.0.0:0\n"

static const struct info_row {
	const char *name, *info;
	const char *addr, *host;
	unsigned minor;
	bool confirmed, is_probe;
	int renewed_s; /* -1: not told */
} infos[] = {
	{ "a follower by 4.2", INFO_42, "192.168.18.8", "follower", 2, true, false, 4 },
	{ "4.0 names the server too", INFO_40, "192.168.18.8", "follower", 0, true, false, 3 },
	{ "libnfs is no mount", INFO_LIBNFS, "192.168.18.8", NULL, 0, true, true, 6 },
	{ "Linux 5.15 tells no renewal",
	  "clientid: 0x1\naddress: \"10.0.0.1:7\"\nstatus: confirmed\n"
	  "name: \"Linux NFSv4.1 a\"\nminor version: 1\n",
	  "10.0.0.1", "a", 1, true, false, -1 },
	{ "unconfirmed",
	  "clientid: 0x1\naddress: \"10.0.0.1:7\"\nstatus: unconfirmed\nminor version: 2\n",
	  "10.0.0.1", NULL, 2, false, false, -1 },
	{ "its lease has run out", "address: \"10.0.0.1:7\"\nstatus: courtesy\n", "10.0.0.1", NULL,
	  0, false, false, -1 },
	{ "IPv6", "address: \"[fd00::8]:839\"\nstatus: confirmed\n", "fd00::8", NULL, 0, true,
	  false, -1 },
	{ "an address that is none", "address: \"nowhere\"\nstatus: confirmed\n", NULL, NULL, 0,
	  true, false, -1 },
	{ "a name without a host", "name: \"Linux NFSv4.2 \"\n", NULL, NULL, 0, false, false, -1 },
	{ "nothing", "", NULL, NULL, 0, false, false, -1 },
};

static void parse(const char *info, const char *states, struct gs_nfs_clients *ret)
{
	struct gs_client_text text = { 0 };
	struct gs_client_texts texts = { .v = &text, .n = 1 };

	gs_str_adds(&text.info, info);
	gs_str_adds(&text.states, states);
	gs_nfs_clients_parse(&texts, ret);
	gs_str_done(&text.info);
	gs_str_done(&text.states);
	assert_int_equal(ret->n, 1);
}

static void assert_text(const char *is, const char *want)
{
	if (want)
		assert_string_equal(is, want);
	else
		assert_null(is);
}

static void test_info(void **state)
{
	const struct info_row *row = *state;
	GS_AUTO(gs_nfs_clients_done) struct gs_nfs_clients clients = { 0 };
	const struct gs_nfs_client *client;

	parse(row->info, "", &clients);
	client = &clients.v[0];
	assert_text(client->addr, row->addr);
	assert_text(client->host, row->host);
	assert_int_equal(client->minor, row->minor);
	assert_int_equal(client->confirmed, row->confirmed);
	assert_int_equal(client->is_probe, row->is_probe);
	assert_int_equal(client->has_renewed, row->renewed_s >= 0);
	if (row->renewed_s >= 0)
		assert_int_equal(client->renewed_s, row->renewed_s);
	assert_int_equal(client->writing.n, 0);
}

#define OWNER                                                                                      \
	", owner: \"open id:\\x00\\x00\\x00\\x1f\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x03\" }\n"
#define OPEN(access, file)                                                                         \
	"- 0x000000013125036bc1ac63f416000000: { type: open, access: " access                      \
	", deny: --, superblock: \"62:00:11484\", filename: \"" file "\"" OWNER

static const struct states_row {
	const char *name, *states;
	size_t n;
	const char *first;
} states[] = {
	{ "none", "", 0, NULL },
	{ "open for reading", OPEN("r-", "files/b"), 0, NULL },
	{ "open for writing", OPEN("-w", "files/b"), 1, "files/b" },
	{ "open for both", OPEN("rw", "files/rw"), 1, "files/rw" },
	{ "open and removed", OPEN("-w", "files/.nfs0000000000002cdd00000001"), 1,
	  "files/.nfs0000000000002cdd00000001" },
	{ "some of several", OPEN("r-", "a") OPEN("rw", "b") OPEN("-w", "c"), 2, "b" },
	{ "by two openers", OPEN("-w", "a") OPEN("rw", "a"), 1, "a" },
	{ "a name with a quote and a newline", OPEN("-w", "files/held \"x y\n\303\244"), 1,
	  "files/held \"x y\n\303\244" },
	{ "a name that looks like an end", OPEN("-w", "a\", owner: \"b"), 1, "a\", owner: \"b" },
	{ "a name cannot hide the next file", OPEN("r-", "a\n- 0x") OPEN("-w", "b"), 1, "b" },
	{ "a name cannot claim to be read", OPEN("-w", "a, access: r-"), 1, "a, access: r-" },
	{ "a write delegation",
	  "- 0x01: { type: deleg, access: w, superblock: \"62:00:1\", filename: \"files/d\" }\n", 1,
	  "files/d" },
	{ "a read delegation",
	  "- 0x01: { type: deleg, access: r, superblock: \"62:00:1\", filename: \"files/d\" }\n", 0,
	  NULL },
	{ "a lock", "- 0x01: { type: lock, superblock: \"62:00:1\", filename: \"w\"" OWNER, 0,
	  NULL },
	{ "without a name", "- 0x01: { type: open, access: rw }\n", 1, "?" },
	{ "cut short", "- 0x01: { type: open, access: rw, deny: --, filename: \"a", 1, "a" },
};

static void test_states(void **state)
{
	const struct states_row *row = *state;
	GS_AUTO(gs_nfs_clients_done) struct gs_nfs_clients clients = { 0 };

	parse(INFO_42, row->states, &clients);
	assert_int_equal(clients.v[0].writing.n, row->n);
	if (row->first)
		assert_string_equal(clients.v[0].writing.v[0], row->first);
}

static const struct of_row {
	const char *name, *host;
	bool is_of;
} ofs[] = {
	{ "itself", "192.168.18.8", true },
	{ "another", "192.168.18.9", false },
	{ "its network", "192.168.18.0/24", true },
	{ "another network", "10.0.0.0/8", false },
	{ "anyone", "*", true },
	{ "a name says nothing", "follower", false },
};

static void test_of(void **state)
{
	const struct of_row *row = *state;
	GS_AUTO(gs_nfs_clients_done) struct gs_nfs_clients clients = { 0 };
	GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };

	parse(INFO_42, "", &clients);
	gs_hostspec_read(gs_span_of(row->host), &host);
	assert_int_equal(gs_nfs_client_is_of(&clients.v[0], &host), row->is_of);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, infos, test_info);
	TABLE_ADD(&table, states, test_states);
	TABLE_ADD(&table, ofs, test_of);
	return table_run("clients", &table);
}
