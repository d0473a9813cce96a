/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/follower/plan_mount.h"

#include <errno.h>
#include <string.h>

#include "base/command.h"
#include "core/check/check.h"
#include "core/check/envfile.h"
#include "core/check/mount.h"
#include "core/follower/mount_options.h"
#include "core/follower/mounted.h"
#include "core/follower/mountpoint.h"
#include "core/follower/offer.h"
#include "core/follower/pick_export.h"
#include "core/follower/plan_boot.h"
#include "core/follower/request.h"
#include "core/format/fstab.h"
#include "core/fskind/nfs.h"
#include "core/fskind/nfs_options.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/share/path.h"
#include "core/step/step.h"

#define MOUNT_TYPE "nfs4"

/* Which user that is, and what closes the directory to them, the leader knows. */
static int refuse_closed(const struct gs_follower_req *req, const struct gs_export_seen *seen,
			 struct gs_err *err)
{
	gs_err_set(err, EACCES,
		   "%s exports '%s' to this node, but its directory there, or .gshare-id in it, is "
		   "closed to the user to whom this node is mapped",
		   req->leader, seen->path);
	gs_err_cause(err, "PATH_CLOSED");
	return gs_err_fix_on(err, req->leader, "sudo", "gshare", "doctor");
}

/* The share id must be the one given by --id, or kept in fstab by an earlier mount. */
static int check_id(const struct gs_follower_req *req, const struct gs_export_seen *seen,
		    const struct gs_fstab_entry *kept, struct gs_plan *plan, struct gs_err *err)
{
	struct gs_seen_id_fact seen_id = { .id = seen->id, .is_kept = !req->no_persist };
	const struct gs_facts facts = { .seen_id = &seen_id };
	const struct gs_envfile_fact guessed = { .guessed = req->leader };
	struct gs_span value = { 0 };
	gs_autofree char *known = NULL;

	if (req->id)
		known = gs_strdup(req->id);
	else if (kept && gs_mountopt_get(kept->options, "x-gshare.id", &value))
		known = gs_span_dup(value);
	if (known && seen->is_closed)
		return refuse_closed(req, seen, err);
	if (known && strcmp(known, seen->id)) {
		gs_err_set(err, EINVAL, "the share at %s:%s has %s%s, not %s%s", req->leader,
			   seen->path, seen->id[0] ? "id " : "no id", seen->id, known,
			   req->id ? "" : ", trusted on first use");
		gs_err_cause(err, "ID_DIFFERS");
		if (!seen->id[0])
			return gs_err_fix_on(err, req->leader, "sudo", "gshare", "leader", "status",
					     "--path", seen->path);
		return gs_err_advise(err,
				     "ask the leader's administrator for the share id: it is in "
				     ".gshare-id");
	}
	seen_id.known = known;
	gs_checks_run(&facts, GS_WARN, &plan->findings);
	if (!seen->id[0] && !req->postgres && !req->root &&
	    !(kept && gs_mountopt_get(kept->options, "x-gshare.postgres", &value)))
		gs_checks_run(&(struct gs_facts){ .envfile = &guessed }, GS_WARN, &plan->findings);
	return 0;
}

static unsigned minor_of(const char *options, unsigned usual)
{
	static const char *const names[] = { "vers", "nfsvers" };
	struct gs_span value = { 0 };

	for (size_t i = 0; i < GS_COUNT(names); i++)
		if (gs_mountopt_get(options, names[i], &value) && gs_span_is_text(value, "4.1"))
			return 1;
	if (gs_mountopt_get(options, "minorversion", &value) && gs_span_is_text(value, "1"))
		return 1;
	return gs_mountopt_has(options, "v4.1") ? 1 : usual;
}

/* Without an option the minor version stays: that of the mount, else that in fstab. */
static unsigned pick_minor(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
			   const struct gs_fstab_entry *kept)
{
	if (req->minor)
		return req->minor;
	if (facts->is_mounted)
		return minor_of(facts->mounted.options, 2);
	return kept ? minor_of(kept->options, 2) : 2;
}

