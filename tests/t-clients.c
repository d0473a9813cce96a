/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <string.h>

#include "base/types.h"
#include "core/exports/nfsd_clients.h"
#include "core/exports/nfsd_peers.h"

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
	bool confirmed, is_libnfs;
	int renewed_s; /* -1: not told */
} infos[] = {
	{ "a follower by 4.2", INFO_42, "192.168.18.8", "follower", 2, true, false, 4 },
	{ "4.0 names the server too", INFO_40, "192.168.18.8", "follower", 0, true, false, 3 },
	{ "with a name that is unique",
	  "address: \"10.0.0.1:7\"\nstatus: confirmed\n"
	  "name: \"Linux NFSv4.1 10.0.0.1/gpu-1\"\nminor version: 1\n",
	  "10.0.0.1", "gpu-1", 1, true, false, -1 },
	{ "a libnfs program", INFO_LIBNFS, "192.168.18.8", NULL, 0, true, true, 6 },
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
	{ "an id with slashes", "name: \"Linux NFSv4.2 a/b/gpu-1\"\n", NULL, "gpu-1", 0, false,
	  false, -1 },
	{ "nothing", "", NULL, NULL, 0, false, false, -1 },
};

/* @piece: bytes of states that come at a time; 0: all of them */
static void parse(const char *info, const char *states, size_t piece, struct gs_nfs_clients *ret)
{
	struct gs_nfs_client *client = gs_nfs_clients_add(ret, gs_span_of(info));
	struct gs_span rest = gs_span_of(states);

	while (rest.len) {
		size_t n = piece && piece < rest.len ? piece : rest.len;

		gs_nfs_client_read(client, gs_span(rest.ptr, n));
		rest = gs_span_from(rest, n);
	}
	assert_false(client->is_read);
	gs_nfs_client_read(client, gs_span(NULL, 0));
	assert_true(client->is_read);
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

	parse(row->info, "", 0, &clients);
	client = &clients.v[0];
	assert_text(client->addr, row->addr);
	assert_text(client->host, row->host);
	assert_int_equal(client->minor, row->minor);
	assert_int_equal(client->confirmed, row->confirmed);
	assert_int_equal(client->is_libnfs, row->is_libnfs);
	assert_int_equal(client->has_renewed, row->renewed_s >= 0);
	if (row->renewed_s >= 0)
		assert_int_equal(client->renewed_s, row->renewed_s);
	assert_int_equal(client->writing.n, 0);
}

#define OWNER                                                                                      \
	", owner: \"open id:\\x00\\x00\\x00\\x1f\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x03\" }\n"
/* The number is the fourth word of the id, its bytes as a little-endian machine has them. */
#define ID(number)	      "- 0x000000013125036bc1ac63f4" number "000000: { type: "
#define OTHER_ID(number)      "- 0x000000013125036bc2ac63f4" number "000000: { type: "
#define INODE(ino, file)      "superblock: \"62:00:" ino "\", filename: \"" file "\""
#define ACCESS(access)	      "open, access: " access ", deny: --, "
#define OPEN(n, access, file) ID(n) ACCESS(access) INODE(n, file) OWNER
/* What a file may be called, so that the rest of its state looks like another one. */
#define FORGED(id)                                                                                 \
	"x\", owner: \"a\" }\n" id ACCESS("-w") "superblock: \"62:00:0\", filename: \"forged"

