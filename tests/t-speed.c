/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <string.h>

#include "core/fskind/nfs.h"
#include "core/fskind/nfs_options.h"
#include "core/fskind/nfs_profile.h"

/* The options of --options, the profiles, and what of them is active. */

/* ---- is a list right ------------------------------------------------------------------------ */

static const struct list_row {
	const char *name, *list;
	const char *says; /* NULL: it is right */
	const char *fix;  /* NULL: none */
} lists[] = {
	{ "flags and values", "nconnect=4,nocto,actimeo=600,lookupcache=pos,noexec", NULL, NULL },
	{ "what every mount has", "hard,nosuid,nodev,timeo=600,retrans=2", NULL, NULL },
	{ "the largest and the smallest", "nconnect=16,acregmin=0,acdirmax=86400,rsize=1048576",
	  NULL, NULL },
	{ "one too many", "nconnect=17", "'nconnect' needs a number from 1 to 16", NULL },
	{ "too few", "nconnect=0", "from 1 to 16, not 'nconnect=0'", NULL },
	{ "no number", "actimeo=1m", "from 0 to 86400, not 'actimeo=1m'", NULL },
	{ "no value", "timeo", "'timeo' needs a number from 1 to 6000", NULL },
	{ "a value too many", "nocto=1", "'nocto' takes no value", NULL },
	{ "no such choice", "lookupcache=some", "one of all,none,pos,positive", NULL },
	{ "nearly a choice", "lookupcache=al", "one of all,none,pos,positive", NULL },
	{ "misspelled", "nconect=4", "'nconect=4' is no option of an NFS mount",
	  "did you mean 'nconnect'?" },
	{ "misspelled, and the opposite is as near", "octo", "is no option", "man gshare" },
	{ "not suggested: what is refused", "sofd", "is no option", "man gshare" },
	{ "nothing near", "compress", "is no option", "MOUNT OPTIONS" },
	{ "odd bytes", "a\033[31m", "'a\\033[31m' is no option", "man gshare" },
	{ "soft", "nocto,soft", "'soft' is refused: writes are lost", "leave it out" },
	{ "locks of NFS 3", "nolock", "'nolock' is refused: NFS 4 always locks", "leave it out" },
	{ "security", "sec=krb5", "'sec=krb5' is refused: ", "leave it out" },
	{ "read-only", "ro", "'ro' is refused: ", "use --ro" },
	{ "the port", "port=2050", "'port=2050' is refused: ", "use --port" },
	{ "for fstab", "x-systemd.automount", "is for /etc/fstab", "add it to gshare's line" },
	{ "for fstab, without x-", "_netdev", "is for /etc/fstab", "add it to gshare's line" },
	{ "none", "", "needs a list", NULL },
	{ "an empty one", "nocto,,noac", "an option is empty", NULL },
	{ "a comma at the end", "nocto,", "an option is empty", NULL },
};

static void test_list(void **state)
{
	const struct list_row *row = *state;
	struct gs_err err = { 0 };
	int r = gs_nfs_options_check(row->list, &err);

	assert_int_equal(r, row->says ? -GS_E_USAGE : 0);
	if (row->says && !strstr(err.msg, row->says))
		fail_msg("'%s'", err.msg);
	if (row->fix && !strstr(err.fix, row->fix))
		fail_msg("'%s'", err.fix);
	if (row->says && !row->fix)
		assert_string_equal(err.fix, "");
}

/* A row says what it takes and means, or why not; and a family has two words at least. */
static void test_rows(void **state)
{
	(void)state;
	for (const struct gs_nfs_option *row = gs_nfs_options; row->name; row++) {
		size_t family = 0;

		assert_true(!row->means == !!row->why);
		assert_ptr_equal(gs_nfs_option_find(gs_span_of(row->name)), row);
		assert_true(row->takes != GS_NFS_NUMBER || row->max > row->min);
		assert_true(row->takes != GS_NFS_CHOICE || row->choices);
		assert_true(row->shown != GS_NFS_WORD || row->family);
		for (const struct gs_nfs_option *at = gs_nfs_options; at->name; at++)
			family += row->family && at->family && !strcmp(at->family, row->family);
		assert_true(!row->family || row->shown != GS_NFS_WORD || family == 2);
	}
}

/* ---- configured and active ------------------------------------------------------------------ */

#define SHOWN "rw,vers=4.2,rsize=1048576,namlen=255,hard,proto=tcp,timeo=600,retrans=2,sec=sys"

static const struct differ_row {
	const char *name, *mounted, *specified, *tuned;
} differs[] = {
	{ "nothing chosen", SHOWN, "vers=4.2,hard,timeo=600,retrans=2", "" },
	{ "a time", SHOWN, "timeo=100", "timeo 600 (expected 100)" },
	{ "a time that the kernel does not show", "rw", "timeo=100", "" },
	{ "nocto is missing", SHOWN, "nocto", "cto (expected nocto)" },
	{ "nocto is too much", SHOWN ",nocto", "hard", "nocto (expected cto)" },
	{ "nocto is there", SHOWN ",nocto", "nocto", "" },
	{ "cto is what the kernel has", SHOWN, "cto", "" },
	{ "all times of one value", SHOWN ",acregmin=600,acregmax=600,acdirmin=600,acdirmax=600",
	  "actimeo=600", "" },
	{ "one of them is another's", SHOWN ",acregmin=600", "acregmin=600,acregmax=90",
	  "acregmax 60 (expected 90)" },
	{ "the usual times are not shown", SHOWN, "acregmin=3,acdirmax=60", "" },
	{ "the last one counts", SHOWN ",acregmin=7", "acregmin=5,acregmin=7", "" },
	{ "without a cache", SHOWN ",sync,acregmin=0,acregmax=0,acdirmin=0,acdirmax=0,noac", "noac",
	  "" },
	{ "a name for the same", SHOWN ",lookupcache=pos", "lookupcache=positive", "" },
	{ "another lookupcache", SHOWN, "lookupcache=none", "lookupcache all (expected none)" },
	{ "eager", SHOWN ",write=eager", "", "write eager (expected lazy)" },
	{ "sizes are the leader's", SHOWN, "rsize=65536", "" },
	{ "the number of connections is counted, not shown", SHOWN, "nconnect=8", "" },
};

