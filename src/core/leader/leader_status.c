/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/leader/leader_status.h"

#include <stdlib.h>
#include <string.h>

#include "base/strmap.h"
#include "core/check/check.h"
#include "core/check/escape.h"
#include "core/check/judge.h"
#include "core/check/lines.h"
#include "core/check/offered.h"
#include "core/check/starting.h"
#include "core/check/top.h"
#include "core/exports/docs.h"
#include "core/exports/nfsd_peers.h"
#include "core/exports/word.h"
#include "core/format/acl_text.h"
#include "core/leader/offered.h"
#include "core/leader/request.h"
#include "core/leader/served_facts.h"
#include "core/leader/status_entries.h"
#include "core/leader/status_peers.h"
#include "core/plan/plan.h"
#include "core/share/names.h"

int gs_status_paths(const struct gs_files *exports, const char *asked, struct gs_strs *ret,
		    struct gs_err *err)
{
	GS_AUTO(gs_docs_done) struct gs_docs docs = { 0 };

	if (asked) {
		gs_autofree char *path = gs_exports_clean_path(asked);

		gs_strs_add(ret, path);
		return 0;
	}
	if (gs_docs_parse(exports, &docs, err) < 0)
		return err->code;
	for (size_t d = 0; d < docs.n; d++)
		for (size_t i = 0; i < docs.v[d].marks; i++)
			if (!gs_strs_has(ret, docs.v[d].mark[i].path))
				gs_strs_add(ret, docs.v[d].mark[i].path);
	if (ret->n)
		return 0;
	if (gs_lines_refuse(exports, &docs, NULL, err) < 0)
		return err->code = -GS_E_FOUND;
	gs_err_set(err, GS_E_FOUND,
		   "no gshare share on this host: create one with 'gshare leader init'");
	return gs_err_cause(err, "NO_SHARE");
}

/* Does this entry cover the client? Names count by their present addresses. */
static bool is_by(const struct gs_leader_status *status, const struct gs_nfs_client *client,
		  const struct gs_hostspec *host)
{
	const struct gs_strs *addrs = host->kind == GS_HOST_NAME
					      ? gs_names_find(&status->facts.names, host->text)
					      : NULL;

	if (addrs && client->addr)
		return gs_strs_has(addrs, client->addr);
	return gs_nfs_client_is_of(client, host);
}

static void place_clients(struct gs_leader_status *status, struct gs_share_status *share)
{
	for (size_t c = 0; c < status->facts.clients.n; c++) {
		const struct gs_nfs_client *client = &status->facts.clients.v[c];
		struct gs_follower_status *best = NULL;

		if (!client->confirmed)
			continue;
		for (size_t i = 0; i < share->n; i++) {
			struct gs_follower_status *f = &share->follower[i];

			/* The entry that counts; of one rank the first in the files. */
			if (is_by(status, client, &f->host) &&
			    (!best || gs_host_rank(&f->host) < gs_host_rank(&best->host)))
				best = f;
		}
		if (!best)
			continue;
		gs_grow(&best->client, best->n, &best->room, sizeof *best->client);
		best->client[best->n++] = c;
	}
}

/* ---- the server and its files ------------------------------------------------------------- */

/* The first entry by a name that is not active; NULL: none. @ret_doc: which file has it */
static const struct gs_export *find_lost(const struct gs_docs *docs, const struct gs_exports *etab,
					 size_t *ret_doc)
{
	for (size_t d = 0; d < docs->n; d++)
		for (size_t i = 0; i < docs->v[d].n; i++) {
			const struct gs_export *entry = &docs->v[d].entry[i];
			size_t at = 0;

			*ret_doc = d;
			if (entry->host.kind == GS_HOST_NAME &&
			    !gs_exports_find(etab, entry->path, &entry->host, &at))
				return entry;
		}
	return NULL;
}

/* What is active already stays so for now, whatever the name server does. */
static char *name_of(const struct gs_leader_status *status, const struct gs_docs *docs,
		     const struct gs_exports *etab, struct gs_name_fact *ret)
{
	const struct gs_status_facts *seen = &status->facts;
	const struct gs_export *lost = NULL;
	size_t d = 0;

	*ret = (struct gs_name_fact){ .name = seen->names.silent };
	if (seen->names.silent && seen->server.threads)
		lost = find_lost(docs, etab, &d);
	if (!lost)
		return NULL;
	ret->name = lost->host.text;
	ret->loses = true;
	return gs_printf("%s:%zu", seen->exports.v[d].path, lost->number);
}

