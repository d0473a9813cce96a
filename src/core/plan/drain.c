/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/plan/drain.h"

#include <stdlib.h>
#include <string.h>

#include "base/strmap.h"
#include "core/exports/docs.h"
#include "core/exports/exports.h"
#include "core/exports/nfsd_peers.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/share/names.h"
#include "core/step/step.h"

/* One client of the share, and the access that its entry grants. */
struct grant {
	struct gs_hostspec host;
	const struct gs_exportopts *opts;
};

/* The share's entries at one time, in the order of exportfs. */
struct side {
	struct grant *v;
	size_t n, room;
	size_t *wide; /* indices of clients that are not a single host */
	size_t n_wide, room_wide;
	struct gs_keymap by_host;
};

static void side_done(struct side *side)
{
	for (size_t i = 0; i < side->n; i++)
		gs_hostspec_done(&side->v[i].host);
	free(side->v);
	free(side->wide);
	gs_keymap_done(&side->by_host);
}

static void add_grant(struct side *side, const char *host, const struct gs_exportopts *opts)
{
	struct grant *grant;

	gs_grow(&side->v, side->n, &side->room, sizeof *side->v);
	grant = &side->v[side->n];
	gs_hostspec_read(gs_span_of(host), &grant->host);
	grant->opts = opts;
	gs_keymap_put(&side->by_host, grant->host.text, "", side->n);
	if (gs_host_rank(&grant->host)) {
		gs_grow(&side->wide, side->n_wide, &side->room_wide, sizeof *side->wide);
		side->wide[side->n_wide++] = side->n;
	}
	side->n++;
}

/* The options that apply to a host: of the entries that cover it by gs_host_rank(), then order. */
static const struct gs_exportopts *active(const struct side *side, const struct gs_hostspec *host)
{
	size_t own = gs_keymap_get(&side->by_host, host->text, "");
	const struct grant *best = NULL;

	if (own < side->n && !gs_host_rank(host))
		return side->v[own].opts;
	for (size_t i = 0; i < side->n_wide; i++) {
		const struct grant *grant = &side->v[side->wide[i]];

		if (gs_hostspec_covers(&grant->host, host) &&
		    (!best || gs_host_rank(&grant->host) < gs_host_rank(&best->host)))
			best = grant;
	}
	return best ? best->opts : NULL;
}

/*
 * A new identity is a loss too: nfsd checks every write, and the file belongs to the old one. So is
 * a new form of file handles, which subtree_check changes.
 */
static enum gs_loss loses(const struct gs_exportopts *before, const struct gs_exportopts *after)
{
	enum gs_squash squash;

	if (!before || gs_exportopts_access(before) == GS_ACCESS_RO)
		return GS_LOSS_NONE;
	if (!after || gs_exportopts_access(after) == GS_ACCESS_RO)
		return GS_LOSS_ACCESS;
	squash = gs_exportopts_squash(before);
	if (squash != gs_exportopts_squash(after) ||
	    (squash != GS_SQUASH_NONE &&
	     (before->anonuid != after->anonuid || before->anongid != after->anongid)))
		return GS_LOSS_IDENTITY;
	return (before->flags ^ after->flags) & GS_EXPORT_SUBTREE_CHECK ? GS_LOSS_HANDLE
									: GS_LOSS_NONE;
}

static void fill_sides(const struct gs_exports_change *change, const struct gs_drain_spec *spec,
		       const struct gs_exports *etab, struct side *before, struct side *after)
{
	GS_AUTO(gs_keymap_done) struct gs_keymap predicted = { 0 };
	const struct gs_export *entry;
	size_t at = 0;

	for (size_t i = 0; i < change->n; i++)
		gs_keymap_put(&predicted, change->predict[i].host, "", i);
	while ((entry = gs_exports_find(etab, spec->path, NULL, &at))) {
		add_grant(before, entry->host.text, &entry->opts);
		if (spec->others_stay &&
		    gs_keymap_get(&predicted, entry->host.text, "") == GS_NO_KEY)
			add_grant(after, entry->host.text, &entry->opts);
	}
	for (size_t i = 0; i < change->n; i++)
		if (!change->predict[i].gone)
			add_grant(after, change->predict[i].host, &change->predict[i].opts);
}

/* Host names of the files are replaced by addresses: nfsd shows its clients only by address. */
static void add_host(const struct gs_names *names, const struct gs_keymap *by_name,
		     const struct gs_hostspec *host, struct gs_strs *list)
{
	size_t known = host->kind == GS_HOST_NAME ? gs_keymap_get(by_name, host->text, "")
						  : GS_NO_KEY;

	if (known == GS_NO_KEY) {
		gs_strs_add(list, host->text);
		return;
	}
	for (size_t i = 0; i < names->v[known].addrs.n; i++)
		gs_strs_add(list, names->v[known].addrs.v[i]);
}

static void sort_hosts(struct gs_drain *drain, const struct gs_names *names,
		       const struct side *before, const struct side *after)
{
	GS_AUTO(gs_keymap_done) struct gs_keymap by_name = { 0 };
	const struct side *sides[] = { after, before };

	for (size_t i = 0; i < names->n; i++)
		gs_keymap_put(&by_name, names->v[i].name, "", i);
	for (size_t s = 0; s < GS_COUNT(sides); s++)
		for (size_t i = 0; i < sides[s]->n; i++) {
			const struct gs_hostspec *host = &sides[s]->v[i].host;
			bool twice = s &&
				     gs_keymap_get(&after->by_host, host->text, "") != GS_NO_KEY;
			enum gs_loss loss;

			if (twice)
				continue;
			loss = loses(active(before, host), active(after, host));
			if (loss > drain->loss)
				drain->loss = loss;
			if (loss)
				add_host(names, &by_name, host, &drain->hosts);
			else if (!gs_host_rank(host))
				add_host(names, &by_name, host, &drain->spared);
		}
}

