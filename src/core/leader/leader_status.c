/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/leader/leader_status.h"

#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "base/strmap.h"
#include "core/exports/docs.h"
#include "core/exports/word.h"
#include "core/leader/escape.h"
#include "core/leader/request.h"
#include "core/plan/finding.h"
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
	gs_err_set(err, GS_E_FOUND,
		   "this machine shares nothing by gshare yet: 'gshare "
		   "leader init' makes a share, and takes its followers");
	return gs_err_cause(err, "NO_SHARE");
}

/* @seen: the share's followers by their text; it borrows from the documents that are read */
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

/* "sudo gshare leader VERB HOST", with the share where there are several. */
static char *mend_of(const struct gs_leader_status *status, const struct gs_share_status *share,
		     const char *verb, const char *host)
{
	bool several = status->facts.roots.n > 1;

	return gs_command_text("", "sudo", "gshare", "leader", verb, host,
			       several ? "--path" : NULL, several ? share->path : NULL);
}

__attribute__((format(printf, 5, 6))) static void fail_share(struct gs_leader_status *status,
							     struct gs_share_status *share,
							     const char *id, const char *mend,
							     const char *fmt, ...)
{
	gs_autofree char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = gs_vprintf(fmt, ap);
	va_end(ap);
	share->healthy = false;
	gs_findings_add(&status->findings, GS_FAIL, id, mend, "%s", text);
}

/* An entry of the files beside what is in force for the same host. */
static void compare(struct gs_leader_status *status, struct gs_share_status *share,
		    struct gs_keymap *seen, const struct gs_export *wanted,
		    const struct gs_export *live)
{
	struct gs_follower_status *follower = follower_of(share, seen, &wanted->host);
	gs_autofree char *mend = mend_of(status, share, "add", wanted->host.text);
	gs_autostr struct gs_str what = { 0 };

	follower->wanted = true;
	follower->wanted_access = gs_exportopts_access(&wanted->opts);
	follower->in_force = live != NULL;
	if (live)
		follower->in_force_access = gs_exportopts_access(&live->opts);
	if (!status->facts.server.threads)
		return;
	if (!live)
		fail_share(status, share, "NOT_IN_FORCE", mend,
			   "'%s' to %s stands in the file but is not in force", share->path,
			   wanted->host.text);
	else if (gs_exportopts_difference(&live->opts, &wanted->opts, &what))
		fail_share(status, share, "NOT_IN_FORCE", mend,
			   "'%s' to %s is in force with %s, as the file says", share->path,
			   wanted->host.text, what.ptr);
}

static void take_files(struct gs_leader_status *status, struct gs_share_status *share,
		       struct gs_keymap *seen, const struct gs_docs *docs,
		       const struct gs_exports *etab)
{
	GS_AUTO(gs_keymap_done) struct gs_keymap live = { 0 };

	for (size_t e = 0; e < etab->n; e++)
		gs_keymap_put(&live, etab->entry[e].path, etab->entry[e].host.text, e);
	for (size_t d = 0; d < docs->n; d++) {
		const struct gs_export *entry;
		size_t at = 0;

		while ((entry = gs_exports_find(&docs->v[d], share->path, NULL, &at))) {
			size_t e = gs_keymap_get(&live, share->path, entry->host.text);

			compare(status, share, seen, entry,
				e == GS_NO_KEY ? NULL : &etab->entry[e]);
		}
	}
}

/* What is in force and in no file would end with the next exportfs -ra. */
static void take_etab(struct gs_leader_status *status, struct gs_share_status *share,
		      struct gs_keymap *seen, const struct gs_exports *etab)
{
	const struct gs_export *entry;
	size_t at = 0;

	while ((entry = gs_exports_find(etab, share->path, NULL, &at))) {
		struct gs_follower_status *follower = follower_of(share, seen, &entry->host);
		gs_autofree char *mend = mend_of(status, share, "remove", entry->host.text);

		if (follower->wanted)
			continue;
		follower->in_force = true;
		follower->in_force_access = gs_exportopts_access(&entry->opts);
		fail_share(status, share, "NOT_IN_FILE", mend,
			   "'%s' to %s is in force but stands in no file", share->path,
			   entry->host.text);
	}
}

/* Does the client come by this entry? Names by the addresses that they have now. */
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

