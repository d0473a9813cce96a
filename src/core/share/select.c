/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/share/select.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "core/exports/docs.h"
#include "core/format/fstab.h"

enum {
	BY_HAND_MAX = 6, /* mounts: a status looks at each of them in its three seconds */
	OTHERS_MAX = 32, /* doctor looks at many at once */
};

struct list {
	struct gs_local_shares *v;
	size_t n, room;
};

static void list_done(struct list *list)
{
	for (size_t i = 0; i < list->n; i++)
		gs_local_shares_done(&list->v[i]);
	free(list->v);
}

static struct gs_local_shares *list_add(struct list *list, const char *path)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(list->v[i].path, path))
			return NULL;
	gs_grow(&list->v, list->n, &list->room, sizeof *list->v);
	list->v[list->n].path = gs_strdup(path);
	return &list->v[list->n++];
}

/* "192.168.18.13:/x" and "[fd00::1]:/x" without the path and the brackets */
static char *server_of(const char *source)
{
	const char *end = strstr(source, ":/");
	struct gs_span host = gs_span(source, end ? (size_t)(end - source) : strlen(source));

	if (host.len > 1 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
		host = gs_span(host.ptr + 1, host.len - 2);
	return gs_span_dup(host);
}

static int list_leader(const struct gs_files *exports, struct list *list, struct gs_err *err)
{
	GS_AUTO(gs_docs_done) struct gs_docs docs = { 0 };

	if (gs_docs_parse(exports, &docs, err) < 0)
		return err->code;
	for (size_t d = 0; d < docs.n; d++)
		for (size_t i = 0; i < docs.v[d].marks; i++) {
			struct gs_local_shares *here = list_add(list, docs.v[d].mark[i].path);

			if (here)
				here->is_leader = true;
		}
	return 0;
}

static const struct gs_mounted *mounted_at(const struct gs_mounts *mounts, const char *target)
{
	for (size_t i = mounts->n; i-- > 0;)
		if (!strcmp(mounts->v[i].target, target))
			return &mounts->v[i];
	return NULL;
}

static int list_fstab(const struct gs_file *fstab, const struct gs_mounts *mounts,
		      struct list *list, struct gs_err *err)
{
	GS_AUTO(gs_fstab_done) struct gs_fstab doc = { 0 };

	if (gs_fstab_parse(gs_str_span(&fstab->text), &doc, err) < 0)
		return gs_err_prefix(err, "%s", fstab->path);
	for (size_t i = 0; i < doc.n; i++) {
		const struct gs_fstab_entry *entry = &doc.entry[i];
		struct gs_local_shares *here = entry->managed ? list_add(list, entry->target)
							      : NULL;
		struct gs_span id = { 0 };

		if (!here)
			continue;
		here->server = server_of(entry->source);
		here->is_mounted = mounted_at(mounts, entry->target);
		if (gs_mountopt_get(entry->options, "x-gshare.id", &id) && gs_share_id_is(id))
			memcpy(here->kept, id.ptr, id.len);
		if (gs_mountopt_get(entry->options, "x-gshare.postgres", &id) && id.len)
			here->postgres = gs_span_dup(id);
	}
	return 0;
}

/* Mounts without a managed line in fstab: made with --no-persist, or by hand. */
static void list_mounts(const struct gs_mounts *mounts, struct list *list)
{
	for (size_t i = 0; i < mounts->n; i++) {
		struct gs_local_shares *here = list_add(list, mounts->v[i].target);

		if (!here)
			continue;
		here->server = server_of(mounts->v[i].source);
		here->is_mounted = true;
	}
}

static int none_local(enum gs_side side, const char *path, struct gs_err *err)
{
	/* This node does not know the other host: the fix names a command without arguments. */
	const char *how = side == GS_SIDE_LEADER ? "create one with 'gshare leader init'"
						 : "mount one with 'gshare follower mount'";

	if (path)
		gs_err_set(err, GS_E_FOUND, "'%s' is not a gshare share on this node: %s", path,
			   how);
	else if (side == GS_SIDE_FOLLOWER)
		gs_err_set(err, GS_E_FOUND, "no share is mounted on this node: %s", how);
	else
		gs_err_set(err, GS_E_FOUND, "no gshare share on this node: %s", how);
	return gs_err_cause(err, side == GS_SIDE_FOLLOWER ? "NOT_MOUNTED" : "NO_SHARE");
}

/* verify takes either side's, env one of its own. */
static int several_local(const struct list *list, enum gs_side side, struct gs_err *err)
{
	static const char *const word[][2] = {
		[GS_SIDE_ANY] = { "verify", NULL },
		[GS_SIDE_LEADER] = { "env", "leader" },
		[GS_SIDE_FOLLOWER] = { "env", "follower" },
	};
	gs_autostr struct gs_str text = { 0 };

	for (size_t i = 0; i < list->n; i++) {
		gs_str_adds(&text, i ? ", " : "");
		gs_str_add_safe(&text, gs_span_of(list->v[i].path));
	}
	gs_err_set(err, EINVAL, "this node has %zu shares: %s", list->n, text.ptr);
	gs_err_cause(err, "SHARE_AMBIGUOUS");
	return gs_err_fix(err, "specify one by --path, for example: ", "sudo", "gshare",
			  word[side][0], word[side][1], "--path", list->v[0].path);
}

static int take(struct list *list, size_t i, struct gs_local_shares *ret, struct gs_err *err)
{
	struct gs_local_shares *here = &list->v[i];

	if (!here->is_leader && !here->is_mounted) {
		gs_err_set(err, GS_E_FOUND, "'%s' is in /etc/fstab but not mounted", here->path);
		gs_err_cause(err, "NOT_MOUNTED");
		return gs_err_fix(err, "", "sudo", "gshare", "follower", "mount", here->server,
				  here->path);
	}
	*ret = *here;
	*here = (struct gs_local_shares){ 0 };
	return 0;
}

int gs_local_shares_pick(const struct gs_files *exports, const struct gs_file *fstab,
			 const struct gs_mounts *mounts, enum gs_side side, const char *path,
			 struct gs_local_shares *ret, struct gs_err *err)
{
	GS_AUTO(list_done) struct list list = { 0 };

	if (side != GS_SIDE_FOLLOWER && list_leader(exports, &list, err) < 0)
		return err->code;
	if (side != GS_SIDE_LEADER && list_fstab(fstab, mounts, &list, err) < 0)
		return err->code;
	if (side != GS_SIDE_LEADER && (path || !list.n))
		list_mounts(mounts, &list);
	for (size_t i = 0; path && i < list.n; i++)
		if (!strcmp(list.v[i].path, path))
			return take(&list, i, ret, err);
	if (path || !list.n)
		return none_local(side, path, err);
	if (list.n > 1)
		return several_local(&list, side, err);
	return take(&list, 0, ret, err);
}

int gs_local_shares_follower(const struct gs_file *fstab, const struct gs_mounts *mounts,
			     const char *path, struct gs_local_shares *ret, bool *ret_found,
			     struct gs_err *err)
{
	GS_AUTO(list_done) struct list list = { 0 };
	size_t i = 0;

	if (list_fstab(fstab, mounts, &list, err) < 0)
		return err->code;
	if (path || !list.n)
		list_mounts(mounts, &list);
	if (!path && list.n > 1) {
		several_local(&list, GS_SIDE_FOLLOWER, err);
		return gs_err_fix(err, "specify one as TARGET; to see them: ", "gshare", "follower",
				  "status");
	}
	while (path && i < list.n && strcmp(list.v[i].path, path) != 0)
		i++;
	*ret_found = i < list.n;
	if (!*ret_found)
		return 0;
	*ret = list.v[i];
	list.v[i] = (struct gs_local_shares){ 0 };
	return 0;
}

/* Of a node that has nothing of gshare's: what an administrator mounted, no volumes of containers.
 */
static bool is_by_hand(const char *path)
{
	static const char *const others[] = { "/var/lib/", "/run/" };

	for (size_t i = 0; i < GS_COUNT(others); i++)
		if (!strncmp(path, others[i], strlen(others[i])))
			return false;
	return true;
}

/* The directory of a server: "/srv/x" of "10.0.0.1:/srv/x" */
static const char *directory_of(const struct gs_mounted *mount)
{
	const char *colon = strstr(mount->source, ":/");

	return colon ? colon + 1 : mount->source;
}

/*
 * Is it within a listed mount, by its place or as another place of what is mounted there? Exports
 * of one file system of a server share a device here: fs/nfs/super.c nfs_compare_super().
 */
static bool is_told(const struct gs_mounts *mounts, const struct gs_mounted *mount,
		    const struct gs_strs *listed)
{
	for (size_t i = 0; i < listed->n; i++) {
		const struct gs_mounted *at = mounted_at(mounts, listed->v[i]);

		if (gs_path_is_within(mount->target, listed->v[i]) ||
		    (at && at->dev == mount->dev &&
		     gs_path_is_within(directory_of(mount), directory_of(at))))
			return true;
	}
	return false;
}

static void list_others(const struct gs_mounts *mounts, struct gs_strs *ret)
{
	size_t most = ret->n + OTHERS_MAX;

	for (size_t i = 0; i < mounts->n && ret->n < most; i++)
		if (is_by_hand(mounts->v[i].target) && !is_told(mounts, &mounts->v[i], ret))
			gs_strs_add(ret, mounts->v[i].target);
}

int gs_local_shares_paths(const struct gs_file *fstab, const struct gs_mounts *mounts, bool every,
			  struct gs_strs *ret, struct gs_err *err)
{
	GS_AUTO(list_done) struct list list = { 0 };

	if (list_fstab(fstab, mounts, &list, err) < 0)
		return err->code;
	for (size_t i = 0; i < list.n; i++)
		gs_strs_add(ret, list.v[i].path);
	if (every)
		list_others(mounts, ret);
	if (every || list.n)
		return 0;
	list_mounts(mounts, &list);
	for (size_t i = 0; i < list.n && ret->n < BY_HAND_MAX; i++)
		if (is_by_hand(list.v[i].path))
			gs_strs_add(ret, list.v[i].path);
	return 0;
}

void gs_local_shares_done(struct gs_local_shares *here)
{
	free(here->path);
	free(here->server);
	free(here->postgres);
	*here = (struct gs_local_shares){ 0 };
}
