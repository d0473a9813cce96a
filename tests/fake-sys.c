/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake-sys.h"

#include "core/share/names.h"
#include "table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/exports/exports.h"
#include "core/format/textdoc.h"
#include "engine/observe/common.h"

static struct fake *fake_of(struct gs_sys *sys)
{
	return (struct fake *)sys;
}

/* Count a call; fail it where that was asked for. */
static int step(struct gs_sys *sys, const char *what, struct gs_err *err)
{
	struct fake *fake = fake_of(sys);

	fake->calls++;
	if (fake->odd_from && !strcmp(fake->odd_from, what))
		fake->odd_from = NULL;
	if (fake->fail_at &&
	    (fake->calls == fake->fail_at || (fake->fail_on && fake->calls > fake->fail_at)))
		return gs_err_set(err, EIO, "call %u: %s was made to fail", fake->calls, what);
	return 0;
}

static int change(struct gs_sys *sys, const char *what, struct gs_err *err)
{
	int r = step(sys, what, err);

	fake_of(sys)->changes += r == 0;
	return r;
}

static struct gs_file *find(struct fake *fake, const char *path)
{
	for (size_t i = 0; i < fake->files.n; i++)
		if (!strcmp(fake->files.v[i].path, path))
			return &fake->files.v[i];
	return NULL;
}

void fake_put(struct fake *fake, const char *path, const char *text)
{
	struct gs_file *file = find(fake, path);

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
	struct gs_file *file = find(fake, path);

	return file && file->exists ? (file->text.ptr ? file->text.ptr : "") : NULL;
}

static bool is_record(const char *path)
{
	return !strncmp(path, "/var/lib/gshare/", 16);
}

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

void fake_picture(const struct fake *fake, struct gs_str *out)
{
	for (size_t i = 0; i < fake->files.n; i++)
		if (fake->files.v[i].exists && !is_record(fake->files.v[i].path))
			gs_str_addf(out, "file %s\n%s\n", fake->files.v[i].path,
				    fake->files.v[i].text.ptr ? fake->files.v[i].text.ptr : "");
	for (size_t i = 0; i < fake->dirs.n; i++)
		gs_str_addf(out, "dir %s %04o %u:%u %s\n", fake->dirs.v[i].path,
			    fake->dirs.v[i].node.mode, fake->dirs.v[i].node.uid,
			    fake->dirs.v[i].node.gid, or_empty(fake->dirs.v[i].node.acl_default));
	for (size_t i = 0; i < fake->accounts.n; i++)
		gs_str_addf(out, "account %s\n", fake->accounts.v[i]);
	gs_str_addf(out, "server %u %d mounted %d %s%s, ahead %u, guarded %d\netab\n%s",
		    fake->server.threads, fake->server.enabled, fake->mounted,
		    fake->mounted ? fake->flags : "", fake->staged ? " and staged" : "",
		    fake->ahead_kib, fake->guarded, fake->etab.ptr ? fake->etab.ptr : "");
}

/* ---- files ------------------------------------------------------------------------------- */

static bool is_odd(const struct fake *fake, const char *path)
{
	return fake->odd && !fake->odd_from && !strcmp(fake->odd, path);
}

static int fake_read_file(struct gs_sys *sys, const char *path, size_t max, struct gs_str *ret_text,
			  bool *ret_exists, struct gs_err *err)
{
	struct gs_file *file = find(fake_of(sys), path);

	(void)max;
	if (step(sys, "read_file", err) < 0)
		return err->code;
	if (is_odd(fake_of(sys), path) && fake_of(sys)->odd_error)
		return gs_err_set(err, fake_of(sys)->odd_error, "'%s' is odd", path);
	*ret_exists = file && file->exists;
	if (*ret_exists)
		gs_str_add(ret_text, gs_str_span(&file->text));
	return 0;
}

