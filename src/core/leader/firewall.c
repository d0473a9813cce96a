/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/leader/firewall.h"

#include <errno.h>
#include <string.h>

#include "core/check/judge.h"
#include "core/exports/docs.h"
#include "core/exports/exports.h"
#include "core/leader/planner.h"
#include "core/leader/request.h"
#include "core/plan/finding.h"
#include "core/plan/firewall.h"
#include "core/plan/model.h"

/*
 * The rules that let followers reach the NFS port: opened after the exports are applied, closed
 * before. Every follower that a verb names gets one where nothing admits it, and init takes all of
 * the share; every rule with the share's tag whose follower has no entry any more goes.
 */

/* struct work - what is worked with; borrowed but for own and tag */
struct work {
	struct gs_draft *draft;
	const struct gs_firewall *firewall;
	struct gs_openings own; /* every rule of gshare's */
	struct gs_str tag;	/* the share's */
	unsigned port;
};

static void work_done(struct work *w)
{
	gs_openings_done(&w->own);
	gs_str_done(&w->tag);
}

/* ---- rules that go ------------------------------------------------------------------------- */

static bool has_entry(const struct gs_draft *draft, const char *path, const char *host)
{
	GS_AUTO(gs_hostspec_done) struct gs_hostspec spec = { 0 };

	gs_hostspec_read(gs_span_of(host), &spec);
	for (size_t d = 0; d < draft->docs.n; d++) {
		size_t at = 0;

		if (gs_exports_find(&draft->docs.v[d], path, &spec, &at))
			return true;
	}
	return false;
}

/* Another share of gshare's with an entry for the host; NULL: there is none. */
static const char *other_share(const struct gs_draft *draft, const char *host)
{
	for (size_t d = 0; d < draft->docs.n; d++)
		for (size_t i = 0; i < draft->docs.v[d].marks; i++) {
			const char *path = draft->docs.v[d].mark[i].path;

			if (strcmp(path, draft->facts->path) != 0 && has_entry(draft, path, host))
				return path;
		}
	return NULL;
}

/* One rule for several shares: it stays, and gets the tag of another one. */
static void close_rule(struct work *w, const struct gs_opening *rule)
{
	const char *other = w->firewall->kind->one_rule ? other_share(w->draft, rule->host) : NULL;
	struct gs_opening kept = *rule;
	gs_autostr struct gs_str tag = { 0 };

	if (!other || rule->port != w->port) {
		gs_openings_add(&w->draft->close, rule, GS_HALVES);
		return;
	}
	gs_opening_tag(other, &tag);
	kept.was = rule->tag;
	kept.tag = tag.ptr;
	kept.place = 0;
	gs_openings_add(&w->draft->open, &kept, GS_HALVES);
}

/* The last one first: then each is at its place while it goes, and is put back there. */
static void close_rules(struct work *w)
{
	const struct gs_draft *draft = w->draft;
	bool knows_port = gs_leader_gives(draft->req->verb);

	for (size_t i = w->own.n; i-- > 0;) {
		const struct gs_opening *rule = &w->own.v[i];

		if (strcmp(rule->tag, w->tag.ptr) != 0)
			continue;
		if (!has_entry(draft, draft->facts->path, rule->host) ||
		    (knows_port && rule->port != w->port))
			close_rule(w, rule);
	}
}

/* ---- rules that come ----------------------------------------------------------------------- */

/* The share's rule for the host, by which it is open now or at a boot; NULL: there is none. */
static const struct gs_opening *own_rule(const struct work *w, const struct gs_opening *opening,
					 unsigned *ret_half)
{
	for (size_t i = 0; i < w->own.n; i++) {
		const struct gs_opening *rule = &w->own.v[i];

		if (strcmp(rule->tag, opening->tag) || strcmp(rule->host, opening->host) ||
		    rule->port != opening->port ||
		    (opening->zone && strcmp(rule->zone, opening->zone) != 0))
			continue;
		*ret_half = w->own.half[i];
		return rule;
	}
	*ret_half = GS_HALF_NONE;
	return NULL;
}

static void tell(const struct work *w, const struct gs_knock *knock,
		 const struct gs_verdict *verdict)
{
	(void)gs_firewall_tell(&(struct gs_firewall_fact){ .firewall = w->firewall,
							   .knock = knock,
							   .verdict = verdict,
							   .path = w->draft->facts->path },
			       GS_WARN, &w->draft->plan.findings);
}

