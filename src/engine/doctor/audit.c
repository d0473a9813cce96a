/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/doctor/audit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/check/audit.h"
#include "core/check/check.h"
#include "core/format/fstab.h"
#include "engine/observe/common.h"
#include "engine/observe/offered.h"
#include "engine/phase.h"

enum {
	SHARES_MAX = 16,	 /* that are searched */
	ENTRIES_MAX = 20000,	 /* of a share; some 0.2 s on a local disk */
	HITS_MAX = 200,		 /* of each kind */
	SEARCH_MS = 2000,	 /* of a share, at most */
	PROGRAM_MS = 1000,	 /* to say its version */
	SOCKETS_BYTES = 8 << 20, /* some 50,000 sockets */
	SAID_BYTES = 4096,
};

#define MOUNTD "/usr/sbin/rpc.mountd"

/* struct audit - the facts of this node; owned */
struct audit {
	struct gs_server server;
	struct gs_nfsd_offer offer;
	struct gs_files files;
	struct gs_docs docs;
	struct gs_exports etab;
	struct gs_mounts mounts;
	struct gs_file fstab;
	struct gs_str rpcbind, said;
	char *version;
	bool has_systemd;
};

static void audit_done(struct audit *audit)
{
	gs_nfsd_offer_done(&audit->offer);
	gs_docs_done(&audit->docs);
	gs_files_done(&audit->files);
	gs_exports_done(&audit->etab);
	gs_mounts_done(&audit->mounts);
	gs_file_done(&audit->fstab);
	gs_str_done(&audit->rpcbind);
	gs_str_done(&audit->said);
	free(audit->version);
}

/* ---- the facts ---------------------------------------------------------------------------- */

static void add_said(void *arg, struct gs_span piece)
{
	struct gs_str *said = arg;

	if (said->len + piece.len <= SAID_BYTES)
		gs_str_add(said, piece);
}

static void ask_version(struct gs_sys *sys, struct audit *audit)
{
	static const char *const argv[] = { MOUNTD, "--version", NULL };
	static const char *const env[] = { "LC_ALL=C", NULL };
	const struct gs_package_run run = {
		.argv = argv,
		.env = env,
		.deadline_ns = sys->ops->clock->now_ns(sys) + PROGRAM_MS * INT64_C(1000000),
		.said = add_said,
		.arg = &audit->said,
	};
	struct gs_package_end end = { 0 };
	struct gs_err unasked = { 0 };

	if (sys->ops->package->has(sys, MOUNTD) &&
	    sys->ops->package->run(sys, &run, &end, &unasked) == 0)
		audit->version = gs_audit_version(gs_str_span(&audit->said));
	gs_str_done(&end.output);
}

static void look_sockets(struct gs_sys *sys, const char *path, struct gs_str *ret_addr)
{
	gs_autostr struct gs_str text = { 0 };
	struct gs_err unread = { 0 };
	bool exists = false;

	if (sys->ops->fs->read_file(sys, path, SOCKETS_BYTES, &text, &exists, &unread) == 0)
		gs_audit_rpcbind(gs_str_span(&text), ret_addr);
}

static int observe_server(struct gs_sys *sys, struct audit *audit, struct gs_err *err)
{
	gs_autostr struct gs_str etab = { 0 };

	if (sys->ops->server->serving(sys, &audit->server, err) < 0 ||
	    gs_observe_exports(sys, "/etc/exports", &audit->files, err) < 0 ||
	    gs_docs_parse(&audit->files, &audit->docs, err) < 0)
		return err->code;
	if (!audit->server.threads)
		return 0;
	if (sys->ops->server->active_exports(sys, &etab, err) < 0 ||
	    gs_exports_parse(gs_str_span(&etab), &audit->etab, err) < 0)
		return err->code;
	audit->has_systemd = sys->ops->service->runs(sys);
	gs_observe_offer(sys, &audit->server, &audit->offer);
	if (!audit->offer.conf.n)
		gs_observe_nfs_conf(sys, &audit->offer.conf);
	look_sockets(sys, "/proc/self/net/tcp", &audit->rpcbind);
	look_sockets(sys, "/proc/self/net/tcp6", &audit->rpcbind);
	ask_version(sys, audit);
	return 0;
}

static int observe(struct gs_sys *sys, struct audit *audit, struct gs_err *err)
{
	if (observe_server(sys, audit, err) < 0 ||
	    sys->ops->mount->list_nfs(sys, &audit->mounts, err) < 0)
		return err->code;
	return gs_observe_file(sys, "/etc/fstab", &audit->fstab, err);
}

/* ---- what is told ------------------------------------------------------------------------- */

static void tell(const struct gs_facts *facts, enum gs_side side, const char *place,
		 struct gs_cases *cases)
{
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };

	gs_checks_run(facts, GS_WARN, &findings);
	gs_cases_add_all(cases, side, place, &findings);
}

static bool is_asked(const char *path, const char *of)
{
	return !path || !strcmp(path, of);
}

