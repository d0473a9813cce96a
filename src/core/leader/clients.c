/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/command.h"
#include "core/leader/planner.h"
#include "core/leader/request.h"

/* The clients of the share: specs resolved to clients, and the exports files edited for them. */

/* A name is replaced by its addresses: exportfs would query the name server at every start. */
static int add_named(struct gs_draft *draft, const struct gs_client_spec *spec, struct gs_err *err)
{
	const struct gs_strs *addrs = gs_draft_addrs(draft, spec->host.text);

	if (!addrs || !addrs->n) {
		gs_err_set(err, ENOENT, "'%s' does not resolve%s", spec->host.text,
			   draft->facts->offline ? " offline" : "");
		gs_err_cause(err, "NAME_UNKNOWN");
		if (draft->facts->offline)
			return gs_err_advise(err, "use its address");
		return gs_err_fix(err, "use its address; this shows what resolves: ", "getent",
				  "ahosts", spec->host.text);
	}
	for (size_t i = 0; i < addrs->n; i++) {
		GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };

		if (gs_hostspec_parse(gs_span_of(addrs->v[i]), &host, err) < 0 ||
		    (gs_leader_gives(draft->req->verb) && gs_hostspec_check_client(&host, err) < 0))
			return gs_err_prefix(err, "'%s' resolves to '%s'", spec->host.text,
					     addrs->v[i]);
		if (gs_draft_add_client(draft, &host, spec->host.text, spec, err) < 0)
			return err->code;
	}
	return 0;
}

/* Towards itself this node has the very address that is asked about. */
static const struct gs_client *find_self(const struct gs_draft *draft)
{
	const struct gs_names *faces = &draft->facts->faces;

	for (size_t i = 0; i < draft->n && gs_leader_gives(draft->req->verb); i++) {
		const char *addr = draft->client[i].host.text;
		const struct gs_strs *own = gs_names_find(faces, addr);

		if (own && own->n && !strcmp(own->v[0], addr))
			return &draft->client[i];
	}
	return NULL;
}

/* The leader never mounts its own share, and must not seem to be a follower. */
static int check_self(const struct gs_draft *draft, struct gs_err *err)
{
	const struct gs_client *self = find_self(draft);

	if (!self)
		return 0;
	if (self->name)
		gs_err_set(err, EINVAL, "'%s' is this node, the leader (%s)", self->name,
			   self->host.text);
	else
		gs_err_set(err, EINVAL, "'%s' is this node, the leader", self->host.text);
	gs_err_cause(err, "HOST_IS_LEADER");
	return gs_err_advise(err, "name other nodes: this one uses '%s' itself",
			     draft->facts->path);
}

int gs_draft_clients(struct gs_draft *draft, struct gs_err *err)
{
	bool is_switch = draft->req->verb == GS_LEADER_SWITCH;

	if (is_switch && !draft->req->n_specs)
		return gs_draft_all(draft, err);
	for (size_t i = 0; i < draft->req->n_specs; i++) {
		const struct gs_client_spec *spec = &draft->req->spec[i];

		/*
		 * An entry that already names the host as a name is edited as that name. Offline a
		 * name without an entry is not known, and has nothing to be removed.
		 */
		bool as_it_is = spec->host.kind != GS_HOST_NAME || draft->facts->names_removed ||
				gs_draft_is_exported(draft, &spec->host) ||
				(draft->req->verb == GS_LEADER_REMOVE &&
				 !gs_names_find(&draft->facts->names, spec->host.text));
		int r = as_it_is ? gs_draft_add_client(draft, &spec->host, NULL, spec, err)
				 : add_named(draft, spec, err);

		if (r < 0)
			return r;
	}
	return is_switch ? gs_draft_known(draft, err) : check_self(draft, err);
}