static int fake_list_dir(struct gs_sys *sys, const char *path, const char *suffix,
			 struct gs_strs *ret_names, struct gs_err *err)
{
	(void)path;
	(void)suffix;
	(void)ret_names;
	return step(sys, "list_dir", err);
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

static struct gs_place *find_dir(struct fake *fake, const char *path)
{
	for (size_t i = 0; i < fake->dirs.n; i++)
		if (!strcmp(fake->dirs.v[i].path, path))
			return &fake->dirs.v[i];
	return NULL;
}

static int fake_look(struct gs_sys *sys, const char *path, struct gs_node *ret, struct gs_err *err)
{
	const struct gs_place *dir;

	if (step(sys, "look", err) < 0)
		return err->code;
	*ret = (struct gs_node){ 0 };
	if (is_odd(fake_of(sys), path)) {
		ret->type = GS_NODE_OTHER;
		return 0;
	}
	dir = find_dir(fake_of(sys), path);
	if (!dir)
		return 0;
	*ret = dir->node;
	ret->acl_access = dir->node.acl_access ? gs_strdup(dir->node.acl_access) : NULL;
	ret->acl_default = dir->node.acl_default ? gs_strdup(dir->node.acl_default) : NULL;
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

static void put_spec(struct gs_node *node, const struct gs_dir_spec *spec)
{
	gs_node_done(node);
	*node = (struct gs_node){
		.type = GS_NODE_DIR,
		.mode = spec->mode,
		.uid = spec->uid,
		.gid = spec->gid,
		.acl_access = spec->acl_access ? gs_strdup(spec->acl_access) : NULL,
		.acl_default = spec->acl_default ? gs_strdup(spec->acl_default) : NULL,
	};
}

static void put_dir(struct fake *fake, const char *path, const struct gs_dir_spec *spec)
{
	struct gs_place *dir;

	gs_grow(&fake->dirs.v, fake->dirs.n, &fake->dirs.room, sizeof *fake->dirs.v);
	dir = &fake->dirs.v[fake->dirs.n++];
	dir->path = gs_strdup(path);
	put_spec(&dir->node, spec);
}

static int fake_make_dir(struct gs_sys *sys, const char *path, const struct gs_dir_spec *spec,
			 struct gs_err *err)
{
	if (change(sys, "make_dir", err) < 0)
		return err->code;
	put_dir(fake_of(sys), path, spec);
	return 0;
}

static int fake_dress_dir(struct gs_sys *sys, const char *path, const struct gs_dir_spec *from,
			  const struct gs_dir_spec *to, struct gs_err *err)
{
	struct gs_place *dir = find_dir(fake_of(sys), path);

	if (change(sys, "dress_dir", err) < 0)
		return err->code;
	if (!dir || dir->node.gid != from->gid)
		return gs_err_set(err, ESTALE, "'%s' has changed", path);
	put_spec(&dir->node, to);
	return 0;
}

static void drop(struct gs_strs *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++) {
		if (strcmp(list->v[i], text))
			continue;
		free(list->v[i]);
		memmove(list->v + i, list->v + i + 1, (--list->n - i) * sizeof *list->v);
	}
}

static void drop_dir(struct gs_places *list, const char *path)
{
	for (size_t i = 0; i < list->n; i++) {
		if (strcmp(list->v[i].path, path))
			continue;
		free(list->v[i].path);
		gs_node_done(&list->v[i].node);
		memmove(list->v + i, list->v + i + 1, (--list->n - i) * sizeof *list->v);
	}
}

static int fake_remove_dir(struct gs_sys *sys, const char *path, struct gs_err *err)
{
	if (change(sys, "remove_dir", err) < 0)
		return err->code;
	if (has_entries(fake_of(sys), path))
		return gs_err_set(err, ENOTEMPTY, "'%s' is not empty", path);
	drop_dir(&fake_of(sys)->dirs, path);
	return 0;
}

static int fake_replace_file(struct gs_sys *sys, const struct gs_replace *replace,
			     struct gs_err *err)
{
	struct fake *fake = fake_of(sys);
	struct gs_file *file = find(fake, replace->path);
	gs_autofree char *text = gs_span_dup(replace->text);

	if (change(sys, "replace_file", err) < 0)
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

static int fake_lock(struct gs_sys *sys, struct gs_err *err)
{
	if (step(sys, "lock", err) < 0)
		return err->code;
	fake_of(sys)->locked = true;
	return 0;
}

/* Every way is root's here. */
static int fake_way(struct gs_sys *sys, const char *path, struct gs_way *ret, struct gs_err *err)
{
	(void)path;
	*ret = (struct gs_way){ 0 };
	return step(sys, "way", err);
}

static bool fake_is_locked(struct gs_sys *sys)
{
	(void)sys;
	return false;
}

static int fake_settle(struct gs_sys *sys, const char *path, const struct gs_replace *replace,
		       const struct gs_dir_spec *dir, struct gs_err *err)
{
	(void)path;
	assert_true(!replace != !dir);
	return step(sys, "settle", err);
}

/* ---- the journal: its records are files -------------------------------------------------- */

static int fake_records(struct gs_sys *sys, struct gs_record_files *ret, struct gs_err *err)
{
	struct fake *fake = fake_of(sys);

	if (step(sys, "records", err) < 0)
		return err->code;
	for (uint32_t id = 1; id < 100; id++) {
		gs_autofree char *path = gs_printf("/var/lib/gshare/%u.jsonl", id);
		const struct gs_file *file = find(fake, path);

		if (!file || !file->exists)
			continue;
		gs_grow(&ret->v, ret->n, &ret->room, sizeof *ret->v);
		ret->v[ret->n++] = (struct gs_record_file){ id, file->text.len };
	}
	return 0;
}

static int fake_record_begin(struct gs_sys *sys, uint32_t id, struct gs_span text,
			     struct gs_err *err)
{
	gs_autofree char *path = gs_printf("/var/lib/gshare/%u.jsonl", id);
	gs_autofree char *bytes = gs_span_dup(text);

