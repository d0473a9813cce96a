/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/doctor/shares.h"

#include <string.h>

#include "core/exports/docs.h"
#include "core/leader/leader_status.h"
#include "engine/doctor/forgotten.h"
#include "engine/doctor/uses.h"
#include "engine/observe/common.h"

enum { EXPORTS_MAX = 16 }; /* of others, that are looked at */

static bool is_none(int r, const struct gs_err *err)
{
	return r == -GS_E_FOUND && err->id &&
	       (!strcmp(err->id, "NO_SHARE") || !strcmp(err->id, "NOT_MOUNTED"));
}

static void look_share_uses(struct gs_sys *sys, const char *path, bool is_crowded,
			    struct gs_cases *cases)
{
	bool is_ro;

	gs_look_uses(sys, GS_SIDE_LEADER, path, is_crowded, cases, &is_ro);
	gs_look_unwritten(sys, path, cases);
}

/*
 * Returns how many shares there are; one that cannot be looked at is one.
 * @looked: their paths are added
 */
static size_t look_share(struct gs_sys *sys, const char *path, bool is_crowded,
			 struct gs_cases *cases, struct gs_strs *looked)
{
	GS_AUTO(gs_leader_status_done) struct gs_leader_status status = { 0 };
	struct gs_err why = { 0 };
	int64_t end_ns = sys->deadline_ns, now = sys->ops->clock->now_ns(sys);
	size_t begin = cases->n;
	bool is_hurried;
	int r;

	/* A name server that is silent takes half of the time at most, and what is left may be
	 * short. */
	sys->deadline_ns = now + (end_ns - now) / 2;
	r = gs_look_leader(sys, path, &status, &why);
	sys->deadline_ns = end_ns;
	if (is_none(r, &why))
		return 0;
	if (r < 0) {
		gs_cases_add_error(cases, GS_SIDE_LEADER, path, &why);
		return 1;
	}
	/* Its findings name their shares in their texts: they are of the whole node. */
	gs_cases_add_all(cases, GS_SIDE_LEADER, NULL, &status.findings);
	is_hurried = is_crowded || status.facts.names.silent;
	for (size_t i = 0; i < status.n; i++) {
		const struct gs_share_status *share = &status.share[i];

		gs_strs_add(looked, share->path);
		if (status.facts.server.threads)
			look_share_uses(sys, share->path, is_hurried, cases);
		if (!gs_cases_fail_since(cases, begin))
			gs_cases_add_well(cases, GS_SIDE_LEADER, share->path,
					  "shared with %zu follower%s", share->n,
					  share->n == 1 ? "" : "s");
	}
	return status.n;
}

static void add_path(const char *path, struct gs_strs *ret)
{
	if (ret->n < EXPORTS_MAX && !gs_strs_has(ret, path))
		gs_strs_add(ret, path);
}

/* Shares, and what others export; files that cannot be read are told by who looks at them. */
void gs_list_exports(struct gs_sys *sys, struct gs_strs *ret)
{
	GS_AUTO(gs_files_done) struct gs_files files = { 0 };
	GS_AUTO(gs_docs_done) struct gs_docs docs = { 0 };
	struct gs_err unread = { 0 };

	if (gs_observe_exports(sys, "/etc/exports", &files, &unread) < 0 ||
	    gs_docs_parse(&files, &docs, &unread) < 0)
		return;
	for (size_t d = 0; d < docs.n; d++) {
		for (size_t i = 0; i < docs.v[d].marks; i++)
			add_path(docs.v[d].mark[i].path, ret);
		for (size_t i = 0; i < docs.v[d].n; i++)
			add_path(docs.v[d].entry[i].path, ret);
	}
}

/* Beside a share: what others have meant for their export is no question, what fails is. */
static void look_other(struct gs_sys *sys, const char *path, bool is_crowded,
		       struct gs_cases *cases, struct gs_strs *looked)
{
	GS_AUTO(gs_cases_done) struct gs_cases found = { 0 };

	(void)look_share(sys, path, is_crowded, &found, looked);
	gs_cases_copy_failing(cases, &found);
}

void gs_look_shares(struct gs_sys *sys, const struct gs_look *look, struct gs_cases *cases)
{
	const struct gs_shares_look *which = look->arg;
	const struct gs_strs *exported = which->exported;
	GS_AUTO(gs_strs_done) struct gs_strs looked = { 0 };
	size_t shares;

	if (look->place) {
		(void)look_share(sys, look->place, look->is_crowded, cases, &looked);
		return;
	}
	if (!which->every)
		(void)look_share(sys, NULL, look->is_crowded, cases, &looked);
	shares = looked.n;
	for (size_t i = 0; i < exported->n; i++) {
		if (gs_strs_has(&looked, exported->v[i]))
			continue;
		if (shares)
			look_other(sys, exported->v[i], look->is_crowded, cases, &looked);
		else
			(void)look_share(sys, exported->v[i], look->is_crowded, cases, &looked);
	}
	gs_look_forgotten(sys, cases);
}
