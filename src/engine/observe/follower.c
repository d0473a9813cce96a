/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "core/check/check.h"
#include "core/check/mount.h"
#include "core/check/starting.h"
#include "core/exports/exports.h"
#include "core/exports/word.h"
#include "core/follower/export_list.h"
#include "core/follower/mounted.h"
#include "core/follower/mountpoint.h"
#include "core/follower/offer.h"
#include "core/follower/port.h"
#include "core/follower/request.h"
#include "core/format/fstab.h"
#include "core/format/mountstats.h"
#include "core/format/unit.h"
#include "core/leader/request.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/share/names.h"
#include "core/share/path.h"
#include "engine/observe/boot.h"
#include "engine/observe/common.h"
#include "engine/observe/container.h"
#include "engine/observe/package.h"
#include "engine/observe/server.h"
#include "engine/observe/share.h"
#include "engine/observe/way.h"
#include "engine/phase.h"
#include "sys/nfs/ping.h"

/* What this node's kernel does not let users do in a sticky top. */
#define PROTECTED_REGULAR "/proc/sys/fs/protected_regular"

enum {
	SYSCTL_BYTES = 4096, /* PAGE_SIZE: what /proc/sys gives at most */
	LOOK_MS = 4500,	     /* for connection, NULL call and exports of a leader together, beside
				the limit of each: a user who mistyped the address knows within
				5 s */
};

static void add_export(struct gs_follower_facts *facts, const char *path, const char *id,
		       bool may_lead)
{
	struct gs_exports_seen *seen = &facts->exports;

	gs_grow(&seen->v, seen->n, &seen->room, sizeof *seen->v);
	seen->v[seen->n].path = gs_strdup(path);
	seen->v[seen->n].may_lead = may_lead;
	seen->v[seen->n].is_closed = false;
	snprintf(seen->v[seen->n].id, GS_SHARE_ID_BYTES, "%s", id);
	seen->n++;
}

/* Without an id only mountd can tell an export from other directories; it need not answer. */
static void settle(struct gs_sys *sys, struct gs_follower_facts *facts)
{
	struct gs_err unknown = { 0 };
	const char *missing;
	bool lacks_id = false;

	for (size_t i = 0; i < facts->exports.n; i++)
		lacks_id |= !facts->exports.v[i].id[0];
	if (!lacks_id || sys->ops->nfs->list_grants(sys, facts->addr, &facts->grants, &unknown) < 0)
		return;
	facts->grants_known = true;
	missing = gs_exports_settle(&facts->exports, &facts->grants, facts->own_addr);
	facts->missing = missing ? gs_strdup(missing) : NULL;
}

/* Asks for a named export by its path: the walk of find_exports() need not show it. */
static int observe_named(struct gs_sys *sys, const char *path, struct gs_follower_facts *facts,
			 struct gs_err *err)
{
	struct gs_nfs_seen seen = { 0 };
	int r = sys->ops->nfs->read_export_id(sys, facts->addr, facts->port, path, &seen, err);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	add_export(facts, path, seen.id, !seen.id[0]);
	facts->exports.v[0].is_closed = seen.is_closed;
	settle(sys, facts);
	if (!facts->exports.n) /* it leads to an export, and is none */
		return 0;
	/* It was asked for by name, be it a directory in an export. */
	free(facts->exports.v[0].path);
	facts->exports.v[0].path = gs_strdup(path);
	facts->exports.v[0].may_lead = false;
	return 0;
}

static int observe_walk(struct gs_sys *sys, struct gs_follower_facts *facts, struct gs_err *err)
{
	GS_AUTO(gs_nfs_exports_done) struct gs_nfs_exports found = { 0 };
	int r = sys->ops->nfs->find_exports(sys, facts->addr, facts->port, &found, err);

	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	for (size_t i = 0; i < found.n; i++) {
		add_export(facts, found.v[i].path, found.v[i].id,
			   !found.v[i].has_id && !found.v[i].writable);
		facts->exports.v[i].is_closed = !found.v[i].has_id && found.v[i].unreadable;
	}
	settle(sys, facts);
	return 0;
}

/* Picks the first address that answers; where none does, err is the failure of the first. */
static int observe_server(struct gs_sys *sys, const struct gs_strs *addrs, const char *path,
			  struct gs_follower_facts *facts, struct gs_err *err)
{
	struct gs_err later = { 0 };
	struct gs_err *e = err;

