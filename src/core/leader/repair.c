/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/leader/repair.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "core/format/acl_text.h"
#include "core/plan/plan.h"
#include "core/share/layout.h"
#include "core/share/path.h"

enum { R = GS_MAY_READ, W = GS_MAY_WRITE, X = GS_MAY_EXECUTE, ALL = R | W | X };

/* ---- ACLs -------------------------------------------------------------------------------- */

static void raise_item(struct gs_acl *acl, char tag, uint32_t id, unsigned perm)
{
	struct gs_acl_item *item = gs_acl_find(acl, tag, true, id);

	if (!item)
		item = gs_acl_add(acl, (struct gs_acl_item){ .tag = tag, .named = true, .id = id });
	item->perm |= perm;
}

/* Gives perm to the owner and its group; all others keep the rights that the old mask allowed. */
static char *widen(struct gs_acl *acl, const struct gs_account *owner, unsigned perm)
{
	unsigned old = gs_acl_mask(acl), group = 0;
	gs_autostr struct gs_str text = { 0 };

	for (size_t i = 0; i < acl->n; i++) {
		if (!gs_acl_is_masked(&acl->v[i]))
			continue;
		acl->v[i].perm &= old;
		group |= acl->v[i].perm;
	}
	raise_item(acl, 'u', owner->uid, perm);
	raise_item(acl, 'g', owner->gid, perm);
	if (!gs_acl_find(acl, 'm', false, 0))
		gs_acl_add(acl, (struct gs_acl_item){ .tag = 'm' });
	gs_acl_find(acl, 'm', false, 0)->perm = group | perm;
	gs_acl_print(acl, &text);
	return gs_span_dup(gs_str_span(&text));
}

static bool may_be_executed(const struct gs_acl *acl)
{
	unsigned mask = gs_acl_mask(acl);

	for (size_t i = 0; i < acl->n; i++)
		if (acl->v[i].tag != 'm' &&
		    acl->v[i].perm & (gs_acl_is_masked(&acl->v[i]) ? mask : ALL) & X)
			return true;
	return false;
}

void gs_repair_acls(const struct gs_inode *inode, const struct gs_account *owner,
		    struct gs_acls *ret)
{
	GS_AUTO(gs_strs_done) struct gs_strs keep = { 0 };
	GS_AUTO(gs_acl_done) struct gs_acl access = { 0 };
	GS_AUTO(gs_acl_done) struct gs_acl inherited = { 0 };
	bool is_dir = inode->type == GS_INODE_DIR;
	struct gs_dir_spec spec;

	gs_acl_of(inode, &access);
	ret->access = widen(&access, owner,
			    is_dir || may_be_executed(&access) ? ALL : (unsigned)(R | W));
	if (!is_dir)
		return;
	if (inode->acl_default) {
		gs_acl_parse(inode->acl_default, &inherited);
		ret->default_ = widen(&inherited, owner, ALL);
		return;
	}
	gs_share_dir_spec(gs_dataset_dirs[0], owner, &keep, &spec);
	ret->default_ = gs_strdup(spec.acl_default);
}

/* ---- judging ----------------------------------------------------------------------------- */

bool gs_repair_can_change(const struct gs_inode *inode, const struct gs_account *owner)
{
	return inode->uid == owner->uid ||
	       gs_inode_grants(inode, owner, inode->type == GS_INODE_DIR ? ALL : R | W);
}

/*
 * A file with one link may have had another name outside: a follower's hard link to a file of root
 * stays when that file is replaced, as /etc/shadow is at each change of a password, and the inode
 * does not show it. A file made in a dataset directory has the share's group, by the directory's
 * setgid bit. A file with another group is changed only if every user may read it already.
 */
static bool is_alien(const struct gs_inode *inode, const struct gs_account *owner)
{
	return inode->gid != owner->gid && !(inode->mode & 0004);
}

enum gs_repair_verdict gs_repair_judge(const struct gs_entry *entry, const struct gs_account *owner)
{
	const struct gs_inode *inode = &entry->inode;
	bool is_dir = inode->type == GS_INODE_DIR;