static void describe_squash(const struct gs_draft *draft, const struct gs_client *client,
			    struct gs_str *out)
{
	const struct gs_account *owner = &draft->facts->owner;
	bool is_owner = owner->name && client->anonuid == owner->uid;
	gs_autofree char *who = is_owner ? gs_strdup(owner->name)
					 : gs_printf("%u", client->anonuid);

	switch (client->squash) {
	case GS_SQUASH_ALL:
		gs_str_addf(out, "all users mapped to %s", who);
		return;
	case GS_SQUASH_ROOT:
		gs_str_addf(out, "root mapped to %s, other users unchanged", who);
		return;
	case GS_SQUASH_NONE:
		gs_str_adds(out, "no user mapped, not even root (no_root_squash)");
		return;
	}
}

/* The spec of the client's entry; a switch changes only the access. */
static void spec_for(const struct gs_draft *draft, const struct gs_client *client,
		     const struct gs_export *entry, struct gs_exportspec *ret, struct gs_str *fsid)
{
	const struct gs_leader_req *req = draft->req;
	/* An existing follower that init does not name: only the options typed change its entry. */
	bool is_taken_along = client->spec == &draft->keep && draft->was_marked &&
			      !req->squash_given && !req->owner;

	*ret = draft->share;
	if (req->verb == GS_LEADER_SWITCH || is_taken_along) {
		gs_exportopts_spec(&entry->opts, ret, fsid);
		ret->fsid = fsid->len ? fsid->ptr : NULL;
	}
	ret->subtree_check = req->subtree == GS_SUBTREE_UNSAID
				     ? entry->opts.flags & GS_EXPORT_SUBTREE_CHECK
				     : draft->share.subtree_check;
	ret->crossmnt = req->crossmnt || entry->opts.flags & GS_EXPORT_CROSSMNT;
	ret->access = client->spec->access_given ? client->spec->access : client->before;
}

/* Edits an existing entry. Of a client in several files the first file's entry is edited. */
static int set_existing(struct gs_draft *draft, size_t d, size_t e, struct gs_err *err)
{
	const struct gs_export *entry = &draft->docs.v[d].entry[e];
	size_t at = gs_keymap_get(&draft->by_host, entry->host.text, "");
	GS_AUTO(gs_exportopts_done) struct gs_exportopts before = { 0 };
	gs_autostr struct gs_str fsid = { 0 };
	struct gs_client *client;
	struct gs_exportspec want;
	bool changed = false;

	if (at == GS_NO_KEY || strcmp(entry->path, draft->facts->path) != 0)
		return 0;
	client = &draft->client[at];
	if (client->is_set && client->doc != d)
		return 0;
	if (!client->is_set)
		client->before = gs_exportopts_access(&entry->opts);
	spec_for(draft, client, entry, &want, &fsid);
	client->is_set = true;
	client->doc = d;
	client->after = want.access;
	client->squash = want.squash;
	client->anonuid = want.anonuid;
	draft->moves_subtree |= want.subtree_check !=
				!!(entry->opts.flags & GS_EXPORT_SUBTREE_CHECK);
	draft->gains_crossmnt |= want.crossmnt && !(entry->opts.flags & GS_EXPORT_CROSSMNT);
	gs_exportopts_copy(&entry->opts, &before);
	if (gs_exports_set_entry(&draft->docs.v[d], e, client->name, &want, &changed, err) < 0)
		return gs_err_prefix(err, "%s", draft->facts->exports.v[d].path);
	client->changed |= changed;
	if (changed && gs_draft_check_block(draft, d, e, err) < 0)
		return err->code;
	return gs_draft_check_gain(draft, d, e, &before, err);
}

/* A host that a wider entry serves must not be cut off by one of its own. */
static void carry(const struct gs_draft *draft, struct gs_client *client,
		  struct gs_exports_new *new)
{
	const struct gs_export *serving = gs_draft_serving(draft, &client->host);

	if (!serving)
		return;
	gs_exportopts_carry(&serving->opts, &client->carried);
	new->more = client->carried.len ? client->carried.ptr : NULL;
	if (serving->opts.flags & GS_EXPORT_CROSSMNT)
		new->spec.crossmnt = true;
}

