/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/leader/request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "base/strmap.h"
#include "core/exports/docs.h"
#include "core/exports/word.h"
#include "core/share/path.h"

bool gs_leader_gives(enum gs_leader_verb verb)
{
	return verb == GS_LEADER_INIT || verb == GS_LEADER_ADD;
}

bool gs_leader_takes(const struct gs_leader_req *req)
{
	return req->verb == GS_LEADER_REMOVE || req->verb == GS_LEADER_DESTROY ||
	       (req->verb == GS_LEADER_SWITCH && req->access == GS_ACCESS_RO);
}

static void marked_paths(const struct gs_docs *docs, struct gs_strs *ret)
{
	for (size_t d = 0; d < docs->n; d++)
		for (size_t i = 0; i < docs->v[d].marks; i++)
			if (!gs_strs_has(ret, docs->v[d].mark[i].path))
				gs_strs_add(ret, docs->v[d].mark[i].path);
}

static bool is_specified(const struct gs_leader_req *req, const struct gs_hostspec *host)
{
	for (size_t i = 0; i < req->n_specs; i++)
		if (gs_hostspec_is_same(&req->spec[i].host, host))
			return true;
	return false;
}

/* @req: NULL: every exported path, else those with an entry of a host given */
static void exported_paths(const struct gs_docs *docs, const struct gs_leader_req *req,
			   struct gs_strs *ret)
{
	GS_AUTO(gs_keymap_done) struct gs_keymap seen = { 0 };

	for (size_t d = 0; d < docs->n; d++)
		for (size_t i = 0; i < docs->v[d].n; i++) {
			const struct gs_export *entry = &docs->v[d].entry[i];

			if ((!req || is_specified(req, &entry->host)) &&
			    gs_keymap_put(&seen, entry->path, "", ret->n) == ret->n)
				gs_strs_add(ret, entry->path);
		}
}

enum { PATHS_SHOWN_MAX = 8 };

static void list_paths(const struct gs_strs *paths, struct gs_str *out)
{
	for (size_t i = 0; i < paths->n && i < PATHS_SHOWN_MAX; i++) {
		gs_str_adds(out, i ? ", " : "");
		gs_str_add_safe(out, gs_span_of(paths->v[i]));
	}
	if (paths->n > PATHS_SHOWN_MAX)
		gs_str_addf(out, " and %zu more", paths->n - PATHS_SHOWN_MAX);
}

/* The error where several shares fit, or none: lists all, marked shares first. */
static int no_single_share(const struct gs_docs *docs, const struct gs_strs *marked,
			   const struct gs_strs *held, struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs by_hand = { 0 };
	gs_autostr struct gs_str list = { 0 };
	const struct gs_strs *paths = held->n ? held : marked;

	if (paths->n) {
		list_paths(paths, &list);
		gs_err_set(err, EINVAL,
			   held->n ? "%zu exported paths have this host: %s"
				   : "there are %zu shares: %s",
			   paths->n, list.ptr);
		gs_err_cause(err, "SHARE_AMBIGUOUS");
		return gs_err_fix(err, "specify one, for example ", "--path", paths->v[0]);
	}
	exported_paths(docs, NULL, &by_hand);
	list_paths(&by_hand, &list);
	if (by_hand.n)
		gs_err_set(err, ENOENT, "no gshare share on this host; exported by hand: %s",
			   list.ptr);
	else
		gs_err_set(err, ENOENT,
			   "no gshare share on this host: create one with 'gshare leader init'");
	gs_err_cause(err, "NO_SHARE");
	return by_hand.n ? gs_err_fix(err, "specify one, for example ", "--path", by_hand.v[0])
			 : err->code;
}

/* No share to destroy is no error: the path is that of init's default share. */
static int pick_destroyed(const struct gs_docs *docs, const struct gs_strs *marked, char **ret_path,
			  struct gs_err *err)
{
	const struct gs_strs none = { 0 };

	if (marked->n > 1)
		return no_single_share(docs, marked, &none, err);
	*ret_path = gs_strdup(marked->n ? marked->v[0] : GS_DEFAULT_PATH);
	return 0;
}

