/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/check/check.h"
#include "core/server/knfsd_parts.h"
#include "core/share/names.h"

/*
 * Several entries of a share can cover one host. By the rule of exportfs and mountd the narrowest
 * is not always the one that counts: reported where an entry is added.
 */

enum { NAMED_MAX = 4 };

/* An entry of the share in the edited files, and its position in the order of exportfs. */
struct stand {
	const struct gs_export *entry;
	size_t order;
};

struct stands {
	struct stand *v;
	size_t n, room;
};

static void stands_done(struct stands *stands)
{
	free(stands->v);
}

static void collect(const struct gs_draft *draft, struct stands *all, struct stands *wide)
{
	for (size_t i = 0; i < draft->docs.n; i++) {
		const struct gs_exports *doc =
			&draft->docs.v[gs_docs_at(&draft->facts->exports, i)];
		const struct gs_export *entry;
		size_t at = 0;

		while ((entry = gs_exports_find(doc, draft->facts->path, NULL, &at))) {
			struct stands *lists[] = { all, wide };
			struct stand stand = { entry, all->n };

			for (size_t k = 0; k < (gs_host_rank(&entry->host) ? 2U : 1U); k++) {
				gs_grow(&lists[k]->v, lists[k]->n, &lists[k]->room,
					sizeof *lists[k]->v);
				lists[k]->v[lists[k]->n++] = stand;
			}
		}
	}
}

static const char *access_of(const struct stand *stand)
{
	return gs_access_name(gs_exportopts_access(&stand->entry->opts));
}

static bool is_new(const struct gs_draft *draft, const struct gs_hostspec *host)
{
	size_t at = gs_keymap_get(&draft->by_host, host->text, "");

	return at != GS_NO_KEY && draft->client[at].is_new;
}

static void tell(struct gs_draft *draft, const struct gs_overlap_fact *overlap)
{
	const struct gs_facts facts = { .overlap = overlap };

	gs_checks_run(&facts, GS_WARN, &draft->plan.findings);
}

/* The first option, beside the access, in which the new entry differs from the one until now. */
static void add_difference(const struct gs_draft *draft, const struct gs_client *client,
			   const struct gs_export *other, struct gs_str *out)
{
	GS_AUTO(gs_exportopts_done) struct gs_exportopts was = { 0 };
	const struct gs_exports *doc = &draft->docs.v[client->doc];
	size_t at = 0;
	const struct gs_export *own = gs_exports_find(doc, draft->facts->path, &client->host, &at);
	unsigned ro;

	if (!own)
		return;
	ro = own->opts.flags & GS_EXPORT_RO;
	gs_exportopts_copy(&other->opts, &was);
	was.flags = (was.flags & ~(unsigned)GS_EXPORT_RO) | ro;
	for (unsigned i = 0; i < was.sec_n; i++)
		was.sec[i].flags = (was.sec[i].flags & ~(unsigned)GS_EXPORT_RO) | ro;
	gs_exportopts_difference(&own->opts, &was, out);
}

/* A single host inside networks: its own entry counts. */
static void tell_host(struct gs_draft *draft, const struct gs_client *client)
{
	const struct gs_export *other = gs_draft_serving(draft, &client->host);
	gs_autostr struct gs_str differs = { 0 };

	if (!other)
		return;
	add_difference(draft, client, other, &differs);
	tell(draft, &(struct gs_overlap_fact){
			    .kind = GS_OVERLAP_HOST,
			    .this = client->host.text,
			    .other = other->host.text,
			    .other_access = gs_access_name(gs_exportopts_access(&other->opts)),
			    .access = gs_access_name(client->after),
			    .carried = client->carried.len ? client->carried.ptr : NULL,
			    .differs = differs.len ? differs.ptr : NULL });
}

/* A network that contains hosts with entries of their own. */
static void tell_hosts(struct gs_draft *draft, const struct gs_client *client,
		       const struct stands *all)
{
	gs_autostr struct gs_str list = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct gs_export *entry = all->v[i].entry;

		/* For new hosts tell_host() reports it. */
		if (gs_host_rank(&entry->host) || is_new(draft, &entry->host) ||
		    !gs_hostspec_covers(&client->host, &entry->host))
			continue;
		if (n++ < NAMED_MAX)
			gs_str_addf(&list, "%s%s %s", n > 1 ? ", " : "", entry->host.text,
				    access_of(&all->v[i]));
	}
	if (n > NAMED_MAX)
		gs_str_addf(&list, " and %zu more", n - NAMED_MAX);
	if (n)
		tell(draft, &(struct gs_overlap_fact){ .kind = GS_OVERLAP_HOSTS,
						       .this = client->host.text,
						       .other = list.ptr });
}

