/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/verify/coherence.h"
#include "table.h"

static const struct lag_row {
	const char *name, *options;
	unsigned lag_s;
} lags[] = {
	{ "the default", "rw,vers=4.2,hard", 60 },
	{ "as asked", "rw,acdirmin=1,acdirmax=5", 5 },
	{ "no cache of attributes", "rw,noac", 0 },
	{ "no cache of names", "rw,lookupcache=none", 0 },
	{ "only of names that are there", "rw,lookupcache=pos,acdirmax=9", 0 },
	{ "of all names, by name", "rw,lookupcache=all", 60 },
	{ "no number", "rw,acdirmax=x", 60 },
	{ "no options", NULL, 60 },
};

static void test_lag(void **state)
{
	const struct lag_row *row = *state;

	assert_int_equal(gs_seen_lag(row->options), row->lag_s);
}

#define V4 "rw,vers=4.2,addr=10.0.0.1"

static const struct at_row {
	const char *name, *source, *target, *options, *dir, *path;
	unsigned port;
} ats[] = {
	{ "the mount itself", "10.0.0.1:/srv/a", "/mnt/a", V4, "/mnt/a", "/srv/a", 2049 },
	{ "below it", "10.0.0.1:/srv/a", "/mnt/a", V4, "/mnt/a/files", "/srv/a/files", 2049 },
	{ "of the server's root", "10.0.0.1:/", "/mnt/a", V4, "/mnt/a/files", "/files", 2049 },
	{ "the server's root", "10.0.0.1:/", "/mnt/a", V4, "/mnt/a", "/", 2049 },
	{ "on our root", "10.0.0.1:/srv/a", "/", V4, "/files", "/srv/a/files", 2049 },
	{ "a slash too much", "10.0.0.1:/srv/a/", "/mnt/a", V4, "/mnt/a/b", "/srv/a/b", 2049 },
	{ "IPv6", "[fd00::1]:/srv/a", "/mnt/a", V4, "/mnt/a", "/srv/a", 2049 },
	{ "another port", "x:/srv/a", "/mnt/a", V4 ",port=3049,proto=tcp6", "/mnt/a", "/srv/a",
	  3049 },
	{ "a port that is none: the usual one", "x:/srv/a", "/mnt/a", V4 ",port=70000", "/mnt/a",
	  "/srv/a", 2049 },
	{ "version 3", "x:/srv/a", "/mnt/a", "vers=3,addr=10.0.0.1", "/mnt/a", NULL, 0 },
	{ "no version", "x:/srv/a", "/mnt/a", "addr=10.0.0.1", "/mnt/a", NULL, 0 },
	{ "RDMA", "x:/srv/a", "/mnt/a", V4 ",proto=rdma", "/mnt/a", NULL, 0 },
	{ "no address", "x:/srv/a", "/mnt/a", "vers=4.2", "/mnt/a", NULL, 0 },
	{ "no path", "x", "/mnt/a", V4, "/mnt/a", NULL, 0 },
	{ "somewhere else", "x:/srv/a", "/mnt/a", V4, "/mnt/ab", NULL, 0 },
};

static void test_at(void **state)
{
	const struct at_row *row = *state;
	struct gs_seen_at at = { 0 };
	bool found = gs_seen_find(row->source, row->target, row->options, row->dir, &at);

	assert_int_equal(found, row->path != NULL);
	if (row->path)
		assert_string_equal(at.path, row->path);
	if (row->path)
		assert_string_equal(at.server, "10.0.0.1");
	assert_int_equal(at.port, row->port);
	gs_seen_at_done(&at);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, lags, test_lag);
	TABLE_ADD(&table, ats, test_at);
	return table_run("seen", &table);
}
