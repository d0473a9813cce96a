/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "core/check/entry_edit.h"
#include "core/check/row.h"
#include "core/check/served.h"
#include "core/exports/exports.h"

/*
 * Two directories that are exported with one fsid=: it is all that a client's file handles have of
 * their export, so that mountd takes both for the first that it finds, in no order that is
 * promised. nfs-utils utils/mountd/cache.c nfsd_fh().
 */

static bool have_clients_in_common(const struct gs_export *a, const struct gs_export *b)
{
	return gs_hostspec_is_same(&a->host, &b->host) || gs_hostspec_covers(&a->host, &b->host) ||
	       gs_hostspec_covers(&b->host, &a->host);
}

/* Two roots of NFSv4 have findings of their own. */
static bool is_twin(const struct gs_export *a, const struct gs_export *b)
{
	const struct gs_exportopts *x = &a->opts, *y = &b->opts;
	bool has_number = x->has_fsid && y->has_fsid && x->fsid && x->fsid == y->fsid;
	bool has_uuid = x->uuid && y->uuid && !strcmp(x->uuid, y->uuid);

	return strcmp(a->path, b->path) != 0 && (has_number || has_uuid) &&
	       have_clients_in_common(a, b);
}

static const struct gs_export *twin_of(const struct gs_exports *etab, const struct gs_export *entry)
{
	for (size_t i = 0; i < etab->n; i++)
		if (is_twin(entry, &etab->entry[i]))
			return &etab->entry[i];
	return NULL;
}

/* The first entry of the share with a twin, and that one; false: there is none. */
static bool find(const struct gs_served_fact *fact, const struct gs_export **ret_own,
		 const struct gs_export **ret_twin)
{
	size_t at = 0;

	*ret_twin = NULL;
	while (!*ret_twin && fact->etab &&
	       (*ret_own = gs_exports_find(fact->etab, fact->path, NULL, &at)))
		*ret_twin = twin_of(fact->etab, *ret_own);
	return *ret_twin;
}

static bool is_shared(const struct gs_facts *facts, bool changes)
{
	const struct gs_export *own, *twin;

	return facts->served->changes == changes && find(facts->served, &own, &twin);
}

static bool is_shared_now(const struct gs_facts *facts)
{
	return is_shared(facts, false);
}

/* It was so before the run, too. */
static bool is_shared_anyhow(const struct gs_facts *facts)
{
	return is_shared(facts, true);
}

static void say_shared(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_export *own, *twin;

	if (!find(facts->served, &own, &twin))
		return;
	gs_str_addf(out, "'%s' and '%s' are exported to %s with the same fsid=", own->path,
		    twin->path, twin->host.text[0] ? twin->host.text : "*");
	if (own->opts.uuid)
		gs_str_adds(out, own->opts.uuid);
	else
		gs_str_addf(out, "%u", own->opts.fsid);
	gs_str_adds(out, ": clients of both get one of them for the other");
}

/* The next number that no active entry has. */
static uint32_t free_number(const struct gs_exports *etab, uint32_t fsid)
{
	bool is_taken = true;

	while (is_taken) {
		is_taken = !++fsid;
		for (size_t i = 0; i < etab->n && !is_taken; i++)
			is_taken = etab->entry[i].opts.has_fsid && etab->entry[i].opts.fsid == fsid;
	}
	return fsid;
}

/* The share's own followers keep their file handles. */
static void part(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_autostr struct gs_str command = { 0 };
	const struct gs_export *own, *twin;

	if (!find(facts->served, &own, &twin))
		return;
	if (twin->opts.has_fsid) {
		gs_autofree char *was = gs_printf("fsid=%u", twin->opts.fsid);
		gs_autofree char *is = gs_printf("fsid=%u",
						 free_number(facts->served->etab, twin->opts.fsid));

		gs_entries_edit(facts->served, twin->path, was, is, &command);
	}
	if (command.len)
		gs_str_add(gs_fix_here(out, ""), gs_str_span(&command));
	else
		gs_fix_advise(out, "give '%s' another fsid=", twin->path);
	gs_fix_advise(out, "clients have to mount '%s' again then", twin->path);
}

#define FSID(ID, MEANING, SEVERITY, ...)                                                           \
	{                                                                                          \
		ID, MEANING, GS_ON_LEADER, GS_GIVEN(SERVED), SEVERITY, __VA_ARGS__                 \
	}

const struct gs_check gs_checks_fsid[] = {
	FSID("FSID_SHARED", "Two directories are exported to one client with the same fsid=.",
	     GS_FAIL, is_shared_now, .message = say_shared, .fix = part),
	FSID("FSID_SHARED", NULL, GS_WARN, is_shared_anyhow, .message = say_shared, .fix = part),
	{ 0 },
};