	for (size_t i = 0; i < addrs->n; i++, e = &later) {
		if (sys->ops->nfs->reach_ahead(sys, addrs->v[i], facts->port, path,
					       &facts->connect_us, e) < 0)
			continue;
		facts->addr = gs_strdup(addrs->v[i]);
		(void)sys->ops->net->address_facing(sys, facts->addr, &facts->own_addr, &later);
		return 0;
	}
	return err->code;
}

/* An address towards which this node would come from itself; all of 127.0.0.0/8 is its own. */
static bool is_own(struct gs_sys *sys, const char *addr)
{
	gs_autofree char *facing = NULL;
	struct gs_err unknown = { 0 };

	(void)sys->ops->net->address_facing(sys, addr, &facing, &unknown);
	return !strncmp(addr, "127.", 4) || (facing && !strcmp(facing, addr));
}

/* What does not respond is told of an address: the name may lead to a wrong one. */
static int blame_name(struct gs_sys *sys, const char *name, const char *addr, struct gs_err *err)
{
	if (!strcmp(name, addr))
		return err->code;
	if (!is_own(sys, addr))
		return gs_err_prefix(err, "'%s' resolves to %s", name, addr);
	gs_err_set(err, err->code, "'%s' resolves to %s, which is this node itself", name, addr);
	gs_err_cause(err, "LEADER_IS_HOST");
	return gs_err_fix(err,
			  "use the leader's address, or correct /etc/hosts; what the name "
			  "resolves to: ",
			  "getent", "ahosts", name);
}

/*
 * The leader exports nothing to this host, or not what was asked for. Does it export to other
 * hosts? A mountd that cannot be asked is no error.
 */
static void observe_grants(struct gs_sys *sys, struct gs_follower_facts *facts)
{
	struct gs_err unknown = { 0 };

	if (!facts->grants_known &&
	    sys->ops->nfs->list_grants(sys, facts->addr, &facts->grants, &unknown) < 0)
		return;
	facts->grants_known = true;
	(void)sys->ops->net->own_addresses(sys, &facts->own_addrs, &unknown);
}

/* Is it there under the path that it has if the export above it is the root of NFSv4? */
static void observe_renamed(struct gs_sys *sys, const struct gs_follower_req *req,
			    struct gs_follower_facts *facts)
{
	const char *path = req->export_ ? gs_grants_missing(req, facts) : NULL;
	const char *below = path ? gs_grants_below(&facts->grants, path) : NULL;
	struct gs_nfs_seen seen = { 0 };
	struct gs_err unseen = { 0 };

	if (below && sys->ops->nfs->read_export_id(sys, facts->addr, facts->port, below, &seen,
						   &unseen) == 0)
		facts->renamed = gs_strdup(below);
}

/* The mount itself shows what the server hides from a look in clear. */
static int observe_secured(struct gs_sys *sys, const struct gs_follower_req *req,
			   struct gs_follower_facts *facts, struct gs_err *err)
{
	const struct gs_mounted *mount = gs_follower_secured(req, &facts->all);
	gs_autostr struct gs_str text = { 0 };
	char id[GS_SHARE_ID_BYTES] = { 0 };
	gs_autofree char *file = NULL;
	struct gs_err unread = { 0 };

	if (!mount)
		return err->code;
	file = gs_printf("%s/" GS_SHARE_FILE, mount->target);
	if (sys->ops->mount->read_bounded(sys, file, GS_SHARE_FILE_BYTES, &text, &unread) == 0)
		(void)gs_share_id_parse(gs_str_span(&text), id);
	add_export(facts, strstr(mount->source, ":/") + 1, id, false);
	*err = (struct gs_err){ 0 };
	return 0;
}

/* Resolving the name has a limit of its own: a slow name server is no fault of the leader's. */
static int observe_leader(struct gs_sys *sys, const struct gs_follower_req *req,
			  struct gs_follower_facts *facts, struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs addrs = { 0 };
	int64_t end_ns = sys->deadline_ns, look_ns;
	int r;

	if (sys->ops->net->resolve(sys, req->leader, &addrs, err) < 0)
		return err->code;
	look_ns = sys->ops->clock->now_ns(sys) + (int64_t)LOOK_MS * 1000000;
	if (look_ns < end_ns)
		sys->deadline_ns = look_ns;
	r = observe_server(sys, &addrs, req->export_, facts, err);
	if (r < 0 && addrs.n)
		r = blame_name(sys, req->leader, addrs.v[0], err);
	if (r == 0)
		r = req->export_ ? observe_named(sys, req->export_, facts, err)
				 : observe_walk(sys, facts, err);
	if (r < 0 && err->id && !strcmp(err->id, "NFS_SECURITY"))
		r = observe_secured(sys, req, facts, err);
	if (r == 0 && !facts->exports.n) {
		observe_grants(sys, facts);
		observe_renamed(sys, req, facts);
	}
	if (r == -ETIMEDOUT && facts->connect_us > GS_LINK_SLOW_US)
		gs_blame_link(facts->addr, facts->connect_us, err);
	sys->deadline_ns = end_ns;
	return r;
}

