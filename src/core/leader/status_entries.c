/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/leader/status_entries.h"

#include "base/strmap.h"
#include "core/check/check.h"
#include "core/exports/script.h"
#include "core/share/names.h"

/* The entries of a share, in the files and active, compared with each other. */

/* @seen: the share's followers by their text; borrows from the parsed files */
static struct gs_follower_status *follower_of(struct gs_share_status *share, struct gs_keymap *seen,
					      const struct gs_hostspec *host)
{
	size_t i = gs_keymap_put(seen, host->text, "", share->n);
	struct gs_follower_status *follower;

	if (i < share->n)
		return &share->follower[i];
	gs_grow(&share->follower, share->n, &share->room, sizeof *share->follower);
	follower = &share->follower[share->n++];
	gs_hostspec_copy(host, &follower->host);
	return follower;
}

/* struct listing - the entries of one share, in the files and active, while they are compared */
struct listing {
	struct gs_leader_status *status;
	struct gs_share_status *share;
	const struct gs_docs *docs;
	const struct gs_exports *etab;
	struct gs_keymap seen;	 /* followers of the share by their text */
	struct gs_keymap lives;	 /* entries of etab by path and client */
	struct gs_keymap listed; /* clients of the share in the files, with their entries */
	struct gs_keymap addrs;	 /* of the clients in the files */
	struct gs_strs mistyped; /* active clients that an entry of a file probably means */
	bool is_cut; /* exportfs drops a part of the files: nobody knows what is in them */
};

static void listing_done(struct listing *listing)
{
	gs_keymap_done(&listing->seen);
	gs_keymap_done(&listing->lives);
	gs_keymap_done(&listing->listed);
	gs_keymap_done(&listing->addrs);
	gs_strs_done(&listing->mistyped);
}

/* The findings of an entry of a file, of nfsd, or of both; if no server runs nothing is active. */
static void judge_entry(struct listing *listing, struct gs_entry_fact *entry)
{
	struct gs_leader_status *status = listing->status;
	const struct gs_facts facts = { .entry = entry };

	if (!status->facts.server.threads)
		return;
	entry->path = listing->share->path;
	entry->several = status->facts.roots.n > 1;
	if (gs_checks_run(&facts, GS_FAIL, &status->findings))
		listing->share->healthy = false;
}

/* A name that resolves to nothing, where the name server answered. */
static bool is_unknown(const struct gs_leader_status *status, const struct gs_hostspec *host)
{
	const struct gs_strs *addrs;

	if (host->kind != GS_HOST_NAME || status->facts.names.silent)
		return false;
	addrs = gs_names_find(&status->facts.names, host->text);
	return !addrs || !addrs->n;
}

/*
 * The active client that a client of the files, which is not active, was probably meant to be: it
 * looks like it, and is in no file. NULL where there is none, or several.
 */
static const char *find_mistyped(const struct listing *listing, const struct gs_hostspec *host)
{
	const char *found = NULL;
	const struct gs_export *entry;
	size_t at = 0;

	while ((entry = gs_exports_find(listing->etab, listing->share->path, NULL, &at))) {
		if (!gs_hostspec_is_near(&entry->host, host) || gs_hostspec_is_wide(&entry->host) ||
		    gs_keymap_get(&listing->listed, entry->host.text, "") != GS_NO_KEY)
			continue;
		if (found)
			return NULL;
		found = entry->host.text;
	}
	return found;
}

/* The n-th entry of the share in the files, from 0. */
static const struct gs_export *entry_at(const struct listing *listing, size_t n, size_t *ret_doc)
{
	for (size_t d = 0; d < listing->docs->n; d++) {
		const struct gs_export *entry;
		size_t at = 0;

		while ((entry = gs_exports_find(&listing->docs->v[d], listing->share->path, NULL,
						&at))) {
			*ret_doc = d;
			if (!n--)
				return entry;
		}
	}
	return NULL;
}

/* An earlier entry for the same host, by its addresses; the n-th has that one's effect. */
static void find_same(struct listing *listing, const struct gs_hostspec *host, size_t n,
		      struct gs_entry_fact *entry)
{
	size_t first = gs_names_same(&listing->status->facts.names, host, n, &listing->addrs);
	size_t d = 0;
	const struct gs_export *other = first == n ? NULL : entry_at(listing, first, &d);