/* Two networks, or a network and a wildcard: the kind decides, then the order in the files. */
static void tell_wide(struct gs_draft *draft, const struct gs_client *client,
		      const struct stands *wide)
{
	const struct stand *own = NULL;

	for (size_t i = 0; i < wide->n && !own; i++)
		if (gs_hostspec_is_same(&wide->v[i].entry->host, &client->host))
			own = &wide->v[i];
	for (size_t i = 0; own && i < wide->n; i++) {
		const struct stand *other = &wide->v[i], *first = own;
		unsigned a = gs_host_rank(&client->host), b = gs_host_rank(&other->entry->host);

		if (gs_hostspec_is_same(&other->entry->host, &client->host) ||
		    (is_new(draft, &other->entry->host) && other->order > own->order) ||
		    (!gs_hostspec_covers(&other->entry->host, &client->host) &&
		     !gs_hostspec_covers(&client->host, &other->entry->host)))
			continue;
		if (b < a || (b == a && other->order < own->order))
			first = other;
		tell(draft, &(struct gs_overlap_fact){
				    .kind = GS_OVERLAP_NETWORKS,
				    .this = client->host.text,
				    .other = other->entry->host.text,
				    .counts = first->entry->host.text,
				    .access = access_of(first),
				    .is_by_place = a == b,
				    .carried = first == own && a < b && client->carried.len
						       ? client->carried.ptr
						       : NULL });
	}
}

void gs_draft_tell_overlaps(struct gs_draft *draft)
{
	GS_AUTO(stands_done) struct stands all = { 0 }, wide = { 0 };

	collect(draft, &all, &wide);
	for (size_t i = 0; i < draft->n; i++) {
		const struct gs_client *client = &draft->client[i];

		if (!client->is_new)
			continue;
		if (!gs_host_rank(&client->host)) {
			tell_host(draft, client);
			continue;
		}
		tell_hosts(draft, client, &all);
		tell_wide(draft, client, &wide);
	}
}

/* ---- one share inside another ------------------------------------------------------------ */

/* The followers, "10.0.0.1, 10.0.0.2 and 3 more"; @ret_crosses: an entry has crossmnt. */
static void add_followers(const struct gs_draft *draft, const char *share, struct gs_str *out,
			  bool *ret_crosses)
{
	size_t n = 0;

	for (size_t d = 0; d < draft->docs.n; d++) {
		const struct gs_export *entry;
		size_t at = 0;

		while ((entry = gs_exports_find(&draft->docs.v[d], share, NULL, &at))) {
			*ret_crosses |= entry->opts.flags & GS_EXPORT_CROSSMNT;
			if (n++ < NAMED_MAX)
				gs_str_addf(out, "%s%s", n > 1 ? ", " : "", entry->host.text);
		}
	}
	if (n > NAMED_MAX)
		gs_str_addf(out, " and %zu more", n - NAMED_MAX);
	if (!n)
		gs_str_adds(out, "none yet");
}

/* Is there a mount point between the outer share and this one? */
static bool is_mounted_below(const struct gs_draft *draft, const char *share)
{
	const struct gs_path_inodes *ancestors = &draft->facts->ancestors;

	for (size_t i = 0; i < ancestors->n; i++)
		if (ancestors->v[i].inode.is_mount_point &&
		    gs_path_is_below(ancestors->v[i].path, share))
			return true;
	return false;
}

/*
 * nfsd applies the export through which a client came in until a path crosses to another file
 * system: access, owner and squash of the inner share's entries do not apply there.
 * Source: fs/nfsd/vfs.c nfsd_lookup_dentry(), nfsd_mountpoint().
 */
static void tell_nested(struct gs_draft *draft, const char *other)
{
	const char *path = draft->facts->path;
	gs_autostr struct gs_str who = { 0 };
	bool crosses = false;

	if (gs_path_is_below(path, other)) {
		add_followers(draft, other, &who, &crosses);
		if (crosses || !is_mounted_below(draft, other))
			tell(draft, &(struct gs_overlap_fact){ .kind = GS_OVERLAP_INSIDE,
							       .this = path,
							       .other = other,
							       .access = who.ptr });
	} else if (gs_path_is_below(other, path)) {
		tell(draft, &(struct gs_overlap_fact){
				    .kind = GS_OVERLAP_AROUND, .this = path, .other = other });
	}
}