int gs_leader_pick_path(const struct gs_leader_req *req, const struct gs_docs *docs,
			char **ret_path, struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs marked = { 0 }, held = { 0 };

	if (req->path || req->verb == GS_LEADER_INIT) {
		const char *path = req->path ? req->path : GS_DEFAULT_PATH;

		if (path[0] != '/')
			return gs_leader_check_path(path, err);
		*ret_path = gs_exports_clean_path(path);
		return 0;
	}
	marked_paths(docs, &marked);
	if (req->verb == GS_LEADER_DESTROY)
		return pick_destroyed(docs, &marked, ret_path, err);
	if (marked.n != 1)
		exported_paths(docs, req, &held);
	/* A host without any entry is removed already: the share does not matter. */
	if (req->verb == GS_LEADER_REMOVE && marked.n != 1 && !held.n) {
		*ret_path = gs_strdup(marked.n ? marked.v[0] : GS_DEFAULT_PATH);
		return 0;
	}
	if (marked.n != 1 && held.n != 1)
		return no_single_share(docs, &marked, &held, err);
	*ret_path = gs_strdup(marked.n == 1 ? marked.v[0] : held.v[0]);
	return 0;
}

bool gs_leader_entry_owner(const struct gs_docs *docs, const char *path, uid_t *ret_uid,
			   gid_t *ret_gid)
{
	for (size_t d = 0; d < docs->n; d++) {
		for (size_t i = 0; i < docs->v[d].n; i++) {
			const struct gs_export *entry = &docs->v[d].entry[i];

			if (strcmp(entry->path, path) || !entry->is_readable ||
			    gs_exportopts_squash(&entry->opts) == GS_SQUASH_NONE ||
			    entry->opts.anonuid == GS_ANON_ID || !entry->opts.anonuid)
				continue;
			*ret_uid = entry->opts.anonuid;
			*ret_gid = entry->opts.anongid;
			return true;
		}
	}
	return false;
}

/* "u:1000:rwx": the id between the first and the second colon. */
static bool acl_id(struct gs_span item, const char *prefix, uint32_t *ret)
{
	struct gs_span id;
	uint64_t value;

	if (!gs_span_has_prefix(item, prefix))
		return false;
	item = gs_span_from(item, strlen(prefix));
	if (!gs_span_cut(&item, ':', &id) || !gs_span_number(id, UINT32_MAX - 1, &value))
		return false;
	*ret = (uint32_t)value;
	return true;
}

bool gs_leader_acl_owner(const char *acl, uid_t *ret_uid, gid_t *ret_gid)
{
	struct gs_span rest = gs_span_of(acl), item;
	uint32_t uid = 0, gid = 0;

	while (gs_span_cut(&rest, ',', &item)) {
		if (!uid)
			acl_id(item, "u:", &uid);
		if (!gid)
			acl_id(item, "g:", &gid);
	}
	if (!uid || !gid)
		return false;
	*ret_uid = uid;
	*ret_gid = gid;
	return true;
}

void gs_leader_names(const struct gs_docs *docs, struct gs_strs *ret_names)
{
	GS_AUTO(gs_keymap_done) struct gs_keymap seen = { 0 };

	for (size_t d = 0; d < docs->n; d++)
		for (size_t i = 0; i < docs->v[d].n; i++) {
			const struct gs_hostspec *host = &docs->v[d].entry[i].host;

			if (host->kind == GS_HOST_NAME &&
			    gs_keymap_put(&seen, host->text, "", ret_names->n) == ret_names->n)
				gs_strs_add(ret_names, host->text);
		}
}

/* All digits, with or without a sign: the user means a number. */
static bool is_number(struct gs_span text)
{
	size_t i = text.len && (text.ptr[0] == '-' || text.ptr[0] == '+');

	if (i == text.len)
		return false;
	for (; i < text.len; i++)
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
	return true;
}

static int check_id(struct gs_span text, const char *what, struct gs_err *err)
{
	uint64_t id;

	if (!text.len) {
		gs_err_set(err, GS_E_USAGE, "the %s of --owner is empty", what);
		return gs_err_advise(err, "use --owner USER or --owner USER:GROUP");
	}
	if (!is_number(text) || gs_span_number(text, UINT32_MAX - 1, &id))
		return 0;
	gs_err_set(err, GS_E_USAGE, "'%.*s' is not a %s id: the highest is 4294967294",
		   (int)text.len, text.ptr, what);
	return gs_err_advise(err, "use a name, or a number from 1 to 4294967294");
}

int gs_leader_check_owner(const char *asked, struct gs_err *err)
{
	struct gs_span rest = gs_span_of(asked), part = { 0 };

	gs_span_cut(&rest, ':', &part);
	if (check_id(part, "user", err) < 0)
		return err->code;
	return rest.ptr ? check_id(rest, "group", err) : 0;
}

int gs_leader_read_id(const struct gs_file *file, char ret_id[GS_SHARE_ID_BYTES],
		      struct gs_err *err)
{
	if (gs_share_id_parse(gs_str_span(&file->text), ret_id))
		return 0;
	gs_err_set(err, EBADMSG, "'%s' contains no share id", file->path);
	return gs_err_cause(err, "ID_BROKEN");
}
