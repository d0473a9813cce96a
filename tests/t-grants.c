/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
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
	  "PATH_MISSING",
	  "192.0.2.1 lists '/mnt/a' for this node, but does not show it by NFSv4: it is missing "
	  "there, or hidden by an export with fsid=0, or cannot be exported",
	  "on 192.0.2.1 run: sudo gshare leader status --path /mnt/a" },
	{ "it has another path over NFSv4",
	  false,
	  "/mnt/a",
	  { "*" },
	  "PATH_MISSING",
	  "192.0.2.1 lists '/mnt/a' for this node, but does not show it by NFSv4: it is missing "
	  "there, or hidden by an export with fsid=0, or cannot be exported",
	  "on 192.0.2.1 run: sudo gshare leader status --path /mnt/a; or mount what NFSv4 shows in "
	  "its place: sudo gshare follower mount 192.0.2.1 /mnt/a --export /a" },
	{ "so does everyone",
	  false,
	  "/mnt/a",
	  { "*" },
	  "PATH_MISSING",
	  "192.0.2.1 lists '/mnt/a' for this node, but does not show it by NFSv4: it is missing "
	  "there, or hidden by an export with fsid=0, or cannot be exported",
	  "on 192.0.2.1 run: sudo gshare leader status --path /mnt/a" },
	{ "any export that we get",
	  false,
	  NULL,
	  { "10.0.0.4" },
	  "PATH_MISSING",
	  "192.0.2.1 lists '/mnt/a' for this node, but does not show it by NFSv4: it is missing "
	  "there, or hidden by an export with fsid=0, or cannot be exported",
	  "on 192.0.2.1 run: sudo gshare leader status --path /mnt/a" },
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
	char own[] = "10.0.0.4", below[] = "/a";
	struct gs_follower_facts facts = { .own_addr = own,
					   .grants_known = !row->unasked,
					   .renamed = strstr(row->fix, " --export /a") ? below
										       : NULL };
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

/* mountd lists /mnt/a, /mnt/a/deep and two below /data; /data/pool/set is for this node. */
static const struct settle_row {
	const char *name;
	const char *seen[4], *ids[4]; /* an id of "" is none */
	const char *settled[4];
	bool may_lead;	     /* the first, afterwards */
	const char *missing; /* an export that something only leads to */
} settles[] = {
	{ "the only directory of an export", { "/mnt/a/one" }, { "" }, { "/mnt/a" }, false, NULL },
	{ "all of its directories are one export",
	  { "/mnt/a/one", "/mnt/a/two/three" },
	  { "", "" },
	  { "/mnt/a" },
	  false,
	  NULL },
	{ "the closest export counts",
	  { "/mnt/a/deep/x", "/mnt/a/one" },
	  { "", "" },
	  { "/mnt/a/deep", "/mnt/a" },
	  false,
	  NULL },
	{ "an export itself leads nowhere", { "/mnt/a" }, { "" }, { "/mnt/a" }, false, NULL },
	{ "an id is proof enough",
	  { "/mnt/a/one", "/mnt/ab" },
	  { "7c1e52d0", "" },
	  { "/mnt/a/one", "/mnt/ab" },
	  true,
	  NULL },
	{ "not listed: it stays doubtful", { "/srv/x" }, { "" }, { "/srv/x" }, true, NULL },
	{ "it leads to one that is gone", { "/mnt" }, { "" }, { NULL }, false, "/mnt/a" },
	{ "so does one of two, far above",
	  { "/data", "/srv/x" },
	  { "", "" },
	  { "/srv/x" },
	  true,
	  "/data/pool/set" },
	{ "what has an id leads nowhere", { "/data" }, { "7c1e52d0" }, { "/data" }, true, NULL },
	{ "a name that only begins alike", { "/dat" }, { "" }, { "/dat" }, true, NULL },
};

static void exports_are_settled(void **state)
{
	const struct settle_row *row = *state;
	struct gs_export_seen v[4] = { { 0 } };
	struct gs_exports_seen seen = { .v = v, .room = 4 };
	struct gs_grants grants = { 0 };
	const char *missing;
	size_t n = 0;

	for (; seen.n < 4 && row->seen[seen.n]; seen.n++) {
		v[seen.n].path = gs_strdup(row->seen[seen.n]);
		v[seen.n].may_lead = true;
		memcpy(v[seen.n].id, row->ids[seen.n], strlen(row->ids[seen.n]));
	}
	gs_grants_add(&grants, "/");
	gs_grants_add(&grants, "/mnt/a");
	gs_grants_add(&grants, "/mnt/a/deep");
	gs_grants_add(&grants, "/data/other");
	gs_strs_add(&grants.v[3].clients, "10.9.9.9");
	gs_grants_add(&grants, "/data/pool/set");
	gs_strs_add(&grants.v[4].clients, "10.0.0.0/24");
	missing = gs_exports_settle(&seen, &grants, "10.0.0.4");
	assert_true(row->missing ? missing && !strcmp(missing, row->missing) : !missing);
	while (n < 4 && row->settled[n])
		n++;
	assert_int_equal(seen.n, n);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(v[i].path, row->settled[i]);
	assert_int_equal(n && v[0].may_lead, row->may_lead);
	for (size_t i = 0; i < n; i++)
		free(v[i].path);
	gs_grants_done(&grants);
}

/* In the list of the test above, without "/", below which every path stays as it is. */
static const struct below_row {
	const char *name, *path, *below;
} belows[] = {
	{ "no export is above it", "/mnt/a", NULL },
	{ "the path below one", "/mnt/a/deep", "/deep" },
	{ "the closest counts", "/mnt/a/deep/x/y", "/x/y" },
	{ "a name that begins alike", "/mnt/ab/x", NULL },
};

static void a_path_below_an_export(void **state)
{
	const struct below_row *row = *state;
	struct gs_grants grants = { 0 };
	const char *below;

	gs_grants_add(&grants, "/");
	gs_grants_add(&grants, "/mnt/a");
	gs_grants_add(&grants, "/mnt/a/deep");
	below = gs_grants_below(&grants, row->path);
	assert_true(row->below ? below && !strcmp(below, row->below) : !below);
	gs_grants_done(&grants);
}

int main(void)
{
	static struct table table;

	TABLE_ADD(&table, rows, a_refusal_tells_of_others);
	TABLE_ADD(&table, settles, exports_are_settled);
	TABLE_ADD(&table, belows, a_path_below_an_export);
	return table_run("grants", &table);
}