/* How many connections the mounts of that server have now, and what the link to it carries. */
static void observe_speed(struct gs_sys *sys, const struct gs_follower_req *req,
			  struct gs_follower_facts *facts)
{
	gs_autofree char *addr = facts->addr ? gs_printf("addr=%s", facts->addr) : NULL;
	GS_AUTO(gs_strs_done) struct gs_strs mounts = { 0 };
	gs_autostr struct gs_str text = { 0 };
	struct gs_mountstats stats = { 0 };
	struct gs_err unread = { 0 };

	if (req->profile && req->profile->connects && facts->own_addr && !facts->link_mbit)
		facts->link_mbit = sys->ops->net->link_speed(sys, facts->own_addr);
	if (addr)
		gs_mounted_beside(&facts->all, addr, "", &mounts);
	if (mounts.n && sys->ops->mount->mountstats(sys, &text, &unread) == 0 &&
	    gs_mountstats_find(gs_str_span(&text), mounts.v[0], &stats))
		facts->connections = stats.connections;
}

static void recall_leader(const struct gs_follower_facts *before, struct gs_follower_facts *facts)
{
	facts->addr = gs_strdup(before->addr);
	facts->own_addr = before->own_addr ? gs_strdup(before->own_addr) : NULL;
	facts->connect_us = before->connect_us;
	facts->link_mbit = before->link_mbit;
	facts->missing = before->missing ? gs_strdup(before->missing) : NULL;
	for (size_t i = 0; i < before->exports.n; i++)
		add_export(facts, before->exports.v[i].path, before->exports.v[i].id,
			   before->exports.v[i].may_lead);
}

int gs_observe_bare(struct gs_sys *sys, const char *target, struct gs_inode *ret,
		    struct gs_err *err)
{
	struct gs_err unseen = { 0 };
	int r = sys->ops->mount->look_bare(sys, target, ret, &unseen);

	if (r == 0 || r == -EPERM)
		return 0;
	*err = unseen;
	return r;
}

/* Does the mount respond, and which share is it? What was mounted need not be exported any more. */
static void observe_use(struct gs_sys *sys, struct gs_follower_facts *facts)
{
	GS_AUTO(gs_mount_look_done) struct gs_mount_look look = { 0 };
	enum gs_mount_state state;

	if (!gs_span_has_prefix(gs_span_of(facts->mounted.type), "nfs"))
		return;
	sys->ops->mount->look(sys, facts->target, !gs_mountopt_has(facts->mounted.options, "ro"),
			      &look);
	facts->mount_code = look.asked;
	if (facts->mount_code < 0)
		return;
	state = gs_health_state(look.read);
	if (state == GS_STATE_STALE || state == GS_STATE_NOT_RESPONDING)
		facts->mount_code = look.read;
	facts->mount_read = look.read == -ENOENT ||
			    (look.read == 0 &&
			     gs_share_id_parse(gs_str_span(&look.text), facts->mount_id));
	facts->is_given_ro = look.given_ro;
	facts->top_mode = look.mode;
	facts->top_uid = look.uid;
}

static int observe_mounted(struct gs_sys *sys, struct gs_follower_facts *facts, struct gs_err *err)
{
	if (gs_observe_bare(sys, facts->target, &facts->bare, err) < 0)
		return err->code;
	observe_use(sys, facts);
	return sys->ops->mount->read_ahead(sys, &facts->mounted, &facts->ahead_kib, err);
}

static int automount_failed(const char *target, struct gs_err *err)
{
	gs_autofree char *unit = gs_unit_name(target, "automount");

	gs_err_set(err, EBUSY, "'%s' is an automount point, but what it shall mount does not mount",
		   target);
	gs_err_cause(err, "AUTOMOUNT_FAILED");
	return gs_err_fix(err, "to mount the share without it: ", "sudo", "systemctl", "stop",
			  unit);
}

