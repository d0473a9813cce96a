/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/fs/mount_table.h"

#include <errno.h>
#include <fcntl.h>
#include <libmount.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The type of an automount point, whose "file system" only mounts another one: autofs(5). */
#define AUTOFS "autofs"

/* Reading the mount table: parsed by libmount, walked as the kernel walks it. */

static void free_table(struct libmnt_table **tb)
{
	mnt_unref_table(*tb);
}

static char *owned(const char *text)
{
	return gs_strdup(text ? text : "");
}

static void take(struct libmnt_fs *fs, struct gs_mount_entry *ret)
{
	char *options = mnt_fs_strdup_options(fs);

	*ret = (struct gs_mount_entry){
		.source = owned(mnt_fs_get_source(fs)),
		.target = owned(mnt_fs_get_target(fs)),
		.type = owned(mnt_fs_get_fstype(fs)),
		.options = owned(options),
		.root = owned(mnt_fs_get_root(fs)),
		.id = mnt_fs_get_id(fs),
		.parent = mnt_fs_get_parent_id(fs),
		.devno = mnt_fs_get_devno(fs),
	};
	free(options);
}

static int load(struct gs_mount_list *ret, struct gs_err *err)
{
	static const char path[] = "/proc/self/mountinfo";
	/*
	 * Not mnt_table_parse_mtab(): it merges utab, which has the options that were once
	 * requested.
	 */
	GS_AUTO(free_table) struct libmnt_table *tb = mnt_new_table_from_file(path);
	struct gs_mount_list list = { 0 };
	struct libmnt_iter *itr;
	struct libmnt_fs *fs;

	if (!tb)
		return gs_err_set(err, errno ? errno : EIO, "cannot read '%s': %s", path,
				  strerror(errno ? errno : EIO));
	itr = mnt_new_iter(MNT_ITER_FORWARD);
	while (itr && !mnt_table_next_fs(tb, itr, &fs)) {
		gs_grow(&list.v, list.n, &list.room, sizeof *list.v);
		take(fs, &list.v[list.n++]);
	}
	mnt_free_iter(itr);
	*ret = list;
	return 0;
}

static struct gs_span without_slashes(const char *path)
{
	struct gs_span a = gs_span_of(path);

	while (a.len > 1 && a.ptr[a.len - 1] == '/')
		a.len--;
	return a;
}

/* Is path the directory dir or below it? */
static bool is_within(struct gs_span path, struct gs_span dir)
{
	if (dir.len == 1)
		return true;
	return path.len >= dir.len && gs_span_is(gs_span(path.ptr, dir.len), dir) &&
	       (path.len == dir.len || path.ptr[dir.len] == '/');
}

/* The mount at "/" whose parent is not in the list: every walk begins there. */
static const struct gs_mount_entry *first(const struct gs_mount_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		bool has_parent = false;

		if (list->v[i].target[0] != '/' || list->v[i].target[1])
			continue;
		for (size_t k = 0; k < list->n && !has_parent; k++)
			has_parent = k != i && list->v[k].id == list->v[i].parent;
		if (!has_parent)
			return &list->v[i];
	}
	return NULL;
}

/* The first mount point that a walk from at towards path crosses. */
static const struct gs_mount_entry *next(const struct gs_mount_list *list,
					 const struct gs_mount_entry *at, struct gs_span path)
{
	const struct gs_mount_entry *nearest = NULL;

	for (size_t i = 0; i < list->n; i++) {
		const struct gs_mount_entry *e = &list->v[i];

		if (e->parent != at->id || e == at || !is_within(path, gs_span_of(e->target)))
			continue;
		if (!nearest || strlen(e->target) < strlen(nearest->target))
			nearest = e;
	}
	return nearest;
}

static const struct gs_mount_entry *walk(const struct gs_mount_list *list, struct gs_span path)
{
	const struct gs_mount_entry *at = first(list), *below;

	/*
	 * Each turn goes down one mount; the limit is for a table that changed while it was read.
	 */
	for (size_t i = 0; at && i < list->n; i++) {
		below = next(list, at, path);
		if (!below)
			break;
		at = below;
	}
	return at;
}

static void copy(const struct gs_mount_entry *e, struct gs_mount_entry *ret)
{
	*ret = *e;
	ret->source = gs_strdup(e->source);
	ret->target = gs_strdup(e->target);
	ret->type = gs_strdup(e->type);
	ret->options = gs_strdup(e->options);
	ret->root = gs_strdup(e->root);
}

static bool is_nfs(const struct gs_mount_entry *e, dev_t dev)
{
	(void)dev;
	return !strcmp(e->type, "nfs") || !strcmp(e->type, "nfs4");
}

