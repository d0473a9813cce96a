/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/top.h"

#include <string.h>

#include "base/command.h"
#include "base/imageid.h"
#include "base/shareid.h"
#include "core/check/row.h"
#include "core/format/acl_text.h"

#define DATA	"postgresql_data"
#define BACKUPS "postgres_backups"

const char *const gs_top_dirs[] = { DATA, BACKUPS, NULL };

/* Never NULL: what was not looked at counts as absent. */
static const struct gs_inode *inode_of(const struct gs_top *top, const char *name)
{
	static const struct gs_inode absent = { .type = GS_INODE_ABSENT };

	for (size_t i = 0; top->dirs && i < top->dirs->n; i++)
		if (!strcmp(strrchr(top->dirs->v[i].path, '/') + 1, name))
			return &top->dirs->v[i].inode;
	return &absent;
}

/* A directory that is not root's: a container has taken it over; initdb refuses to run as root. */
static bool holds_data(const struct gs_top *top)
{
	const struct gs_inode *inode = inode_of(top, DATA);

	return inode->type == GS_INODE_DIR && inode->uid != 0 &&
	       (!inode->is_mount_point || top->crosses);
}

static bool is_owners(const struct gs_top *top, const struct gs_inode *inode)
{
	return inode && inode->type != GS_INODE_ABSENT && inode->uid == top->uid &&
	       (!inode->is_mount_point || top->crosses);
}

static bool may(const struct gs_top *top, const struct gs_inode *inode, unsigned what)
{
	const struct gs_account owner = { .uid = top->uid, .gid = top->gid };

	return gs_inode_grants(inode, &owner, what);
}

/* ---- commands ---------------------------------------------------------------------------- */

void gs_typed_add(const struct gs_typed *typed, struct gs_str *out)
{
	if (!typed)
		return;
	for (size_t i = 0; i < typed->words.n; i++)
		gs_command(out, typed->words.v[i]);
	gs_command(out, typed->owner ? "--owner" : NULL, typed->owner,
		   typed->squash ? "--squash" : NULL, typed->squash);
}

/* leader init with these instead of the options typed; NULL: as typed, and with one more option. */
static void add_init_with(const struct gs_top *top, const char *owner, const char *squash,
			  const char *option, struct gs_str *out)
{
	struct gs_typed typed = top->typed ? *top->typed : (struct gs_typed){ 0 };

	typed.owner = owner ? owner : typed.owner;
	typed.squash = squash;
	gs_command(out, "sudo", "gshare", "leader", "init", top->path);
	gs_typed_add(&typed, out);
	gs_command(out, option && gs_strs_has(&typed.words, option) ? NULL : option);
	gs_command(out, top->tree ? "--root" : NULL, top->tree);
}

static void add_init(const struct gs_top *top, const char *owner, const char *squash,
		     struct gs_str *out)
{
	add_init_with(top, owner, squash, NULL, out);
}

/* As typed; but with PostgreSQL's data in the share only all_squash is safe. */
static const char *squash_of(const struct gs_top *top)
{
	if (!top->typed)
		return NULL;
	return top->squash != GS_SQUASH_ALL && holds_data(top) ? "all" : top->typed->squash;
}

/* Would mapping to the system account not help? In the tree of --root init creates no account.
 */
static bool will_not_do(const struct gs_top *top, uid_t system_uid)
{
	const struct gs_inode *data = inode_of(top, DATA);

	if (!system_uid)
		return top->tree;
	return system_uid == top->uid || gs_image_is_postgres(system_uid) ||
	       (data->type != GS_INODE_ABSENT && data->uid == system_uid);
}

