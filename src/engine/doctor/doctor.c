/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/doctor/doctor.h"

#include <errno.h>
#include <string.h>

#include "core/check/check.h"
#include "core/check/judge.h"
#include "core/check/mount.h"
#include "core/exports/docs.h"
#include "core/follower/request.h"
#include "core/fskind/nfs.h"
#include "core/leader/leader_status.h"
#include "engine/doctor/audit.h"
#include "engine/doctor/entries.h"
#include "engine/doctor/leader.h"
#include "engine/doctor/node.h"
#include "engine/doctor/uses.h"
#include "engine/observe/common.h"
#include "engine/observe/follower_status.h"

enum { EXPORTS_MAX = 16 }; /* of others, that are looked at */

static bool is_none(int r, const struct gs_err *err)
{
	return r == -GS_E_FOUND && err->id &&
	       (!strcmp(err->id, "NO_SHARE") || !strcmp(err->id, "NOT_MOUNTED"));
}

/* Of what was added since there were n: "ok" is said of a place where nothing fails. */
static bool has_failed(const struct gs_cases *cases, size_t n)
{
	for (size_t i = n; i < cases->n; i++)
		if (cases->v[i].finding.id && cases->v[i].finding.severity == GS_FAIL)
			return true;
	return false;
}

/* ---- the leader ------------------------------------------------------------------------------ */

static void look_share_uses(struct gs_sys *sys, const char *path, struct gs_cases *cases)
{
	bool is_ro;

	gs_look_uses(sys, GS_SIDE_LEADER, path, cases, &is_ro);
	gs_look_unwritten(sys, path, cases);
}

