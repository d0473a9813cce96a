/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "core/follower/export_list.h"
#include "table.h"

#define FIX "on 192.0.2.1 run: sudo gshare leader add 10.0.0.4"

/* The node's addresses are 10.0.0.4, which faces the leader, and 192.168.18.8. */
static const struct row {
	const char *name;
	bool unasked;
	const char *export_;	 /* asked for; NULL: any */
	const char *clients[12]; /* of /mnt/a; /mnt/b goes to 10.9.9.9 */
	const char *id, *said, *fix;
} rows[] = {
	{ "mountd could not be asked", true, NULL, { "10.0.0.9" }, "NOT_EXPORTED", "nothing", FIX },
	{ "others get something",
	  false,
	  NULL,
	  { "10.0.0.9", "gpu-1" },
	  "NOT_EXPORTED",
	  "nothing; it is exported to: 10.0.0.9, gpu-1, 10.9.9.9",
	  FIX },
	{ "others get what was asked for",
	  false,
	  "/mnt/a",
	  { "10.0.0.9" },
	  "NOT_EXPORTED",
	  "nothing; it is exported to: 10.0.0.9",
	  FIX },
	{ "nobody gets what was asked for",
	  false,
	  "/mnt/c",
	  { "10.0.0.9" },
	  "NOT_EXPORTED",
	  "nothing; it is not exported to any client",
	  FIX },
	{ "more than are worth naming",
	  false,
	  "/mnt/a",
	  { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j" },
	  "NOT_EXPORTED",
	  "nothing; it is exported to: a, b, c, d, e, f, g, h and 2 more",
	  FIX },
	{ "our other address",
	  false,
	  "/mnt/a",
	  { "10.0.0.9", "192.168.18.8" },
	  "EXPORT_OTHER_ADDRESS",
	  "nothing; this node reaches the leader as 10.0.0.4, but the leader exports the path to "
	  "192.168.18.8, which matches another address of this node",
	  FIX },
	{ "the network of our other address",
	  false,
	  NULL,
	  { "192.168.18.0/24" },
	  "EXPORT_OTHER_ADDRESS",
	  "nothing; this node reaches the leader as 10.0.0.4, but the leader exports the path to "
	  "192.168.18.0/24, which matches another address of this node",
	  FIX },
	{ "mountd says that we get it",
	  false,
	  "/mnt/a",
	  { "192.168.18.8", "10.0.0.0/24" },
	  "NOT_EXPORTED",
	  "nothing; mountd of the leader lists this node as a client of it",
	  "on 192.0.2.1 check NFS versions, ports and sec=: sudo exportfs -v" },
	{ "so does everyone",
	  false,
	  "/mnt/a",
	  { "*" },
	  "NOT_EXPORTED",
	  "nothing; mountd of the leader lists this node as a client of it",
	  "on 192.0.2.1 check NFS versions, ports and sec=: sudo exportfs -v" },
	{ "a name that is an escape",
	  false,
	  "/mnt/a",
	  { "\033[31mred" },
	  "NOT_EXPORTED",
	  "nothing; it is exported to: \\033[31mred",
	  FIX },
};

static void a_refusal_tells_of_others(void **state)
{
	const struct row *row = *state;
	const struct gs_follower_req req = { .leader = "192.0.2.1", .export_ = row->export_ };
	char own[] = "10.0.0.4";
	struct gs_follower_facts facts = { .own_addr = own, .grants_known = !row->unasked };
	struct gs_err err = { 0 };

	gs_grants_add(&facts.grants, "/mnt/a");
	for (size_t i = 0; row->clients[i]; i++)
		gs_strs_add(&facts.grants.v[0].clients, row->clients[i]);
	gs_grants_add(&facts.grants, "/mnt/b");
	gs_strs_add(&facts.grants.v[1].clients, "10.9.9.9");
	gs_strs_add(&facts.own_addrs, "10.0.0.4");
	gs_strs_add(&facts.own_addrs, "192.168.18.8");
	gs_err_set(&err, ENOENT, "nothing");
	gs_err_advise(&err, FIX);
	gs_err_cause(&err, "NOT_EXPORTED");
	assert_int_equal(gs_grants_tell(&req, &facts, &err), -ENOENT);
	assert_string_equal(err.msg, row->said);
	assert_string_equal(err.fix, row->fix);
	assert_string_equal(err.id, row->id);
	gs_grants_done(&facts.grants);
	gs_strs_done(&facts.own_addrs);
}

int main(void)
{
	static struct table table;

	TABLE_ADD(&table, rows, a_refusal_tells_of_others);
	return table_run("grants", &table);
}