/* Of those that are named: init looks at all, who may be thousands. */
static void tell_open(struct work *w, const struct gs_hostspec *host)
{
	if (w->firewall->kind->command &&
	    gs_keymap_get(&w->draft->by_host, host->text, "") != GS_NO_KEY)
		gs_plan_item(&w->draft->plan, '=', "firewall", "%s: %s reaches %u/tcp",
			     w->firewall->kind->name, host->text, w->port);
}

/* Is there a rule by which it is admitted that does not go with another share? */
static bool is_admitted(const struct work *w, const struct gs_verdict *verdict)
{
	return gs_firewall_gate(verdict) == GS_GATE_OPEN &&
	       (!verdict->is_ours || w->firewall->kind->one_rule);
}

/* What a rule can do; above those of others only by the administrator's word. */
static bool can_open(const struct work *w, const struct gs_verdict *verdict)
{
	if (!w->firewall->kind->command || verdict->is_stale)
		return false;
	if (w->firewall->kind->asks)
		return w->draft->req->firewall &&
		       !strcmp(w->draft->req->firewall, w->firewall->kind->name);
	return gs_firewall_gate(verdict) != GS_GATE_DENIED ||
	       (w->draft->req->firewall_first && !verdict->is_same);
}

/* Where a rule of gshare's is in each place that it has to be in. */
static bool is_settled(const struct work *w, const struct gs_verdict *verdict, unsigned half)
{
	enum gs_gate gate = gs_firewall_gate(verdict);

	if (w->firewall->kind->asks)
		return gate == GS_GATE_OPEN && (half == GS_HALVES || !verdict->is_ours);
	return half == GS_HALVES ? gate != GS_GATE_DENIED : is_admitted(w, verdict);
}

/* One in each place that needs it. */
static void add_openings(struct work *w, const struct gs_knock *knock,
			 const struct gs_opening *opening)
{
	struct gs_openings *open = &w->draft->open;
	GS_AUTO(gs_strs_done) struct gs_strs zones = { 0 };
	size_t before = open->n;

	if (!w->firewall->kind->zones) {
		gs_openings_add(open, opening, GS_HALVES);
		return;
	}
	w->firewall->kind->zones(w->firewall, knock, &zones);
	for (size_t i = 0; i < zones.n; i++) {
		struct gs_opening one = *opening;
		unsigned half = 0;

		one.zone = zones.v[i];
		one.more = true;
		(void)own_rule(w, &one, &half);
		if (half != GS_HALVES)
			gs_openings_add(open, &one, GS_HALVES);
	}
	if (open->n > before)
		open->v[open->n - 1].more = false;
}

static void open_for(struct work *w, const struct gs_hostspec *host)
{
	const struct gs_strs *way = gs_names_find(&w->draft->facts->ways, host->text);
	const struct gs_knock knock = { host, way && way->n ? way->v[0] : NULL, w->port,
					way && way->n > 1 ? way->v[1] : NULL };
	GS_AUTO(gs_verdict_done) struct gs_verdict verdict = { 0 };
	struct gs_opening opening = {
		.kind = w->firewall->kind,
		.host = host->text,
		.tag = w->tag.ptr,
		.port = w->port,
	};
	const struct gs_opening *own;
	bool is_denied;
	unsigned half = 0;

	gs_firewall_judge(w->firewall, &knock, &verdict);
	is_denied = gs_firewall_gate(&verdict) == GS_GATE_DENIED;
	opening.zone = verdict.zone.len ? verdict.zone.ptr : NULL;
	own = own_rule(w, &opening, &half);
	if (gs_firewall_gate(&verdict) == GS_GATE_UNKNOWN)
		return;
	if (is_settled(w, &verdict, half)) {
		tell_open(w, host);
		return;
	}
	if (!can_open(w, &verdict)) {
		tell(w, &knock, &verdict);
		return;
	}
	opening.before = is_denied;
	opening.level = is_denied ? verdict.level : 0;
	if (own && is_denied)
		gs_openings_add(&w->draft->close, own, GS_HALVES);
	add_openings(w, &knock, &opening);
}

/* Offline nothing is opened; the step is there once, where the entry is new, and is skipped. */
static void open_named(struct work *w)
{
	const struct gs_draft *draft = w->draft;

	for (size_t i = 0; i < draft->n; i++)
		if (!draft->facts->offline || draft->client[i].is_new)
			open_for(w, &draft->client[i].host);
}

static void open_all(struct work *w)
{
	const struct gs_draft *draft = w->draft;

	for (size_t d = 0; d < draft->docs.n; d++) {
		const struct gs_export *entry;
		size_t at = 0;

		while ((entry = gs_exports_find(&draft->docs.v[d], draft->facts->path, NULL, &at)))
			open_for(w, &entry->host);
	}
}