	if (change(sys, "record_begin", err) < 0)
		return err->code;
	fake_put(fake_of(sys), path, bytes);
	return 0;
}

static int fake_record_end(struct gs_sys *sys, uint32_t id, size_t keep, struct gs_span text,
			   struct gs_err *err)
{
	gs_autofree char *path = gs_printf("/var/lib/gshare/%u.jsonl", id);
	struct gs_file *file = find(fake_of(sys), path);
	gs_autostr struct gs_str whole = { 0 };

	if (change(sys, "record_end", err) < 0)
		return err->code;
	gs_str_add(&whole, gs_span(file->text.ptr, keep));
	gs_str_add(&whole, text);
	fake_put(fake_of(sys), path, whole.ptr);
	return 0;
}

static int fake_record_drop(struct gs_sys *sys, uint32_t id, struct gs_err *err)
{
	gs_autofree char *path = gs_printf("/var/lib/gshare/%u.jsonl", id);

	if (change(sys, "record_drop", err) < 0)
		return err->code;
	find(fake_of(sys), path)->exists = false;
	return 0;
}

static int fake_keep_spare(struct gs_sys *sys, uint64_t bytes, struct gs_err *err)
{
	(void)bytes;
	return step(sys, "keep_spare", err);
}

static void fake_date(struct gs_sys *sys, char ret[static GS_TIME_BYTES])
{
	(void)sys;
	memcpy(ret, "2026-11-22T19:06:14Z", sizeof "2026-11-22T19:06:14Z");
}

/* ---- accounts ---------------------------------------------------------------------------- */

/* A number that no account has. */
static struct gs_account nobodys(const char *number)
{
	uid_t id = (uid_t)strtoul(number, NULL, 10);

	return (struct gs_account){ .name = gs_strdup(number),
				    .group = gs_strdup(number),
				    .home = gs_strdup("/"),
				    .uid = id,
				    .gid = id };
}

static int fake_find_group(struct gs_sys *sys, const char *name, gid_t *ret, struct gs_err *err)
{
	const struct gs_strs *groups = &fake_of(sys)->groups;

	if (step(sys, "find_group", err) < 0)
		return err->code;
	for (size_t i = 0; i + 1 < groups->n; i += 2)
		if (!strcmp(groups->v[i], name)) {
			*ret = (gid_t)strtoul(groups->v[i + 1], NULL, 10);
			return 0;
		}
	return gs_err_set(err, ENOENT, "there is no group '%s'", name);
}

static int fake_find_account(struct gs_sys *sys, const char *name, struct gs_account *ret,
			     struct gs_err *err)
{
	bool known = !strcmp(name, "ubuntu") || !strcmp(name, "1000");
	bool other = !strcmp(name, "data") || !strcmp(name, "2000");