/* The first in the table: the mount whose source the others show is older than they are. */
static char *find_also(const struct gs_mount_list *list, const struct gs_mount_entry *at)
{
	for (size_t i = 0; is_nfs(at, 0) && i < list->n; i++) {
		const struct gs_mount_entry *e = &list->v[i];

		if (e->devno == at->devno && strcmp(e->target, at->target) != 0 &&
		    !strcmp(e->type, at->type) && !strcmp(e->source, at->source) &&
		    !strcmp(e->root, at->root))
			return gs_strdup(e->target);
	}
	return NULL;
}

int gs_mount_containing(const char *path, struct gs_mount_entry *ret, struct gs_err *err)
{
	GS_AUTO(gs_mount_list_done) struct gs_mount_list list = { 0 };
	const struct gs_mount_entry *at;
	int r = load(&list, err);

	if (r < 0)
		return r;
	at = walk(&list, without_slashes(path));
	if (!at)
		return gs_err_set(err, ENOENT, "the mount table has no root");
	copy(at, ret);
	ret->also = find_also(&list, at);
	return 0;
}

int gs_mount_find(const char *target, struct gs_mount_entry *ret, bool *ret_found,
		  struct gs_err *err)
{
	GS_AUTO(gs_mount_entry_done) struct gs_mount_entry entry = { 0 };
	int r = gs_mount_containing(target, &entry, err);

	if (r < 0)
		return r;
	*ret_found = gs_span_is(without_slashes(target), gs_span_of(entry.target)) &&
		     !gs_span_is_text(gs_span_of(entry.type), AUTOFS);
	if (!*ret_found)
		return 0;
	*ret = entry;
	entry = (struct gs_mount_entry){ 0 };
	return 0;
}

bool gs_mount_is_trigger(const char *path)
{
	GS_AUTO(gs_mount_list_done) struct gs_mount_list list = { 0 };
	struct gs_err unread = { 0 };

	if (load(&list, &unread) < 0)
		return false;
	for (size_t i = 0; i < list.n; i++)
		if (!strcmp(list.v[i].type, AUTOFS) &&
		    gs_span_is(without_slashes(path), gs_span_of(list.v[i].target)))
			return true;
	return false;
}

int gs_mount_id_at(const char *path)
{
	GS_AUTO(gs_mount_entry_done) struct gs_mount_entry entry = { 0 };
	struct gs_err ignored = { 0 };
	bool found = false;

	return gs_mount_find(path, &entry, &found, &ignored) < 0 || !found ? -1 : entry.id;
}

int gs_mount_id_of(int dir, const char *name)
{
	const int flags = AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT |
			  AT_STATX_DONT_SYNC;
	struct statx st;

	return statx(dir, name, flags, STATX_MNT_ID, &st) < 0 || !(st.stx_mask & STATX_MNT_ID)
		       ? -1
		       : (int)st.stx_mnt_id;
}

char *gs_mount_target(int id, int *ret_parent)
{
	GS_AUTO(gs_mount_list_done) struct gs_mount_list list = { 0 };
	struct gs_err unread = { 0 };

	if (load(&list, &unread) < 0)
		return NULL;
	for (size_t i = 0; i < list.n; i++) {
		if (list.v[i].id != id)
			continue;
		if (ret_parent)
			*ret_parent = list.v[i].parent;
		return gs_strdup(list.v[i].target);
	}
	return NULL;
}

/* Takes an entry out of a list. */
static void move(struct gs_mount_entry *from, struct gs_mount_list *to)
{
	gs_grow(&to->v, to->n, &to->room, sizeof *to->v);
	to->v[to->n++] = *from;
	*from = (struct gs_mount_entry){ 0 };
}

int gs_mount_list_within(const char *path, struct gs_mount_list *ret, struct gs_err *err)
{
	GS_AUTO(gs_mount_list_done) struct gs_mount_list list = { 0 };
	struct gs_span dir = without_slashes(path);
	gs_autofree bool *is_meant = NULL;
	int r = load(&list, err);

	if (r < 0)
		return r;
	is_meant = gs_alloc((list.n + 1) * sizeof *is_meant);
	for (size_t i = 0; i < list.n; i++) {
		struct gs_span target = gs_span_of(list.v[i].target);

		is_meant[i] = target.len > dir.len && is_within(target, dir) &&
			      walk(&list, target) == &list.v[i];
	}
	for (size_t i = 0; i < list.n; i++)
		if (is_meant[i])
			move(&list.v[i], ret);
	return 0;
}

static bool is_of(const struct gs_mount_entry *e, dev_t dev)
{
	return e->devno == dev;
}

