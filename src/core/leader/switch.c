/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/command.h"
#include "base/strmap.h"
#include "core/check/check.h"
#include "core/check/starting.h"
#include "core/exports/docs.h"
#include "core/leader/planner.h"
#include "core/leader/request.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"

/* leader ro and rw: the followers given, and those whose access changes. */

enum { NAMED_MAX = 4 }; /* followers that an error names */

/* Every client of the share, once each, in the order of the files. */
static void share_hosts(const struct gs_draft *draft, struct gs_strs *ret)
{
	GS_AUTO(gs_keymap_done) struct gs_keymap seen = { 0 };

	for (size_t d = 0; d < draft->docs.n; d++) {
		const struct gs_export *entry;
		size_t at = 0;

		while ((entry = gs_exports_find(&draft->docs.v[d], draft->facts->path, NULL, &at)))
			if (gs_keymap_put(&seen, entry->host.text, "", ret->n) == ret->n)
				gs_strs_add(ret, entry->host.text);
	}
}

static int no_single_follower(const struct gs_draft *draft, const struct gs_strs *hosts,
			      struct gs_err *err)
{
	gs_autostr struct gs_str list = { 0 }, path = { 0 };

	gs_join(hosts, ", ", &list);
	gs_str_add_safe(&path, gs_span_of(draft->facts->path));
	if (!hosts->n) {
		gs_err_set(err, ENOENT,
			   "'%s' is not exported: add followers with 'gshare leader add'",
			   path.ptr);
		return gs_err_cause(err, "NO_FOLLOWER");
	}
	gs_err_set(err, GS_E_USAGE, "'%s' has %zu followers: %s", path.ptr, hosts->n, list.ptr);
	gs_err_cause(err, "FOLLOWER_AMBIGUOUS");
	return gs_err_advise(err, "list the followers, or use --all");
}

int gs_draft_all(struct gs_draft *draft, struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs hosts = { 0 };

	share_hosts(draft, &hosts);
	if (!hosts.n || (hosts.n > 1 && !draft->req->all))
		return no_single_follower(draft, &hosts, err);
	draft->all = (struct gs_client_spec){ .access = draft->req->access, .access_given = true };
	for (size_t i = 0; i < hosts.n; i++) {
		GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };

		gs_hostspec_read(gs_span_of(hosts.v[i]), &host);
		if (gs_draft_add_client(draft, &host, NULL, &draft->all, err) < 0)
			return err->code;
	}
	return 0;
}

/* The first hosts, and the number of the others. */
static void list_hosts(const struct gs_strs *hosts, struct gs_str *out)
{
	for (size_t i = 0; i < hosts->n && i < NAMED_MAX; i++) {
		gs_str_adds(out, i ? ", " : "");
		gs_str_add_safe(out, gs_span_of(hosts->v[i]));
	}
	if (hosts->n > NAMED_MAX)
		gs_str_addf(out, " and %zu more", hosts->n - NAMED_MAX);
}

static int not_exported(const struct gs_draft *draft, const struct gs_hostspec *host,
			struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs hosts = { 0 };
	const char *share = draft->req->path, *tree = draft->facts->tree;
	gs_autostr struct gs_str path = { 0 }, list = { 0 }, command = { 0 };
	const char *covering = NULL;

	share_hosts(draft, &hosts);
	for (size_t i = 0; i < hosts.n && !covering; i++) {
		GS_AUTO(gs_hostspec_done) struct gs_hostspec other = { 0 };

		gs_hostspec_read(gs_span_of(hosts.v[i]), &other);
		if (gs_hostspec_covers(&other, host))
			covering = hosts.v[i];
	}
	gs_str_add_safe(&path, gs_span_of(draft->facts->path));
	list_hosts(&hosts, &list);
	if (covering)
		gs_err_set(err, ENOENT, "'%s' has no entry of its own: '%s' is exported to %s",
			   host->text, path.ptr, covering);
	else
		gs_err_set(err, ENOENT, "'%s' is not exported to '%s'%s%s", path.ptr, host->text,
			   hosts.n ? ", but to " : "", hosts.n ? list.ptr : "");
	gs_err_cause(err, "NOT_EXPORTED");
	/* A mistyped name must not add a new follower. */
	if (!covering && hosts.n && !tree)
		return gs_err_fix(err, "", "gshare", "leader", "status", share ? "--path" : NULL,
				  share);
	if (!covering && hosts.n)
		return gs_err_advise(err, "specify a client that it is exported to");
	gs_command(&command, "sudo", "gshare", "leader", "add");
	gs_command_wordf(&command, "%s:%s", host->text,
			 draft->req->access == GS_ACCESS_RO ? "ro" : "rw");
	gs_command(&command, share ? "--path" : NULL, share, tree ? "--root" : NULL, tree);
	return gs_err_fix_text(err, &command);
}

/* The only client that the host may be a typo of; borrowed from hosts. */
static const char *find_like(const struct gs_strs *hosts, const struct gs_hostspec *host)
{
	const char *found = NULL;

	for (size_t i = 0; i < hosts->n; i++) {
		GS_AUTO(gs_hostspec_done) struct gs_hostspec other = { 0 };

		gs_hostspec_read(gs_span_of(hosts->v[i]), &other);
		if (!gs_hostspec_is_near(&other, host))
			continue;
		if (found)
			return NULL;
		found = hosts->v[i];
	}
	return found;
}