/* Observes a path where the share may be mounted. */
static int observe_place(struct gs_sys *sys, const struct gs_follower_req *req, const char *path,
			 struct gs_follower_facts *facts, struct gs_err *err)
{
	const char *target;

	if (gs_leader_check_path(path, err) < 0)
		return err->code;
	facts->target = gs_exports_clean_path(path);
	target = facts->target;
	/* Before the path is pinned with what is mounted there. */
	if (!sys->offline && !gs_wake(sys, target))
		return automount_failed(target, err);
	/* The mount table first: stat(2) of a mount whose server does not respond would block. */
	if (!sys->offline && sys->ops->mount->pin_path(sys, target, err) < 0)
		return err->code;
	if (!sys->offline &&
	    sys->ops->mount->find(sys, target, &facts->mounted, &facts->is_mounted, err) < 0)
		return err->code;
	if (facts->is_mounted)
		return observe_mounted(sys, facts, err);
	facts->caller_group = gs_private_group(sys, req->caller);
	if (sys->ops->fs->look(sys, "/", &facts->top, err) < 0)
		return err->code;
	return gs_observe_ancestors(sys, target, &facts->ancestors, err);
}

/* Is nothing mounted there, and does gs_mountpoint_check() accept the path? */
static bool is_free(const struct gs_follower_req *req, const struct gs_follower_facts *facts)
{
	GS_AUTO(gs_plan_done) struct gs_plan none = { 0 };
	struct gs_err why = { 0 };

	return !facts->is_mounted && gs_mountpoint_check(req, facts, &none, &why) == 0;
}

/*
 * Finds a TARGET for the command that is printed: pasting it must work. A path in fstab is taken,
 * mounted now or not: its entry would be replaced, or its share id would not match.
 */
static void find_free_place(struct gs_sys *sys, const struct gs_follower_req *req, const char *path,
			    struct gs_follower_facts *facts)
{
	GS_AUTO(gs_fstab_done) struct gs_fstab fstab = { 0 };
	GS_AUTO(gs_strs_done) struct gs_strs places = { 0 };
	struct gs_err unread = { 0 };

	if (gs_fstab_parse(gs_str_span(&facts->fstab.text), &fstab, &unread) < 0)
		return;
	gs_offer_places(path, &places);
	for (size_t i = 0; i < places.n && !facts->free_place; i++) {
		GS_AUTO(gs_follower_facts_done) struct gs_follower_facts there = { 0 };
		struct gs_err unseen = { 0 };

		if (gs_fstab_find(&fstab, places.v[i]))
			continue;
		if (observe_place(sys, req, places.v[i], &there, &unseen) == 0 &&
		    is_free(req, &there))
			facts->free_place = gs_strdup(places.v[i]);
	}
}

/* The server chose the path: one that gs_offer_check() refuses is not even looked at. */
static int observe_offer(struct gs_sys *sys, const struct gs_follower_req *req,
			 struct gs_follower_facts *facts, struct gs_err *err)
{
	const char *path = facts->exports.v[0].path;
	struct gs_err why = { 0 };

	if (gs_offer_check(path, &why) == 0 && observe_place(sys, req, path, facts, err) < 0)
		return err->code;
	if (!facts->target || (!facts->is_mounted && !is_free(req, facts)))
		find_free_place(sys, req, path, facts);
	return 0;
}

/*
 * The target is TARGET, else the export's own path. If the server shows several exports there is
 * no target yet, and the plan says so.
 */
static int observe_target(struct gs_sys *sys, const struct gs_follower_req *req,
			  struct gs_follower_facts *facts, struct gs_err *err)
{
	if (req->target)
		return observe_place(sys, req, req->target, facts, err);
	return facts->exports.n == 1 ? observe_offer(sys, req, facts, err) : 0;
}

static unsigned read_number(struct gs_sys *sys, const char *path)
{
	gs_autostr struct gs_str text = { 0 };
	struct gs_err unread = { 0 };
	bool exists = false;
	uint64_t number = 0;

	if (sys->ops->fs->read_file(sys, path, SYSCTL_BYTES, &text, &exists, &unread) < 0 ||
	    !gs_span_number(gs_span_trim(gs_str_span(&text)), UINT32_MAX, &number))
		return 0;
	return (unsigned)number;
}