static const struct states_row {
	const char *name, *states;
	size_t n;
	const char *first;
	bool may_be_forged;
} states[] = {
	{ "none", "", 0, NULL, false },
	{ "open for reading", OPEN("16", "r-", "files/b"), 0, NULL, false },
	{ "open for writing", OPEN("16", "-w", "files/b"), 1, "files/b", false },
	{ "open for both", OPEN("16", "rw", "files/rw"), 1, "files/rw", false },
	{ "open and removed", OPEN("16", "-w", "files/.nfs0000000000002cdd00000001"), 1,
	  "files/.nfs0000000000002cdd00000001", false },
	{ "some of several", OPEN("16", "r-", "a") OPEN("17", "rw", "b") OPEN("1a", "-w", "c"), 2,
	  "b", false },
	{ "by two openers",
	  ID("16") ACCESS("-w") INODE("9", "a") OWNER ID("17") ACCESS("rw") INODE("9", "a") OWNER,
	  1, "a", false },
	{ "two files of one name", OPEN("16", "-w", "d/a") OPEN("17", "-w", "d/a"), 2, "d/a",
	  false },
	{ "more than are named",
	  OPEN("01", "-w", "a") OPEN("02", "-w", "b") OPEN("03", "-w", "c") OPEN("04", "-w", "d")
		  OPEN("05", "-w", "e") OPEN("06", "-w", "f") OPEN("07", "-w", "g")
			  OPEN("08", "-w", "h") OPEN("09", "-w", "i") OPEN("0a", "-w", "j"),
	  10, "a", false },
	{ "a name with a quote and a newline", OPEN("16", "-w", "files/held \"x y\n\303\244"), 1,
	  "files/held \"x y\n\303\244", false },
	{ "a name that looks like an end", OPEN("16", "-w", "a\", owner: \"b"), 1,
	  "a\", owner: \"b", false },
	{ "a name cannot hide the next file", OPEN("16", "r-", "a\n- 0x") OPEN("17", "-w", "b"), 1,
	  "b", false },
	{ "nor with the whole head of a state",
	  OPEN("16", "r-", "a\n- 0x000000013125036bc1ac63f420000000: { type: lock, \"")
		  OPEN("17", "-w", "b"),
	  1, "b", true },
	{ "a name cannot claim to be read", OPEN("16", "-w", "a, access: r-"), 1, "a, access: r-",
	  false },
	{ "a forged state with too short an id", OPEN("16", "r-", FORGED("- 0x00000001: { type: ")),
	  0, NULL, false },
	{ "of another client", OPEN("16", "r-", FORGED(OTHER_ID("20"))), 0, NULL, false },
	{ "without a whole head",
	  OPEN("16", "r-", "x\", owner: \"a\" }\n" ID("20") "open, access: -w, filename: \"f"), 0,
	  NULL, false },
	{ "with a number of before", OPEN("16", "r-", FORGED(ID("15"))), 1, "forged", true },
	{ "with the next one's", OPEN("16", "r-", FORGED(ID("17"))) OPEN("17", "r-", "b"), 1,
	  "forged", true },
	{ "with one far ahead", OPEN("16", "r-", FORGED(ID("ff"))) OPEN("17", "r-", "b"), 1,
	  "forged", true },
	{ "a write delegation", ID("16") "deleg, access: w, " INODE("1", "files/d") " }\n", 1,
	  "files/d", false },
	{ "a delegation for both", ID("16") "deleg, access: rw, " INODE("1", "files/d") " }\n", 1,
	  "files/d", false },
	{ "a read delegation", ID("16") "deleg, access: r, " INODE("1", "files/d") " }\n", 0, NULL,
	  false },
	{ "a delegation of a file that has gone", ID("16") "deleg, access: w }\n", 1, "?", false },
	{ "a lock", ID("16") "lock, " INODE("1", "w") OWNER, 0, NULL, false },
	{ "a file that the server has closed", ID("16") ACCESS("rw") "closed, owner: \"\" }\n", 1,
	  "?", false },
	{ "without a name", ID("16") ACCESS("rw") "owner: \"\" }\n", 1, "?", false },
	{ "cut short", ID("16") ACCESS("rw") "superblock: \"62:00:1\", filename: \"a", 1, "a",
	  false },
};

static void test_states(void **state)
{
	static const size_t pieces[] = { 0, 1, 7, 64 };
	const struct states_row *row = *state;

	for (size_t i = 0; i < GS_COUNT(pieces); i++) {
		GS_AUTO(gs_nfs_clients_done) struct gs_nfs_clients clients = { 0 };
		const struct gs_writing *writing;

		parse(INFO_42, row->states, pieces[i], &clients);
		writing = &clients.v[0].writing;
		assert_int_equal(writing->n, row->n);
		assert_int_equal(writing->names.n, row->n < GS_WRITING_NAMED ? row->n : 8);
		assert_int_equal(writing->may_be_forged, row->may_be_forged);
		if (row->first)
			assert_string_equal(writing->names.v[0], row->first);
	}
}

