/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/accounts.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/imageid.h"
#include "sys/fs/rootfs.h"
#include "sys/proc/child.h"
#include "sys/proc/fd.h"
#include "sys/proc/spawn.h"

/* chown(2) takes (uid_t)-1 and (gid_t)-1 as "leave as it is", so they are nobody's ids. */
#define ID_MAX (UINT32_MAX - 1)

enum {
	/* Within the range of login.defs(5), away from both ends: see gs_accounts_free_id(). */
	SYSTEM_ID_MIN = 100,
	SYSTEM_ID_MAX = 949,
	LOOK_MS = 4000, /* several lookups must fit into a command's deadline */
	ANSWER_MAX_BYTES = 64 * 1024,
	TREE_FILE_MAX_BYTES = 4 << 20, /* of passwd and group in an image */
};

/* ---- the cache ---------------------------------------------------------------------------- */

/* Each lookup takes a child, and a run looks up the same owners before and after its changes. */
struct known {
	char *name;
	struct gs_str answer;
};

struct gs_users {
	struct known *v;
	size_t n, room;
};

static const struct gs_str *find_known(const struct gs_sys *sys, const char *name)
{
	for (size_t i = 0; sys->users && i < sys->users->n; i++)
		if (!strcmp(sys->users->v[i].name, name))
			return &sys->users->v[i].answer;
	return NULL;
}

static void keep(struct gs_sys *sys, const char *name, const struct gs_str *answer)
{
	struct gs_users *users = sys->users;

	if (!users)
		users = sys->users = gs_alloc(sizeof *users);
	gs_grow(&users->v, users->n, &users->room, sizeof *users->v);
	users->v[users->n] = (struct known){ .name = gs_strdup(name) };
	gs_str_add(&users->v[users->n++].answer, gs_str_span(answer));
}

void gs_accounts_forget(struct gs_sys *sys)
{
	for (size_t i = 0; sys->users && i < sys->users->n; i++) {
		free(sys->users->v[i].name);
		gs_str_done(&sys->users->v[i].answer);
	}
	if (sys->users)
		free(sys->users->v);
	free(sys->users);
	sys->users = NULL;
}

/* ---- looking up -------------------------------------------------------------------------- */

/*
 * NSS may ask a server (sss, ldap, winbind) and has no deadline of its own, so it is called in a
 * child. The files of a tree below --root are read in a child as well: they may lie on a server,
 * too.
 */

struct query {
	struct gs_sys *sys;
	const char *name;
	const struct gs_ids *taken;
	int (*look)(const struct query *, struct gs_str *ret_answer, struct gs_err *);
	struct gs_str passwd, group; /* of a tree, read in the child */
};

/*
 * A tree may be anybody's image: its files are read whole before they are parsed, and only regular
 * files of at most TREE_FILE_MAX_BYTES. An absent file has no entries.
 */
static int read_in_tree(const struct gs_sys *sys, const char *path, struct gs_str *ret,
			struct gs_err *err)
{
	gs_autoclose int fd = gs_open_regular(sys, path, TREE_FILE_MAX_BYTES);
	int r = fd < 0 ? fd : gs_read_fd(fd, TREE_FILE_MAX_BYTES, ret);

	if (r == 0 || r == -ENOENT || r == -ENOTDIR)
		return 0;
	if (fd == -EINVAL || fd == -ELOOP)
		return gs_err_set(err, r, "'%s' is not a regular file", path);
	if (r == -EFBIG)
		return gs_err_set(err, r, "'%s' is longer than %d bytes", path,
				  TREE_FILE_MAX_BYTES);
	return gs_err_set(err, r, "cannot read '%s': %s", path, strerror(-r));
}

/* NULL for an absent file: for a text of no bytes, glibc's fmemopen(3) writes one past the end. */
static FILE *open_text(const struct gs_str *text)
{
	return text->len ? fmemopen(text->ptr, text->len, "r") : NULL;
}

/* Reads entries of the text until one fits; the result lives until the next call. */
static const struct passwd *passwd_in_tree(const struct query *query, bool by_id, uid_t uid)
{
	FILE *file = open_text(&query->passwd);
	const struct passwd *entry = NULL;

	if (!file)
		return NULL;
	while ((entry = fgetpwent(file)))
		if (by_id ? entry->pw_uid == uid : !strcmp(entry->pw_name, query->name))
			break;
	fclose(file);
	return entry;
}

static const struct group *group_in_tree(const struct query *query, bool by_id, gid_t gid)
{
	FILE *file = open_text(&query->group);
	const struct group *entry = NULL;

	if (!file)
		return NULL;
	while ((entry = fgetgrent(file)))
		if (by_id ? entry->gr_gid == gid : !strcmp(entry->gr_name, query->name))
			break;
	fclose(file);
	return entry;
}