	if (step(sys, "find_account", err) < 0)
		return err->code;
	if (!known && !other && strspn(name, "0123456789") == strlen(name)) {
		*ret = nobodys(name);
		return 0;
	}
	if (!known && !other && !gs_strs_has(&fake_of(sys)->accounts, name))
		return gs_err_set(err, ENOENT, "there is no user '%s'", name);
	*ret = (struct gs_account){
		.name = gs_strdup(known	  ? "ubuntu"
				  : other ? "data"
					  : name),
		.group = gs_strdup(known   ? "ubuntu"
				   : other ? "data"
					   : name),
		.home = gs_strdup("/"),
		.uid = known   ? 1000
		       : other ? 2000
			       : 997,
		.gid = known   ? 1000
		       : other ? 2000
			       : 997,
	};
	return 0;
}

static int fake_free_system_id(struct gs_sys *sys, const struct gs_ids *taken, uint32_t *ret,
			       struct gs_err *err)
{
	if (step(sys, "free_system_id", err) < 0)
		return err->code;
	*ret = gs_ids_has(taken, 997) ? 996 : 997;
	return 0;
}

static int fake_add_account(struct gs_sys *sys, const char *name, uint32_t id, struct gs_err *err)
{
	(void)id;
	if (change(sys, "add_account", err) < 0)
		return err->code;
	gs_strs_add(&fake_of(sys)->accounts, name);
	return 0;
}

static int fake_remove_account(struct gs_sys *sys, const char *name, struct gs_err *err)
{
	if (change(sys, "remove_account", err) < 0)
		return err->code;
	drop(&fake_of(sys)->accounts, name);
	return 0;
}

static uint32_t fake_random_id(struct gs_sys *sys)
{
	(void)sys;
	return 0x7c1e52d0;
}

/* ---- the leader -------------------------------------------------------------------------- */

static int fake_fs(struct gs_sys *sys, const char *path, struct gs_fs *ret, struct gs_err *err)
{
	(void)path;
	if (step(sys, "fs", err) < 0)
		return err->code;
	*ret = (struct gs_fs){ .is_root = fake_of(sys)->whole,
			       .type = gs_strdup("ext4"),
			       .device = gs_strdup("/dev/sdb1"),
			       .uuid = gs_strdup("2b7e1516-28ae-d2a6-abf7-158809cf4f3c") };
	return 0;
}

static int fake_server(struct gs_sys *sys, struct gs_server *ret, struct gs_err *err)
{
	if (step(sys, "server", err) < 0)
		return err->code;
	*ret = fake_of(sys)->server;
	return 0;
}

static int fake_serving(struct gs_sys *sys, struct gs_server *ret, struct gs_err *err)
{
	struct gs_server server = { 0 };

	if (fake_server(sys, &server, err) < 0)
		return err->code;
	server.enabled = false; /* it is not asked */
	*ret = server;
	return 0;
}

/* exportfs as it should be: every entry of every file, with its options as they are written. */
static void export_files(const struct gs_files *files, struct gs_str *out)
{
	for (size_t i = 0; i < files->n; i++) {
		GS_AUTO(gs_exports_done) struct gs_exports doc = { 0 };
		struct gs_err bad = { 0 };

		if (!files->v[i].exists || strncmp(files->v[i].path, "/etc/exports", 12) != 0 ||
		    gs_exports_parse(gs_str_span(&files->v[i].text), &doc, &bad) < 0)
			continue;
		for (size_t k = 0; k < doc.n; k++) {
			struct gs_span options = gs_exports_options(&doc, &doc.entry[k]);

			gs_str_addf(out, "%s\t%s(%.*s)\n", doc.entry[k].path,
				    doc.entry[k].host.text, (int)options.len, options.ptr);
		}
	}
}

static int fake_active_exports(struct gs_sys *sys, struct gs_str *ret_etab, struct gs_err *err)
{
	if (step(sys, "active_exports", err) < 0)
		return err->code;
	gs_str_add(ret_etab, gs_str_span(&fake_of(sys)->etab));
	return 0;
}

static int fake_check_exports(struct gs_sys *sys, const struct gs_files *candidates,
			      struct gs_span hosts, struct gs_str *ret_etab,
			      struct gs_str *ret_said, struct gs_err *err)
{
	(void)hosts;
	(void)ret_said;
	if (step(sys, "check_exports", err) < 0)
		return err->code;
	export_files(candidates, ret_etab);
	return 0;
}

static int fake_room_for_etab(struct gs_sys *sys, size_t bytes, unsigned files, struct gs_err *err)
{
	(void)bytes;
	fake_of(sys)->room_files = files;
	return step(sys, "room_for_etab", err);
}

static void refresh_etab(struct fake *fake)
{
	if (fake->lies)
		return;
	gs_str_done(&fake->etab);
	if (fake->server.threads)
		export_files(&fake->files, &fake->etab);
}

static int fake_apply_exports(struct gs_sys *sys, size_t bytes, struct gs_str *ret_said,
			      struct gs_err *err)
{
	(void)ret_said;
	fake_of(sys)->etab_bytes = bytes;
	if (change(sys, "apply_exports", err) < 0)
		return err->code;
	fake_of(sys)->flushes++;
	refresh_etab(fake_of(sys));
	return 0;
}

static int fake_start_server(struct gs_sys *sys, struct gs_err *err)
{
	struct gs_server *server = &fake_of(sys)->server;

	if (change(sys, "start_server", err) < 0)
		return err->code;
	server->threads = 8;
	server->mountd = server->enabled = true;
	refresh_etab(fake_of(sys));
	return 0;
}

static int fake_stop_server(struct gs_sys *sys, bool was_running, bool was_enabled,
			    struct gs_err *err)
{
	struct gs_server *server = &fake_of(sys)->server;

