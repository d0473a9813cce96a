/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/accounts.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "sys/fd.h"
#include "sys/rootfs.h"
#include "sys/spawn.h"

/* (uid_t)-1 and (gid_t)-1 mean "leave as it is" to chown(2): they are nobody's ids. */
#define ID_MAX (UINT32_MAX - 1)

enum { SYSTEM_ID_MIN = 100, SYSTEM_ID_MAX = 999 }; /* login.defs(5), Debian and Red Hat alike */

static FILE *open_in_tree(struct gs_sys *sys, const char *path)
{
	int fd = gs_open_in_root(sys, path, O_RDONLY, GS_LINKS_IN_ROOT);

	return fd < 0 ? NULL : fdopen(fd, "re");
}

/* Every entry of DIR/etc/passwd until one fits; the result lives until the next call. */
static const struct passwd *passwd_in_tree(struct gs_sys *sys, const char *name, bool by_id,
					   uid_t uid)
{
	FILE *file = open_in_tree(sys, "/etc/passwd");
	const struct passwd *entry = NULL;

	if (!file)
		return NULL;
	while ((entry = fgetpwent(file)))
		if (by_id ? entry->pw_uid == uid : !strcmp(entry->pw_name, name))
			break;
	fclose(file);
	return entry;
}

static const struct group *group_in_tree(struct gs_sys *sys, const char *name, bool by_id,
					 gid_t gid)
{
	FILE *file = open_in_tree(sys, "/etc/group");
	const struct group *entry = NULL;

	if (!file)
		return NULL;
	while ((entry = fgetgrent(file)))
		if (by_id ? entry->gr_gid == gid : !strcmp(entry->gr_name, name))
			break;
	fclose(file);
	return entry;
}

int gs_accounts_find(struct gs_sys *sys, const char *name, struct gs_account *ret,
		     struct gs_err *err)
{
	struct gs_account account = { 0 };
	const struct passwd *user;
	const struct group *group;
	uint64_t id = 0;
	bool by_id = gs_span_number(gs_span_of(name), ID_MAX, &id);

	if (sys->offline)
		user = passwd_in_tree(sys, name, by_id, (uid_t)id);
	else
		user = by_id ? getpwuid((uid_t)id) : getpwnam(name);
	if (!user && !by_id)
		return gs_err_set(err, ENOENT, "there is no user '%s'", name);
	/* A number without an account is an owner all the same: containers have many. */
	account.uid = user ? user->pw_uid : (uid_t)id;
	account.gid = user ? user->pw_gid : (gid_t)id;
	account.name = gs_strdup(user ? user->pw_name : name);
	account.home = gs_strdup(user ? user->pw_dir : "/");
	group = sys->offline ? group_in_tree(sys, NULL, true, account.gid) : getgrgid(account.gid);
	account.group = group ? gs_strdup(group->gr_name) : gs_printf("%u", account.gid);
	*ret = account;
	return 0;
}

int gs_accounts_find_group(struct gs_sys *sys, const char *name, gid_t *ret, struct gs_err *err)
{
	const struct group *group;
	uint64_t id;

	if (gs_span_number(gs_span_of(name), ID_MAX, &id)) {
		*ret = (gid_t)id;
		return 0;
	}
	group = sys->offline ? group_in_tree(sys, name, false, 0) : getgrnam(name);
	if (!group)
		return gs_err_set(err, ENOENT, "there is no group '%s'", name);
	*ret = group->gr_gid;
	return 0;
}

static int run_tool(struct gs_sys *sys, const char *const *argv, struct gs_err *err)
{
	struct gs_spawn_req req = {
		.path = argv[0],
		.argv = argv,
		.deadline_ns = sys->deadline_ns,
	};
	struct gs_spawn_result result = { 0 };
	int r = gs_spawn(&req, &result, err);

	if (r == 0)
		r = gs_spawn_check(&req, &result, err);
	gs_spawn_result_done(&result);
	return r;
}

static int remove_group(struct gs_sys *sys, const char *name, struct gs_err *err)
{
	const char *const argv[] = { "/usr/sbin/groupdel", name, NULL };

	return run_tool(sys, argv, err);
}

uint32_t gs_accounts_free_id(struct gs_sys *sys)
{
	for (uint32_t id = SYSTEM_ID_MAX; id >= SYSTEM_ID_MIN; id--) {
		bool taken = sys->offline ? passwd_in_tree(sys, NULL, true, id) ||
						    group_in_tree(sys, NULL, true, id)
					  : getpwuid(id) || getgrgid(id);

		if (!taken)
			return id;
	}
	return 0;
}

static bool has_group(const char *name, gid_t gid)
{
	const struct group *group = getgrnam(name);

	return group && group->gr_gid == gid;
}

int gs_accounts_add(struct gs_sys *sys, const char *name, uint32_t id, struct gs_err *err)
{
	gs_autofree char *number = gs_printf("%u", id);
	const char *const group[] = {
		"/usr/sbin/groupadd", "--system", "--gid", number, name, NULL,
	};
	const char *const user[] = {
		"/usr/sbin/useradd",
		"--system",
		"--uid",
		number,
		"--gid",
		number,
		"--no-create-home",
		"--home-dir",
		"/",
		"--shell",
		"/usr/sbin/nologin",
		"--comment",
		"owner of shared datasets",
		name,
		NULL,
	};
	struct gs_err unremoved = { 0 };
	bool had_group = has_group(name, id);
	int r = had_group ? 0 : run_tool(sys, group, err);

	if (r < 0)
		return r;
	r = run_tool(sys, user, err);
	if (r < 0 && !had_group)
		(void)remove_group(sys, name, &unremoved);
	return r;
}

/* userdel takes the group of the same name with it, where nobody else is in it: userdel(8). */
int gs_accounts_remove(struct gs_sys *sys, const char *name, struct gs_err *err)
{
	const char *const argv[] = { "/usr/sbin/userdel", name, NULL };

	return run_tool(sys, argv, err);
}