static const struct many_row {
	const char *name;
} manys[] = { { "36,000 files" } };

/* Of 36,000 files, seen a page at a time as the kernel gives them, in two looks. */
static void test_many(void **state)
{
	enum { FILES = 36000, PAGE = 4096 };
	gs_autostr struct gs_str text = { 0 };
	GS_AUTO(gs_nfs_clients_done) struct gs_nfs_clients before = { 0 };
	GS_AUTO(gs_nfs_clients_done) struct gs_nfs_clients after = { 0 };

	(void)state;
	for (unsigned i = 0; i < FILES; i++)
		gs_str_addf(&text,
			    "- 0x000000013125036bc1ac63f4%02x%02x0000: { type: open, access: -w, "
			    "deny: --, superblock: \"62:00:%u\", filename: \"m/%06u\"" OWNER,
			    i & 255, i >> 8, i + 7, i);
	parse(INFO_42, text.ptr, PAGE, &before);
	gs_str_adds(&text,
		    "- 0x000000013125036bc1ac63f4ffff0000: { type: open, access: -w, deny: "
		    "--, superblock: \"62:00:3\", filename: \"m/new\"" OWNER);
	after.known = &before.v[0].writing;
	parse(INFO_42, text.ptr, PAGE, &after);
	assert_int_equal(before.v[0].writing.n, FILES);
	assert_false(before.v[0].writing.may_be_forged);
	assert_int_equal(gs_writing_new(&after.v[0].writing, &before.v[0].writing), 1);
	assert_int_equal(after.v[0].writing.names.n, 1);
	assert_string_equal(after.v[0].writing.names.v[0], "m/new");
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

	parse(INFO_42, "", 0, &clients);
	gs_hostspec_read(gs_span_of(row->host), &host);
	assert_int_equal(gs_nfs_client_is_of(&clients.v[0], &host), row->is_of);
}

/* Of Linux 6.1: the address is four bytes as one number of this machine, which is little-endian. */
#define TCP_LINE(n, local, remote, state)                                                          \
	"   " n ": " local " " remote " " state                                                    \
	" 00000000:00000000 00:00000000 00000000     0        0 1854 1 0000000021532ce3 21 4\n"
#define TCP_HEAD "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt\n"
#define V6_LOCAL "00000000000000000000000000000000"

static const struct peers_row {
	const char *name, *text;
	const char *peers[3];
} peers[] = {
	{ "one",
	  TCP_HEAD TCP_LINE("9", "0D12A8C0:0801", "0812A8C0:0396", "01"),
	  { "192.168.18.8" } },
	{ "one twice, another",
	  TCP_HEAD TCP_LINE("0", "0D12A8C0:0801", "0812A8C0:0396", "01")
		  TCP_LINE("1", "0D12A8C0:0801", "0812A8C0:0397", "01")
			  TCP_LINE("2", "0D12A8C0:0801", "0912A8C0:0001", "01"),
	  { "192.168.18.8", "192.168.18.9" } },
	{ "ended, listening, another port",
	  TCP_LINE("0", "0D12A8C0:0801", "0812A8C0:0396", "06")
		  TCP_LINE("1", "00000000:0801", "00000000:0000", "0A")
			  TCP_LINE("2", "0D12A8C0:0800", "0812A8C0:0801", "01"),
	  { NULL } },
	{ "IPv6, and IPv4 by its socket",
	  TCP_LINE("0", V6_LOCAL ":0801", "000000FD77000000000000003100000000:0396", "01") TCP_LINE(
		  "1", V6_LOCAL ":0801", "000000FD770000000000000031000000:0396", "01")
		  TCP_LINE("2", V6_LOCAL ":0801", "0000000000000000FFFF00000812A8C0:0396", "01"),
	  { "fd00:0:0:77::31", "192.168.18.8" } },
	{ "an address that is too long",
	  TCP_LINE("0", "0D12A8C0:0801", "0812A8C00812A8C00812A8C00812A8C00812A8C0:0396", "01"),
	  { NULL } },
	{ "nonsense", "x\n: : : 01 1\n1: 2:0801 zz:1 01 0\n 0: 0:0801", { NULL } },
};