static const struct passwd *find_user(const struct query *query, bool by_id, uid_t uid)
{
	if (query->sys->offline)
		return passwd_in_tree(query, by_id, uid);
	return by_id ? getpwuid(uid) : getpwnam(query->name);
}

static const struct group *find_group(const struct query *query, bool by_id, gid_t gid)
{
	if (query->sys->offline)
		return group_in_tree(query, by_id, gid);
	return by_id ? getgrgid(gid) : getgrnam(query->name);
}

static void add_text(struct gs_str *answer, const char *text)
{
	gs_str_add(answer, gs_span(text, strlen(text) + 1));
}

static void add_number(struct gs_str *answer, uint32_t number)
{
	gs_autofree char *text = gs_printf("%u", number);

	add_text(answer, text);
}

/* uid, gid, name, home and the group's name, a NUL behind each */
static int look_for_user(const struct query *query, struct gs_str *ret_answer, struct gs_err *err)
{
	const struct passwd *user;
	const struct group *group;
	uint64_t id = 0;
	bool by_id = gs_span_number(gs_span_of(query->name), ID_MAX, &id);
	gid_t gid;

	user = find_user(query, by_id, (uid_t)id);
	if (!user && !by_id)
		return gs_err_set(err, ENOENT, "there is no user '%s'", query->name);
	/* A uid without an account is a valid owner all the same: containers have many. */
	gid = user ? user->pw_gid : (gid_t)id;
	add_number(ret_answer, user ? user->pw_uid : (uid_t)id);
	add_number(ret_answer, gid);
	add_text(ret_answer, user ? user->pw_name : query->name);
	add_text(ret_answer, user ? user->pw_dir : "/");
	group = find_group(query, true, gid);
	if (group)
		add_text(ret_answer, group->gr_name);
	else
		add_number(ret_answer, gid);
	return 0;
}

static int look_for_group(const struct query *query, struct gs_str *ret_answer, struct gs_err *err)
{
	const struct group *group = find_group(query, false, 0);

	if (!group)
		return gs_err_set(err, ENOENT, "there is no group '%s'", query->name);
	gs_str_addf(ret_answer, "%u", group->gr_gid);
	return 0;
}

/* One pass over each file: nine hundred passes would take as long as the file's author likes. */
static void mark_taken(const struct query *query, bool taken[static SYSTEM_ID_MAX + 1])
{
	FILE *users = open_text(&query->passwd);
	FILE *groups = open_text(&query->group);
	const struct passwd *user;
	const struct group *group;

	while (users && (user = fgetpwent(users)))
		if (user->pw_uid <= SYSTEM_ID_MAX)
			taken[user->pw_uid] = true;
	while (groups && (group = fgetgrent(groups)))
		if (group->gr_gid <= SYSTEM_ID_MAX)
			taken[group->gr_gid] = true;
	if (users)
		fclose(users);
	if (groups)
		fclose(groups);
}

static int look_for_free(const struct query *query, struct gs_str *ret_answer, struct gs_err *err)
{
	bool taken[SYSTEM_ID_MAX + 1] = { false };

	if (query->sys->offline)
		mark_taken(query, taken);
	for (uint32_t id = SYSTEM_ID_MAX; id >= SYSTEM_ID_MIN; id--) {
		if (gs_image_of(id) || gs_ids_has(query->taken, id) ||
		    (query->sys->offline
			     ? taken[id]
			     : find_user(query, true, id) || find_group(query, true, id)))
			continue;
		gs_str_addf(ret_answer, "%u", id);
		return 0;
	}
	return gs_err_set(err, ENOSPC, "every number from 100 to 949 is in use");
}

static int in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	struct query *query = arg;
	int r = 0;

	if (query->sys->offline &&
	    (read_in_tree(query->sys, "/etc/passwd", &query->passwd, err) < 0 ||
	     read_in_tree(query->sys, "/etc/group", &query->group, err) < 0))
		r = err->code;
	if (r == 0)
		r = query->look(query, ret_answer, err);
	gs_str_done(&query->passwd);
	gs_str_done(&query->group);
	return r;
}

static int look_up(struct query *query, struct gs_str *ret_answer, struct gs_err *err)
{
	int64_t end = gs_deadline_in(LOOK_MS), last = query->sys->deadline_ns;
	struct gs_child_req req = {
		.fn = in_child,
		.arg = query,
		.keep = &query->sys->root_fd,
		.n_keep = 1,
		.deadline_ns = end < last ? end : last,
		.max_answer = ANSWER_MAX_BYTES,
	};
	int r = gs_child_run(&req, ret_answer, err);

	if (r != -ETIMEDOUT)
		return r;
	if (query->sys->offline)
		return gs_err_prefix(err, "cannot look up '%s' in '%s'", query->name,
				     query->sys->root);
	gs_err_set(err, r, "cannot look up '%s': the name services in /etc/nsswitch.conf timed out",
		   query->name);
	gs_err_cause(err, "ACCOUNTS_TIMEOUT");
	return gs_err_advise(
		err, "find out why that service is not responding, then run the command again");
}