	if (!other)
		return;
	entry->same = other->host.text;
	entry->same_file = listing->status->facts.exports.v[d].path;
	entry->same_number = other->number;
}

/* Compares an entry of the files with the active one of the same host. */
static void compare(struct listing *listing, size_t d, size_t n, const struct gs_export *configured,
		    const struct gs_export *live)
{
	struct gs_follower_status *follower = follower_of(listing->share, &listing->seen,
							  &configured->host);
	gs_autofree char *script = NULL, *written = NULL;
	struct gs_entry_fact entry = {
		.host = configured->host.text,
		.configured = &configured->opts,
		.active = live ? &live->opts : NULL,
		.file = listing->status->facts.exports.v[d].path,
		.number = configured->number,
		.is_unknown = is_unknown(listing->status, &configured->host),
		.is_wide = gs_hostspec_is_wide(&configured->host),
		.mistyped = live ? NULL : find_mistyped(listing, &configured->host),
	};

	find_same(listing, &configured->host, n, &entry);
	follower->configured = true;
	follower->configured_access = gs_exportopts_access(&configured->opts);
	follower->active = live != NULL;
	if (live)
		follower->active_access = gs_exportopts_access(&live->opts);
	if (entry.mistyped) {
		written = gs_span_dup(gs_exports_host(&listing->docs->v[d], configured));
		gs_strs_add(&listing->mistyped, entry.mistyped);
		if (configured->has_options)
			entry.script = script = gs_exports_script_host(entry.number, written,
								       entry.mistyped);
	}
	judge_entry(listing, &entry);
}

/* exportfs uses the first of two entries; gs_lines_judge() reports the second. */
static void take_files(struct listing *listing)
{
	for (size_t d = 0, n = 0; d < listing->docs->n; d++) {
		const struct gs_export *entry;
		size_t at = 0;

		while ((entry = gs_exports_find(&listing->docs->v[d], listing->share->path, NULL,
						&at))) {
			size_t e = gs_keymap_get(&listing->lives, entry->path, entry->host.text);

			if (gs_keymap_get(&listing->listed, entry->host.text, "") == n++)
				compare(listing, d, n - 1, entry,
					e == GS_NO_KEY ? NULL : &listing->etab->entry[e]);
		}
	}
}

/* Entries that are active but not listed in a file: the next exportfs -ra removes them. */
static void take_etab(struct listing *listing)
{
	const struct gs_export *live;
	size_t at = 0;

	while ((live = gs_exports_find(listing->etab, listing->share->path, NULL, &at))) {
		struct gs_follower_status *follower = follower_of(listing->share, &listing->seen,
								  &live->host);
		struct gs_entry_fact entry = { .host = live->host.text,
					       .active = &live->opts,
					       .is_wide = gs_hostspec_is_wide(&live->host) };

		if (follower->configured)
			continue;
		follower->active = true;
		follower->active_access = gs_exportopts_access(&live->opts);
		if (!listing->is_cut && !gs_strs_has(&listing->mistyped, live->host.text))
			judge_entry(listing, &entry);
	}
}

static void list_all(struct listing *listing)
{
	for (size_t e = 0; e < listing->etab->n; e++)
		gs_keymap_put(&listing->lives, listing->etab->entry[e].path,
			      listing->etab->entry[e].host.text, e);
	for (size_t d = 0, n = 0; d < listing->docs->n; d++) {
		const struct gs_export *entry;
		size_t at = 0;

		listing->is_cut |= gs_exports_fatal(&listing->docs->v[d]) != NULL;
		while ((entry = gs_exports_find(&listing->docs->v[d], listing->share->path, NULL,
						&at)))
			gs_keymap_put(&listing->listed, entry->host.text, "", n++);
	}
}

void gs_status_entries(struct gs_leader_status *status, struct gs_share_status *share,
		       const struct gs_docs *docs, const struct gs_exports *etab)
{
	GS_AUTO(listing_done)
	struct listing listing = { status, share, .docs = docs, .etab = etab };

	list_all(&listing);
	take_files(&listing);
	take_etab(&listing);
}
