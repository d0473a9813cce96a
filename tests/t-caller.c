/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/call/caller.h"

/* Who called, as sudo, run0, doas and pkexec say it, and where several of them do. */

enum { WORDS = 4 };

static const struct row {
	const char *name;
	const char *env[WORDS];	      /* VARIABLE=VALUE */
	bool silent;		      /* accounts cannot be asked */
	bool numbers_only, said_only; /* looked up */
	const char *by;
	uid_t uid;
	unsigned looks; /* at accounts */
} rows[] = {
	{ "nobody", { NULL }, .by = "root" },
	{ "sudo, run0",
	  { "SUDO_USER=anna", "SUDO_UID=1000", "SUDO_GID=1000" },
	  .by = "anna",
	  .uid = 1000 },
	{ "sudo's number alone", { "SUDO_UID=1000" }, .by = "anna", .uid = 1000, .looks = 1 },
	{ "sudo's name alone", { "SUDO_USER=anna" }, .by = "root" },
	{ "doas", { "DOAS_USER=bob" }, .by = "bob", .uid = 1001, .looks = 1 },
	{ "pkexec", { "PKEXEC_UID=1001" }, .by = "bob", .uid = 1001, .looks = 1 },
	{ "a number without an account",
	  { "PKEXEC_UID=4711" },
	  .by = "4711",
	  .uid = 4711,
	  .looks = 1 },
	{ "a number with zeroes ahead",
	  { "PKEXEC_UID=01001" },
	  .by = "bob",
	  .uid = 1001,
	  .looks = 1 },
	{ "the highest number",
	  { "PKEXEC_UID=4294967294" },
	  .by = "4294967294",
	  .uid = 4294967294,
	  .looks = 1 },

	{ "root by sudo", { "SUDO_USER=root", "SUDO_UID=0" }, .by = "root" },
	{ "root by doas", { "DOAS_USER=root" }, .by = "root", .looks = 1 },
	{ "root by pkexec", { "PKEXEC_UID=0" }, .by = "root" },
	{ "root by pkexec, in many digits", { "PKEXEC_UID=000" }, .by = "root" },
	{ "root's other name", { "DOAS_USER=toor" }, .by = "root", .looks = 1 },
	{ "another name for a number of root", { "SUDO_USER=anna", "SUDO_UID=0" }, .by = "root" },

	{ "a word for a number, and a name", { "SUDO_USER=anna", "SUDO_UID=x" }, .by = "root" },
	{ "a negative number", { "SUDO_UID=-1" }, .by = "root" },
	{ "chown's number for nobody", { "PKEXEC_UID=4294967295" }, .by = "root" },
	{ "a number that is too large", { "SUDO_UID=4294968296" }, .by = "root" },
	{ "a number of too many digits", { "SUDO_UID=18446744073709552616" }, .by = "root" },
	{ "a number and more", { "PKEXEC_UID=1000 " }, .by = "root" },
	{ "a name that is a number", { "DOAS_USER=1000" }, .by = "root" },
	{ "a name without an account", { "DOAS_USER=eve" }, .by = "root", .looks = 1 },
	{ "an empty name", { "DOAS_USER=" }, .by = "root" },
	{ "an empty number beside a name", { "SUDO_USER=anna", "SUDO_UID=" }, .by = "root" },

	{ "doas of a root that sudo made, with keepenv",
	  { "DOAS_USER=root", "SUDO_USER=anna", "SUDO_UID=1000" },
	  .by = "root" },
	{ "sudo's variables passed on by doas, or doas' by sudo",
	  { "DOAS_USER=bob", "SUDO_USER=anna", "SUDO_UID=1000" },
	  .by = "root" },
	{ "pkexec's passed on by sudo",
	  { "PKEXEC_UID=1001", "SUDO_USER=anna", "SUDO_UID=1000" },
	  .by = "root" },
	{ "pkexec's passed on by doas", { "PKEXEC_UID=1000", "DOAS_USER=bob" }, .by = "root" },
	{ "a bad one is not passed over", { "PKEXEC_UID=1001", "SUDO_UID=x" }, .by = "root" },
	{ "an empty one is",
	  { "PKEXEC_UID=1001", "DOAS_USER=", "SUDO_UID=" },
	  .by = "bob",
	  .uid = 1001,
	  .looks = 1 },

	{ "sudo asks no accounts that are silent",
	  { "SUDO_USER=anna", "SUDO_UID=1000" },
	  .silent = true,
	  .by = "anna",
	  .uid = 1000 },
	{ "pkexec where accounts are silent",
	  { "PKEXEC_UID=1001" },
	  .silent = true,
	  .by = "1001",
	  .uid = 1001,
	  .looks = 1 },
	{ "doas where accounts are silent",
	  { "DOAS_USER=bob" },
	  .silent = true,
	  .by = "bob",
	  .looks = 1 },
	{ "pkexec, and no need of a name",
	  { "PKEXEC_UID=1001" },
	  .numbers_only = true,
	  .by = "1001",
	  .uid = 1001 },
	{ "doas, and no need of a name",
	  { "DOAS_USER=bob" },
	  .numbers_only = true,
	  .by = "bob",
	  .uid = 1001,
	  .looks = 1 },
	{ "pkexec, and no look",
	  { "PKEXEC_UID=1001" },
	  .said_only = true,
	  .by = "1001",
	  .uid = 1001 },
	{ "doas, and no look", { "DOAS_USER=bob" }, .said_only = true, .by = "bob" },
};