static bool has_v3_mount(const struct gs_mounts *mounts)
{
	struct gs_span version = { 0 };

	for (size_t i = 0; i < mounts->n; i++)
		if (gs_mountopt_get(mounts->v[i].options, "vers", &version) &&
		    gs_span_is_text(version, "3"))
			return true;
	return false;
}

static void tell_server(const struct audit *audit, struct gs_cases *cases)
{
	const struct gs_audit_server_fact server = {
		.offer = &audit->offer,
		.has_systemd = audit->has_systemd,
		.needs_v3 = has_v3_mount(&audit->mounts),
		.rpcbind = audit->rpcbind.len ? audit->rpcbind.ptr : NULL,
		.version = audit->version,
	};
	const struct gs_facts facts = { .audit_server = &server };

	if (audit->offer.is_known)
		tell(&facts, GS_SIDE_LEADER, NULL, cases);
}

/* What is active, or would be where no server runs. */
static const struct gs_exports *lists_of(const struct audit *audit, size_t *ret_n)
{
	*ret_n = audit->server.threads ? 1 : audit->docs.n;
	return audit->server.threads ? &audit->etab : audit->docs.v;
}

static void tell_entry(const struct audit *audit, const struct gs_export *entry,
		       const struct gs_audit_demands *demands, struct gs_cases *cases)
{
	struct gs_audit_entry_fact fact;
	const struct gs_facts facts = { .audit_entry = &fact };
	gs_autofree char *word = NULL;

	gs_audit_entry(entry, demands, &audit->files, &audit->docs, &fact, &word);
	tell(&facts, GS_SIDE_LEADER, entry->path, cases);
}

static void tell_entries(const struct audit *audit, const char *path, struct gs_cases *cases)
{
	size_t n;
	const struct gs_exports *list = lists_of(audit, &n);
	struct gs_audit_demands demands = { 0 };

	gs_audit_demands(list, n, &demands);
	for (size_t d = 0; d < n; d++)
		for (size_t i = 0; i < list[d].n; i++) {
			const struct gs_export *entry = &list[d].entry[i];

			if (is_asked(path, entry->path) && gs_audit_is_open(entry, &demands))
				tell_entry(audit, entry, &demands, cases);
		}
}

/* ---- what is in a share ------------------------------------------------------------------- */

static bool enters(const void *arg, const struct gs_entry *entry)
{
	return gs_audit_enters(arg, entry);
}

static unsigned finds(const void *arg, const struct gs_entry *entry)
{
	return gs_audit_finds(arg, entry);
}

static void tell_hits(const char *path, const struct gs_audit_eyes *eyes,
		      const struct gs_tree_hits *hits, struct gs_cases *cases)
{
	for (unsigned kind = 1; kind < GS_AUDIT_KINDS; kind++) {
		GS_AUTO(gs_strs_done) struct gs_strs paths = { 0 };
		gs_autofree struct gs_audit_hit *hit = gs_alloc((hits->n + 1) * sizeof *hit);
		struct gs_audit_tree_fact tree = {
			.share = path,
			.eyes = eyes,
			.kind = kind,
			.hit = hit,
		};
		const struct gs_facts facts = { .audit_tree = &tree };

		for (size_t i = 0; i < hits->n; i++) {
			gs_autofree char *full = gs_printf("%s/%s", path, hits->v[i].path);

			if (hits->v[i].kind != kind)
				continue;
			gs_strs_add(&paths, full);
			hit[tree.n++] = (struct gs_audit_hit){ NULL, kind, hits->v[i].is_block };
		}
		for (size_t i = 0; i < tree.n; i++)
			hit[i].path = paths.v[i];
		if (tree.n)
			tell(&facts, GS_SIDE_LEADER, path, cases);
	}
}

static void tell_cut(const char *path, size_t entries, struct gs_cases *cases)
{
	const struct gs_audit_tree_fact tree = { .share = path, .cut = entries };
	const struct gs_facts facts = { .audit_tree = &tree };

	tell(&facts, GS_SIDE_LEADER, path, cases);
}

/* A share of another server's files has that server to look at them. */
static bool is_local(struct gs_sys *sys, const char *path)
{
	static const char *const far[] = { "nfs", "cifs", "smb", "ceph", "fuse", "9p", "afs" };
	GS_AUTO(gs_mounted_done) struct gs_mounted mount = { 0 };
	struct gs_err unknown = { 0 };

	if (sys->ops->mount->find_of(sys, path, &mount, &unknown) < 0)
		return false;
	for (size_t i = 0; i < GS_COUNT(far); i++)
		if (gs_span_has_prefix(gs_span_of(mount.type), far[i]))
			return false;
	return true;
}

/* A part of what time is left, as there are shares left. */
static int64_t search_end(struct gs_sys *sys, size_t left)
{
	int64_t now = sys->ops->clock->now_ns(sys);
	int64_t part = (sys->deadline_ns - now) / (int64_t)(left + 1);
	const int64_t most = SEARCH_MS * INT64_C(1000000);

	return now + (part < most ? part : most);
}

