/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/served.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/shareid.h"
#include "core/exports/held.h"
#include "core/share/layout.h"
#include "engine/observe/common.h"
#include "engine/observe/known.h"

static void observe_dirs(struct gs_sys *sys, const char *path, struct gs_path_inodes *dirs)
{
	for (size_t i = 0; gs_dataset_dirs[i]; i++) {
		struct gs_path_inode place = { .path = gs_printf("%s/%s", path,
								 gs_dataset_dirs[i]) };
		struct gs_err hidden = { 0 };

		if (sys->ops->fs->look(sys, place.path, &place.inode, &hidden) < 0) {
			free(place.path);
			continue;
		}
		gs_grow(&dirs->v, dirs->n, &dirs->room, sizeof *dirs->v);
		dirs->v[dirs->n++] = place;
	}
}

/* Not knowing what nfsd holds is no reason to show nothing else. */
static void observe_held(struct gs_sys *sys, struct gs_strs *held)
{
	gs_autostr struct gs_str text = { 0 };
	struct gs_err unread = { 0 };

	if (sys->ops->server->held_exports(sys, &text, &unread) == 0)
		gs_held_paths(gs_str_span(&text), held);
}

/*
 * A number without an account is found all the same, with the number as its name and as its group:
 * accounts.h. False only where that is certain.
 */
static bool is_group(struct gs_sys *sys, gid_t gid)
{
	gs_autofree char *number = gs_printf("%u", gid);
	GS_AUTO(gs_account_done) struct gs_account account = { 0 };
	struct gs_err unknown = { 0 };

	return sys->ops->accounts->find(sys, number, &account, &unknown) < 0 ||
	       account.gid != gid || strcmp(account.group, number) != 0;
}

void gs_observe_served_owner(struct gs_sys *sys, uid_t uid, gid_t gid, struct gs_served *served)
{
	gs_autofree char *number = gs_printf("%u", uid);
	GS_AUTO(gs_account_done) struct gs_account account = { 0 };
	struct gs_err unknown = { 0 };
	bool found = sys->ops->accounts->find(sys, number, &account, &unknown) == 0;

	served->lacks_owner = found && !strcmp(account.name, number);
	served->lacks_group = served->lacks_owner && !is_group(sys, gid);
	served->owner = (struct gs_account){
		.name = gs_strdup(found ? account.name : number),
		.group = found && account.gid == gid ? gs_strdup(account.group)
						     : gs_printf("%u", gid),
		.uid = uid,
		.gid = gid,
	};
}

/* What cannot be seen counts as absent: it would only say that the id is lost by intent. */
static void observe_old_id(struct gs_sys *sys, const char *path, struct gs_inode *ret)
{
	gs_autofree char *old = gs_printf("%s/" GS_SHARE_FILE ".old", path);
	struct gs_err unseen = { 0 };

	(void)sys->ops->fs->look(sys, old, ret, &unseen);
}

/* A tree with the id of a share that was made on another file system: a copy, or what is left. */
static bool is_elsewhere(const struct gs_file *id_file, const struct gs_fs *fs)
{
	struct gs_span made_on = gs_share_id_fs(gs_str_span(&id_file->text));

	return made_on.len && !(fs->uuid && gs_span_is_text(made_on, fs->uuid));
}

/* Is the share's file system where that directory lies that is the mount point now? */
static bool is_covered(struct gs_sys *sys, const struct gs_served *served)
{
	const char *over = served->fs.target;
	const char *name = over ? strrchr(over, '/') : NULL;
	gs_autofree char *parent = NULL;
	GS_AUTO(gs_fs_done) struct gs_fs below = { 0 };
	struct gs_err unseen = { 0 };

	if (!served->known_uuid || !name || !name[1])
		return false;
	/* The subvolumes of one btrfs have one UUID: each is mounted where it is meant to be. */
	if (served->fs.type && !strcmp(served->fs.type, "btrfs") && served->fs.uuid &&
	    !strcmp(served->fs.uuid, served->known_uuid))
		return false;
	parent = name == over ? gs_strdup("/") : gs_span_dup(gs_span(over, (size_t)(name - over)));
	return sys->ops->fs->info(sys, parent, &below, &unseen) == 0 && below.uuid &&
	       !strcmp(below.uuid, served->known_uuid);
}

int gs_observe_served(struct gs_sys *sys, const char *path, const struct gs_file *id_file,
		      const struct gs_server *server, struct gs_served *ret, struct gs_err *err)
{
	GS_AUTO(gs_served_done) struct gs_served served = { 0 };

	if (gs_observe_ancestors(sys, path, &served.ancestors, err) < 0 ||
	    sys->ops->mount->list_within(sys, path, &served.inside, err) < 0 ||
	    sys->ops->fs->info(sys, path, &served.fs, err) < 0)
		return err->code;
	observe_dirs(sys, path, &served.dirs);
	if (server->threads)
		observe_held(sys, &served.held);
	if (id_file->path && (!id_file->exists || is_elsewhere(id_file, &served.fs)))
		gs_known_share(sys, path, &served.known_id, &served.known_uuid);
	served.is_covered = is_covered(sys, &served);
	if (id_file->path && !id_file->exists)
		observe_old_id(sys, path, &served.old_id);
	*ret = served;
	served = (struct gs_served){ 0 };
	return 0;
}