struct fake {
	struct gs_sys sys; /* the first member: find_account() gets it */
	bool silent;
	unsigned looks;
};

static const struct {
	const char *name, *number;
	uid_t uid;
} accounts[] = {
	{ "root", "0", 0 }, { "toor", "-", 0 }, { "anna", "1000", 1000 }, { "bob", "1001", 1001 }
};

static int find_account(struct gs_sys *sys, const char *name, struct gs_account *ret,
			struct gs_err *err)
{
	struct fake *fake = (struct fake *)(void *)sys;
	uint64_t number = 0;

	fake->looks++;
	if (fake->silent)
		return gs_err_set(err, ETIMEDOUT, "silent");
	for (size_t i = 0; i < GS_COUNT(accounts); i++)
		if (!strcmp(name, accounts[i].name) || !strcmp(name, accounts[i].number)) {
			*ret = (struct gs_account){ .name = gs_strdup(accounts[i].name),
						    .uid = accounts[i].uid };
			return 0;
		}
	if (!gs_span_number(gs_span_of(name), UINT32_MAX, &number))
		return gs_err_set(err, ENOENT, "there is no user '%s'", name);
	*ret = (struct gs_account){ .name = gs_strdup(name), .uid = (uid_t)number };
	return 0;
}

static void set_environment(const char *const env[WORDS])
{
	static const char *const known[] = { "DOAS_USER", "SUDO_USER", "SUDO_UID", "SUDO_GID",
					     "PKEXEC_UID" };

	for (size_t i = 0; i < GS_COUNT(known); i++)
		unsetenv(known[i]);
	for (int i = 0; i < WORDS && env[i]; i++) {
		const char *equals = strchr(env[i], '=');
		gs_autofree char *name = gs_span_dup(gs_span(env[i], (size_t)(equals - env[i])));

		setenv(name, equals + 1, true);
	}
}

static enum gs_caller_look look_of(const struct row *row)
{
	if (row->said_only)
		return GS_CALLER_SAID;
	return row->numbers_only ? GS_CALLER_NUMBER : GS_CALLER_NAME;
}

static void is_found(void **state)
{
	const struct row *row = *state;
	const struct gs_account_ops by_nss = { .find = find_account };
	const struct gs_sys_ops ops = { .accounts = &by_nss };
	struct fake fake = { .sys = { .ops = &ops }, .silent = row->silent };
	GS_AUTO(gs_caller_done) struct gs_caller caller = { 0 };
	gs_autofree char *number = gs_printf("%u", row->uid);

	set_environment(row->env);
	gs_caller_find(&fake.sys, look_of(row), &caller);
	assert_string_equal(caller.name, row->by);
	assert_int_equal(caller.uid, row->uid);
	if (row->uid)
		assert_string_equal(caller.number, number);
	else
		assert_null(caller.number);
	assert_int_equal(fake.looks, row->looks);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, rows, is_found);
	return table_run("caller", &table);
}
