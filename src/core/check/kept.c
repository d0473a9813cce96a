/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>
#include <sys/stat.h>

#include "base/command.h"
#include "core/check/row.h"
#include "core/format/acl_text.h"

/* Directories that existed before gshare: gshare does not change them. */

static bool is_owned(const struct gs_kept_fact *kept)
{
	return kept->acts && kept->inode->uid == kept->owner->uid;
}

/* For the share's own directory the check is owns_top(). */
static bool is_owners(const struct gs_facts *facts)
{
	return is_owned(facts->kept) && !facts->kept->is_root;
}

static void say_owners(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "%s belongs to %s, to which followers are mapped: they can rename, replace "
		    "and chmod it",
		    facts->kept->path, facts->kept->owner->name);
}

/*
 * Followers may be able to rename a dataset directory: the commands follow no link. The rest of a
 * default ACL that is new is as the access ACL has it: setfacl(1).
 */
static void share_again(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_account *owner = facts->kept->owner;
	const char *path = facts->kept->path;
	gs_autofree char *owners = gs_printf("root:%s", owner->group);
	gs_autofree char *acl = gs_printf("u:%u:rwx,d:u:%u:rwx", owner->uid, owner->uid);
	struct gs_str *command = gs_fix_here(out, "");

	gs_command_found(command, path, 'd', "chown", "-h", owners);
	gs_command_and(command);
	gs_command_found(command, path, 'd', "chmod", "2775");
	gs_command_and(command);
	gs_command_found(command, path, 'd', "setfacl", "-m", acl);
}

/* At the share's root the sticky bit protects the entries of other users. */
static bool is_everybodys(const struct gs_facts *facts)
{
	const struct gs_kept_fact *kept = facts->kept;

	return !is_owned(kept) && kept->inode->mode & 0002 &&
	       !(kept->is_root && kept->inode->mode & 01000);
}

static void say_everybodys(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "%s is writable by every user", facts->kept->path);
}

static void close_world(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_command_found(gs_fix_here(out, ""), facts->kept->path, 'd', "chmod", "o-w");
}

static bool is_closed(const struct gs_facts *facts)
{
	return !facts->kept->is_root && !facts->kept->can_write;
}

/* Mode and ACL are in the way: chmod(1) on a directory with an ACL sets the mask of its ACL. */
static void say_closed(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_inode *inode = facts->kept->inode;

	gs_str_addf(out,
		    "%s (mode %04o, owner %u:%u%s) is kept as it is: followers cannot write to it",
		    facts->kept->path, inode->mode, inode->uid, inode->gid,
		    inode->acl_access ? ", and its ACL" : "");
}

/*
 * What others make there, as root or a container of this node: init's default ACL lets followers
 * write to it, too. A directory without an access ACL for them was not made by init.
 */
static bool loses_default(const struct gs_facts *facts)
{
	const struct gs_kept_fact *kept = facts->kept;
	const struct gs_inode *dir = kept->inode;
	const struct gs_inode made = { .type = GS_INODE_FILE,
				       .gid = dir->mode & S_ISGID ? dir->gid : 0,
				       .acl_access = dir->acl_default };
	gs_autofree char *own = gs_printf("u:%u:", kept->owner->uid);

	if (!kept->acts || !kept->can_write || kept->is_root || dir->acl_hidden ||
	    !dir->acl_access || !strstr(dir->acl_access, own))
		return false;
	return !dir->acl_default || !gs_inode_permits(&made, kept->owner, GS_MAY_WRITE);
}

static void say_default(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "the default ACL of %s %s: files that other users of this node make there "
		    "are not writable for followers",
		    facts->kept->path,
		    facts->kept->inode->acl_default ? "gives followers no right to write"
						    : "is gone");
}

static void give_default(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_autofree char *acl = gs_printf("u::rwx,u:%u:rwx,g::rwx,m::rwx,o::r-x",
					  facts->kept->owner->uid);

	gs_command_found(gs_fix_here(out, ""), facts->kept->path, 'd', "setfacl", "-d", "-m", acl);
}

const struct gs_check gs_checks_kept[] = {
	{ "DIR_OWNED", NULL, GS_ON_LEADER, GS_GIVEN(KEPT), GS_WARN, is_owners,
	  .message = say_owners, .fix = share_again, .ends = true },
	{ "DIR_WORLD_WRITABLE", "A directory of the share is writable by every user.", GS_ON_LEADER,
	  GS_GIVEN(KEPT), GS_WARN, is_everybodys, .message = say_everybodys, .fix = close_world,
	  .ends = true },
	{ "DIR_NOT_WRITABLE", "Followers cannot write to a dataset directory, by its mode and ACL.",
	  GS_ON_LEADER, GS_GIVEN(KEPT), GS_FAIL, is_closed, .message = say_closed,
	  .fix = share_again },
	{ "DIR_DEFAULT_LOST",
	  "Files that other users make in a dataset directory are closed to followers.",
	  GS_ON_LEADER, GS_GIVEN(KEPT), GS_WARN, loses_default, .message = say_default,
	  .fix = give_default },
	{ 0 },
};