/* Maps followers to a user who owns nothing there. */
static void add_other_owner(const struct gs_top *top, struct gs_str *out)
{
	const struct gs_spare *spare = top->spare;
	const char *tree = top->tree;
	bool makes = spare && spare->free_id && will_not_do(top, spare->system_uid);
	const char *owner = makes ? spare->free_name : GS_SYSTEM_ACCOUNT;

	if (!owner)
		return;
	if (makes) {
		/* usermod would change the owner of every file below its home, which is /. */
		gs_command(out, "sudo", "useradd", tree ? "--prefix" : NULL, tree, "--system",
			   "--uid");
		gs_command_wordf(out, "%u", spare->free_id);
		gs_command(out, "--user-group", "--no-create-home", "--home-dir", "/", "--shell",
			   "/usr/sbin/nologin", owner);
		gs_command_and(out);
	}
	add_init(top, owner, squash_of(top), out);
}

/* The path of an entry at the top, for a command: in the tree that --root names. */
static char *path_of(const struct gs_top *top, const char *name)
{
	return gs_printf("%s%s%s%s", top->tree ? top->tree : "", top->path, name ? "/" : "",
			 name ? name : "");
}

/* Gives an entry at the top to root; is_replaceable() has made sure that nobody can replace it. */
static void add_roots(const struct gs_top *top, const char *name, gid_t gid, const char *mode,
		      struct gs_str *out)
{
	gs_autofree char *owner = gs_printf("root:%u", gid);
	gs_autofree char *path = path_of(top, name);
	char type = strcmp(name, GS_SHARE_FILE) != 0 ? 'd' : 'f';

	gs_command_found(out, path, type, "chown", "-h", owner);
	gs_command_and(out);
	gs_command_found(out, path, type, "chmod", mode);
}

/* A .gshare-id that is no file holds no id: it is renamed, and init makes a new one. */
static void add_moved(const struct gs_top *top, struct gs_str *out)
{
	gs_share_id_away(top->path, top->tree, out);
	gs_command_and(out);
	add_init_with(top, NULL, squash_of(top), "--new-id", out);
}

bool gs_top_is_owned(const struct gs_top *top)
{
	return is_owners(top, inode_of(top, DATA)) || is_owners(top, inode_of(top, BACKUPS)) ||
	       is_owners(top, top->id);
}

/* ---- the checks -------------------------------------------------------------------------- */

static bool is_lost(const struct gs_facts *facts)
{
	const struct gs_top *top = facts->lost;
	const struct gs_inode *inode = inode_of(top, DATA);

	return top->id && top->id->type != GS_INODE_ABSENT && top->dirs && top->dirs->n > 0 &&
	       inode->type == GS_INODE_ABSENT;
}

static void say_lost(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "%s/" DATA
		    " is gone, though the share is not new%s%s: PostgreSQL would begin "
		    "with an empty database",
		    facts->lost->path, facts->becomes ? "; " : "",
		    facts->becomes ? facts->becomes : "");
}

/* PG_VERSION identifies a cluster under another name: PostgreSQL, Database File Layout. */
static void find_lost(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_autofree char *path = path_of(facts->lost, NULL);

	gs_command(gs_fix_here(out, ""), "sudo", "find", path, "-xdev", "-maxdepth", "2", "-name",
		   "PG_VERSION");
}

static bool owns_data(const struct gs_facts *facts)
{
	const struct gs_top *top = facts->top;

	return top->squash != GS_SQUASH_NONE && holds_data(top) &&
	       is_owners(top, inode_of(top, DATA));
}

static void say_owns_data(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "%s/" DATA
		    " belongs to user %u, to which followers are mapped: they can read, change "
		    "and remove PostgreSQL's data",
		    facts->top->path, facts->top->uid);
}

static void fix_owner(const struct gs_facts *facts, struct gs_fixes *out)
{
	add_other_owner(facts->top, gs_fix_here(out, ""));
}

/* Root on a follower can become every other user, also 999 and 70. */
static bool opens_data(const struct gs_facts *facts)
{
	const struct gs_top *top = facts->top;

	return top->squash != GS_SQUASH_ALL && holds_data(top);
}

static void say_opens_data(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(
		out,
		"%s/" DATA
		" belongs to user %u, and users of followers are not mapped: root of a follower "
		"can become that user, and read, change and remove PostgreSQL's data",
		facts->top->path, inode_of(facts->top, DATA)->uid);
}