/* Is the transport that the kernel shows of the mount itself, not of the first one that it shares?
 */
static bool shows_own(const struct gs_follower_facts *facts)
{
	struct gs_span addr = { 0 };

	return !facts->mounted.also || !facts->addr ||
	       !gs_mountopt_get(facts->mounted.options, "addr", &addr) ||
	       gs_span_is_text(addr, facts->addr);
}

/*
 * To mount.nfs "tcp" is IPv4 and nothing else: nfs(5), proto=netid. A name may have addresses of
 * both kinds, so a mount that exists keeps its own; else the address that answered decides.
 */
static const char *pick_proto(const struct gs_follower_req *req,
			      const struct gs_follower_facts *facts,
			      const struct gs_fstab_entry *kept)
{
	const char *addr = facts->addr ? facts->addr : req->leader;
	struct gs_span value = { 0 };
	bool is_v6 = strchr(addr, ':');

	if (facts->is_mounted && shows_own(facts) &&
	    gs_mountopt_get(facts->mounted.options, "proto", &value))
		is_v6 = gs_span_is_text(value, "tcp6");
	else if (!facts->addr && kept && gs_span_has_prefix(gs_span_of(kept->source), addr) &&
		 gs_mountopt_get(kept->options, "proto", &value)) /* offline nothing is resolved */
		is_v6 |= gs_span_is_text(value, "tcp6");
	return is_v6 ? "tcp6" : "tcp";
}

/* What was seen on the way: a unit file, and another export without a directory. */
static void tell_others(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
			struct gs_plan *plan)
{
	bool is_new = !facts->offline && gs_plan_writes(plan, facts->fstab.path);
	const struct gs_target_fact target = { .path = facts->target,
					       .boot_unit = facts->boot_unit,
					       .is_masked = facts->is_masked,
					       .lacks_systemd = is_new && !facts->boot.systemd,
					       .leader = req->leader,
					       .missing = facts->missing };
	const struct gs_facts seen = { .target = &target };

	gs_checks_run(&seen, GS_WARN, &plan->findings);
}

/* Do both show one source, that of the first of them, though they were mounted by two? */
static bool is_same_device(const struct gs_follower_facts *facts, const struct gs_mounted *other)
{
	return facts->is_mounted && facts->mounted.also && other->dev == facts->mounted.dev &&
	       !strcmp(other->source, facts->mounted.source);
}

/* It was mounted already: what a new mount's verification finds, nobody would tell. */
static void tell_given_ro(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
			  struct gs_plan *plan)
{
	gs_autofree char *server = gs_strdup(req->leader);
	const struct gs_health health = { .server = server,
					  .own_addr = facts->own_addr,
					  .mount = facts->mounted };

	if (facts->is_given_ro && !facts->is_new && !req->ro)
		gs_checks_tell("LEADER_READONLY", &(struct gs_facts){ .mount = &health }, GS_WARN,
			       &plan->findings);
}

/* The same share at a second place: it works, and commands have to be told which one is meant. */
static void tell_twice(const struct gs_follower_facts *facts, const char *source,
		       struct gs_plan *plan)
{
	for (size_t i = 0; i < facts->all.n; i++) {
		const struct gs_mounted *other = &facts->all.v[i];
		gs_autofree char *fix = NULL;

		if (!strcmp(other->target, facts->target) ||
		    (strcmp(other->source, source) != 0 && !is_same_device(facts, other)))
			continue;
		fix = gs_command_text("to have it in one place: ", "sudo", "gshare", "follower",
				      "unmount", other->target, "--forget");
		gs_findings_add(&plan->findings, GS_NOTE, "SHARE_TWICE", fix,
				"%s is mounted on '%s', too: other commands then need TARGET or "
				"--path",
				other->source, other->target);
		return;
	}
}

