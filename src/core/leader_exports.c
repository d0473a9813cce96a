/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "core/draft.h"
#include "core/report.h"

/* Who may use the share: the wishes as clients, and the files edited for them. */

/* Two words can be one host: a name and its address. */
int gs_draft_add_client(struct gs_draft *draft, const struct gs_hostspec *host, const char *name,
			const struct gs_wish *wish, struct gs_err *err)
{
	size_t twin = gs_keymap_get(&draft->by_host, host->text, "");
	struct gs_client *client;

	if (twin != GS_NO_KEY) {
		const struct gs_wish *other = draft->client[twin].wish;

		if (other->access == wish->access && other->access_given == wish->access_given)
			return 0;
		gs_err_set(err, GS_E_USAGE, "'%s' and '%s' are both %s, with different access",
			   other->host.text, wish->host.text, host->text);
		return gs_err_mend(err, "name it once: %s:ro or %s:rw", host->text, host->text);
	}
	gs_grow(&draft->client, draft->n, &draft->room, sizeof *draft->client);
	client = &draft->client[draft->n++];
	gs_hostspec_copy(host, &client->host);
	client->name = name;
	client->wish = wish;
	gs_keymap_put(&draft->by_host, client->host.text, "", draft->n - 1);
	return 0;
}

/* A name becomes its addresses: exportfs would ask the name server at every start. */
static int add_named(struct gs_draft *draft, const struct gs_wish *wish, struct gs_err *err)
{
	const struct gs_strs *addrs = gs_names_find(&draft->facts->names, wish->host.text);

	if (!addrs || !addrs->n) {
		gs_err_set(err, ENOENT, "'%s' does not resolve%s", wish->host.text,
			   draft->facts->offline ? " offline" : "");
		gs_err_cause(err, "NAME_UNKNOWN");
		return gs_err_mend(err, "give its address");
	}
	for (size_t i = 0; i < addrs->n; i++) {
		GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };

		if (gs_hostspec_parse(gs_span_of(addrs->v[i]), &host, err) < 0)
			return gs_err_prefix(err, "'%s' resolves to '%s'", wish->host.text,
					     addrs->v[i]);
		if (gs_draft_add_client(draft, &host, wish->host.text, wish, err) < 0)
			return err->code;
	}
	return 0;
}

bool gs_draft_is_exported(const struct gs_draft *draft, const struct gs_hostspec *host)
{
	for (size_t d = 0; d < draft->docs.n; d++) {
		size_t at = 0;

		if (gs_exports_find(&draft->docs.v[d], draft->facts->path, host, &at))
			return true;
	}
	return false;
}

int gs_draft_clients(struct gs_draft *draft, struct gs_err *err)
{
	bool is_switch = draft->req->verb == GS_LEADER_SWITCH;

	if (is_switch && !draft->req->n_wishes)
		return gs_draft_all(draft, err);
	for (size_t i = 0; i < draft->req->n_wishes; i++) {
		const struct gs_wish *wish = &draft->req->wish[i];

		/* An entry that already names the host as a name is edited as that name. */
		bool as_it_is = wish->host.kind != GS_HOST_NAME ||
				gs_draft_is_exported(draft, &wish->host);
		int r = as_it_is ? gs_draft_add_client(draft, &wish->host, NULL, wish, err)
				 : add_named(draft, wish, err);

		if (r < 0)
			return r;
	}
	return is_switch ? gs_draft_known(draft, err) : 0;
}

/* The document and entry where a client stands, else the file that is edited. */
static struct gs_exports *doc_of(struct gs_draft *draft, const struct gs_hostspec *host,
				 const struct gs_export **ret_entry, size_t *ret_index)
{
	for (size_t d = 0; d < draft->docs.n; d++) {
		size_t at = 0;

		*ret_entry = gs_exports_find(&draft->docs.v[d], draft->facts->path, host, &at);
		*ret_index = d;
		if (*ret_entry)
			return &draft->docs.v[d];
	}
	*ret_index = 0;
	return &draft->docs.v[0];
}

static void describe_squash(const struct gs_draft *draft, struct gs_str *out)
{
	switch (draft->share.squash) {
	case GS_SQUASH_ALL:
		gs_str_addf(out, "everyone acts as %s", draft->facts->owner.name);
		return;
	case GS_SQUASH_ROOT:
		gs_str_addf(out, "root acts as %s, others as themselves", draft->facts->owner.name);
		return;
	case GS_SQUASH_NONE:
		gs_str_adds(out, "everyone acts as themselves, root included");
		return;
	}
}

/* "/etc/exports:9", as the file will be. */
static char *place_of(struct gs_draft *draft, const struct gs_hostspec *host)
{
	const struct gs_export *entry = NULL;
	size_t d = 0;
	struct gs_exports *doc = doc_of(draft, host, &entry, &d);

	return gs_printf("%s:%zu", draft->facts->exports.v[d].path,
			 entry ? gs_exports_line_number(doc, entry) : 0);
}