static void test_peers(void **state)
{
	const struct peers_row *row = *state;
	GS_AUTO(gs_strs_done) struct gs_strs found = { 0 };
	size_t n = 0;

	gs_nfs_peers_read(gs_span_of(row->text), GS_NFS_PORT, &found);
	for (; n < 3 && row->peers[n]; n++)
		assert_string_equal(n < found.n ? found.v[n] : "none", row->peers[n]);
	assert_int_equal(found.n, n);
}

#define CLIENT(addr, status, name)                                                                 \
	"address: \"" addr ":7\"\nstatus: " status "\nname: \"" name "\"\nminor version: 2\n"

static const struct twin_row {
	const char *name;
	const char *infos[3];
	const char *peers[3];
	const char *twin; /* of 10.0.0.1 */
	bool has_client;
} twins[] = {
	{ "each has its own",
	  { CLIENT("10.0.0.1", "confirmed", "Linux NFSv4.2 a"),
	    CLIENT("10.0.0.2", "confirmed", "Linux NFSv4.2 b") },
	  { "10.0.0.1", "10.0.0.2" },
	  NULL,
	  true },
	{ "one name, one of them not confirmed",
	  { CLIENT("10.0.0.1", "unconfirmed", "Linux NFSv4.2 a"),
	    CLIENT("10.0.0.2", "confirmed", "Linux NFSv4.2 a") },
	  { "10.0.0.1", "10.0.0.2" },
	  "10.0.0.2",
	  false },
	{ "it went down, and its lease has run out",
	  { CLIENT("10.0.0.1", "courtesy", "Linux NFSv4.2 a") },
	  { "10.0.0.1" },
	  NULL,
	  true },
	{ "the other has gone, or moved here",
	  { CLIENT("10.0.0.1", "confirmed", "Linux NFSv4.2 a"),
	    CLIENT("10.0.0.2", "courtesy", "Linux NFSv4.2 a") },
	  { "10.0.0.1" },
	  NULL,
	  true },
	{ "two mounts of one node",
	  { CLIENT("10.0.0.1", "confirmed", "Linux NFSv4.2 a"),
	    CLIENT("10.0.0.1", "unconfirmed", "Linux NFSv4.2 a") },
	  { "10.0.0.1" },
	  NULL,
	  true },
	{ "no client, no name",
	  { CLIENT("10.0.0.2", "confirmed", "Linux NFSv4.2 a") },
	  { "10.0.0.1", "10.0.0.2" },
	  NULL,
	  false },
};

static void test_twins(void **state)
{
	const struct twin_row *row = *state;
	GS_AUTO(gs_nfs_clients_done) struct gs_nfs_clients clients = { 0 };
	GS_AUTO(gs_strs_done) struct gs_strs connected = { 0 };
	const struct gs_nfs_client *twin;

	for (size_t i = 0; i < 3 && row->infos[i]; i++)
		gs_nfs_clients_add(&clients, gs_span_of(row->infos[i]));
	for (size_t i = 0; i < 3 && row->peers[i]; i++)
		gs_strs_add(&connected, row->peers[i]);
	twin = gs_nfs_client_twin(&clients, &connected, "10.0.0.1");
	assert_string_equal(twin ? twin->addr : "none", row->twin ? row->twin : "none");
	assert_int_equal(gs_nfs_client_of(&clients, "10.0.0.1") != NULL, row->has_client);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, infos, test_info);
	TABLE_ADD(&table, states, test_states);
	TABLE_ADD(&table, ofs, test_of);
	TABLE_ADD(&table, manys, test_many);
	TABLE_ADD(&table, peers, test_peers);
	TABLE_ADD(&table, twins, test_twins);
	return table_run("clients", &table);
}