	if (change(sys, "stop_server", err) < 0)
		return err->code;
	server->enabled = was_enabled;
	if (!was_running) {
		server->threads = 0;
		server->mountd = false;
		gs_str_done(&fake_of(sys)->etab);
	}
	return 0;
}

static int64_t fake_now_ns(struct gs_sys *sys)
{
	return fake_of(sys)->now_ns;
}

static void fake_pause(struct gs_sys *sys, unsigned ms)
{
	fake_of(sys)->now_ns += ms * INT64_C(1000000);
}

#define CLIENT_INFO                                                                                \
	"address: \"192.168.18.8:839\"\nstatus: confirmed\nname: \"Linux NFSv4.2 gpu-1\"\n"        \
	"minor version: 2\n"
#define CLIENT_STATE                                                                               \
	"- 0x000000013125036bc1ac63f416000000: { type: open, access: -w, deny: --, superblock: "   \
	"\"62:00:1\", filename: \"%s\", owner: \"open id:\" }\n"

/* One client, which has the file "writes" open in the time that was asked for. */
static int fake_clients(struct gs_sys *sys, const struct gs_client_sink *sink, struct gs_err *err)
{
	struct fake *fake = fake_of(sys);
	gs_autofree char *state = fake->writes ? gs_printf(CLIENT_STATE, fake->writes) : NULL;
	bool wanted;

	if (step(sys, "clients", err) < 0)
		return err->code;
	wanted = sink->info(sink->arg, gs_span_of(CLIENT_INFO));
	fake->looks++;
	if (fake->unread && fake->looks >= fake->unread) {
		gs_err_set(err, fake->unread_error, "the list of clients was made to fail");
		return fake->unread_error == ETIMEDOUT ? gs_err_cause(err, "CLIENTS_SLOW")
						       : err->code;
	}
	if (state && wanted &&
	    (fake->now_ns < fake->writes_until_ns || (fake->races && fake->looks > 1)))
		sink->states(sink->arg, 0, gs_span_of(state));
	if (wanted)
		sink->states(sink->arg, 0, gs_span(NULL, 0));
	return 0;
}

static int fake_resolve(struct gs_sys *sys, const char *name, struct gs_strs *ret_addrs,
			struct gs_err *err)
{
	if (step(sys, "resolve", err) < 0)
		return err->code;
	gs_strs_add(ret_addrs, name);
	return 0;
}

static int fake_address_facing(struct gs_sys *sys, const char *addr, char **ret, struct gs_err *err)
{
	(void)addr;
	if (step(sys, "address_facing", err) < 0)
		return err->code;
	*ret = gs_strdup("192.168.18.13");
	return 0;
}

/* ---- the follower ------------------------------------------------------------------------ */

static bool fake_has_client(struct gs_sys *sys)
{
	(void)sys;
	return true;
}

static int fake_reach(struct gs_sys *sys, const char *addr, unsigned *ret_connect_us,
		      struct gs_err *err)
{
	(void)addr;
	*ret_connect_us = 100 + fake_of(sys)->trip_ms * 1000;
	return step(sys, "reach", err);
}

static int fake_find_exports(struct gs_sys *sys, const char *addr, struct gs_nfs_exports *ret,
			     struct gs_err *err)
{
	struct fake *fake = fake_of(sys);

	(void)addr;
	if (step(sys, "find_exports", err) < 0)
		return err->code;
	gs_grow(&ret->v, ret->n, &ret->room, sizeof *ret->v);
	if (fake->shows) {
		ret->v[ret->n++] = (struct gs_nfs_export){ .path = gs_strdup(fake->shows),
							   .writable = fake->shows_rw };
		return 0;
	}
	ret->v[ret->n++] = (struct gs_nfs_export){ .path = gs_strdup("/mnt/data/shared"),
						   .id = "7c1e52d0",
						   .has_id = true };
	return 0;
}

static int fake_list_grants(struct gs_sys *sys, const char *addr, struct gs_grants *ret,
			    struct gs_err *err)
{
	(void)addr;
	if (step(sys, "list_grants", err) < 0)
		return err->code;
	gs_grants_add(ret, "/mnt/data/shared");
	gs_strs_add(&ret->v[0].clients, "192.168.18.9");
	return 0;
}

static int fake_own_addresses(struct gs_sys *sys, struct gs_strs *ret, struct gs_err *err)
{
	if (step(sys, "own_addresses", err) < 0)
		return err->code;
	gs_strs_add(ret, "192.168.18.13");
	return 0;
}

static int fake_find_mount(struct gs_sys *sys, const char *target, struct gs_mounted *ret,
			   bool *ret_found, struct gs_err *err)
{
	if (step(sys, "find_mount", err) < 0)
		return err->code;
	*ret_found = fake_of(sys)->mounted;
	if (*ret_found)
		*ret = (struct gs_mounted){
			.source = gs_strdup("192.168.18.13:/mnt/data/shared"),
			.target = gs_strdup(target),
			.type = gs_strdup("nfs4"),
			.options = gs_printf("%s,vers=4.%d,hard,addr=192.168.18.13",
					     fake_of(sys)->flags, fake_of(sys)->is_old ? 1 : 2),
		};
	return 0;
}

static int fake_find_mount_of(struct gs_sys *sys, const char *path, struct gs_mounted *ret,
			      struct gs_err *err)
{
	bool found = false;

