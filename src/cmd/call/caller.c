/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/call/caller.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

/* (uid_t)-1 means "leave as it is" to chown(2): it is nobody's number. */
#define UID_MAX (UINT32_MAX - 1)

/**
 * struct way - the environment variables in which a program names its caller; NULL: it sets none
 * An empty variable counts as unset. Where a uid is set, the name is for the journal only.
 */
struct way {
	const char *name, *uid;
};

/* run0 sets the variables of sudo: systemd src/run/run.c. */
static const struct way ways[] = {
	{ "DOAS_USER", NULL },
	{ "SUDO_USER", "SUDO_UID" },
	{ NULL, "PKEXEC_UID" },
};

/* The values of the variables of one struct way. */
struct said {
	const char *name, *uid;
};

static const char *variable(const char *name)
{
	const char *value = name ? getenv(name) : NULL;

	return value && value[0] ? value : NULL;
}

/*
 * Several ways at once name nobody: doas with keepenv, and sudo where it is told to keep variables,
 * pass on what their caller has set, who would choose by it whom root trusts.
 */
static struct said read_only_one(void)
{
	struct said found = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < GS_COUNT(ways); i++) {
		const struct said said = { variable(ways[i].name), variable(ways[i].uid) };

		if (!said.name && !said.uid)
			continue;
		n++;
		if (said.uid || !ways[i].uid)
			found = said;
	}
	return n == 1 ? found : (struct said){ 0 };
}

static void set(struct gs_caller *caller, const char *name, uid_t uid)
{
	caller->uid = uid;
	caller->number = gs_printf("%u", uid);
	caller->name = gs_strdup(name ? name : caller->number);
}

/* Returns false where the uid is not valid, or root's: then the caller is nobody. */
static bool take_number(struct gs_sys *sys, const struct said *said, enum gs_caller_look look,
			struct gs_caller *caller)
{
	GS_AUTO(gs_account_done) struct gs_account account = { 0 };
	gs_autofree char *digits = NULL;
	struct gs_err unknown = { 0 };
	uint64_t uid = 0;

	if (!gs_span_number(gs_span_of(said->uid), UID_MAX, &uid) || !uid)
		return false;
	digits = gs_printf("%u", (uid_t)uid);
	if (said->name || look < GS_CALLER_NAME ||
	    sys->ops->accounts->find(sys, digits, &account, &unknown) < 0)
		set(caller, said->name, (uid_t)uid);
	else
		set(caller, account.name, (uid_t)uid);
	return true;
}

static bool take_name(struct gs_sys *sys, const char *name, enum gs_caller_look look,
		      struct gs_caller *caller)
{
	GS_AUTO(gs_account_done) struct gs_account account = { 0 };
	struct gs_err unknown = { 0 };
	uint64_t number = 0;
	int r;

	/* accounts->find() would take the name for a uid, which may be another user's. */
	if (gs_span_number(gs_span_of(name), UINT64_MAX, &number))
		return false;
	r = look >= GS_CALLER_NUMBER ? sys->ops->accounts->find(sys, name, &account, &unknown)
				     : -EAGAIN;
	if (r == -ENOENT || (r == 0 && !account.uid))
		return false;
	if (r == 0)
		set(caller, account.name, account.uid);
	else
		caller->name = gs_strdup(name);
	return true;
}

void gs_caller_find(struct gs_sys *sys, enum gs_caller_look look, struct gs_caller *ret)
{
	struct said said = read_only_one();
	struct gs_caller caller = { 0 };
	bool known = said.uid	 ? take_number(sys, &said, look, &caller)
		     : said.name ? take_name(sys, said.name, look, &caller)
				 : false;

	if (!known)
		caller.name = gs_strdup("root");
	*ret = caller;
}

void gs_caller_self(struct gs_caller *caller)
{
	gs_caller_done(caller);
	set(caller, NULL, getuid());
}

void gs_caller_done(struct gs_caller *caller)
{
	free(caller->name);
	free(caller->number);
	*caller = (struct gs_caller){ 0 };
}