static void judge_server(struct gs_leader_status *status)
{
	const struct gs_server *server = &status->facts.server;

	if (!server->installed)
		gs_findings_add(&status->findings, GS_FAIL, "SERVER_MISSING",
				"sudo apt-get install nfs-kernel-server",
				"the NFS server is not installed");
	else if (!server->threads)
		gs_findings_add(&status->findings, GS_FAIL, "SERVER_DOWN",
				"sudo systemctl start nfs-server", "the NFS server does not run");
	else if (!server->mountd)
		gs_findings_add(&status->findings, GS_FAIL, "MOUNTD_DEAD",
				"sudo systemctl restart nfs-mountd",
				"nfsd runs but rpc.mountd does not: followers will hang");
	if (server->installed && server->systemd && !server->enabled)
		gs_findings_add(&status->findings, GS_WARN, "SERVER_NOT_ENABLED",
				"sudo systemctl enable nfs-server",
				"the NFS server does not start at boot");
	if (status->facts.names.silent)
		gs_findings_add(&status->findings, GS_WARN, "NAME_SERVER_SILENT",
				"write addresses instead of names, or make the name server answer",
				"the name server does not answer for '%s'",
				status->facts.names.silent);
	if (!status->facts.clients_known)
		gs_findings_add(&status->findings, GS_NOTE, "CLIENTS_UNKNOWN",
				"sudo gshare leader status",
				"only root may see who is connected and who writes");
	else if (status->facts.clients_unread)
		gs_findings_add(&status->findings, GS_WARN, "CLIENTS_UNREAD",
				status->facts.clients_late
					? "sudo gshare leader status --timeout 60"
					: NULL,
				"where a '?' stands, who is connected or what is open for writing "
				"is not known: %s",
				status->facts.clients_unread);
}

static void judge_files(struct gs_leader_status *status, const struct gs_docs *docs)
{
	for (size_t d = 0; d < docs->n; d++) {
		const struct gs_exports_flaw *flaw = gs_exports_fatal(&docs->v[d]);

		if (flaw)
			gs_findings_add(&status->findings, GS_FAIL, flaw->id, "mend that line",
					"%s:%zu: %s: exportfs drops this line and all below it",
					status->facts.exports.v[d].path, flaw->number, flaw->why);
	}
}

/* ---- PostgreSQL's data ------------------------------------------------------------------- */