/* Those that have a client, as far as they were seen: others only knock. */
static size_t count_connected(const struct gs_status_facts *seen)
{
	size_t n = 0;

	for (size_t i = 0; i < seen->peers.n; i++)
		n += gs_nfs_client_of(&seen->clients, seen->peers.v[i]) != NULL;
	return n;
}

static size_t judge_server(struct gs_leader_status *status, const struct gs_docs *docs,
			   const struct gs_exports *etab)
{
	const struct gs_status_facts *seen = &status->facts;
	struct gs_name_fact name;
	gs_autofree char *place = name_of(status, docs, etab, &name);
	const struct gs_clients_fact clients = { seen->clients_known, seen->clients_unread,
						 seen->clients_late, NULL };
	const struct gs_offered_fact offered = { .offer = &seen->offer,
						 .is_idle = seen->clients_known &&
							    !seen->clients_unread &&
							    !seen->clients.n && !seen->peers.n,
						 .threads = seen->server.threads,
						 .clients = count_connected(seen) };
	const struct gs_starting_fact starting = { .container = &seen->container,
						   .server = &seen->server };
	const struct gs_facts facts = { .server = &seen->server,
					.offered = &offered,
					.starting = &starting,
					.name = name.name ? &name : NULL,
					.clients = &clients };

	name.place = place;
	return gs_checks_run(&facts, GS_FAIL, &status->findings);
}

static size_t judge_files(struct gs_leader_status *status, const struct gs_docs *docs)
{
	size_t failures = 0;

	for (size_t d = 0; d < docs->n; d++) {
		const struct gs_exports_flaw *flaw = gs_exports_fatal(&docs->v[d]);
		struct gs_line_fact line;
		const struct gs_facts facts = { .line = &line };

		if (!flaw)
			continue;
		gs_line_of(&status->facts.exports.v[d], flaw, &line);
		failures += gs_checks_run(&facts, GS_FAIL, &status->findings);
	}
	return failures;
}

/* ---- the share's top --------------------------------------------------------------------- */

/* The user that followers are mapped to, by the options of one entry of the share. */
static void top_of(const struct gs_status_facts *facts, size_t i, const struct gs_exportopts *opts,
		   struct gs_top *ret)
{
	*ret = (struct gs_top){
		.path = facts->roots.v[i].path,
		.root = &facts->roots.v[i].inode,
		.dirs = &facts->top[i].dirs,
		.id = &facts->top[i].id,
		.uid = opts->anonuid,
		.gid = opts->anongid,
		.squash = gs_exportopts_squash(opts),
		.crosses = opts->flags & GS_EXPORT_CROSSMNT,
		.spare = &facts->top[i].spare,
	};
}

void gs_status_tops(const struct gs_status_facts *facts, size_t i, const struct gs_docs *docs,
		    const struct gs_exports *etab, bool (*each)(void *, const struct gs_top *),
		    void *arg)
{
	for (size_t d = 0; d <= docs->n; d++) {
		const struct gs_exports *doc = d < docs->n ? &docs->v[d] : etab;
		const struct gs_export *entry;
		size_t at = 0;

		while ((entry = gs_exports_find(doc, facts->roots.v[i].path, NULL, &at))) {
			struct gs_top top;

			if (!entry->is_readable)
				continue;
			top_of(facts, i, &entry->opts, &top);
			if (!each(arg, &top))
				return;
		}
	}
}

/* struct judging - the state while the entries of a share are checked */
struct judging {
	struct gs_findings *findings;
	enum gs_severity most;
	const struct gs_account *owner; /* of the share's directory; NULL: not asked, or reported */
	size_t failures;
};

/* Stops at the first entry that gives followers access to PostgreSQL's or root's files. */
static bool judge_top(void *arg, const struct gs_top *top)
{
	struct judging *judging = arg;
	const struct gs_facts facts = { .top = top, .owner = judging->owner };
	size_t told = judging->findings->n;

	judging->failures += gs_checks_run(&facts, judging->most, judging->findings);
	if (judging->findings->n == told)
		return true;
	if (judging->failures || !judging->owner)
		return false;
	judging->owner = NULL;
	return true;
}