	if ((!is_dir && inode->type != GS_INODE_FILE) || gs_repair_can_change(inode, owner))
		return GS_REPAIR_FINE;
	if (entry->is_fixed)
		return GS_REPAIR_FIXED;
	if (is_dir)
		return GS_REPAIR_GIVE;
	if (inode->mode & 06000 || entry->has_caps)
		return GS_REPAIR_SETID;
	if (entry->links > 1)
		return GS_REPAIR_LINKED;
	return is_alien(inode, owner) ? GS_REPAIR_ALIEN : GS_REPAIR_GIVE;
}

const char *gs_repair_cause(enum gs_repair_verdict verdict)
{
	switch (verdict) {
	case GS_REPAIR_FINE:
	case GS_REPAIR_GIVE:
		return NULL;
	case GS_REPAIR_LINKED:
		return "it has several hard links, and one may be outside the share";
	case GS_REPAIR_SETID:
		return "it is setuid or setgid, or has capabilities";
	case GS_REPAIR_FIXED:
		return "it is immutable or append-only";
	case GS_REPAIR_ALIEN:
		return "it does not have the share's group, and others may not read it: it may "
		       "come from outside the share";
	}
	return NULL;
}

/* ---- the list ---------------------------------------------------------------------------- */

static struct gs_repair_line *add_line(struct gs_repair_lines *lines, const char *path)
{
	struct gs_repair_line *line;

	if (lines->n == GS_REPAIR_LISTED_MAX)
		return NULL;
	gs_grow(&lines->v, lines->n, &lines->room, sizeof *lines->v);
	line = &lines->v[lines->n++];
	line->path = gs_strdup(path);
	return line;
}

void gs_repair_add(struct gs_repair *repair, const struct gs_entry *entry)
{
	const struct gs_inode *inode = &entry->inode;
	struct gs_repair_line *line = add_line(&repair->give, entry->path);

	repair->dirs += inode->type == GS_INODE_DIR;
	repair->files += inode->type != GS_INODE_DIR;
	if (!line)
		return;
	line->is_dir = inode->type == GS_INODE_DIR;
	line->mode = inode->mode;
	line->uid = inode->uid;
	line->gid = inode->gid;
}

void gs_repair_leave(struct gs_repair *repair, const char *path, const char *why, int error)
{
	struct gs_repair_line *line = add_line(&repair->left, path);

	repair->n_left++;
	repair->n_failed += error != 0;
	if (!line)
		return;
	line->why = why;
	line->error = error;
}

void gs_repair_again(const char *path, struct gs_str *out)
{
	gs_command(out, "sudo", "gshare", "leader", "repair");
	if (strcmp(path, GS_DEFAULT_PATH) != 0)
		gs_command(out, "--path", path);
}

int gs_repair_check(const struct gs_repair *repair, const char *path, struct gs_err *err)
{
	const struct gs_repair_lines *left = &repair->left;
	gs_autostr struct gs_str such = { 0 }, fix = { 0 };
	size_t i = 0;

	if (!repair->n_failed)
		return 0;
	while (i < left->n && !left->v[i].error)
		i++;
	if (i < left->n) {
		gs_str_adds(&such, ", such as '");
		gs_str_add_safe(&such, gs_span_of(left->v[i].path));
		gs_str_addf(&such, "': %s", left->v[i].why);
	}
	gs_err_set(err, EIO, "%zu entr%s could not be read or changed%s", repair->n_failed,
		   repair->n_failed == 1 ? "y" : "ies", such.len ? such.ptr : "");
	if (i == left->n || left->v[i].error != ETIMEDOUT) {
		gs_err_cause(err, "REPAIR_FAILED");
		gs_str_adds(&fix, "once the error is fixed: ");
	} else {
		gs_err_cause(err, "CLIENT_DELEGATION");
		gs_str_adds(&fix,
			    "in two minutes, when the server has revoked it after its lease: ");
	}
	gs_repair_again(path, &fix);
	return gs_err_fix_text(err, &fix);
}

static void lines_done(struct gs_repair_lines *lines)
{
	for (size_t i = 0; i < lines->n; i++)
		free(lines->v[i].path);
	free(lines->v);
}

void gs_repair_done(struct gs_repair *repair)
{
	lines_done(&repair->give);
	lines_done(&repair->left);
	*repair = (struct gs_repair){ 0 };
}
