/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/share/layout.h"

#include "core/share/layout.h"

#include <string.h>

/*
 * The tree of a share. Under all_squash every user of every follower is the owner, so files that
 * followers must not replace may not belong to the owner: the share's root and directories belong
 * to root, and the owner's group and ACLs grant what followers need.
 */

enum access_kind {
	ACCESS_DATASET, /* owner and group may create and remove all entries */
	ACCESS_GROUP,	/* the group may write; others see nothing */
	ACCESS_ROOT,	/* PostgreSQL's container takes it over; never for followers */
};

static const struct {
	const char *name;
	mode_t mode;
	enum access_kind kind;
} standard[] = {
	{ "uploads", 02775, ACCESS_DATASET },	   { "files", 02775, ACCESS_DATASET },
	{ "datasets", 02775, ACCESS_DATASET },	   { "postgres_backups", 02770, ACCESS_GROUP },
	{ "postgresql_data", 00700, ACCESS_ROOT },
};

enum {
	MODE_SHARE_ROOT = 03775, /* setgid, sticky: the group adds entries, removes only its own */
	MODE_DATASET = 02775,
};

const char *const gs_dataset_dirs[] = { "uploads", "files", "datasets", NULL };

void gs_share_dirs(const struct gs_strs *specified, struct gs_strs *ret_names)
{
	for (size_t i = 0; i < GS_COUNT(standard); i++)
		gs_strs_add(ret_names, standard[i].name);
	for (size_t i = 0; i < specified->n; i++)
		if (!gs_strs_has(ret_names, specified->v[i]))
			gs_strs_add(ret_names, specified->v[i]);
}

bool gs_share_dir_is_dataset(const char *name)
{
	for (size_t i = 0; i < GS_COUNT(standard); i++)
		if (!strcmp(standard[i].name, name))
			return standard[i].kind == ACCESS_DATASET;
	return true;
}

static void dataset_spec(const struct gs_account *owner, struct gs_strs *keep,
			 struct gs_dir_spec *ret)
{
	/* In the order and spelling of acl_to_any_text(3), so that the ACL set compares equal. */
	gs_autofree char *acl = gs_printf("u::rwx,u:%u:rwx,g::rwx,g:%u:rwx,m::rwx,o::r-x",
					  owner->uid, owner->gid);

	gs_strs_add(keep, acl);
	*ret = (struct gs_dir_spec){
		.mode = MODE_DATASET,
		.gid = owner->gid,
		.acl_access = keep->v[keep->n - 1],
		.acl_default = keep->v[keep->n - 1],
	};
}

void gs_share_dir_spec(const char *name, const struct gs_account *owner, struct gs_strs *keep,
		       struct gs_dir_spec *ret)
{
	if (!name) {
		*ret = (struct gs_dir_spec){ .mode = MODE_SHARE_ROOT, .gid = owner->gid };
		return;
	}
	for (size_t i = 0; i < GS_COUNT(standard); i++) {
		if (strcmp(standard[i].name, name) || standard[i].kind == ACCESS_DATASET)
			continue;
		*ret = (struct gs_dir_spec){
			.mode = standard[i].mode,
			.gid = standard[i].kind == ACCESS_GROUP ? owner->gid : 0,
		};
		return;
	}
	dataset_spec(owner, keep, ret);
}
