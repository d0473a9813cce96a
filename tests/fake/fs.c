/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake/fake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "table.h"

struct gs_file *fake_find(struct fake *fake, const char *path)
{
	for (size_t i = 0; i < fake->files.n; i++)
		if (!strcmp(fake->files.v[i].path, path))
			return &fake->files.v[i];
	return NULL;
}

void fake_put(struct fake *fake, const char *path, const char *text)
{
	struct gs_file *file = fake_find(fake, path);

	if (!file) {
		gs_files_add(&fake->files, path, true, gs_span_of(text));
		return;
	}
	gs_str_done(&file->text);
	gs_str_adds(&file->text, text);
	file->exists = true;
}

const char *fake_text(struct fake *fake, const char *path)
{
	struct gs_file *file = fake_find(fake, path);

	return file && file->exists ? (file->text.ptr ? file->text.ptr : "") : NULL;
}

static bool is_odd(const struct fake *fake, const char *path)
{
	return fake->odd && !fake->odd_from && !strcmp(fake->odd, path);
}

static int read_file(struct gs_sys *sys, const char *path, size_t max, struct gs_str *ret_text,
		     bool *ret_exists, struct gs_err *err)
{
	struct gs_file *file = fake_find(fake_of(sys), path);

	(void)max;
	if (fake_step(sys, "read_file", err) < 0)
		return err->code;
	if (is_odd(fake_of(sys), path) && fake_of(sys)->odd_error)
		return gs_err_set(err, fake_of(sys)->odd_error, "'%s' is odd", path);
	*ret_exists = file && file->exists;
	if (*ret_exists)
		gs_str_add(ret_text, gs_str_span(&file->text));
	return 0;
}

/* The name of path's entry in dir, "" where it is not directly in it. */
static const char *name_in(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) || path[n] != '/' || strchr(path + n + 1, '/') ? ""
										    : path + n + 1;
}

static void add_name(struct gs_strs *names, const char *name, const char *suffix)
{
	size_t n = strlen(name), k = strlen(suffix);

	if (n && n >= k && !strcmp(name + n - k, suffix))
		gs_strs_add(names, name);
}

static int list_dir(struct gs_sys *sys, const char *path, const char *suffix,
		    struct gs_strs *ret_names, struct gs_err *err)
{
	const struct fake *fake = fake_of(sys);

	if (fake_step(sys, "list_dir", err) < 0)
		return err->code;
	for (size_t i = 0; i < fake->files.n; i++)
		if (fake->files.v[i].exists)
			add_name(ret_names, name_in(fake->files.v[i].path, path), suffix);
	for (size_t i = 0; i < fake->dirs.n; i++)
		add_name(ret_names, name_in(fake->dirs.v[i].path, path), suffix);
	return 0;
}

static bool is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return !strncmp(path, dir, n) && path[n] == '/';
}

static bool has_entries(const struct fake *fake, const char *dir)
{
	for (size_t i = 0; i < fake->files.n; i++)
		if (fake->files.v[i].exists && is_below(fake->files.v[i].path, dir))
			return true;
	for (size_t i = 0; i < fake->dirs.n; i++)
		if (is_below(fake->dirs.v[i].path, dir))
			return true;
	return false;
}

struct gs_path_inode *fake_find_dir(struct fake *fake, const char *path)
{
	for (size_t i = 0; i < fake->dirs.n; i++)
		if (!strcmp(fake->dirs.v[i].path, path))
			return &fake->dirs.v[i];
	return NULL;
}