void gs_draft_firewall(struct gs_draft *draft)
{
	const struct gs_leader_facts *facts = draft->facts;
	GS_AUTO(work_done)
	struct work w = { .draft = draft,
			  .firewall = &facts->firewall,
			  .port = facts->offer.port ? facts->offer.port : GS_NFS_PORT };

	if (!w.firewall->kind)
		return;
	gs_opening_tag(facts->path, &w.tag);
	gs_firewall_openings(w.firewall, &w.own);
	if (!facts->offline)
		close_rules(&w);
	if (w.firewall->unread)
		tell(&w, NULL, NULL);
	else if (draft->req->verb == GS_LEADER_INIT && !facts->offline)
		open_all(&w);
	else if (gs_leader_gives(draft->req->verb))
		open_named(&w);
}

/* ---- their steps --------------------------------------------------------------------------- */

void gs_draft_close_ports(struct gs_draft *draft)
{
	for (size_t i = 0; i < draft->close.n; i++) {
		const struct gs_opening *rule = &draft->close.v[i];

		gs_plan_opening(&draft->plan, GS_STEP_CLOSE_PORT, rule,
				"remove the rule of this share from the firewall");
		gs_plan_item(&draft->plan, '-', "firewall", "%s: %u/tcp from %s", rule->kind->name,
			     rule->port, rule->host);
	}
}

/* The boot file that gets the rule, too; that there is none is told. */
static void tell_kept(struct gs_draft *draft, const struct gs_opening *rule)
{
	const struct gs_firewall *firewall = &draft->facts->firewall;
	const char *file = gs_firewall_file(firewall, rule);

	if (!rule->kind->keep)
		return;
	if (file)
		gs_plan_item(&draft->plan, '+', "firewall", "the same at boot, in %s", file);
	else
		gs_findings_add(&draft->plan.findings, GS_NOTE, "FIREWALL_NOT_KEPT", NULL,
				"no file that loads the rules of %s at boot was found: the rule "
				"for %s is gone then, unless you add it to yours",
				rule->kind->name, rule->host);
}

void gs_draft_open_ports(struct gs_draft *draft)
{
	bool later = draft->facts->firewall.charge == GS_CHARGE_LATER;

	for (size_t i = 0; i < draft->open.n; i++) {
		const struct gs_opening *rule = &draft->open.v[i];

		gs_plan_opening(&draft->plan, GS_STEP_OPEN_PORT, rule,
				rule->was ? "give the rule the tag of another share"
					  : "let the follower, and nobody else, reach the port");
		if (draft->facts->offline)
			continue;
		gs_plan_item(&draft->plan, rule->was ? '=' : '+', "firewall",
			     "%s%s: %u/tcp from %s", rule->kind->name, later ? " (inactive)" : "",
			     rule->port, rule->host);
		tell_kept(draft, rule);
	}
}

int gs_leader_check_firewall(const struct gs_leader_req *req, const struct gs_leader_facts *facts,
			     struct gs_err *err)
{
	const struct gs_firewall *firewall = &facts->firewall;
	const struct gs_firewall_kind *named = gs_firewall_find(req->firewall);

	if (req->firewall && (!named || !named->asks))
		return gs_err_set(err, GS_E_USAGE, "--firewall: '%s' is neither iptables nor nft",
				  req->firewall);
	if (req->firewall && firewall->kind && firewall->kind->command &&
	    strcmp(req->firewall, firewall->kind->name) != 0) {
		gs_err_set(err, EINVAL, "the firewall of this host is %s, not %s",
			   firewall->kind->name, req->firewall);
		gs_err_cause(err, "FIREWALL_OTHER");
		return gs_err_advise(err, "leave --firewall out");
	}
	if (firewall->hidden)
		return 0;
	/* Where rules are to be changed in what is loaded, that must be known. */
	if (req->firewall && firewall->unlisted)
		gs_err_set(err, ENODATA,
			   "cannot read the rules of %s: what is loaded cannot be listed",
			   req->firewall);
	else if (firewall->kind && firewall->unread)
		gs_err_set(err, ENODATA, "cannot read the rules of %s: %s", firewall->kind->name,
			   firewall->unread);
	else
		return 0;
	gs_err_cause(err, "FIREWALL_UNREAD");
	return gs_err_advise(err, "see why, or leave the firewall out: --no-firewall");
}
