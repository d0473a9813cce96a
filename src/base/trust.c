/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/trust.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "base/str.h"

bool gs_trust_has(const struct gs_trust *trust, uid_t uid)
{
	return uid == 0 || uid == trust->caller.uid || uid == trust->author.uid;
}

static bool is_private(const struct gs_trusted *user, gid_t gid)
{
	return user->uid && user->group == gid;
}

/*
 * Group 0 counts as root and the caller's private group as the caller (on Ubuntu directories in a
 * home are 0775 by default), unless an ACL gives the group's bits to others, or may do so.
 */
static bool is_open_to_others(const struct gs_trust *trust, const struct gs_inode *dir)
{
	bool known = !dir->acl_access && !dir->acl_hidden;
	bool trusted = (!dir->gid || is_private(&trust->caller, dir->gid) ||
			is_private(&trust->author, dir->gid)) &&
		       known;

	return (dir->mode & 0020 && !trusted) || dir->mode & 0002;
}

/* In a sticky directory only its owner and the entry's owner can replace it: unlink(2) EPERM. */
bool gs_trust_is_replaceable(const struct gs_trust *trust, const struct gs_inode *dir,
			     const struct gs_inode *entry)
{
	if (!gs_trust_has(trust, dir->uid))
		return true;
	if (!is_open_to_others(trust, dir))
		return false;
	if (!(dir->mode & 01000))
		return true;
	return entry->type != GS_INODE_ABSENT && !gs_trust_has(trust, entry->uid);
}

void gs_way_done(struct gs_way *way)
{
	free(way->dir);
	free(way->entry);
	free(way->callers);
	*way = (struct gs_way){ 0 };
}

int gs_way_refuse(const struct gs_way *way, const char *path, const char *root,
		  const struct gs_trust *trust, const char *again, struct gs_err *err)
{
	const char *and_you = trust->caller.uid ? " and you" : "";
	gs_autofree char *whole = gs_printf("%s%s", root && strcmp(root, "/") != 0 ? root : "",
					    path);

	if (way->is_link)
		gs_err_set(
			err, EPERM,
			"'%s' goes through the symbolic link '%s', which users other than root%s "
			"own or could replace",
			path, way->entry, and_you);
	else
		gs_err_set(err, EPERM,
			   "'%s' could be replaced by users other than root%s: '%s' has owner %u, "
			   "group %u, mode %04o",
			   way->entry, and_you, way->dir, way->inode.uid, way->inode.gid,
			   way->inode.mode);
	gs_err_cause(err, way->is_link ? "LINK_OF_OTHERS" : "PATH_OF_OTHERS");
	/* No option permits a link owned by others: they choose where it leads. */
	if (again && !way->is_link)
		return gs_err_advise(err, "%s", again);
	return gs_err_fix(err, "", "namei", "-l", whole);
}