/* @list: the active entries; if no server runs, those that would be active after its start */
static void tell_escape(const struct gs_status_facts *seen, size_t i, const struct gs_docs *docs,
			const struct gs_exports *list, size_t n, struct gs_findings *findings)
{
	const struct gs_mounted *under = &seen->under.v[i];
	const char *path = seen->roots.v[i].path;
	const struct gs_escape escape = { .path = path,
					  .is_fs_root = under->is_whole &&
							!strcmp(under->target, path),
					  .fs_type = under->type,
					  .list = list,
					  .n = n };
	GS_AUTO(gs_strs_done) struct gs_strs hosts = { 0 };
	const struct gs_escape_fact escapes = { &escape, &hosts, docs, false };
	const struct gs_facts facts = { .escape = &escapes };

	gs_share_escapees(&escape, &hosts);
	gs_checks_run(&facts, GS_WARN, findings);
}

void gs_status_tell_dangers(const struct gs_status_facts *facts, const struct gs_docs *docs,
			    struct gs_findings *findings)
{
	const struct gs_exports none = { 0 };

	for (size_t i = 0; i < facts->roots.n; i++) {
		struct judging judging = { findings, GS_WARN, NULL, 0 };

		gs_status_tops(facts, i, docs, &none, judge_top, &judging);
		tell_escape(facts, i, docs, docs->v, docs->n, findings);
	}
}

/* Dataset directories that followers cannot use as they should: by mode and ACL. */
static size_t judge_dataset_dirs(struct gs_leader_status *status, size_t i,
				 const struct gs_served_fact *served)
{
	const struct gs_path_inodes *dirs = &status->facts.top[i].served.dirs;
	const struct gs_account *owner = &status->facts.top[i].served.owner;
	size_t failures = 0;

	for (size_t k = 0; served->squash != GS_SQUASH_NONE && k < dirs->n; k++) {
		const struct gs_kept_fact kept = {
			.path = dirs->v[k].path,
			.inode = &dirs->v[k].inode,
			.owner = owner,
			.acts = true,
			.can_write = gs_inode_permits(&dirs->v[k].inode, owner,
						      GS_MAY_WRITE | GS_MAY_EXECUTE),
		};
		const struct gs_facts facts = { .kept = &kept };

		if (dirs->v[k].inode.type == GS_INODE_DIR)
			failures += gs_checks_run(&facts, served->gives_rw ? GS_FAIL : GS_WARN,
						  &status->findings);
	}
	return failures;
}

static size_t judge_served(struct gs_leader_status *status, size_t i, const struct gs_docs *docs,
			   const struct gs_exports *etab)
{
	const struct gs_status_facts *seen = &status->facts;
	struct gs_served_fact served = { .is = &seen->top[i].served,
					 .id_file = &seen->top[i].id_file };
	const struct gs_facts facts = { .served = &served, .around = &served };
	size_t failures;

	if (!served.is->ancestors.n)
		return 0;
	gs_served_meant(docs, etab, seen->roots.v[i].path, &served);
	served.files = &seen->exports;
	failures = gs_checks_run(&facts, GS_FAIL, &status->findings);
	return failures + judge_dataset_dirs(status, i, &served);
}

/* What fstab would mount on the path, or on a dataset directory. Returns true where it is not
 * mounted. */
static bool judge_unmounted(struct gs_leader_status *status, size_t i)
{
	const struct gs_served *served = &status->facts.top[i].served;
	const struct gs_file *file = &status->facts.fstab;
	GS_AUTO(gs_fstab_done) struct gs_fstab fstab = { 0 };
	struct gs_unmounted_fact unmounted = { .file = file->path };
	const struct gs_facts facts = { .unmounted = &unmounted };
	struct gs_err unread = { 0 };

	if (!file->path || gs_fstab_parse(gs_str_span(&file->text), &fstab, &unread) < 0)
		return false;
	unmounted.entry = gs_find_unmounted(&fstab, &served->ancestors);
	if (!unmounted.entry)
		unmounted.entry = gs_find_unmounted(&fstab, &served->dirs);
	return gs_checks_run(&facts, GS_FAIL, &status->findings);
}

