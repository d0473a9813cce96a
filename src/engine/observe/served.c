/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/served.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

void gs_observe_served_owner(struct gs_sys *sys, uid_t uid, gid_t gid, struct gs_served *served)
{
	gs_autofree char *user = gs_printf("%u", uid);
	gs_autofree char *group = gs_printf("%u", gid);
	GS_AUTO(gs_account_done) struct gs_account account = { 0 };
	struct gs_err unknown = { 0 };
	gid_t found;
	bool is_primary;

	served->lacks_owner = sys->ops->accounts->find(sys, user, &account, &unknown) == -ENOENT ||
			      (unknown.code == 0 && !account.name);
	served->lacks_group = sys->ops->accounts->find_group(sys, group, &found, &unknown) ==
			      -ENOENT;
	is_primary = account.group && account.gid == gid;
	served->owner = (struct gs_account){
		.name = gs_strdup(account.name ? account.name : user),
		.group = gs_strdup(is_primary ? account.group : group),
		.uid = uid,
		.gid = gid,
	};
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
	if (id_file->path && !id_file->exists)
		gs_known_share(sys, path, &served.known_id, &served.known_uuid);
	*ret = served;
	served = (struct gs_served){ 0 };
	return 0;
}