/* What is mounted, and how: the same in all steps. */
struct spec {
	struct gs_fstab_spec line;
	const char *options; /* of the line, those for mount.nfs */
	struct gs_str tuned; /* those that were chosen; owned */
	unsigned minor;
	bool is_adopted; /* the entry was made by hand, and becomes gshare's */
};

static void spec_done(struct spec *spec)
{
	gs_str_done(&spec->tuned);
}

/*
 * The entry for target: gshare's, or one made by hand for the same share, which becomes gshare's.
 * *ret is NULL where there is none, or one for something else, which gs_fstab_set() refuses.
 */
static int find_line(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
		     const char *path, struct gs_fstab *doc, struct spec *spec,
		     const struct gs_fstab_entry **ret, struct gs_err *err)
{
	const struct gs_fstab_entry *e;

	*ret = facts->target ? gs_fstab_find_managed(doc, facts->target) : NULL;
	if (*ret || !facts->target || req->no_persist)
		return 0;
	e = gs_fstab_find(doc, facts->target);
	if (!e || !gs_mounted_by_entry(facts, e, spec->line.source, path))
		return 0;
	if (gs_fstab_adopt(doc, (size_t)(e - doc->entry), err) < 0)
		return gs_err_prefix(err, "%s", facts->fstab.path);
	spec->is_adopted = true;
	*ret = gs_fstab_find_managed(doc, facts->target);
	return 0;
}

static void tell_replaced(const struct gs_follower_facts *facts, const struct gs_str *replaced,
			  struct gs_plan *plan)
{
	if (!replaced->len)
		return;
	gs_findings_add(&plan->findings, GS_WARN, "OPTION_REPLACED", NULL,
			"options of the entry for '%s' in %s are replaced, since they contradict "
			"gshare's: %s",
			facts->target, facts->fstab.path, replaced->ptr);
}

/* Of the entry only the profile says that it is ro; without one that is asked for each time. */
static bool wants_ro(const struct gs_follower_req *req, const struct gs_fstab_entry *kept)
{
	if (req->ro || req->profile || !kept)
		return req->ro || (req->profile && req->profile->ro);
	return gs_nfs_profile_of(kept->options)->ro && gs_mountopt_has(kept->options, "ro");
}

static void make_spec(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
		      const struct gs_export_seen *seen, const struct gs_fstab_entry *kept,
		      struct gs_plan *plan, struct spec *spec)
{
	gs_autostr struct gs_str secured = { 0 };
	struct gs_mount_asked asked = {
		.minor = pick_minor(req, facts, kept),
		.port = facts->port,
		.proto = pick_proto(req, facts, kept),
		.ro = req->ro,
		.id = seen->id,
		.postgres = req->postgres,
		.profile = req->profile,
		.connections = gs_nfs_connections(facts->link_mbit, facts->connect_us),
		.options = req->options,
		.line = kept ? kept->options : NULL,
	};
	gs_autostr struct gs_str options = { 0 }, fstab = { 0 }, replaced = { 0 };

	/* Without an entry the security of the mount stays, which a new one has to have, too. */
	gs_mountopt_security(facts->is_mounted ? facts->mounted.options : "", &secured);
	if (!kept && secured.len)
		asked.line = secured.ptr;
	gs_mount_options(&asked, &options, &fstab, &replaced);
	if (!req->no_persist)
		tell_replaced(facts, &replaced, plan);
	/* The mount and its entry may name the server otherwise than it was typed: that stays. */
	if (kept && gs_mounted_by_entry(facts, kept, spec->line.source, seen->path))
		spec->line.source = gs_plan_keep(plan, gs_span_of(kept->source));
	spec->line.target = facts->target;
	spec->line.type = MOUNT_TYPE;
	spec->line.options = gs_plan_keep(plan, gs_str_span(&fstab));
	spec->options = gs_plan_keep(plan, gs_str_span(&options));
	gs_nfs_options_tuned(spec->options, &spec->tuned);
	spec->minor = asked.minor;
}

