/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/follower/mounted.h"

#include <errno.h>
#include <string.h>

#include "base/command.h"
#include "core/check/mount.h"
#include "core/follower/mountpoint.h"
#include "core/follower/offer.h"
#include "core/fskind/nfs.h"
#include "core/plan/plan.h"

/*
 * Is the mount of the same path and server? The server is compared by the name in the source, or
 * by the address that the kernel connected to.
 */
static bool is_same_mount(const struct gs_follower_facts *facts, const char *source,
			  const char *path)
{
	struct gs_span addr = { 0 };
	const char *mounted = strstr(facts->mounted.source, ":/");

	if (!gs_span_has_prefix(gs_span_of(facts->mounted.type), "nfs"))
		return false;
	if (!strcmp(facts->mounted.source, source))
		return true;
	return mounted && !strcmp(mounted + 1, path) && facts->addr &&
	       gs_mountopt_get(facts->mounted.options, "addr", &addr) &&
	       gs_span_is_text(addr, facts->addr);
}

bool gs_mounted_is_first(const struct gs_mounted *mounted, const struct gs_fstab *fstab)
{
	const struct gs_fstab_entry *first = mounted->also ? gs_fstab_find(fstab, mounted->also)
							   : NULL;

	return first && !strncmp(first->type, "nfs", 3) && !strcmp(first->source, mounted->source);
}

bool gs_mounted_is_shared(const struct gs_follower_facts *facts,
			  const struct gs_mount_wanted *wanted)
{
	const struct gs_mounted *mounted = &facts->mounted;
	const char *path = mounted->source ? strstr(mounted->source, ":/") : NULL;
	const struct gs_fstab_entry *entry;

	if (!facts->is_mounted || !path || strcmp(path + 1, wanted->seen->path) != 0 ||
	    !gs_span_has_prefix(gs_span_of(mounted->type), "nfs") || !mounted->also)
		return false;
	if (facts->is_new)
		return true;
	entry = gs_fstab_find(wanted->fstab, facts->target);
	return entry && !strcmp(entry->source, wanted->source) &&
	       gs_mounted_is_first(mounted, wanted->fstab) && facts->mount_read &&
	       facts->mount_id[0] && !strcmp(facts->mount_id, wanted->seen->id);
}

char *gs_mounted_source(const char *leader, const char *path)
{
	return strchr(leader, ':') ? gs_printf("[%s]:%s", leader, path)
				   : gs_printf("%s:%s", leader, path);
}

bool gs_mounted_by_entry(const struct gs_follower_facts *facts, const struct gs_fstab_entry *e,
			 const char *source, const char *path)
{
	size_t n = strlen(source);

	if (strncmp(e->type, "nfs", 3) != 0)
		return false;
	if (!strncmp(e->source, source, n) && e->source[n + strspn(e->source + n, "/")] == '\0')
		return true;
	return facts->is_mounted && !strcmp(e->source, facts->mounted.source) &&
	       is_same_mount(facts, source, path);
}

static void tell_dead(const struct gs_follower_facts *facts, const char *source, struct gs_err *err)
{
	enum gs_mount_state says = gs_health_state(facts->mount_code);
	static const struct {
		const char *id, *text;
	} dead[] = {
		[GS_STATE_NOT_RESPONDING] = { "MOUNT_NOT_RESPONDING", "does not respond" },
		[GS_STATE_STALE] = { "EXPORT_STALE",
				     "is stale: another directory is exported now" },
		[GS_STATE_DENIED] = { "EXPORT_DENIED", "denies access" },
		[GS_STATE_ERROR] = { "MOUNT_BROKEN", "responds with an error" },
	};

	gs_err_set(err, EIO, "%s is mounted on '%s', but that mount %s", source, facts->target,
		   dead[says].text);
	gs_err_cause(err, dead[says].id);
}

/*
 * The mount that exists must be of the share that was seen: fstab gets no id that nobody has seen
 * at target.
 */
static int check_live(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
		      const struct gs_export_seen *seen, const char *source, struct gs_err *err)
{
	bool is_other = facts->mount_read && strcmp(facts->mount_id, seen->id) != 0;
	gs_autostr struct gs_str fix = { 0 };

	if (!facts->mount_code && !is_other)
		return 0;
	if (facts->mount_code) {
		tell_dead(facts, source, err);
	} else {
		gs_err_set(err, EINVAL,
			   "the share mounted on '%s' has %s%s, but the leader now exports one "
			   "with %s%s",
			   facts->target, facts->mount_id[0] ? "id " : "no id", facts->mount_id,
			   seen->id[0] ? "id " : "no id", seen->id);
		gs_err_cause(err, "ID_DIFFERS");
	}
	if (!facts->mount_code && !seen->id[0])
		return gs_err_fix_on(err, req->leader, "sudo", "gshare", "leader", "status",
				     "--path", seen->path);
	gs_str_adds(&fix, "to mount it anew: ");
	gs_command(&fix, "sudo", "gshare", "follower", "unmount", facts->target,
		   facts->mount_code == -ETIMEDOUT ? "--lazy" : NULL);
	gs_command_and(&fix);
	gs_offer_command(req, req->target, req->export_, &fix);
	return gs_err_fix_text(err, &fix);
}