/* A missing directory is reported regardless of the entries. */
static size_t judge_dir(struct gs_leader_status *status, size_t i, size_t followers)
{
	const struct gs_path_inode *root = &status->facts.roots.v[i];
	const struct gs_status_top *seen = &status->facts.top[i];
	const struct gs_top top = { .path = root->path, .dirs = &seen->dirs, .id = &seen->id };
	const struct gs_share_fact share = { .path = root->path,
					     .root = &root->inode,
					     .id_file = &seen->id_file,
					     .id_odd = &seen->id_odd,
					     .followers = followers };
	const struct gs_facts facts = { .share = &share, .lost = followers ? &top : NULL };

	return gs_checks_run(&facts, GS_FAIL, &status->findings);
}

static size_t judge_tops(struct gs_leader_status *status, size_t i, const struct gs_docs *docs,
			 const struct gs_exports *etab)
{
	struct judging judging = { &status->findings, GS_FAIL, &status->facts.top[i].owner, 0 };

	gs_status_tops(&status->facts, i, docs, etab, judge_top, &judging);
	return judging.failures;
}

/* One that is connected got in: by a rule that is not ufw's, or before ufw was enabled. */
static size_t judge_follower(struct gs_leader_status *status, const char *path,
			     struct gs_follower_status *follower)
{
	const struct gs_status_facts *seen = &status->facts;
	const struct gs_strs *way = gs_names_find(&seen->ways, follower->host.text);
	const struct gs_knock knock = { &follower->host, way && way->n ? way->v[0] : NULL,
					seen->offer.port ? seen->offer.port : GS_NFS_PORT,
					way && way->n > 1 ? way->v[1] : NULL };
	GS_AUTO(gs_verdict_done) struct gs_verdict verdict = { 0 };
	const struct gs_firewall_fact fact = { &seen->firewall, &knock, &verdict, path };

	gs_firewall_judge(&seen->firewall, &knock, &verdict);
	/* What is not enabled lacks nothing: only what is loaded counts. */
	if (seen->firewall.charge == GS_CHARGE_LATER)
		verdict.kept = verdict.now;
	follower->gate = gs_firewall_gate(&verdict);
	return gs_firewall_tell(&fact, follower->n ? GS_WARN : GS_FAIL, &status->findings);
}

static size_t judge_firewall(struct gs_leader_status *status, const struct gs_share_status *share)
{
	const struct gs_firewall_fact unread = { .firewall = &status->facts.firewall };
	size_t failures = 0;

	if (unread.firewall->unread)
		return gs_firewall_tell(&unread, GS_WARN, &status->findings);
	for (size_t i = 0; unread.firewall->kind && i < share->n; i++)
		failures += judge_follower(status, share->path, &share->follower[i]);
	return failures;
}

/* A copy of a share on the same leader has its id, too: a follower could not tell them apart. */
static void judge_copy(struct gs_leader_status *status, size_t i)
{
	const struct gs_status_facts *seen = &status->facts;
	struct gs_copy_fact copy = { .path = seen->roots.v[i].path };
	const struct gs_facts facts = { .copy = &copy };
	char id[GS_SHARE_ID_BYTES], other[GS_SHARE_ID_BYTES];

	if (!gs_share_id_parse(gs_str_span(&seen->top[i].id_file.text), id))
		return;
	copy.id = id;
	for (size_t k = 0; k < i && !copy.of; k++)
		if (gs_share_id_parse(gs_str_span(&seen->top[k].id_file.text), other) &&
		    !strcmp(id, other))
			copy.of = seen->roots.v[k].path;
	gs_checks_run(&facts, GS_WARN, &status->findings);
}