	if (fake_find_mount(sys, "/mnt/data/shared", ret, &found, err) < 0)
		return err->code;
	if (!found && fake_of(sys)->whole)
		*ret = (struct gs_mounted){ .target = gs_strdup(path), .is_whole = true };
	ret->dev = !strcmp(path, "/") || !strncmp(path, "/far", 4); /* another file system */
	return 0;
}

static int fake_list_mounts(struct gs_sys *sys, dev_t dev, struct gs_mounts *ret,
			    struct gs_err *err)
{
	const char *const targets[] = { "/mnt/data", fake_of(sys)->bound };

	if (step(sys, "list_mounts", err) < 0)
		return err->code;
	for (size_t i = 0; !dev && i < GS_COUNT(targets) && targets[i]; i++) {
		gs_grow(&ret->v, ret->n, &ret->room, sizeof *ret->v);
		ret->v[ret->n++] = (struct gs_mounted){ .target = gs_strdup(targets[i]) };
	}
	return 0;
}

static int fake_mount(struct gs_sys *sys, const char *source, const char *target, const char *type,
		      const char *options, struct gs_err *err)
{
	(void)source;
	(void)target;
	(void)type;
	(void)options;
	if (change(sys, "mount", err) < 0)
		return err->code;
	fake_of(sys)->mounted = true;
	fake_of(sys)->flags = "rw,nosuid,nodev";
	fake_of(sys)->ahead_kib = 128;
	return 0;
}

static int fake_hold_path(struct gs_sys *sys, const char *target, struct gs_err *err)
{
	(void)target;
	return step(sys, "hold_path", err);
}

static int fake_stage(struct gs_sys *sys, const char *source, const char *target, const char *type,
		      const char *options, struct gs_err *err)
{
	(void)source;
	(void)target;
	(void)type;
	if (change(sys, "stage", err) < 0)
		return err->code;
	if (fake_of(sys)->is_old && strstr(options, "vers=4.2")) {
		gs_err_set(err, EPROTONOSUPPORT, "it does not speak NFS 4.2");
		return gs_err_cause(err, "VERSION_REFUSED");
	}
	fake_of(sys)->staged = true;
	return 0;
}

static int fake_remount(struct gs_sys *sys, const char *target, const char *was, const char *flags,
			struct gs_err *err)
{
	(void)target;
	(void)was;
	if (change(sys, "remount", err) < 0)
		return err->code;
	assert_true(fake_of(sys)->mounted);
	fake_of(sys)->flags = strstr(flags, "ro") ? "ro,nosuid,nodev" : "rw,nosuid,nodev";
	return 0;
}

static int fake_ask_mount(struct gs_sys *sys, const char *path, struct gs_err *err)
{
	(void)path;
	if (step(sys, "ask_mount", err) < 0)
		return err->code;
	fake_of(sys)->now_ns += fake_of(sys)->trip_ms * INT64_C(1000000);
	return fake_of(sys)->stale ? gs_err_set(err, ESTALE, "stale") : 0;
}

static int fake_mountstats(struct gs_sys *sys, struct gs_str *ret, struct gs_err *err)
{
	(void)ret;
	return step(sys, "mountstats", err);
}

static int fake_look_bare(struct gs_sys *sys, const char *target, struct gs_node *ret,
			  struct gs_err *err)
{
	(void)target;
	if (step(sys, "look_bare", err) < 0)
		return err->code;
	*ret = (struct gs_node){ .type = GS_NODE_DIR,
				 .can_guard = true,
				 .is_guarded = fake_of(sys)->guarded };
	return 0;
}

static int fake_set_guard(struct gs_sys *sys, const char *target, bool on, struct gs_err *err)
{
	if (change(sys, "set_guard", err) < 0)
		return err->code;
	assert_non_null(find_dir(fake_of(sys), target));
	fake_of(sys)->guarded = on;
	return on && fake_of(sys)->guard_sticks ? gs_err_set(err, EIO, "it cannot be synced") : 0;
}

static int fake_read_ahead(struct gs_sys *sys, const struct gs_mounted *mounted, unsigned *ret_kib,
			   struct gs_err *err)
{
	(void)mounted;
	if (step(sys, "read_ahead", err) < 0)
		return err->code;
	*ret_kib = fake_of(sys)->ahead_kib;
	return 0;
}

static int fake_set_read_ahead(struct gs_sys *sys, const struct gs_mounted *mounted, unsigned kib,
			       struct gs_err *err)
{
	(void)mounted;
	if (change(sys, "set_read_ahead", err) < 0)
		return err->code;
	fake_of(sys)->ahead_kib = kib;
	return 0;
}

static int fake_attach(struct gs_sys *sys, struct gs_err *err)
{
	if (change(sys, "attach", err) < 0)
		return err->code;
	assert_true(fake_of(sys)->staged);
	fake_of(sys)->staged = fake_of(sys)->stale = false;
	fake_of(sys)->mounted = true;
	fake_of(sys)->flags = "rw,nosuid,nodev";
	fake_of(sys)->ahead_kib = 128;
	return 0;
}

static void fake_unstage(struct gs_sys *sys)
{
	fake_of(sys)->staged = false;
}

static int fake_list_nfs(struct gs_sys *sys, struct gs_mounts *ret, struct gs_err *err)
{
	bool found = false;

	gs_grow(&ret->v, ret->n, &ret->room, sizeof *ret->v);
	if (fake_find_mount(sys, "/mnt/data/shared", &ret->v[0], &found, err) < 0)
		return err->code;
	ret->n += found;
	return 0;
}

static int fake_holders(struct gs_sys *sys, const struct gs_mounted *mounted,
			struct gs_holders *ret, struct gs_err *err)
{
	(void)mounted;
	(void)ret;
	return step(sys, "holders", err);
}

static int fake_umount(struct gs_sys *sys, const char *target, unsigned how, struct gs_err *err)
{
	(void)target;
	(void)how;
	if (change(sys, "umount", err) < 0)
		return err->code;
	fake_of(sys)->mounted = fake_of(sys)->stale = false;
	fake_of(sys)->ahead_kib = 0;
	return 0;
}

static int fake_read_bounded(struct gs_sys *sys, const char *path, size_t max, struct gs_str *ret,
			     struct gs_err *err)
{
	(void)path;
	(void)max;
	if (step(sys, "read_bounded", err) < 0)
		return err->code;
	gs_share_id_render("7c1e52d0", NULL, ret);
	return 0;
}

static int fake_probe(struct gs_sys *sys, const struct gs_access_req *req,
		      struct gs_access_result *ret, struct gs_err *err)
{
	const struct gs_try yes = { GS_CAN_YES, 0 }, no = { GS_CAN_NO, EACCES };
	const char *refuses = fake_of(sys)->refuses;
	bool can = !refuses || strcmp(refuses, req->dir) != 0;