static char *next_text(struct gs_span *rest)
{
	struct gs_span part = gs_span(NULL, 0);

	gs_span_cut(rest, '\0', &part);
	return gs_span_dup(part);
}

static int read_id(struct gs_span text, const char *name, uint32_t *ret, struct gs_err *err)
{
	uint64_t id = 0;

	if (!gs_span_number(text, UINT32_MAX, &id))
		return gs_err_set(err, EPROTO, "cannot look up '%s': the reply is not a number",
				  name);
	*ret = (uint32_t)id;
	return 0;
}

static int ask_for_user(struct gs_sys *sys, const char *name, struct gs_err *err)
{
	struct query query = { .sys = sys, .name = name, .look = look_for_user };
	gs_autostr struct gs_str answer = { 0 };

	if (look_up(&query, &answer, err) < 0)
		return err->code;
	keep(sys, name, &answer);
	return 0;
}

int gs_accounts_find(struct gs_sys *sys, const char *name, struct gs_account *ret,
		     struct gs_err *err)
{
	struct gs_span rest, uid = { 0 }, gid = { 0 };
	struct gs_account account = { 0 };

	if (!find_known(sys, name) && ask_for_user(sys, name, err) < 0)
		return err->code;
	rest = gs_str_span(find_known(sys, name));
	gs_span_cut(&rest, '\0', &uid);
	gs_span_cut(&rest, '\0', &gid);
	if (read_id(uid, name, &account.uid, err) < 0 || read_id(gid, name, &account.gid, err) < 0)
		return err->code;
	account.name = next_text(&rest);
	account.home = next_text(&rest);
	account.group = next_text(&rest);
	*ret = account;
	return 0;
}

static int find_number(struct query *query, uint32_t *ret, struct gs_err *err)
{
	gs_autostr struct gs_str answer = { 0 };

	if (look_up(query, &answer, err) < 0)
		return err->code;
	return read_id(gs_str_span(&answer), query->name, ret, err);
}

int gs_accounts_find_group(struct gs_sys *sys, const char *name, gid_t *ret, struct gs_err *err)
{
	struct query query = { .sys = sys, .name = name, .look = look_for_group };
	uint64_t id;

	if (!gs_span_number(gs_span_of(name), ID_MAX, &id))
		return find_number(&query, ret, err);
	*ret = (gid_t)id;
	return 0;
}

int gs_accounts_free_id(struct gs_sys *sys, const struct gs_ids *taken, uint32_t *ret,
			struct gs_err *err)
{
	struct query query = {
		.sys = sys, .name = "a free number", .taken = taken, .look = look_for_free
	};

	return find_number(&query, ret, err);
}

/* ---- changing ---------------------------------------------------------------------------- */

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

/* @ret: is there a group of this name, with this number? */
static int has_group(struct gs_sys *sys, const char *name, gid_t gid, bool *ret, struct gs_err *err)
{
	struct gs_err absent = { 0 };
	gid_t found = 0;
	int r = gs_accounts_find_group(sys, name, &found, &absent);

	if (r < 0 && r != -ENOENT) {
		*err = absent;
		return r;
	}
	*ret = r == 0 && found == gid;
	return 0;
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
	bool had_group = false;
	int r;

	gs_accounts_forget(sys);
	if (has_group(sys, name, id, &had_group, err) < 0 ||
	    (!had_group && run_tool(sys, group, err) < 0))
		return err->code;
	r = run_tool(sys, user, err);
	if (r < 0 && !had_group)
		(void)remove_group(sys, name, &unremoved);
	return r;
}

/* userdel also removes the group of the same name if nobody else is in it: userdel(8). */
int gs_accounts_remove(struct gs_sys *sys, const char *name, struct gs_err *err)
{
	const char *const argv[] = { "/usr/sbin/userdel", name, NULL };

	gs_accounts_forget(sys);
	return run_tool(sys, argv, err);
}

#define LOOKS                                                                                      \
	.find = gs_accounts_find, .find_group = gs_accounts_find_group,                            \
	.free_id = gs_accounts_free_id

const struct gs_account_ops gs_accounts_host = {
	LOOKS,
	.add = gs_accounts_add,
	.remove = gs_accounts_remove,
};

const struct gs_account_ops gs_accounts_offline = {
	LOOKS,
};