static void test_differs(void **state)
{
	const struct differ_row *row = *state;
	GS_AUTO(gs_mount_diff_done) struct gs_mount_diff diff = { 0 };

	assert_int_equal(gs_mount_differs(row->mounted, row->specified, &diff), row->tuned[0] != 0);
	assert_string_equal(diff.tuned.ptr ? diff.tuned.ptr : "", row->tuned);
	assert_int_equal(diff.live.len + diff.fixed.len, 0);
}

static void test_tuned(void **state)
{
	gs_autostr struct gs_str out = { 0 }, none = { 0 };

	(void)state;
	gs_nfs_options_tuned(SHOWN ",nconnect=4,nocto,soft,clientaddr=10.0.0.8,timeo=50", &out);
	assert_string_equal(out.ptr, "nconnect=4,nocto,timeo=50");
	gs_nfs_options_tuned(SHOWN, &none);
	gs_nfs_options_tuned(NULL, &none);
	assert_int_equal(none.len, 0);
}

/* ---- profiles ------------------------------------------------------------------------------- */

static const struct link_row {
	const char *name;
	unsigned mbit, rtt_us, connections;
} links[] = {
	{ "a gigabit in one room", 1000, 200, 1 },
	{ "a gigabit, 50 ms away", 1000, 50000, 3 },
	{ "ten in one room", 10000, 200, 4 },
	{ "ten, 10 ms away", 10000, 10000, 6 },
	{ "ten, 50 ms away", 10000, 50000, 16 },
	{ "twenty-five", 25000, 100, 8 },
	{ "two hundred", 200000, 100, 16 },
	{ "a speed that nobody knows", 0, 300, 4 },
	{ "nor that the way is long", 0, 50000, 8 },
	{ "neither speed nor time", 0, 0, 4 },
	{ "slow", 100, 1000, 1 },
};

static void test_link(void **state)
{
	const struct link_row *row = *state;

	assert_int_equal(gs_nfs_connections(row->mbit, row->rtt_us), row->connections);
}

/* What a profile sets is right by the table, and an entry without one has the first. */
static void test_profiles(void **state)
{
	struct gs_err err = { 0 };

	(void)state;
	for (const struct gs_nfs_profile *row = gs_nfs_profiles; row->name; row++) {
		gs_autofree char *entry = gs_printf("hard," GS_NFS_PROFILE_OPTION "=%s", row->name);

		assert_true(!row->options[0] || gs_nfs_options_check(row->options, &err) == 0);
		assert_ptr_equal(gs_nfs_profile_find(gs_span_of(row->name)), row);
		assert_ptr_equal(gs_nfs_profile_of(entry), row);
	}
	assert_null(gs_nfs_profile_find(gs_span_of("fas")));
	assert_ptr_equal(gs_nfs_profile_of("hard"), gs_nfs_profiles);
	assert_ptr_equal(gs_nfs_profile_of("hard," GS_NFS_PROFILE_OPTION "=old"), gs_nfs_profiles);
	assert_ptr_equal(gs_nfs_profile_of(NULL), gs_nfs_profiles);
}

/* What the manual page says of an option. */
static void describe(const struct gs_nfs_option *row, struct gs_str *out)
{
	if (row->takes == GS_NFS_NUMBER)
		gs_str_addf(out, "%u to %u: ", row->min, row->max);
	else if (row->takes == GS_NFS_CHOICE)
		gs_str_addf(out, "%s: ", row->choices);
	gs_str_addf(out, "%s%s.", row->means, row->live ? " (changed in place)" : "");
}

/* --list: "NAME<tab>TEXT" of each option, the refused ones last; for run-docs.sh. */
static int list(void)
{
	for (int refused = 0; refused <= 1; refused++)
		for (const struct gs_nfs_option *row = gs_nfs_options; row->name; row++) {
			gs_autostr struct gs_str text = { 0 };

			if (!row->why != !refused)
				continue;
			if (row->why)
				gs_str_addf(&text, "%s.", row->why);
			else
				describe(row, &text);
			printf("%s\t%s\n", row->name, text.ptr);
		}
	return 0;
}

int main(int argc, char **argv)
{
	struct table table = { 0 };

	if (argc == 2 && !strcmp(argv[1], "--list"))
		return list();
	TABLE_ADD(&table, lists, test_list);
	TABLE_ADD(&table, differs, test_differs);
	TABLE_ADD(&table, links, test_link);
	table_add(&table, "every row is whole", test_rows, NULL);
	table_add(&table, "what somebody has chosen", test_tuned, NULL);
	table_add(&table, "the profiles", test_profiles, NULL);
	return table_run("speed", &table);
}