/* @wish: NULL keeps the access that the entry gives */
static int set_client(struct gs_draft *draft, const struct gs_hostspec *host, const char *name,
		      const struct gs_wish *wish, bool *ret_new, struct gs_err *err)
{
	gs_autostr struct gs_str squash = { 0 }, fsid = { 0 };
	gs_autofree char *place = NULL;
	struct gs_exportwish want = draft->share;
	const struct gs_export *entry = NULL;
	size_t d = 0;
	struct gs_exports *doc = doc_of(draft, host, &entry, &d);
	bool is_new = !entry, changed = false;
	enum gs_access before = is_new ? GS_ACCESS_RW : gs_exportopts_access(&entry->opts);

	/* A switch changes the access of an entry and nothing else. */
	if (entry && draft->req->verb == GS_LEADER_SWITCH) {
		gs_exportopts_wish(&entry->opts, &want, &fsid);
		want.fsid = fsid.len ? fsid.ptr : NULL;
	}
	want.access = wish && (wish->access_given || is_new) ? wish->access : before;
	if (gs_exports_set(doc, draft->facts->path, host, name, &want, &changed, err) < 0)
		return gs_err_prefix(err, "%s", draft->facts->exports.v[d].path);
	place = place_of(draft, host);
	describe_squash(draft, &squash);
	if (draft->req->verb == GS_LEADER_SWITCH && before == want.access)
		gs_plan_item(&draft->plan, '=', "export", "%s  %s already  %s", host->text,
			     gs_access_name(want.access), place);
	else if (is_new || before == want.access)
		gs_plan_item(&draft->plan, changed ? '+' : '=', "export", "%s  %s  %s  %s",
			     host->text, gs_access_name(want.access), squash.ptr, place);
	else
		gs_plan_item(&draft->plan, '+', "export", "%s  %s -> %s  %s", host->text,
			     gs_access_name(before), gs_access_name(want.access), place);
	*ret_new = is_new;
	return 0;
}

static int remove_client(struct gs_draft *draft, const struct gs_hostspec *host, struct gs_err *err)
{
	bool any = false;

	for (size_t d = 0; d < draft->docs.n; d++) {
		bool changed = false;

		if (gs_exports_remove(&draft->docs.v[d], draft->facts->path, host, &changed, err) <
		    0)
			return gs_err_prefix(err, "%s", draft->facts->exports.v[d].path);
		any |= changed;
		if (changed)
			gs_plan_item(&draft->plan, '-', "export", "%s  %s", host->text,
				     draft->facts->exports.v[d].path);
	}
	if (!any)
		gs_plan_item(&draft->plan, '=', "export", "none to %s", host->text);
	return 0;
}

/* init with another squash, owner or confine moves the share's followers that are there already. */
static int set_others(struct gs_draft *draft, struct gs_err *err)
{
	if (!draft->req->squash_given && !draft->req->owner && !draft->req->confine)
		return 0;
	for (size_t d = 0; d < draft->docs.n; d++) {
		GS_AUTO(gs_strs_done) struct gs_strs hosts = { 0 };

		for (size_t i = 0; i < draft->docs.v[d].n; i++)
			if (!strcmp(draft->docs.v[d].entry[i].path, draft->facts->path))
				gs_strs_add(&hosts, draft->docs.v[d].entry[i].host.text);
		for (size_t i = 0; i < hosts.n; i++) {
			GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };
			bool is_new;

			gs_hostspec_read(gs_span_of(hosts.v[i]), &host);
			if (gs_keymap_get(&draft->by_host, host.text, "") == GS_NO_KEY &&
			    set_client(draft, &host, NULL, NULL, &is_new, err) < 0)
				return err->code;
		}
	}
	return 0;
}

bool gs_draft_is_marked(const struct gs_draft *draft)
{
	for (size_t d = 0; d < draft->docs.n; d++)
		if (gs_exports_is_marked(&draft->docs.v[d], draft->facts->path))
			return true;
	return false;
}

int gs_draft_edit(struct gs_draft *draft, struct gs_err *err)
{
	bool changed = false;

	if (draft->req->verb == GS_LEADER_INIT) {
		if (set_others(draft, err) < 0)
			return err->code;
		if (gs_exports_mark(&draft->docs.v[0], draft->facts->path, &changed, err) < 0)
			return gs_err_prefix(err, "%s", draft->facts->exports.v[0].path);
	}
	for (size_t i = 0; i < draft->n; i++) {
		struct gs_client *client = &draft->client[i];
		int r = draft->req->verb == GS_LEADER_REMOVE
				? remove_client(draft, &client->host, err)
				: set_client(draft, &client->host, client->name, client->wish,
					     &client->is_new, err);

		if (r < 0)
			return r;
	}
	return 0;
}