/* The share is mounted and verified detached: target never shows an unverified share. */
static void plan_stage(const struct gs_follower_facts *facts, const struct spec *spec,
		       struct gs_plan *plan)
{
	struct gs_step *step = gs_plan_step(plan, GS_STEP_STAGE, facts->target,
					    "mount the leader's share in a private directory");
	step->mount.source = spec->line.source;
	step->mount.type = spec->line.type;
	step->mount.options = spec->options;
}

static void plan_mount(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
		       const struct spec *spec, struct gs_plan *plan)
{
	struct gs_step *step = gs_plan_step(plan, GS_STEP_MOUNT, facts->target,
					    "move the mount to its mount point");
	step->mount.source = spec->line.source;
	step->mount.type = spec->line.type;
	step->mount.options = spec->options;
	gs_plan_item(plan, '+', "mount", "%s on %s  NFS 4.%u, nosuid, nodev%s%s%s",
		     spec->line.source, facts->target, spec->minor, req->ro ? ", ro" : "",
		     spec->tuned.len ? "; " : "", spec->tuned.len ? spec->tuned.ptr : "");
}

/* How many connections a mount has, the first mount of its server decides. */
static void tell_connections(const struct gs_follower_req *req,
			     const struct gs_follower_facts *facts, const struct spec *spec,
			     const struct gs_fstab *doc, struct gs_plan *plan)
{
	GS_AUTO(gs_strs_done) struct gs_strs beside = { 0 };
	gs_autofree char *path = gs_strdup(facts->target), *options = gs_strdup(spec->options);
	gs_autofree char *addr = gs_printf("addr=%s", facts->addr ? facts->addr : "");
	struct gs_transfer transfer = { 0 };
	struct gs_health health = { .path = path,
				    .asked = options,
				    .is_nfs = true,
				    .is_kept = !req->no_persist,
				    .has_stats = true,
				    .stats.connections = facts->connections };

	gs_mountpoint_transfer("", spec->options, &transfer);
	if (!facts->connections || transfer.asked_connections <= facts->connections)
		return;
	gs_mounted_beside(&facts->all, addr, facts->target, &beside);
	health.beside = beside;
	health.beside_kept = gs_fstab_has_all(doc, &beside);
	gs_checks_tell("CONNECTIONS_CAPPED", &(struct gs_facts){ .mount = &health }, GS_NOTE,
		       &plan->findings);
}

/* The entry of others that stops gs_fstab_set() is for another share, or a second one. */
static int tell_foreign(const struct gs_follower_facts *facts, struct gs_err *err)
{
	gs_err_prefix(err, "%s", facts->fstab.path);
	if (err->code != -EEXIST)
		return err->code;
	gs_err_cause(err, "FOREIGN_LINE");
	return gs_err_advise(err, "specify another TARGET, or remove that line first");
}

static int plan_fstab(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
		      const struct spec *spec, struct gs_fstab *doc, struct gs_plan *plan,
		      struct gs_err *err)
{
	gs_autostr struct gs_str text = { 0 };
	bool changed = false;

	if (req->no_persist)
		return 0;
	if (gs_fstab_set(doc, &spec->line, &changed, err) < 0)
		return tell_foreign(facts, err);
	changed |= spec->is_adopted;
	gs_plan_item(plan, changed ? '+' : '=', "boot", "%s", facts->fstab.path);
	if (!changed)
		return 0;
	gs_fstab_render(doc, &text);
	gs_plan_write(plan, &facts->fstab, gs_str_span(&text), 0644, "mount it at boot");
	return 0;
}

/* May target be the mount point? If the server chose its path, the fix is to give a TARGET. */
static int check_place(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
		       struct gs_plan *plan, struct gs_err *err)
{
	int r = gs_mountpoint_check(req, facts, plan, err);