void gs_draft_tell_nested(struct gs_draft *draft)
{
	GS_AUTO(gs_strs_done) struct gs_strs told = { 0 };

	if (draft->req->verb != GS_LEADER_INIT)
		return;
	for (size_t d = 0; d < draft->docs.n; d++)
		for (size_t i = 0; i < draft->docs.v[d].marks; i++) {
			const char *other = draft->docs.v[d].mark[i].path;

			if (gs_strs_has(&told, other))
				continue;
			gs_strs_add(&told, other);
			tell_nested(draft, other);
		}
}

/* ---- one client, spelled in two ways ----------------------------------------------------- */

static const struct gs_file *file_of(const struct gs_draft *draft, const struct gs_export *entry,
				     struct gs_span *ret_spelling)
{
	for (size_t d = 0; d < draft->docs.n; d++) {
		const struct gs_exports *doc = &draft->docs.v[d];

		if (entry < doc->entry || entry >= doc->entry + doc->n)
			continue;
		*ret_spelling = gs_exports_host(doc, entry);
		return &draft->facts->exports.v[d];
	}
	return NULL;
}

static int check_duplicates(const struct gs_draft *draft, const struct gs_export *a,
			    const struct gs_export *b, struct gs_err *err)
{
	gs_autostr struct gs_str what = { 0 }, safe_a = { 0 }, safe_b = { 0 };
	struct gs_span text_a = { 0 }, text_b = { 0 };
	const struct gs_file *in_a = file_of(draft, a, &text_a), *in_b = file_of(draft, b, &text_b);

	if (!in_a || !in_b || !gs_exports_are_apart(text_a, text_b) ||
	    !gs_exportopts_difference(&b->opts, &a->opts, &what))
		return 0;
	gs_str_add_safe(&safe_a, text_a);
	gs_str_add_safe(&safe_b, text_b);
	gs_err_set(err, EEXIST, "%s:%zu: '%s' is exported to '%s', which %s:%zu calls '%s': %s",
		   in_b->path, b->number, b->path, safe_b.ptr, in_a->path, a->number, safe_a.ptr,
		   what.ptr);
	gs_err_cause(err, "EXPORTS_DUPLICATE");
	return gs_err_advise(
		err,
		"remove one of the two, since exportfs would apply both, then run the command "
		"again");
}

/* A name and its address: exportfs would leave out the second, without a word in its status. */
static int refuse_same(const struct gs_draft *draft, const struct gs_export *a,
		       const struct gs_export *b, struct gs_err *err)
{
	struct gs_span text = { 0 };
	const struct gs_file *in_a = file_of(draft, a, &text), *in_b = file_of(draft, b, &text);

	const struct gs_entry_fact entry = {
		.path = b->path,
		.host = b->host.text,
		.configured = &b->opts,
		.several = true,
		.file = in_b ? in_b->path : NULL,
		.number = b->number,
		.same = a->host.text,
		.same_file = in_a ? in_a->path : NULL,
		.same_number = a->number,
	};
	const struct gs_facts facts = { .entry = &entry };
	GS_AUTO(gs_findings_done) struct gs_findings none = { 0 };

	return in_a && in_b ? gs_checks_refuse(&facts, &none, err) : 0;
}

int gs_draft_check_duplicates(const struct gs_draft *draft, struct gs_err *err)
{
	GS_AUTO(stands_done) struct stands all = { 0 }, wide = { 0 };
	GS_AUTO(gs_keymap_done) struct gs_keymap seen = { 0 }, addrs = { 0 };

	collect(draft, &all, &wide);
	for (size_t i = 0; i < all.n; i++) {
		const struct gs_export *entry = all.v[i].entry;
		size_t first = gs_keymap_put(&seen, entry->host.text, "", i), same;

		if (first != i && check_duplicates(draft, all.v[first].entry, entry, err) < 0)
			return err->code;
		same = gs_names_same(&draft->facts->names, &entry->host, i, &addrs);
		if (first == i && same != i &&
		    refuse_same(draft, all.v[same].entry, entry, err) < 0)
			return err->code;
	}
	return 0;
}