/* Returns how many shares there are; one that cannot be looked at is one. */
static size_t look_share(struct gs_sys *sys, const char *path, struct gs_cases *cases)
{
	GS_AUTO(gs_leader_status_done) struct gs_leader_status status = { 0 };
	struct gs_err why = { 0 };
	int64_t end_ns = sys->deadline_ns, now = sys->ops->clock->now_ns(sys);
	size_t begin = cases->n;
	int r;

	/* A name server that is silent takes no time from the test of what users can do. */
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
	for (size_t i = 0; i < status.n; i++) {
		const struct gs_share_status *share = &status.share[i];

		if (status.facts.server.threads)
			look_share_uses(sys, share->path, cases);
		if (!has_failed(cases, begin))
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
static void list_exports(struct gs_sys *sys, struct gs_strs *ret)
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

/*
 * @path: only that one, where it is exported; NULL: gshare's, else all that are exported
 * @every: all that are exported, in any case
 */
static size_t look_shares(struct gs_sys *sys, const char *path, bool every,
			  const struct gs_strs *exported, struct gs_cases *cases)
{
	size_t n = 0;

	if (path)
		return gs_strs_has(exported, path) ? look_share(sys, path, cases) : 0;
	if (!every)
		n = look_share(sys, NULL, cases);
	for (size_t i = 0; !n && i < exported->n; i++)
		(void)look_share(sys, exported->v[i], cases);
	return n ? n : exported->n;
}

/* ---- the follower ---------------------------------------------------------------------------- */

static void tell_mounted(const struct gs_health *h, struct gs_cases *cases)
{
	struct gs_span version = { 0 };
	bool has = gs_mountopt_get(h->mount.options, "vers", &version);

	gs_cases_add_well(cases, GS_SIDE_FOLLOWER, h->path, "mounted from %s%s%.*s, %s",
			  h->mount.source, has ? ", NFS " : "", has ? (int)version.len : 0,
			  has ? version.ptr : "",
			  h->is_given_ro       ? "read-only on the leader"
			  : gs_health_is_ro(h) ? "ro"
					       : "rw");
}

/* A share without an id has no file that shows it: the test has shown it. */
static void tell_given_ro(struct gs_health *h)
{
	const struct gs_facts facts = { .mount = h };

	if (h->is_given_ro || gs_health_is_ro(h))
		return;
	h->is_given_ro = true;
	gs_checks_tell("LEADER_READONLY", &facts, GS_WARN, &h->findings);
}

static void look_mount(struct gs_sys *sys, struct gs_health *h, struct gs_cases *cases)
{
	size_t begin = cases->n;
	bool is_ro = false;

	if (h->is_mounted && h->says == GS_STATE_FINE)
		gs_look_uses(sys, GS_SIDE_FOLLOWER, h->path, cases, &is_ro);
	if (is_ro)
		tell_given_ro(h);
	if (h->reached == GS_ANSWER_NO && h->silence.id)
		gs_cases_add_error(cases, GS_SIDE_FOLLOWER, h->path, &h->silence);
	gs_cases_add_all(cases, GS_SIDE_FOLLOWER, h->path, &h->findings);
	if (!h->is_mounted && !h->is_trigger)
		gs_look_absent(sys, h, cases);
	if (!has_failed(cases, begin) && h->is_mounted)
		tell_mounted(h, cases);
}

static size_t look_mounts(struct gs_sys *sys, const char *path, struct gs_cases *cases)
{
	GS_AUTO(gs_healths_done) struct gs_healths mounts = { 0 };
	struct gs_err err = { 0 };
	size_t n = 0;

	if (gs_healths_look(sys, &mounts, &err) < 0) {
		gs_cases_add_error(cases, GS_SIDE_FOLLOWER, path, &err);
		return 1;
	}
	for (size_t i = 0; i < mounts.n; i++) {
		if (path && strcmp(path, mounts.v[i].path) != 0)
			continue;
		look_mount(sys, &mounts.v[i], cases);
		n++;
	}
	return n;
}

/* ---- the other node -------------------------------------------------------------------------- */

/* Containers of one machine have one boot, too. */
static int refuse_own(const struct gs_node *here, const struct gs_node *peer, struct gs_err *err)
{
	if (strcmp(here->boot, peer->boot) != 0 || strcmp(here->name, peer->name) != 0)
		return 0;
	gs_err_set(err, EINVAL, "the report is of this node itself ('%s')", here->name);
	gs_err_cause(err, "PEER_REPORT_OWN");
	return gs_err_advise(err, "make it on the other node: sudo gshare doctor --peer-report");
}

static int look_peer(struct gs_sys *sys, const struct gs_node *peer, struct gs_cases *cases,
		     struct gs_err *err)
{
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };
	GS_AUTO(gs_node_done) struct gs_node here = { 0 };
	struct gs_err unseen = { 0 };

	if (gs_look_node(sys, &here, &unseen) < 0) {
		gs_cases_add_error(cases, GS_SIDE_ANY, NULL, &unseen);
		return 0;
	}
	if (refuse_own(&here, peer, err) < 0)
		return err->code;
	gs_look_accounts(sys, peer, &here);
	gs_pair_judge(&here, peer, &findings);
	gs_cases_add_all(cases, GS_SIDE_ANY, NULL, &findings);
	if (!findings.n)
		gs_cases_add_well(cases, GS_SIDE_ANY, NULL,
				  "agrees with the report of %s, %llu s old", peer->name,
				  (unsigned long long)(here.time_ms > peer->time_ms
							       ? here.time_ms - peer->time_ms
							       : 0) /
					  1000);
	return 0;
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* A server that is silent takes no time from what this node itself exports. */
static size_t look_both(struct gs_sys *sys, const char *path, bool every, struct gs_cases *cases)
{
	GS_AUTO(gs_strs_done) struct gs_strs exported = { 0 };
	int64_t end_ns = sys->deadline_ns, now = sys->ops->clock->now_ns(sys);
	size_t mounts;

	list_exports(sys, &exported);
	if (exported.n)
		sys->deadline_ns = now + (end_ns - now) / 2;
	mounts = look_mounts(sys, path, cases) + gs_look_entries(sys, path, cases);
	sys->deadline_ns = end_ns;
	return mounts + look_shares(sys, path, every, &exported, cases);
}

/* A quarter of the time is for what is open beyond need. */
static size_t look_all(struct gs_sys *sys, const struct gs_doctor_req *req, struct gs_cases *cases)
{
	int64_t end_ns = sys->deadline_ns, now = sys->ops->clock->now_ns(sys);
	size_t n;

	if (req->audit)
		sys->deadline_ns = now + (end_ns - now) / 4 * 3;
	n = look_both(sys, req->path, req->audit, cases);
	sys->deadline_ns = end_ns;
	if (req->audit)
		gs_audit_node(sys, req->path, cases);
	return n;
}

int gs_doctor_look(struct gs_sys *sys, const struct gs_doctor_req *req, struct gs_cases *ret,
		   struct gs_err *err)
{
	GS_AUTO(gs_cases_done) struct gs_cases cases = { 0 };
	const struct gs_follower_req mount = { .leader = req->leader,
					       .export_ = req->export_,
					       .allow_user_path = true };
	size_t n = 1;

	if (req->leader)
		gs_look_leader_of(sys, &mount, NULL, &cases);
	else
		n = look_all(sys, req, &cases);
	if (!n && req->path) {
		gs_err_set(err, GS_E_FOUND, "'%s' is neither shared nor mounted on this node",
			   req->path);
		return gs_err_cause(err, "NO_SHARE");
	}
	if (!n)
		gs_cases_add_well(&cases, GS_SIDE_ANY, NULL,
				  "this node neither shares nor mounts anything by NFS");
	if (req->peer && look_peer(sys, req->peer, &cases, err) < 0)
		return err->code;
	gs_diagnose(&cases);
	*ret = cases;
	cases = (struct gs_cases){ 0 };
	return 0;
}