void gs_draft_tell_stranger(struct gs_draft *draft, const struct gs_hostspec *host)
{
	const struct gs_export *serving = gs_draft_serving(draft, host);
	GS_AUTO(gs_strs_done) struct gs_strs hosts = { 0 };
	gs_autostr struct gs_str list = { 0 };
	struct gs_stranger_fact stranger = {
		.host = host->text,
		.path = draft->facts->path,
		.serving = serving ? serving->host.text : NULL,
		.is_offline = draft->facts->tree,
	};
	const struct gs_facts facts = { .stranger = &stranger };

	share_hosts(draft, &hosts);
	list_hosts(&hosts, &list);
	stranger.list = hosts.n ? list.ptr : NULL;
	stranger.like = find_like(&hosts, host);
	gs_checks_run(&facts, GS_WARN, &draft->plan.findings);
}

bool gs_draft_is_active(const struct gs_draft *draft, const char *path, const char *host)
{
	GS_AUTO(gs_exports_done) struct gs_exports etab = { 0 };
	const struct gs_export *entry;
	struct gs_err unread = { 0 };
	size_t at = 0;

	if (gs_exports_parse(gs_str_span(&draft->facts->etab), &etab, &unread) < 0)
		return false;
	while ((entry = gs_exports_find(&etab, path, NULL, &at)))
		if (!strcmp(entry->host.text, host))
			return true;
	return false;
}

/* Of a name's addresses those with an entry count; at least one must have one. */
int gs_draft_known(struct gs_draft *draft, struct gs_err *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < draft->n; i++) {
		const struct gs_client *client = &draft->client[i];
		bool any = gs_draft_is_exported(draft, &client->host);

		for (size_t k = 0; !any && client->name && k < draft->n; k++)
			any = draft->client[k].spec == client->spec &&
			      gs_draft_is_exported(draft, &draft->client[k].host);
		if (!any)
			return not_exported(draft, &client->host, err);
	}
	for (size_t i = 0; i < draft->n; i++) {
		struct gs_client client = draft->client[i];

		if (gs_draft_is_exported(draft, &client.host)) {
			draft->client[i] = draft->client[kept];
			draft->client[kept++] = client;
		}
	}
	gs_keymap_done(&draft->by_host);
	while (draft->n > kept)
		gs_hostspec_done(&draft->client[--draft->n].host);
	for (size_t i = 0; i < draft->n; i++)
		gs_keymap_put(&draft->by_host, draft->client[i].host.text, "", i);
	return 0;
}

/* The access of every client of the path, by its text. */
static void map_access(const struct gs_docs *docs, const char *path, struct gs_keymap *ret)
{
	for (size_t d = 0; d < docs->n; d++) {
		const struct gs_export *entry;
		size_t at = 0;

		while ((entry = gs_exports_find(&docs->v[d], path, NULL, &at)))
			gs_keymap_put(ret, entry->host.text, "",
				      gs_exportopts_access(&entry->opts));
	}
}

/* The access before is that of the active entries; if no server runs, of the files. */
void gs_draft_changes(struct gs_draft *draft)
{
	const struct gs_leader_facts *facts = draft->facts;
	GS_AUTO(gs_docs_done) struct gs_docs files = { 0 };
	GS_AUTO(gs_exports_done) struct gs_exports etab = { 0 };
	GS_AUTO(gs_keymap_done) struct gs_keymap stood = { 0 }, lives = { 0 };
	struct gs_docs live = { &etab, 1 };
	gs_autostr struct gs_str start = { 0 };
	struct gs_err unread = { 0 };

	if (draft->req->verb != GS_LEADER_SWITCH ||
	    gs_docs_parse(&facts->exports, &files, &unread) < 0 ||
	    gs_exports_parse(gs_str_span(&facts->etab), &etab, &unread) < 0)
		return;
	map_access(&live, facts->path, &lives);
	map_access(&files, facts->path, &stood);
	for (size_t i = 0; i < draft->n; i++) {
		const struct gs_hostspec *host = &draft->client[i].host;
		size_t known = gs_keymap_get(&lives, host->text, "");
		struct gs_plan *plan = &draft->plan;
		enum gs_access from;

		if (known == GS_NO_KEY)
			known = gs_keymap_get(&stood, host->text, "");
		from = known == GS_NO_KEY ? draft->req->access : (enum gs_access)known;
		if (from == draft->req->access)
			continue;
		gs_exports_switch(&plan->exports, gs_plan_keep(plan, gs_span_of(host->text)), from,
				  draft->req->access);
	}
	if (draft->plan.exports.n_switched && !facts->offline && !facts->server.threads) {
		gs_server_start(&facts->server, &start);
		gs_findings_add(
			&draft->plan.findings, GS_NOTE, "SERVER_DOWN", start.ptr,
			"the NFS server is not running: the new access is active once it runs");
	}
}