static void fix_squash(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_top *top = facts->top;

	/* all_squash alone: OWNER_OWNS_DATA would be the next failure. */
	if (top->typed && is_owners(top, inode_of(top, DATA)))
		add_other_owner(top, gs_fix_here(out, ""));
	else
		add_init(top, NULL, "all", gs_fix_here(out, ""));
}

/* The entry that must belong to root or PostgreSQL, and that followers could rename. */
static const char *find_replaceable(const struct gs_top *top)
{
	if (holds_data(top) && !inode_of(top, DATA)->is_mount_point)
		return DATA;
	if (is_owners(top, inode_of(top, BACKUPS)))
		return BACKUPS;
	return is_owners(top, top->id) ? GS_SHARE_FILE : NULL;
}

/*
 * The owner of a directory can rename its entries, sticky or not: unlink(2) EPERM. This check comes
 * before those of the entries: their commands are safe only once nobody can replace an entry.
 */
static bool is_replaceable(const struct gs_facts *facts)
{
	const struct gs_top *top = facts->top;
	const struct gs_inode *root = top->root;

	if (top->squash == GS_SQUASH_NONE || !root || root->type != GS_INODE_DIR ||
	    !find_replaceable(top))
		return false;
	return root->uid == top->uid || (!(root->mode & 01000) && may(top, root, GS_MAY_WRITE));
}

static void say_replaceable(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_top *top = facts->top;

	gs_str_addf(out,
		    "%s %s user %u, to which followers are mapped: they can rename %s and put "
		    "another in its place",
		    top->path,
		    top->root->uid == top->uid ? "belongs to"
					       : "has no sticky bit, and may be changed by",
		    top->uid, find_replaceable(top));
}

/* Gives the share's root back to root: mode and owner as init makes it. */
static void add_root_again(const char *path, const char *group, struct gs_str *out)
{
	gs_autofree char *owner = gs_printf("root:%s", group);

	gs_command(out, "sudo", "chown", owner, path);
	gs_command_and(out);
	gs_command(out, "sudo", "chmod", "3775", path);
}

static void fix_top(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_autofree char *path = path_of(facts->top, NULL);
	gs_autofree char *group = gs_printf("%u", facts->top->gid);

	add_root_again(path, group, gs_fix_here(out, ""));
}

/* Before PostgreSQL came; nothing is lost yet. A directory of others is group's work, maybe. */
static bool is_replaceable_yet(const struct gs_facts *facts)
{
	const struct gs_top *top = facts->top;
	const struct gs_inode *root = top->root, *data = inode_of(top, DATA);

	return top->squash != GS_SQUASH_NONE && root && root->type == GS_INODE_DIR && !root->uid &&
	       data->type == GS_INODE_DIR && !data->uid && !data->is_mount_point && top->id &&
	       top->id->type == GS_INODE_FILE && !(root->mode & 01000) &&
	       may(top, root, GS_MAY_WRITE);
}

static void say_replaceable_yet(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "%s has no sticky bit: user %u, to which followers are mapped, can rename " DATA
		    " and put another in its place, before PostgreSQL starts",
		    facts->top->path, facts->top->uid);
}

static void make_sticky(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_autofree char *path = path_of(facts->top, NULL);

	gs_command(gs_fix_here(out, ""), "sudo", "chmod", "+t", path);
}

static bool is_open(const struct gs_facts *facts)
{
	const struct gs_top *top = facts->top;
	const struct gs_inode *inode = inode_of(top, DATA);

	return holds_data(top) && inode->uid != top->uid &&
	       (may(top, inode, GS_MAY_READ) || may(top, inode, GS_MAY_WRITE) ||
		may(top, inode, GS_MAY_EXECUTE));
}

static void say_open(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_top *top = facts->top;
	const struct gs_inode *inode = inode_of(top, DATA);

	gs_str_addf(out,
		    "%s/" DATA
		    " (mode %04o, group %u) gives access to user %u with group %u, to which "
		    "followers are mapped: they can reach PostgreSQL's data",
		    top->path, inode->mode, inode->gid, top->uid, top->gid);
}