	if (step(sys, "probe", err) < 0)
		return err->code;
	*ret = (struct gs_access_result){ .owner_uid = 1000, .owner_gid = 1000 };
	snprintf(ret->left, sizeof ret->left, "%s", fake_of(sys)->leaves ? ".gshare-probe-1" : "");
	ret->create = can ? yes : no;
	ret->swapped = fake_of(sys)->swaps;
	ret->readonly_fs = fake_of(sys)->flags[1] == 'o' && !fake_of(sys)->staged;
	ret->read = ret->change = ret->rename = ret->remove = yes;
	if (fake_of(sys)->hides && strstr(req->dir, fake_of(sys)->hides)) {
		ret->create = ret->remove = no;
		ret->hidden = strcmp(req->dir, fake_of(sys)->hides) != 0;
	}
	return 0;
}

static int fake_seen(struct gs_sys *sys, const struct gs_seen_req *req, unsigned *ret_us,
		     struct gs_err *err)
{
	(void)req;
	if (step(sys, "seen", err) < 0)
		return err->code;
	*ret_us = 1500;
	return 0;
}

/* One file, of root, and the end of time. */
static int fake_walk(struct gs_sys *sys, const struct gs_tree_walk *req, struct gs_tree_walked *ret,
		     struct gs_err *err)
{
	struct fake *fake = fake_of(sys);
	struct gs_entry entry = { .path = fake->unfit,
				  .node = { .type = GS_NODE_FILE, .mode = 0644 },
				  .links = 1 };
	struct gs_acls acls = { 0 };