/* Adds all clients without an entry at once, so that the rest of the file is moved once. */
static int set_new(struct gs_draft *draft, struct gs_err *err)
{
	gs_autofree struct gs_exports_new *list = gs_alloc(draft->n * sizeof *list);
	size_t n = 0;

	for (size_t i = 0; i < draft->n; i++) {
		struct gs_client *client = &draft->client[i];
		struct gs_exports_new *new = &list[n];

		if (client->is_set)
			continue;
		*new = (struct gs_exports_new){
			.host = &client->host,
			.name = client->name,
			.spec = draft->share,
		};
		new->spec.access = client->spec->access;
		carry(draft, client, new);
		client->is_new = client->changed = true;
		client->doc = 0;
		client->before = client->after = new->spec.access;
		client->squash = new->spec.squash;
		client->anonuid = new->spec.anonuid;
		n++;
	}
	if (gs_exports_add(&draft->docs.v[0], draft->facts->path, list, n, err) < 0)
		return gs_err_prefix(err, "%s", draft->facts->exports.v[0].path);
	return 0;
}

/* "/etc/exports:9", in the files after the edit. */
static void find_places(struct gs_draft *draft)
{
	for (size_t d = 0; d < draft->docs.n; d++) {
		const struct gs_exports *doc = &draft->docs.v[d];
		gs_autofree size_t *number = gs_exports_line_numbers(doc);

		for (size_t e = 0; e < doc->n; e++) {
			size_t at = gs_keymap_get(&draft->by_host, doc->entry[e].host.text, "");

			if (at == GS_NO_KEY || draft->client[at].place ||
			    strcmp(doc->entry[e].path, draft->facts->path) != 0)
				continue;
			draft->client[at].place =
				gs_printf("%s:%zu", draft->facts->exports.v[d].path, number[e]);
		}
	}
}

static void tell_client(struct gs_draft *draft, const struct gs_client *client)
{
	gs_autostr struct gs_str squash = { 0 };
	const char *place = client->place ? client->place : "";

	describe_squash(draft, client, &squash);
	if (draft->req->verb == GS_LEADER_SWITCH && client->before == client->after)
		gs_plan_item(&draft->plan, '=', "export", "%s  %s already  %s", client->host.text,
			     gs_access_name(client->after), place);
	else if (client->is_new || client->before == client->after)
		gs_plan_item(&draft->plan, client->changed ? '+' : '=', "export", "%s  %s  %s  %s",
			     client->host.text, gs_access_name(client->after), squash.ptr, place);
	else
		gs_plan_item(&draft->plan, '+', "export", "%s  %s -> %s  %s", client->host.text,
			     gs_access_name(client->before), gs_access_name(client->after), place);
}

/* @gone: whether each client was removed from any file */
static bool is_gone(const struct gs_draft *draft, size_t i, const bool *gone)
{
	for (size_t d = 0; d < draft->docs.n; d++)
		if (gone[d * draft->n + i])
			return true;
	return false;
}

static void tell_removed(struct gs_draft *draft, size_t i, const bool *gone)
{
	const char *host = draft->client[i].host.text;

	for (size_t d = 0; d < draft->docs.n; d++)
		if (gone[d * draft->n + i])
			gs_plan_item(&draft->plan, '-', "export", "%s  %s", host,
				     draft->facts->exports.v[d].path);
	if (is_gone(draft, i, gone))
		return;
	if (gs_draft_is_active(draft, draft->facts->path, host))
		gs_plan_item(&draft->plan, '-', "export", "%s  in no file", host);
	else
		gs_plan_item(&draft->plan, '=', "export", "none to %s", host);
}