static int look(struct gs_sys *sys, const char *path, struct gs_inode *ret, struct gs_err *err)
{
	const struct gs_path_inode *dir;

	if (fake_step(sys, "look", err) < 0)
		return err->code;
	*ret = (struct gs_inode){ 0 };
	if (is_odd(fake_of(sys), path)) {
		ret->type = GS_INODE_OTHER;
		return 0;
	}
	dir = fake_find_dir(fake_of(sys), path);
	if (!dir) {
		const struct gs_file *file = fake_find(fake_of(sys), path);

		if (file && file->exists)
			ret->type = GS_INODE_FILE;
		return 0;
	}
	*ret = dir->inode;
	ret->acl_access = dir->inode.acl_access ? gs_strdup(dir->inode.acl_access) : NULL;
	ret->acl_default = dir->inode.acl_default ? gs_strdup(dir->inode.acl_default) : NULL;
	ret->has_entries = has_entries(fake_of(sys), path);
	ret->can_guard = true;
	ret->is_guarded = fake_of(sys)->guarded && !strcmp(path, "/mnt/data/shared");
	/* What is mounted there is seen, and not the directory below it. */
	ret->is_mount_point = fake_of(sys)->mounted && !strcmp(path, "/mnt/data/shared");
	if (ret->is_mount_point) {
		ret->mode = 03775;
		ret->has_entries = false;
	}
	return 0;
}

static void put_spec(struct gs_inode *inode, const struct gs_dir_spec *spec)
{
	gs_inode_done(inode);
	*inode = (struct gs_inode){
		.type = GS_INODE_DIR,
		.mode = spec->mode,
		.uid = spec->uid,
		.gid = spec->gid,
		.acl_access = spec->acl_access ? gs_strdup(spec->acl_access) : NULL,
		.acl_default = spec->acl_default ? gs_strdup(spec->acl_default) : NULL,
	};
}

void fake_put_dir(struct fake *fake, const char *path, const struct gs_dir_spec *spec)
{
	struct gs_path_inode *dir;

	gs_grow(&fake->dirs.v, fake->dirs.n, &fake->dirs.room, sizeof *fake->dirs.v);
	dir = &fake->dirs.v[fake->dirs.n++];
	dir->path = gs_strdup(path);
	put_spec(&dir->inode, spec);
}

static int make_dir(struct gs_sys *sys, const char *path, const struct gs_dir_spec *spec,
		    struct gs_err *err)
{
	if (fake_change(sys, "make_dir", err) < 0)
		return err->code;
	fake_put_dir(fake_of(sys), path, spec);
	return 0;
}

static int set_dir(struct gs_sys *sys, const char *path, const struct gs_dir_spec *from,
		   const struct gs_dir_spec *to, struct gs_err *err)
{
	struct gs_path_inode *dir = fake_find_dir(fake_of(sys), path);

	if (fake_change(sys, "dress_dir", err) < 0)
		return err->code;
	if (!dir || dir->inode.gid != from->gid)
		return gs_err_set(err, ESTALE, "'%s' has changed", path);
	put_spec(&dir->inode, to);
	return 0;
}

static void drop_dir(struct gs_path_inodes *list, const char *path)
{
	for (size_t i = 0; i < list->n; i++) {
		if (strcmp(list->v[i].path, path))
			continue;
		free(list->v[i].path);
		gs_inode_done(&list->v[i].inode);
		memmove(list->v + i, list->v + i + 1, (--list->n - i) * sizeof *list->v);
	}
}

static int remove_dir(struct gs_sys *sys, const char *path, struct gs_err *err)
{
	if (fake_change(sys, "remove_dir", err) < 0)
		return err->code;
	if (has_entries(fake_of(sys), path))
		return gs_err_set(err, ENOTEMPTY, "'%s' is not empty", path);
	drop_dir(&fake_of(sys)->dirs, path);
	return 0;
}

static int replace_file(struct gs_sys *sys, const struct gs_replace *replace, struct gs_err *err)
{
	struct fake *fake = fake_of(sys);
	struct gs_file *file = fake_find(fake, replace->path);
	gs_autofree char *text = gs_span_dup(replace->text);

	if (fake_change(sys, "replace_file", err) < 0)
		return err->code;
	if (is_odd(fake, replace->path))
		return gs_err_set(err, fake->odd_error ? fake->odd_error : ESTALE, "'%s' is odd",
				  replace->path);
	if (replace->old_exists != (file && file->exists) ||
	    (file && file->exists && !gs_span_is(gs_str_span(&file->text), replace->old)))
		return gs_err_set(err, ESTALE, "'%s' has changed", replace->path);
	if (replace->remove && file)
		file->exists = false;
	else
		fake_put(fake, replace->path, text);
	if (fake->mountd_dies && !strcmp(replace->path, "/etc/exports"))
		fake->server.mountd = false;
	return 0;
}