/* @sound: server and files have no failure; theirs count as failures of every share */
static void judge_share(struct gs_leader_status *status, size_t i, bool sound,
			const struct gs_docs *docs, const struct gs_exports *etab)
{
	bool active = status->facts.server.threads > 0;
	struct gs_share_status *share;
	size_t failures = 0;

	gs_grow(&status->share, status->n, &status->room, sizeof *status->share);
	share = &status->share[status->n++];
	share->path = gs_strdup(status->facts.roots.v[i].path);
	share->healthy = sound;
	gs_status_entries(status, share, docs, etab);
	place_clients(status, share);
	gs_status_tell_peers(status, share);
	failures = judge_unmounted(status, i) ? 1 : judge_served(status, i, docs, etab);
	failures += gs_lines_judge(&status->facts.exports, docs, share->path, &status->findings);
	failures += judge_firewall(status, share);
	failures += gs_status_reaching(status, share);
	failures += judge_tops(status, i, docs, etab);
	failures += judge_dir(status, i, share->n);
	judge_copy(status, i);
	if (failures)
		share->healthy = false;
	tell_escape(&status->facts, i, docs, active ? etab : docs->v, active ? 1 : docs->n,
		    &status->findings);
}

int gs_status_judge(struct gs_leader_status *status, struct gs_err *err)
{
	GS_AUTO(gs_docs_done) struct gs_docs docs = { 0 };
	GS_AUTO(gs_exports_done) struct gs_exports etab = { 0 };
	size_t failures;

	if (gs_docs_parse(&status->facts.exports, &docs, err) < 0 ||
	    gs_exports_parse(gs_str_span(&status->facts.etab), &etab, err) < 0)
		return err->code;
	failures = judge_server(status, &docs, &etab);
	failures += judge_files(status, &docs);
	for (size_t i = 0; i < status->facts.roots.n; i++)
		judge_share(status, i, !failures, &docs, &etab);
	return 0;
}

const struct gs_nfs_client *gs_status_best(const struct gs_leader_status *status,
					   const struct gs_follower_status *follower)
{
	const struct gs_nfs_client *best = NULL;

	for (size_t i = 0; i < follower->n; i++) {
		const struct gs_nfs_client *c = &status->facts.clients.v[follower->client[i]];

		if (!best || (c->has_renewed && c->renewed_s < best->renewed_s))
			best = c;
	}
	return best;
}

bool gs_status_writing(const struct gs_leader_status *status,
		       const struct gs_follower_status *follower, size_t *ret)
{
	const struct gs_status_facts *facts = &status->facts;
	size_t n = 0;

	if (!facts->clients_known || (facts->clients_unread && !follower->n))
		return false;
	for (size_t i = 0; i < follower->n; i++) {
		const struct gs_nfs_client *client = &facts->clients.v[follower->client[i]];

		if (!client->is_read)
			return false;
		n += client->writing.n;
	}
	*ret = n;
	return true;
}

static void share_done(struct gs_share_status *share)
{
	for (size_t i = 0; i < share->n; i++) {
		gs_hostspec_done(&share->follower[i].host);
		free(share->follower[i].client);
	}
	free(share->follower);
	free(share->path);
}

void gs_status_facts_done(struct gs_status_facts *facts)
{
	gs_files_done(&facts->exports);
	gs_file_done(&facts->fstab);
	gs_str_done(&facts->etab);
	gs_nfs_clients_done(&facts->clients);
	gs_strs_done(&facts->peers);
	free(facts->clients_unread);
	gs_names_done(&facts->names);
	gs_firewall_done(&facts->firewall);
	gs_names_done(&facts->ways);
	gs_nfsd_offer_done(&facts->offer);
	gs_names_done(&facts->faces);
	gs_mounts_done(&facts->under);
	for (size_t i = 0; i < facts->roots.n; i++) {
		free(facts->roots.v[i].path);
		gs_inode_done(&facts->roots.v[i].inode);
		for (size_t k = 0; k < facts->top[i].dirs.n; k++) {
			free(facts->top[i].dirs.v[k].path);
			gs_inode_done(&facts->top[i].dirs.v[k].inode);
		}
		free(facts->top[i].dirs.v);
		gs_inode_done(&facts->top[i].id);
		gs_file_done(&facts->top[i].id_file);
		gs_account_done(&facts->top[i].owner);
		gs_served_done(&facts->top[i].served);
	}
	free(facts->top);
	free(facts->roots.v);
	*facts = (struct gs_status_facts){ 0 };
}

void gs_leader_status_done(struct gs_leader_status *status)
{
	for (size_t i = 0; i < status->n; i++)
		share_done(&status->share[i]);
	free(status->share);
	gs_findings_done(&status->findings);
	gs_status_facts_done(&status->facts);
	*status = (struct gs_leader_status){ 0 };
}