/* In a container the server's refusals would be told, which are none of its faults. */
static int check_container(struct gs_sys *sys, const struct gs_follower_req *req,
			   struct gs_err *err)
{
	struct gs_container container = { 0 };
	const struct gs_starting_fact inside = { .container = &container,
						 .leader = req->leader,
						 .target = req->target,
						 .typed = sys->who ? sys->who->command : NULL };
	const struct gs_facts facts = { .starting = &inside };
	GS_AUTO(gs_findings_done) struct gs_findings none = { 0 };

	gs_observe_container(sys, &container);
	return gs_checks_refuse(&facts, &none, err);
}

/* What is to be installed first counts as installed: the plan is that of the node then. */
static void observe_missing(struct gs_sys *sys, const struct gs_follower_req *req,
			    struct gs_follower_facts *facts)
{
	if (facts->client_installed)
		return;
	facts->manager = gs_observe_manager(sys);
	facts->installs = !req->no_install && facts->manager;
	facts->client_installed = facts->installs;
}

/* The exports of a server without NFS 4.0 are seen only by mounting. */
static bool awaits_client(struct gs_follower_facts *facts, struct gs_err *err)
{
	if (!facts->installs || !err->id || strcmp(err->id, "CLIENT_MISSING") != 0)
		return false;
	*err = (struct gs_err){ 0 };
	facts->unseen = true;
	return true;
}

static int observe_all(struct gs_sys *sys, const struct gs_follower_req *req,
		       const struct gs_follower_facts *before, struct gs_follower_facts *ret,
		       struct gs_err *err)
{
	GS_AUTO(gs_follower_facts_done)
	struct gs_follower_facts facts = {
		.offline = sys->offline,
		.client_installed = sys->offline || sys->ops->mount->has_client(sys),
	};
	struct gs_err unlisted = { 0 };

	observe_missing(sys, req, &facts);
	if (gs_observe_file(sys, "/etc/fstab", &facts.fstab, err) < 0 ||
	    (!sys->offline && check_container(sys, req, err) < 0))
		return err->code;
	if (!sys->offline)
		(void)sys->ops->mount->list_nfs(sys, &facts.all, &unlisted);
	facts.port = gs_follower_port(req, &facts.fstab, &facts.all);
	if (sys->offline)
		add_export(&facts, req->export_, req->id ? req->id : "", false);
	else if (before)
		recall_leader(before, &facts);
	else if (observe_leader(sys, req, &facts, err) < 0 && !awaits_client(&facts, err))
		return err->code;
	if (!facts.unseen && observe_target(sys, req, &facts, err) < 0)
		return err->code;
	if (!sys->offline)
		observe_speed(sys, req, &facts);
	if (before && facts.is_mounted)
		facts.guards = read_number(sys, PROTECTED_REGULAR);
	if (facts.target && !req->no_persist)
		facts.boot_unit = gs_find_boot_unit(sys, facts.target, &facts.is_masked);
	if (facts.target && !req->no_persist &&
	    gs_observe_boot(sys, facts.target, req->before, false, &facts.boot, err) < 0)
		return err->code;
	facts.is_new = before && !before->is_mounted && facts.is_mounted;
	*ret = facts;
	facts = (struct gs_follower_facts){ 0 };
	return 0;
}

int gs_observe_follower(struct gs_sys *sys, const struct gs_follower_req *req,
			const struct gs_follower_facts *before, struct gs_follower_facts *ret,
			struct gs_err *err)
{
	if (sys->ops->privs->enter(GS_PHASE_OBSERVE, err) < 0)
		return err->code;
	return gs_phase_end(sys, observe_all(sys, req, before, ret, err), err);
}

void gs_follower_facts_done(struct gs_follower_facts *facts)
{
	for (size_t i = 0; i < facts->exports.n; i++)
		free(facts->exports.v[i].path);
	free(facts->exports.v);
	free(facts->addr);
	free(facts->own_addr);
	free(facts->missing);
	free(facts->renamed);
	gs_grants_done(&facts->grants);
	gs_strs_done(&facts->own_addrs);
	free(facts->target);
	free(facts->free_place);
	free(facts->boot_unit);
	gs_boot_done(&facts->boot);
	gs_file_done(&facts->fstab);
	gs_inode_done(&facts->top);
	gs_path_inodes_done(&facts->ancestors);
	gs_mounted_done(&facts->mounted);
	gs_mounts_done(&facts->all);
	gs_inode_done(&facts->bare);
	*facts = (struct gs_follower_facts){ 0 };
}