static void fix_open(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_autofree char *path = path_of(facts->top, DATA);

	gs_command_found(gs_fix_here(out, ""), path, 'd', "chmod", "0700");
}

/*
 * As the recipe's mkdir made it: what PostgreSQL puts there can be reached until it sets a mode.
 * Asked once, with the owner of the top, though status looks at each entry.
 */
static bool will_be_open(const struct gs_facts *facts)
{
	const struct gs_top *top = facts->top;
	const struct gs_inode *inode = inode_of(top, DATA);

	return inode->type == GS_INODE_DIR && !inode->uid &&
	       (!inode->is_mount_point || top->crosses) &&
	       (may(top, inode, GS_MAY_READ) || may(top, inode, GS_MAY_WRITE) ||
		may(top, inode, GS_MAY_EXECUTE));
}

static void say_will_be_open(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_top *top = facts->top;
	const struct gs_inode *inode = inode_of(top, DATA);

	gs_str_addf(out,
		    "%s/" DATA
		    " (mode %04o, owner %u:%u) gives access to user %u with group %u, to which "
		    "followers are mapped: PostgreSQL's data will be in it",
		    top->path, inode->mode, inode->uid, inode->gid, top->uid, top->gid);
}

static bool owns_id(const struct gs_facts *facts)
{
	return facts->top->squash != GS_SQUASH_NONE && is_owners(facts->top, facts->top->id);
}

static void say_owns_id(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "%s/" GS_SHARE_FILE
		    " belongs to user %u, to which followers are mapped: a follower can make the "
		    "share look like another to all",
		    facts->top->path, facts->top->uid);
}

static void fix_id(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_top *top = facts->top;

	if (top->id->type == GS_INODE_FILE)
		add_roots(top, GS_SHARE_FILE, 0, "0444", gs_fix_here(out, ""));
	else
		add_moved(top, gs_fix_here(out, ""));
}

/* Whoever mounts it compares the id, and is denied; no verb of the leader's is refused for that. */
static bool is_id_closed(const struct gs_facts *facts)
{
	const struct gs_top *top = facts->top;
	const struct gs_account owner = { .uid = top->uid, .gid = top->gid };

	return !top->typed && top->squash != GS_SQUASH_NONE && top->id &&
	       top->id->type == GS_INODE_FILE && !gs_inode_permits(top->id, &owner, GS_MAY_READ);
}

static void say_id_closed(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_top *top = facts->top;

	gs_str_addf(out,
		    "%s/" GS_SHARE_FILE
		    " (mode %04o, owner %u:%u) is closed to user %u, to which followers are "
		    "mapped: they cannot see which share it is",
		    top->path, top->id->mode, top->id->uid, top->id->gid, top->uid);
}

static bool owns_backups(const struct gs_facts *facts)
{
	const struct gs_top *top = facts->top;

	return top->squash != GS_SQUASH_NONE && is_owners(top, inode_of(top, BACKUPS));
}

static void say_owns_backups(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "%s/" BACKUPS
		    " belongs to user %u, to which followers are mapped: they can replace it and "
		    "keep others out of it",
		    facts->top->path, facts->top->uid);
}

static void fix_backups(const struct gs_facts *facts, struct gs_fixes *out)
{
	add_roots(facts->top, BACKUPS, facts->top->gid, "2770", gs_fix_here(out, ""));
}

/* PostgreSQL's container will run as that UID, whatever user has it on this node. */
static bool is_image(const struct gs_facts *facts)
{
	return gs_image_is_postgres(facts->image->uid) && facts->image->squash != GS_SQUASH_NONE;
}

static void say_image(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(
		out,
		"followers are mapped to user %u, the number of %s: they own the files of such a "
		"container in the share",
		facts->image->uid, gs_image_of(facts->image->uid));
}

static void fix_image(const struct gs_facts *facts, struct gs_fixes *out)
{
	add_other_owner(facts->image, gs_fix_here(out, ""));
}

