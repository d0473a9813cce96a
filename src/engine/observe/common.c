/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/common.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/exports/docs.h"
#include "core/format/textdoc.h"
#include "core/leader/request.h"
#include "core/share/names.h"
#include "engine/observe/way.h"
#include "engine/phase.h"

/* What gs_observe_leader() and gs_observe_follower() have in common. */

static int read_some(struct gs_sys *sys, const char *path, size_t max, struct gs_file *ret,
		     struct gs_err *err)
{
	struct gs_file file = { 0 };
	int r = sys->ops->fs->read_file(sys, path, max, &file.text, &file.exists, err);

	if (r < 0)
		return r;
	file.path = gs_strdup(path);
	*ret = file;
	return 0;
}

int gs_observe_file(struct gs_sys *sys, const char *path, struct gs_file *ret, struct gs_err *err)
{
	return read_some(sys, path, GS_TEXTDOC_MAX_BYTES, ret, err);
}

int gs_observe_id(struct gs_sys *sys, const char *path, struct gs_file *ret, struct gs_err *err)
{
	int r = read_some(sys, path, GS_SHARE_FILE_BYTES, ret, err);

	if (r == 0 || !gs_share_is_odd(r))
		return r;
	return gs_err_cause(err, "ID_BROKEN");
}

int gs_observe_env(struct gs_sys *sys, const char *path, struct gs_file *ret, struct gs_err *err)
{
	if (sys->ops->privs->enter(GS_PHASE_OBSERVE, err) < 0)
		return err->code;
	/* Check the path first: an error or a dry run shows what the file contains. */
	if (gs_way_check(sys, path, NULL, err) == 0)
		(void)gs_observe_file(sys, path, ret, err);
	return gs_phase_end(sys, err->code, err);
}

static int look_at(struct gs_sys *sys, const char *path, struct gs_path_inodes *places,
		   struct gs_err *err)
{
	struct gs_inode inode = { 0 };
	int r = sys->ops->fs->look(sys, path, &inode, err);

	if (r < 0)
		return r;
	gs_grow(&places->v, places->n, &places->room, sizeof *places->v);
	places->v[places->n++] = (struct gs_path_inode){ gs_strdup(path), inode };
	return 0;
}

int gs_observe_ancestors(struct gs_sys *sys, const char *path, struct gs_path_inodes *ret,
			 struct gs_err *err)
{
	struct gs_path_inodes places = { 0 };

	for (size_t i = 1; path[i - 1]; i++) {
		gs_autofree char *prefix = NULL;

		if (path[i] && path[i] != '/')
			continue;
		prefix = gs_span_dup(gs_span(path, i));
		if (look_at(sys, prefix, &places, err) < 0) {
			gs_path_inodes_done(&places);
			return err->code;
		}
	}
	*ret = places;
	return 0;
}

void gs_observe_names(struct gs_sys *sys, const struct gs_strs *names, struct gs_names *ret)
{
	for (size_t i = 0; i < names->n && !ret->silent; i++) {
		struct gs_strs addrs = { 0 };
		struct gs_err absent = { 0 };
		int r = sys->ops->net->resolve(sys, names->v[i], &addrs, &absent);

		if (r == 0)
			gs_names_add(ret, names->v[i], &addrs);
		else if (r == -ETIMEDOUT)
			ret->silent = gs_strdup(names->v[i]);
	}
}

void gs_observe_existing(struct gs_sys *sys, const struct gs_files *exports, struct gs_names *ret)
{
	GS_AUTO(gs_strs_done) struct gs_strs existing = { 0 };
	GS_AUTO(gs_docs_done) struct gs_docs docs = { 0 };
	struct gs_err unread = { 0 };

	if (gs_docs_parse(exports, &docs, &unread) < 0)
		return;
	gs_leader_names(&docs, &existing);
	gs_observe_names(sys, &existing, ret);
}