static void search(struct gs_sys *sys, const char *path, const struct gs_audit_eyes *eyes,
		   size_t left, struct gs_cases *cases)
{
	GS_AUTO(gs_tree_hits_done) struct gs_tree_hits hits = { 0 };
	const struct gs_tree_find find = {
		.root = path,
		.deadline_ns = search_end(sys, left),
		.max_entries = ENTRIES_MAX,
		.max_found = HITS_MAX,
		.arg = eyes,
		.enters = enters,
		.finds = finds,
	};
	struct gs_err err = { 0 };

	if (sys->ops->fs->find(sys, &find, &hits, &err) < 0) {
		gs_cases_add_error(cases, GS_SIDE_LEADER, path, &err);
		return;
	}
	tell_hits(path, eyes, &hits, cases);
	if (hits.cut)
		tell_cut(path, hits.entries, cases);
}

/* The directory itself: that of a share in which nothing is gshare's is told by nobody else. */
static bool look_root(struct gs_sys *sys, const char *path, struct gs_cases *cases)
{
	GS_AUTO(gs_inode_done) struct gs_inode inode = { 0 };
	const struct gs_account nobody = { 0 };
	const struct gs_kept_fact kept = {
		.path = path, .inode = &inode, .owner = &nobody, .can_write = true, .is_root = true
	};
	const struct gs_facts facts = { .kept = &kept };
	struct gs_err unseen = { 0 };

	if (sys->ops->fs->look(sys, path, &inode, &unseen) < 0 || inode.type != GS_INODE_DIR)
		return false;
	tell(&facts, GS_SIDE_LEADER, path, cases);
	return true;
}

static void add_eyes(const struct gs_exports *list, size_t n, const char *path,
		     struct gs_audit_eyes *ret)
{
	for (size_t d = 0; d < n; d++) {
		const struct gs_export *entry;
		size_t at = 0;

		while ((entry = gs_exports_find(&list[d], path, NULL, &at)))
			gs_audit_look(&entry->opts, ret);
	}
}

static void look_shares(struct gs_sys *sys, const struct audit *audit, const char *path,
			struct gs_cases *cases)
{
	GS_AUTO(gs_strs_done) struct gs_strs paths = { 0 };
	size_t n;
	const struct gs_exports *list = lists_of(audit, &n);

	for (size_t d = 0; d < n; d++)
		for (size_t i = 0; i < list[d].n; i++) {
			const char *of = list[d].entry[i].path;

			if (is_asked(path, of) && paths.n < SHARES_MAX && !gs_strs_has(&paths, of))
				gs_strs_add(&paths, of);
		}
	for (size_t i = 0; i < paths.n; i++) {
		struct gs_audit_eyes eyes = { 0 };

		if (!is_local(sys, paths.v[i]) || !look_root(sys, paths.v[i], cases))
			continue;
		add_eyes(list, n, paths.v[i], &eyes);
		search(sys, paths.v[i], &eyes, paths.n - i, cases);
	}
}

/* ---- mounts ------------------------------------------------------------------------------- */

static void tell_mounts(const struct audit *audit, const char *path, struct gs_cases *cases)
{
	GS_AUTO(gs_fstab_done) struct gs_fstab fstab = { 0 };
	struct gs_err unread = { 0 };

	/* One that cannot be read has no entry to edit: the mounts are there all the same. */
	(void)gs_fstab_parse(gs_str_span(&audit->fstab.text), &fstab, &unread);
	for (size_t i = 0; i < audit->mounts.n; i++) {
		const struct gs_mounted *mount = &audit->mounts.v[i];
		const struct gs_fstab_entry *entry = gs_fstab_find(&fstab, mount->target);
		const struct gs_audit_mount_fact fact = { mount, entry ? entry->number : 0 };
		const struct gs_facts facts = { .audit_mount = &fact };

		if (is_asked(path, mount->target))
			tell(&facts, GS_SIDE_FOLLOWER, mount->target, cases);
	}
}

static int look(struct gs_sys *sys, const char *path, struct gs_cases *cases, struct gs_err *err)
{
	GS_AUTO(audit_done) struct audit audit = { 0 };

	if (observe(sys, &audit, err) < 0)
		return err->code;
	tell_server(&audit, cases);
	tell_entries(&audit, path, cases);
	look_shares(sys, &audit, path, cases);
	tell_mounts(&audit, path, cases);
	return 0;
}

void gs_audit_node(struct gs_sys *sys, const char *path, struct gs_cases *cases)
{
	struct gs_err err = { 0 };

	if (sys->ops->privs->enter(GS_PHASE_OBSERVE, &err) < 0 ||
	    gs_phase_end(sys, look(sys, path, cases, &err), &err) < 0)
		gs_cases_add_error(cases, GS_SIDE_ANY, path, &err);
}