	if (step(sys, "walk", err) < 0)
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

static int fake_open_as(struct gs_sys *sys, const struct gs_open_req *req, struct gs_opened *ret,
			struct gs_err *err)
{
	if (step(sys, "open_as", err) < 0)
		return err->code;
	*ret = (struct gs_opened){ .opened = req->paths->n, .refused = req->paths->n };
	return 0;
}

static int fake_privilege(enum gs_phase phase, struct gs_err *err)
{
	(void)phase;
	(void)err;
	return 0;
}

static const struct gs_fs_ops fs_ops = {
	.read_file = fake_read_file,
	.list_dir = fake_list_dir,
	.look = fake_look,
	.make_dir = fake_make_dir,
	.remove_dir = fake_remove_dir,
	.dress_dir = fake_dress_dir,
	.replace_file = fake_replace_file,
	.way = fake_way,
	.lock = fake_lock,
	.is_locked = fake_is_locked,
	.settle = fake_settle,
	.walk = fake_walk,
	.open_as = fake_open_as,
	.info = fake_fs,
	.random_id = fake_random_id,
};

static const struct gs_journal_ops journal_ops = {
	.list = fake_records,
	.begin = fake_record_begin,
	.end = fake_record_end,
	.drop = fake_record_drop,
	.keep_spare = fake_keep_spare,
};

static const struct gs_account_ops accounts_ops = {
	.find = fake_find_account,
	.find_group = fake_find_group,
	.free_id = fake_free_system_id,
	.add = fake_add_account,
	.remove = fake_remove_account,
};

static const struct gs_nfsd_ops server_ops = {
	.look = fake_server,
	.serving = fake_serving,
	.active_exports = fake_active_exports,
	.check_exports = fake_check_exports,
	.room_for_etab = fake_room_for_etab,
	.apply_exports = fake_apply_exports,
	.start = fake_start_server,
	.stop = fake_stop_server,
	.clients = fake_clients,
};

static const struct gs_mount_ops mount_ops = {
	.has_client = fake_has_client,
	.hold_path = fake_hold_path,
	.find = fake_find_mount,
	.find_of = fake_find_mount_of,
	.list_dev = fake_list_mounts,
	.list_nfs = fake_list_nfs,
	.mount = fake_mount,
	.stage = fake_stage,
	.attach = fake_attach,
	.unstage = fake_unstage,
	.umount = fake_umount,
	.remount = fake_remount,
	.look_bare = fake_look_bare,
	.set_guard = fake_set_guard,
	.read_ahead = fake_read_ahead,
	.set_read_ahead = fake_set_read_ahead,
	.holders = fake_holders,
	.mountstats = fake_mountstats,
	.ask = fake_ask_mount,
	.read_bounded = fake_read_bounded,
};

static const struct gs_net_ops net_ops = {
	.resolve = fake_resolve,
	.address_facing = fake_address_facing,
	.own_addresses = fake_own_addresses,
};

static const struct gs_nfs_ops nfs_ops = {
	.reach = fake_reach,
	.find_exports = fake_find_exports,
	.list_grants = fake_list_grants,
};

static const struct gs_access_ops access_ops = {
	.probe = fake_probe,
	.seen = fake_seen,
};

static const struct gs_privs_ops privs_ops = {
	.enter = fake_privilege,
	.need = fake_privilege,
};

static const struct gs_clock_ops clock_ops = {
	.now_ns = fake_now_ns,
	.date = fake_date,
	.pause = fake_pause,
};

static const struct gs_sys_ops ops = {
	.fs = &fs_ops,
	.journal = &journal_ops,
	.accounts = &accounts_ops,
	.server = &server_ops,
	.mount = &mount_ops,
	.net = &net_ops,
	.nfs = &nfs_ops,
	.access = &access_ops,
	.privs = &privs_ops,
	.clock = &clock_ops,
};

static void fake_tell(void *arg, const char *line)
{
	struct fake *fake = arg;

	gs_str_addf(&fake->told, "%s\n", line);
}

void fake_init(struct fake *fake)
{
	*fake = (struct fake){
		.sys = { .ops = &ops, .root = "/", .deadline_ns = INT64_MAX, .end_ns = INT64_MAX },
		.server = { .installed = true, .systemd = true },
		.flags = "rw,nosuid,nodev",
	};
	fake->who = (struct gs_who){
		.by = "ubuntu", .command = &fake->command, .tell = fake_tell, .tell_arg = fake
	};
	fake->sys.who = &fake->who;
	gs_strs_add(&fake->command, "leader");
	gs_strs_add(&fake->command, "add");
	put_dir(fake, "/mnt", &(struct gs_dir_spec){ .mode = 0755 });
	put_dir(fake, "/srv", &(struct gs_dir_spec){ .mode = 0755 });
}

void fake_done(struct fake *fake)
{
	gs_files_done(&fake->files);
	gs_places_done(&fake->dirs);
	gs_strs_done(&fake->accounts);
	gs_strs_done(&fake->groups);
	gs_strs_done(&fake->command);
	gs_str_done(&fake->told);
	gs_str_done(&fake->last_text);
	gs_str_done(&fake->etab);
}