/*
 * umount(8) waits for a server that does not respond, and the entry would be the next obstacle: for
 * NFS it is follower unmount, with what there is to forget.
 */
static int tell_in_use(const struct gs_follower_facts *facts, const struct gs_fstab *fstab,
		       struct gs_err *err)
{
	static const char advice[] = "use another directory, or first run: ";
	const struct gs_mounted *mounted = &facts->mounted;

	gs_err_set(err, EBUSY, "'%s' is in use: %s (%s) is mounted there", facts->target,
		   mounted->source, mounted->type);
	gs_err_cause(err, "TARGET_IN_USE");
	if (!gs_span_has_prefix(gs_span_of(mounted->type), "nfs"))
		return gs_err_fix(err, advice, "sudo", "umount", facts->target);
	return gs_err_fix(err, advice, "sudo", "gshare", "follower", "unmount", facts->target,
			  gs_fstab_find_managed(fstab, facts->target) ? "--forget" : NULL,
			  gs_health_state(facts->mount_code) == GS_STATE_NOT_RESPONDING ? "--lazy"
											: NULL);
}

void gs_mounted_beside(const struct gs_mounts *all, const char *options, const char *target,
		       struct gs_strs *ret)
{
	struct gs_span addr = { 0 }, other = { 0 };

	if (!gs_mountopt_get(options, "addr", &addr))
		return;
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->v[i].target, target) != 0 &&
		    gs_mountopt_get(all->v[i].options, "addr", &other) && gs_span_is(addr, other))
			gs_strs_add(ret, all->v[i].target);
}

/* A profile that is asked for, or was, says whether the mount is ro; else it is never changed. */
static bool may_change_access(const struct gs_follower_req *req,
			      const struct gs_follower_facts *facts,
			      const struct gs_mount_wanted *wanted)
{
	const struct gs_fstab_entry *line = gs_fstab_find_managed(wanted->fstab, facts->target);

	return req->profile &&
	       (req->profile->ro || gs_nfs_profile_of(line ? line->options : "")->ro);
}

static bool may_remount(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
			const struct gs_mount_wanted *wanted)
{
	bool is_ro = gs_mountopt_has(facts->mounted.options, "ro");

	return (req->profile || req->options) && (is_ro == gs_mountopt_has(wanted->options, "ro") ||
						  may_change_access(req, facts, wanted));
}

static void plan_remount(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
			 const struct gs_mount_wanted *wanted, struct gs_plan *plan)
{
	const struct gs_mounted_share share = {
		.target = facts->target,
		.server = req->leader,
		.source = wanted->source,
		.id = wanted->seen->id,
		.unverified = req->unverified,
	};

	gs_mountpoint_plan_remount(facts->target, facts->mounted.options, wanted->options, plan);
	gs_mountpoint_plan_verification(&share, gs_mountopt_has(wanted->options, "ro"), plan);
}

/* Nothing is unmounted unasked: programs may use it. */
static void tell_pending(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
			 const char *differs, struct gs_plan *plan)
{
	gs_autostr struct gs_str fix = { 0 };

	gs_command(&fix, "sudo", "gshare", "follower", "unmount", facts->target);
	gs_command_and(&fix);
	gs_offer_command(req, facts->target, req->export_, &fix);
	gs_findings_add(&plan->findings, GS_NOTE, "OPTIONS_PENDING", fix.ptr,
			"'%s' stays mounted as it is, since only a new mount changes: %s",
			facts->target, differs);
}

static int refuse_options(const struct gs_follower_facts *facts,
			  const struct gs_mount_wanted *wanted, const struct gs_mount_diff *diff,
			  struct gs_err *err)
{
	gs_autostr struct gs_str all = { 0 };

	gs_mount_diff_add(diff, &all);
	gs_err_set(err, EBUSY, "'%s' is mounted with other options: %s", facts->target, all.ptr);
	gs_err_cause(err, "MOUNT_OPTIONS_DIFFER");
	if (diff->fixed.len)
		return gs_err_fix(err, "first: ", "sudo", "gshare", "follower", "unmount",
				  facts->target);
	return gs_err_fix(err, "to change them in place: ", "sudo", "gshare", "follower", "remount",
			  facts->target, gs_mountopt_has(wanted->options, "ro") ? "--ro" : "--rw");
}

int gs_mounted_check(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
		     const struct gs_mount_wanted *wanted, struct gs_plan *plan, struct gs_err *err)
{
	GS_AUTO(gs_mount_diff_done) struct gs_mount_diff diff = { 0 };
	const struct gs_export_seen *seen = wanted->seen;
	const char *source = wanted->source;

	if (!is_same_mount(facts, source, seen->path) && !gs_mounted_is_shared(facts, wanted))
		return tell_in_use(facts, wanted->fstab, err);
	if (check_live(req, facts, seen, source, err) < 0)
		return err->code;
	gs_mount_differs(facts->mounted.options, wanted->options, &diff);
	if (diff.fixed.len || (diff.live.len && !may_remount(req, facts, wanted)))
		return refuse_options(facts, wanted, &diff, err);
	if (diff.live.len)
		plan_remount(req, facts, wanted, plan);
	else
		gs_plan_item(plan, '=', "mount", "%s on %s", source, facts->target);
	if (diff.tuned.len)
		tell_pending(req, facts, diff.tuned.ptr, plan);
	return 0;
}