/* Nobody else writes here. */
static int look_back(struct gs_sys *sys, const char **ret_path, struct gs_err *err)
{
	(void)sys;
	(void)err;
	*ret_path = NULL;
	return 0;
}

static int lock(struct gs_sys *sys, struct gs_err *err)
{
	if (fake_step(sys, "lock", err) < 0)
		return err->code;
	if (fake_of(sys)->now_ns < fake_of(sys)->other_until_ns)
		return gs_err_set(err, GS_E_LOCKED, "another gshare is running");
	fake_of(sys)->locked = true;
	return 0;
}

/* Every way is root's here. */
static int way(struct gs_sys *sys, const char *path, struct gs_way *ret, struct gs_err *err)
{
	(void)path;
	*ret = (struct gs_way){ 0 };
	return fake_step(sys, "way", err);
}

static bool is_locked(struct gs_sys *sys)
{
	(void)sys;
	return false;
}

static int settle(struct gs_sys *sys, const char *path, const struct gs_replace *replace,
		  const struct gs_dir_spec *dir, struct gs_err *err)
{
	(void)path;
	assert_true(!replace != !dir);
	return fake_step(sys, "settle", err);
}

static uint32_t random_id(struct gs_sys *sys)
{
	(void)sys;
	return 0x7c1e52d0;
}

static int info(struct gs_sys *sys, const char *path, struct gs_fs *ret, struct gs_err *err)
{
	(void)path;
	if (fake_step(sys, "fs", err) < 0)
		return err->code;
	*ret = (struct gs_fs){ .is_root = fake_of(sys)->whole,
			       .type = gs_strdup("ext4"),
			       .device = gs_strdup("/dev/sdb1"),
			       .target = gs_strdup("/mnt/data"),
			       .uuid = gs_strdup("2b7e1516-28ae-d2a6-abf7-158809cf4f3c") };
	return 0;
}

/* One file, of root, and the end of time. */
static int walk(struct gs_sys *sys, const struct gs_tree_walk *req, struct gs_tree_walked *ret,
		struct gs_err *err)
{
	struct fake *fake = fake_of(sys);
	struct gs_entry entry = { .path = fake->unfit,
				  .inode = { .type = GS_INODE_FILE, .mode = 0644 },
				  .links = 1 };
	struct gs_acls acls = { 0 };

	if (fake_step(sys, "walk", err) < 0)
		return err->code;
	if (fake->unfit && req->judge(req->arg, &entry, &acls) == GS_TREE_GIVE) {
		if (fake->stubborn) {
			req->left(req->arg, entry.path, "it was made to stay", false);
		} else {
			req->given(req->arg, &entry);
			fake->unfit = NULL;
			fake->changes++;
		}
	}
	free(acls.access);
	free(acls.default_);
	*ret = (struct gs_tree_walked){ 1, fake->slow };
	return 0;
}

static int find(struct gs_sys *sys, const struct gs_tree_find *req, struct gs_tree_hits *ret,
		struct gs_err *err)
{
	(void)req;
	if (fake_step(sys, "find", err) < 0)
		return err->code;
	*ret = (struct gs_tree_hits){ 0 };
	return 0;
}

static int open_as(struct gs_sys *sys, const struct gs_open_req *req, struct gs_opened *ret,
		   struct gs_err *err)
{
	if (fake_step(sys, "open_as", err) < 0)
		return err->code;
	*ret = (struct gs_opened){ .opened = req->paths->n, .refused = req->paths->n };
	return 0;
}

const struct gs_fs_ops fake_fs = {
	.read_file = read_file,
	.list_dir = list_dir,
	.look = look,
	.make_dir = make_dir,
	.remove_dir = remove_dir,
	.set_dir = set_dir,
	.replace_file = replace_file,
	.look_back = look_back,
	.way = way,
	.lock = lock,
	.is_locked = is_locked,
	.settle = settle,
	.walk = walk,
	.find = find,
	.open_as = open_as,
	.info = info,
	.random_id = random_id,
};
