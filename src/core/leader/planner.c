/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/leader/planner.h"

#include "core/leader/request.h"
#include "core/share/names.h"

void gs_draft_index(struct gs_draft *draft)
{
	const struct gs_names *names = &draft->facts->names;

	for (size_t i = 0; i < names->n; i++)
		gs_keymap_put(&draft->names, names->v[i].name, "", i);
	for (size_t d = 0; d < draft->docs.n; d++) {
		const struct gs_export *entry;
		size_t at = 0;

		while ((entry = gs_exports_find(&draft->docs.v[d], draft->facts->path, NULL, &at)))
			gs_keymap_put(&draft->exported, entry->host.text, "", d);
	}
}

const struct gs_strs *gs_draft_addrs(const struct gs_draft *draft, const char *name)
{
	size_t i = gs_keymap_get(&draft->names, name, "");

	return i == GS_NO_KEY ? NULL : &draft->facts->names.v[i].addrs;
}

/* Two arguments can be the same host: a name and its address. */
int gs_draft_add_client(struct gs_draft *draft, const struct gs_hostspec *host, const char *name,
			const struct gs_client_spec *spec, struct gs_err *err)
{
	size_t duplicate = gs_keymap_get(&draft->by_host, host->text, "");
	struct gs_client *client;

	if (duplicate != GS_NO_KEY) {
		const struct gs_client_spec *other = draft->client[duplicate].spec;

		if (other->access == spec->access && other->access_given == spec->access_given)
			return 0;
		gs_err_set(err, GS_E_USAGE, "'%s' and '%s' are both %s, with different access",
			   other->host.text, spec->host.text, host->text);
		return gs_err_advise(err, "specify it once: %s:ro or %s:rw", host->text,
				     host->text);
	}
	gs_grow(&draft->client, draft->n, &draft->room, sizeof *draft->client);
	client = &draft->client[draft->n++];
	gs_hostspec_copy(host, &client->host);
	client->name = name;
	client->spec = spec;
	gs_keymap_put(&draft->by_host, client->host.text, "", draft->n - 1);
	return 0;
}

const struct gs_export *gs_draft_serving(const struct gs_draft *draft,
					 const struct gs_hostspec *host)
{
	const struct gs_export *found = NULL, *entry;

	for (size_t i = 0; i < draft->docs.n; i++) {
		const struct gs_exports *doc =
			&draft->docs.v[gs_docs_at(&draft->facts->exports, i)];
		size_t at = 0;

		while ((entry = gs_exports_find(doc, draft->facts->path, NULL, &at))) {
			unsigned rank = gs_host_rank(&entry->host);

			if (rank > gs_host_rank(host) && entry->is_readable &&
			    (!found || rank < gs_host_rank(&found->host)) &&
			    gs_hostspec_covers(&entry->host, host))
				found = entry;
		}
	}
	return found;
}

bool gs_draft_is_exported(const struct gs_draft *draft, const struct gs_hostspec *host)
{
	return gs_keymap_get(&draft->exported, host->text, "") != GS_NO_KEY;
}

bool gs_draft_is_marked(const struct gs_draft *draft)
{
	for (size_t d = 0; d < draft->docs.n; d++)
		if (gs_exports_is_marked(&draft->docs.v[d], draft->facts->path))
			return true;
	return false;
}