static int list_some(bool (*is_meant)(const struct gs_mount_entry *, dev_t), dev_t dev,
		     struct gs_mount_list *ret, struct gs_err *err)
{
	GS_AUTO(gs_mount_list_done) struct gs_mount_list list = { 0 };
	struct gs_mount_list some = { 0 };
	int r = load(&list, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < list.n; i++)
		if (is_meant(&list.v[i], dev))
			move(&list.v[i], &some);
	*ret = some;
	return 0;
}

int gs_mount_list_nfs(struct gs_mount_list *ret, struct gs_err *err)
{
	return list_some(is_nfs, 0, ret, err);
}

int gs_mount_list_dev(dev_t dev, struct gs_mount_list *ret, struct gs_err *err)
{
	return list_some(is_of, dev, ret, err);
}

char *gs_mount_type(int id)
{
	GS_AUTO(gs_mount_list_done) struct gs_mount_list list = { 0 };
	struct gs_err unread = { 0 };

	if (load(&list, &unread) < 0)
		return NULL;
	for (size_t i = 0; i < list.n; i++)
		if (list.v[i].id == id)
			return gs_strdup(list.v[i].type);
	return NULL;
}

bool gs_mount_is_local(const char *type)
{
	static const char *const types[] = { "ext2", "ext3",  "ext4", "xfs",
					     "zfs",  "btrfs", "f2fs", "tmpfs" };

	for (size_t i = 0; i < GS_COUNT(types); i++)
		if (type && !strcmp(type, types[i]))
			return true;
	return false;
}

static const struct gs_mount_entry *entry_of(const struct gs_mount_list *list, int id)
{
	for (size_t i = 0; i < list->n; i++)
		if (list->v[i].id == id)
			return &list->v[i];
	return NULL;
}

/* The client names what it mounts below a mount by the same path on both sides. */
static bool is_part(const struct gs_mount_entry *e, const struct gs_mount_entry *above)
{
	size_t source = strlen(above->source), target = strlen(above->target);

	return is_nfs(e, 0) && is_nfs(above, 0) && !strncmp(e->source, above->source, source) &&
	       !strncmp(e->target, above->target, target) && e->source[source] == '/' &&
	       !strcmp(e->source + source, e->target + target);
}

static void add_user(struct gs_mount_users *users, const char *path)
{
	gs_grow(&users->v, users->n, &users->room, sizeof *users->v);
	users->v[users->n++] = (struct gs_mount_user){
		.hold = GS_USE_MOUNT,
		.name = gs_strdup(""),
		.path = gs_strdup(path),
	};
}

/* Those on it hold it in turn: they come after it. */
static void add_other(const struct gs_mount_entry *e, struct gs_ids *others,
		      struct gs_mount_users *ret)
{
	gs_ids_add(others, (uint32_t)e->id);
	add_user(ret, e->target);
}

int gs_mount_list_below(int id, struct gs_ids *ret_parts, struct gs_mount_users *ret,
			struct gs_err *err)
{
	GS_AUTO(gs_mount_list_done) struct gs_mount_list list = { 0 };
	int r = load(&list, err);
	GS_AUTO(gs_ids_done) struct gs_ids others = { 0 };
	struct gs_ids parts = { 0 };

	/* A child's line may be anywhere: each part found is gone through in its turn. */
	for (size_t k = 0; r == 0 && k <= parts.n; k++) {
		int at = k ? (int)parts.v[k - 1] : id;
		const struct gs_mount_entry *above = entry_of(&list, at);

		for (size_t i = 0; above && i < list.n; i++) {
			const struct gs_mount_entry *e = &list.v[i];

			if (e->parent != at || e == above)
				continue;
			if (is_part(e, above))
				gs_ids_add(&parts, (uint32_t)e->id);
			else
				add_other(e, &others, ret);
		}
	}
	for (size_t k = 0; k < others.n; k++)
		for (size_t i = 0; i < list.n; i++)
			if (list.v[i].parent == (int)others.v[k] &&
			    list.v[i].parent != list.v[i].id)
				add_other(&list.v[i], &others, ret);
	*ret_parts = parts;
	return r;
}

void gs_mount_entry_done(struct gs_mount_entry *entry)
{
	free(entry->source);
	free(entry->target);
	free(entry->type);
	free(entry->options);
	free(entry->root);
	free(entry->also);
	*entry = (struct gs_mount_entry){ 0 };
}

void gs_mount_list_done(struct gs_mount_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		gs_mount_entry_done(&list->v[i]);
	free(list->v);
	*list = (struct gs_mount_list){ 0 };
}