/* Whom followers act as, by the options of one entry for the share. */
static void top_of(const struct gs_status_facts *facts, size_t i, const struct gs_exportopts *opts,
		   struct gs_top *ret)
{
	*ret = (struct gs_top){
		.path = facts->roots.v[i].path,
		.root = &facts->roots.v[i].node,
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

/* struct judging - a share while its entries are judged */
struct judging {
	struct gs_leader_status *status;
	struct gs_share_status *share;
	const struct gs_account *owner; /* of the share's directory, as gs_status_top */
	bool seen;			/* an entry, for what is the same with all of them */
	bool owned;			/* that is told */
};

/* With the group that the entry says, by its name where that is the user's own. */
static void tell_owned(struct judging *judging, const struct gs_top *top)
{
	gs_autofree char *group = gs_printf("%u", top->gid);
	struct gs_account owner = *judging->owner;

	if (judging->owned || !owner.name || top->root->type != GS_NODE_DIR ||
	    top->root->uid != top->uid || top->squash == GS_SQUASH_NONE)
		return;
	if (owner.gid != top->gid)
		owner.group = group;
	gs_top_tell_owned(top->path, &owner, &judging->status->findings);
	judging->owned = true;
}

static bool judge_top(void *arg, const struct gs_top *top)
{
	GS_AUTO(gs_breach_done) struct gs_breach breach = { 0 };
	struct judging *judging = arg;

	if (!judging->seen)
		gs_top_tell_gone(top, NULL, &judging->status->findings);
	judging->seen = true;
	gs_top_judge(top, &breach);
	if (breach.id)
		fail_share(judging->status, judging->share, breach.id, breach.mend, "%s",
			   breach.text);
	else
		tell_owned(judging, top);
	return !breach.id;
}

/* @list: what is active; where no server runs, what one that starts would make active */
static void tell_escape(const struct gs_status_facts *facts, size_t i, const struct gs_docs *docs,
			const struct gs_exports *list, size_t n, struct gs_findings *findings)
{
	const struct gs_mounted *under = &facts->under.v[i];
	const char *path = facts->roots.v[i].path;
	struct gs_escape escape = { .path = path,
				    .is_fs_root = under->is_whole && !strcmp(under->target, path),
				    .fs_type = under->type,
				    .list = list,
				    .n = n };
	GS_AUTO(gs_strs_done) struct gs_strs hosts = { 0 };

	gs_share_escapees(&escape, &hosts);
	gs_escape_tell(&escape, &hosts, docs, findings);
}

static bool warn_top(void *arg, const struct gs_top *top)
{
	GS_AUTO(gs_breach_done) struct gs_breach breach = { 0 };
	struct gs_findings *findings = arg;

	gs_top_judge(top, &breach);
	if (breach.id)
		gs_findings_add(findings, GS_WARN, breach.id, breach.mend, "%s", breach.text);
	return !breach.id;
}

void gs_status_tell_dangers(const struct gs_status_facts *facts, const struct gs_docs *docs,
			    struct gs_findings *findings)
{
	const struct gs_exports none = { 0 };

	for (size_t i = 0; i < facts->roots.n; i++) {
		gs_status_tops(facts, i, docs, &none, warn_top, findings);
		tell_escape(facts, i, docs, docs->v, docs->n, findings);
	}
}

/* What keeps every verb of the leader from its work is nothing that a share is healthy with. */
static void judge_id(struct gs_leader_status *status, struct gs_share_status *share, size_t i)
{
	const struct gs_status_top *top = &status->facts.top[i];
	gs_autostr struct gs_str fix = { 0 };
	struct gs_err odd = top->id_odd;
	char id[GS_SHARE_ID_BYTES];

	if (status->facts.roots.v[i].node.type != GS_NODE_DIR)
		return;
	if (!odd.code && top->id_file.exists)
		(void)gs_leader_read_id(&top->id_file, id, &odd);
	if (!odd.code)
		return;
	gs_share_id_anew(NULL, share->path, &fix);
	fail_share(status, share, "ID_BROKEN", fix.ptr, "%s", odd.msg);
}

/* @sound: the server and the files are: what is wrong with them is wrong with every share */
static void judge_share(struct gs_leader_status *status, size_t i, bool sound,
			const struct gs_docs *docs, const struct gs_exports *etab)
{
	const struct gs_place *root = &status->facts.roots.v[i];
	bool active = status->facts.server.threads > 0;
	GS_AUTO(gs_keymap_done) struct gs_keymap seen = { 0 };
	struct gs_share_status *share;
	struct judging judging;

	gs_grow(&status->share, status->n, &status->room, sizeof *status->share);
	share = &status->share[status->n++];
	share->path = gs_strdup(root->path);
	share->healthy = sound;
	take_files(status, share, &seen, docs, etab);
	take_etab(status, share, &seen, etab);
	place_clients(status, share);
	judging = (struct judging){ status, share, &status->facts.top[i].owner, false, false };
	gs_status_tops(&status->facts, i, docs, etab, judge_top, &judging);
	judge_id(status, share, i);
	tell_escape(&status->facts, i, docs, active ? etab : docs->v, active ? 1 : docs->n,
		    &status->findings);
	if (root->node.type != GS_NODE_DIR) {
		gs_autofree char *mend = gs_command_text("", "sudo", "gshare", "leader", "init",
							 share->path);

		fail_share(status, share, "PATH_MISSING", mend, "'%s' is not a directory",
			   share->path);
	}
	if (!share->n)
		gs_findings_add(&status->findings, GS_NOTE, "NO_FOLLOWER", NULL,
				"'%s' is exported to nobody: 'gshare leader add' takes its "
				"followers",
				share->path);
}

int gs_status_judge(struct gs_leader_status *status, struct gs_err *err)
{
	GS_AUTO(gs_docs_done) struct gs_docs docs = { 0 };
	GS_AUTO(gs_exports_done) struct gs_exports etab = { 0 };
	bool sound = true;

	if (gs_docs_parse(&status->facts.exports, &docs, err) < 0 ||
	    gs_exports_parse(gs_str_span(&status->facts.etab), &etab, err) < 0)
		return err->code;
	judge_server(status);
	judge_files(status, &docs);
	for (size_t i = 0; i < status->findings.n; i++)
		sound &= status->findings.v[i].severity != GS_FAIL;
	for (size_t i = 0; i < status->facts.roots.n; i++)
		judge_share(status, i, sound, &docs, &etab);
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
	gs_str_done(&facts->etab);
	gs_nfs_clients_done(&facts->clients);
	free(facts->clients_unread);
	gs_names_done(&facts->names);
	gs_mounts_done(&facts->under);
	for (size_t i = 0; i < facts->roots.n; i++) {
		free(facts->roots.v[i].path);
		gs_node_done(&facts->roots.v[i].node);
		for (size_t k = 0; k < facts->top[i].dirs.n; k++) {
			free(facts->top[i].dirs.v[k].path);
			gs_node_done(&facts->top[i].dirs.v[k].node);
		}
		free(facts->top[i].dirs.v);
		gs_node_done(&facts->top[i].id);
		gs_file_done(&facts->top[i].id_file);
		gs_account_done(&facts->top[i].owner);
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