/* Of a name with several addresses one is enough. */
static bool is_any_gone(const struct gs_draft *draft, const struct gs_client *client,
			const bool *gone)
{
	for (size_t i = 0; i < draft->n; i++)
		if (draft->client[i].spec == client->spec &&
		    (is_gone(draft, i, gone) ||
		     gs_draft_is_active(draft, draft->facts->path, draft->client[i].host.text)))
			return true;
	return false;
}

static void tell_strangers(struct gs_draft *draft, const bool *gone)
{
	for (size_t i = 0; i < draft->n; i++)
		if (!is_any_gone(draft, &draft->client[i], gone))
			gs_draft_tell_stranger(draft, &draft->client[i].host);
}

static int remove_clients(struct gs_draft *draft, struct gs_err *err)
{
	gs_autofree bool *gone = gs_alloc(draft->docs.n * draft->n * sizeof *gone);

	if (gs_draft_check_blocks(draft, err) < 0)
		return err->code;
	for (size_t d = 0; d < draft->docs.n; d++)
		if (gs_exports_remove_hosts(&draft->docs.v[d], draft->facts->path, &draft->by_host,
					    gone + d * draft->n, err) < 0)
			return gs_err_prefix(err, "%s", draft->facts->exports.v[d].path);
	for (size_t i = 0; i < draft->n; i++)
		tell_removed(draft, i, gone);
	tell_strangers(draft, gone);
	return 0;
}

/*
 * init with another squash, owner, subtree_check or crossmnt changes existing followers of the
 * share too. So does the init that makes a share of a path: it has one squash then, for entries by
 * hand as well.
 */
static int add_others(struct gs_draft *draft, struct gs_err *err)
{
	if (!draft->req->squash_given && !draft->req->owner && gs_draft_is_marked(draft) &&
	    draft->req->subtree == GS_SUBTREE_UNSAID && !draft->req->crossmnt)
		return 0;
	for (size_t d = 0; d < draft->docs.n; d++) {
		const struct gs_export *entry;
		size_t at = 0;

		while ((entry = gs_exports_find(&draft->docs.v[d], draft->facts->path, NULL, &at)))
			if (gs_keymap_get(&draft->by_host, entry->host.text, "") == GS_NO_KEY &&
			    gs_draft_add_client(draft, &entry->host, NULL, &draft->keep, err) < 0)
				return err->code;
	}
	return 0;
}

static void tell_options(struct gs_draft *draft)
{
	static const char *const option[] = { "no_subtree_check", "subtree_check" };
	bool check = draft->share.subtree_check;

	if (draft->moves_subtree)
		gs_plan_item(&draft->plan, '+', "options", "%s -> %s", option[!check],
			     option[check]);
	if (draft->gains_crossmnt)
		gs_plan_item(&draft->plan, '+', "options", "nocrossmnt -> crossmnt");
}

/* One pass over existing entries, then the new ones: linear in the entries. */
static int set_clients(struct gs_draft *draft, struct gs_err *err)
{
	for (size_t d = 0; d < draft->docs.n; d++)
		for (size_t e = 0; e < draft->docs.v[d].n; e++)
			if (set_existing(draft, d, e, err) < 0)
				return err->code;
	if (set_new(draft, err) < 0)
		return err->code;
	find_places(draft);
	tell_options(draft);
	for (size_t i = 0; i < draft->n; i++)
		tell_client(draft, &draft->client[i]);
	return 0;
}

int gs_draft_edit(struct gs_draft *draft, struct gs_err *err)
{
	bool changed = false;

	draft->was_marked = gs_draft_is_marked(draft);
	if (draft->req->verb == GS_LEADER_INIT) {
		if (add_others(draft, err) < 0)
			return err->code;
		if (gs_exports_mark(&draft->docs.v[0], draft->facts->path, &changed, err) < 0)
			return gs_err_prefix(err, "%s", draft->facts->exports.v[0].path);
	}
	return draft->req->verb == GS_LEADER_REMOVE ? remove_clients(draft, err)
						    : set_clients(draft, err);
}