/* The least severe check: only if no other row of the table is true. */
static bool owns_top(const struct gs_facts *facts)
{
	const struct gs_top *top = facts->top;

	return facts->owner->name && top->root->type == GS_INODE_DIR &&
	       top->root->uid == top->uid && top->squash != GS_SQUASH_NONE;
}

static void say_owns_top(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "%s belongs to %s, to which followers are mapped: they can rename, replace and "
		    "chmod everything directly in it",
		    facts->top->path, facts->owner->name);
}

/* With the entry's anongid, by name if it is the user's primary group. */
static void fix_owns_top(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_autofree char *group = facts->owner->gid == facts->top->gid
					  ? gs_strdup(facts->owner->group)
					  : gs_printf("%u", facts->top->gid);

	add_root_again(facts->top->path, group, gs_fix_here(out, ""));
}

/* The most severe first: a row that is true hides those after it. */
const struct gs_check gs_checks_top[] = {
	{ "POSTGRES_GONE", "PostgreSQL's directory is missing from a share that is not new.",
	  GS_ON_LEADER, GS_GIVEN(LOST), GS_WARN, is_lost, .message = say_lost, .fix = find_lost },
	{ "OWNER_OWNS_DATA",
	  "Followers are mapped to the owner of PostgreSQL's data, backups or .gshare-id.",
	  GS_ON_LEADER, GS_GIVEN(TOP), GS_FAIL, owns_data, .message = say_owns_data,
	  .fix = fix_owner, .ends = true },
	{ "SQUASH_OPENS_DATA",
	  "Users of followers are not mapped: their root can become PostgreSQL's user.",
	  GS_ON_LEADER, GS_GIVEN(TOP), GS_FAIL, opens_data, .message = say_opens_data,
	  .fix = fix_squash, .ends = true },
	{ "DATA_REPLACEABLE", "Followers can replace entries of PostgreSQL or root in the share.",
	  GS_ON_LEADER, GS_GIVEN(TOP), GS_FAIL, is_replaceable, .message = say_replaceable,
	  .fix = fix_top, .ends = true },
	{ "DATA_OPEN", "PostgreSQL's directory is open to the user that followers are mapped to.",
	  GS_ON_LEADER, GS_GIVEN(TOP), GS_FAIL, is_open, .message = say_open, .fix = fix_open,
	  .ends = true },
	{ "ID_UNREADABLE", "The share's .gshare-id cannot be read.", GS_ON_LEADER,
	  GS_GIVEN(TOP) | GS_GIVEN(OWNER), GS_FAIL, is_id_closed, .message = say_id_closed,
	  .fix = fix_id },
	{ "OWNER_OWNS_DATA", NULL, GS_ON_LEADER, GS_GIVEN(TOP), GS_FAIL, owns_id,
	  .message = say_owns_id, .fix = fix_id, .ends = true },
	{ "OWNER_OWNS_DATA", NULL, GS_ON_LEADER, GS_GIVEN(TOP), GS_FAIL, owns_backups,
	  .message = say_owns_backups, .fix = fix_backups, .ends = true },
	{ "DATA_OPEN", NULL, GS_ON_LEADER, GS_GIVEN(TOP) | GS_GIVEN(OWNER), GS_WARN, will_be_open,
	  .message = say_will_be_open, .fix = fix_open },
	{ "DATA_REPLACEABLE", NULL, GS_ON_LEADER, GS_GIVEN(TOP) | GS_GIVEN(OWNER), GS_WARN,
	  is_replaceable_yet, .message = say_replaceable_yet, .fix = make_sticky },
	{ "OWNER_IS_IMAGE", "Followers are mapped to the user number of a PostgreSQL image.",
	  GS_ON_LEADER, GS_GIVEN(IMAGE), GS_WARN, is_image, .message = say_image,
	  .fix = fix_image },
	{ "DIR_OWNED",
	  "Followers are mapped to the owner of the share's directory, or of one in "
	  "it.",
	  GS_ON_LEADER, GS_GIVEN(TOP) | GS_GIVEN(OWNER), GS_WARN, owns_top, .message = say_owns_top,
	  .fix = fix_owns_top },
	{ 0 },
};