static const char *why(const struct gs_drain *drain)
{
	if (drain->force)
		return "see who has files open for writing";
	if (drain->loss == GS_LOSS_ACCESS)
		return "wait until no follower that loses write access has files open for writing";
	return "wait until no follower whose export changes has files open for writing";
}

struct gs_drain *gs_plan_drain(struct gs_plan *plan, const struct gs_drain_spec *spec)
{
	GS_AUTO(gs_exports_done) struct gs_exports etab = { 0 };
	GS_AUTO(side_done) struct side before = { 0 }, after = { 0 };
	GS_AUTO(gs_drain_done)
	struct gs_drain drain = { .seconds = spec->seconds, .force = spec->force };
	struct gs_err unread = { 0 };
	struct gs_step *step;

	if (gs_exports_parse(spec->etab, &etab, &unread) < 0)
		return NULL;
	fill_sides(&plan->exports, spec, &etab, &before, &after);
	sort_hosts(&drain, spec->names, &before, &after);
	if (!drain.hosts.n)
		return NULL;
	step = gs_plan_step(plan, GS_STEP_DRAIN, spec->path, why(&drain));
	step->drain = drain;
	drain = (struct gs_drain){ 0 };
	return &step->drain;
}

void gs_plan_cut_off(const struct gs_plan *plan, const struct gs_names *names, struct gs_drain *ret,
		     struct gs_drain *ret_remapped)
{
	GS_AUTO(gs_exports_done) struct gs_exports etab = { 0 };
	GS_AUTO(side_done) struct side before = { 0 }, after = { 0 };
	GS_AUTO(gs_keymap_done) struct gs_keymap by_name = { 0 };
	const struct gs_exports_change *change = &plan->exports;
	struct gs_err unread = { 0 };
	struct gs_drain_spec spec = { .others_stay = true };

	if (!change->n || gs_exports_parse(gs_str_span(&change->etab_before), &etab, &unread) < 0)
		return;
	spec.path = change->predict[0].path;
	fill_sides(change, &spec, &etab, &before, &after);
	for (size_t i = 0; i < names->n; i++)
		gs_keymap_put(&by_name, names->v[i].name, "", i);
	for (size_t i = 0; i < before.n; i++) {
		const struct gs_hostspec *host = &before.v[i].host;
		const struct gs_exportopts *becomes = active(&after, host);

		if (!becomes)
			add_host(names, &by_name, host, &ret->hosts);
		else if (loses(active(&before, host), becomes) == GS_LOSS_IDENTITY)
			add_host(names, &by_name, host, &ret_remapped->hosts);
	}
	for (size_t i = 0; i < after.n; i++) {
		const struct gs_hostspec *host = &after.v[i].host;

		if (gs_host_rank(host))
			continue;
		add_host(names, &by_name, host, &ret->spared);
		if (loses(active(&before, host), after.v[i].opts) != GS_LOSS_IDENTITY)
			add_host(names, &by_name, host, &ret_remapped->spared);
	}
}

void gs_drain_hosts_init(struct gs_drain_hosts *hosts, const struct gs_drain *drain)
{
	for (size_t i = 0; i < drain->spared.n; i++)
		gs_keymap_put(&hosts->spared, drain->spared.v[i], "", i);
	for (size_t i = 0; i < drain->hosts.n; i++) {
		GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };

		gs_keymap_put(&hosts->hosts, drain->hosts.v[i], "", i);
		gs_hostspec_read(gs_span_of(drain->hosts.v[i]), &host);
		if (!gs_host_rank(&host))
			continue;
		gs_grow(&hosts->wide, hosts->n, &hosts->room, sizeof *hosts->wide);
		hosts->wide[hosts->n++] = host;
		host = (struct gs_hostspec){ 0 };
	}
}

void gs_drain_hosts_done(struct gs_drain_hosts *hosts)
{
	for (size_t i = 0; i < hosts->n; i++)
		gs_hostspec_done(&hosts->wide[i]);
	free(hosts->wide);
	gs_keymap_done(&hosts->hosts);
	gs_keymap_done(&hosts->spared);
	*hosts = (struct gs_drain_hosts){ 0 };
}

static bool concerns(const struct gs_drain_hosts *hosts, const char *addr)
{
	GS_AUTO(gs_hostspec_done) struct gs_hostspec own = { 0 };

	if (gs_keymap_get(&hosts->hosts, addr, "") != GS_NO_KEY)
		return true;
	if (gs_keymap_get(&hosts->spared, addr, "") != GS_NO_KEY)
		return false;
	gs_hostspec_read(gs_span_of(addr), &own);
	for (size_t i = 0; i < hosts->n; i++) {
		const struct gs_hostspec *host = &hosts->wide[i];

		/* An address does not tell whether a wildcard or a netgroup covers it. */
		if (host->kind == GS_HOST_WILDCARD || host->kind == GS_HOST_NETGROUP ||
		    gs_hostspec_covers(host, &own))
			return true;
	}
	return false;
}

bool gs_drain_concerns(const struct gs_drain_hosts *hosts, const struct gs_nfs_client *client)
{
	return client->confirmed && client->addr && concerns(hosts, client->addr);
}

const char *gs_drain_hidden(const struct gs_drain_hosts *hosts,
			    const struct gs_nfs_clients *clients, const struct gs_strs *peers)
{
	for (size_t i = 0; i < peers->n; i++)
		if (gs_keymap_get(&hosts->hosts, peers->v[i], "") != GS_NO_KEY &&
		    !gs_nfs_client_of(clients, peers->v[i]))
			return peers->v[i];
	return NULL;
}