	return r < 0 && !req->target ? gs_offer_fix(req, facts, err) : r;
}

/* All steps, from the verification to the read-ahead; offline only those for the directories. */
static void plan_steps(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
		       const struct gs_export_seen *seen, const struct spec *spec,
		       struct gs_plan *plan)
{
	bool mounts = !facts->is_mounted && !facts->offline;
	const struct gs_mounted_share share = {
		.target = facts->target,
		.server = req->leader,
		.source = spec->line.source,
		.id = seen->id,
		.unverified = req->unverified,
	};

	if (mounts) {
		plan_stage(facts, spec, plan);
		gs_mountpoint_plan_verification(&share, req->ro, plan);
	}
	if (!facts->is_mounted)
		gs_mountpoint_plan_dirs(facts, plan);
	/* Without a line in fstab the share is never missing after a boot: no guard is needed. */
	if (!facts->offline && !req->no_persist)
		gs_mountpoint_plan_guard(facts, plan);
	if (mounts)
		plan_mount(req, facts, spec, plan);
	if (!facts->offline)
		gs_mountpoint_plan_ahead(facts, plan);
}

static int check_request(const struct gs_follower_facts *facts, struct gs_err *err)
{
	if (!facts->client_installed)
		return gs_install_refuse(facts->manager, GS_ROLE_FOLLOWER, err);
	return facts->target ? gs_leader_check_new_path(facts->target, err) : 0;
}

int gs_plan_follower(const struct gs_follower_req *asked, const struct gs_follower_facts *facts,
		     struct gs_plan *plan, struct gs_err *err)
{
	GS_AUTO(gs_plan_done) struct gs_plan p = { 0 };
	GS_AUTO(gs_fstab_done) struct gs_fstab doc = { 0 };
	const struct gs_export_seen *seen = NULL;
	const struct gs_fstab_entry *kept;
	struct gs_mount_wanted wanted;
	GS_AUTO(spec_done) struct spec spec = { 0 };
	gs_autofree char *source = NULL;
	struct gs_follower_req all = *asked;
	const struct gs_follower_req *req = &all; /* with what the entry adds to it */
	int r;

	if (check_request(facts, err) < 0)
		return err->code;
	if (facts->unseen)
		return 0;
	if (gs_fstab_parse(gs_str_span(&facts->fstab.text), &doc, err) < 0)
		return gs_err_prefix(err, "%s", facts->fstab.path);
	if (gs_pick_export(req, facts, &doc, &seen, err) < 0)
		return err->code;
	source = gs_mounted_source(req->leader, seen->path);
	spec.line.source = gs_plan_keep(&p, gs_span_of(source));
	if (find_line(req, facts, seen->path, &doc, &spec, &kept, err) < 0 ||
	    check_id(req, seen, kept, &p, err) < 0)
		return err->code;
	if (!facts->target && gs_offer_check(seen->path, err) < 0)
		return gs_offer_fix(req, facts, err);
	all.ro = wants_ro(asked, kept);
	make_spec(req, facts, seen, kept, &p, &spec);
	wanted = (struct gs_mount_wanted){ seen, spec.line.source, spec.options, &doc };
	if (facts->is_mounted)
		r = gs_mounted_check(req, facts, &wanted, &p, err);
	else
		r = check_place(req, facts, &p, err);
	if (r < 0)
		return r;
	plan_steps(req, facts, seen, &spec, &p);
	if (plan_fstab(req, facts, &spec, &doc, &p, err) < 0 ||
	    (!req->no_persist && gs_boot_plan(facts->target, &facts->boot, &p, err) < 0))
		return err->code;
	tell_others(req, facts, &p);
	tell_twice(facts, spec.line.source, &p);
	tell_given_ro(req, facts, &p);
	tell_connections(req, facts, &spec, &doc, &p);
	*plan = p;
	p = (struct gs_plan){ 0 };
	return 0;
}
