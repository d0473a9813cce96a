/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/follower_status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/check/judge.h"
#include "core/follower/mounted.h"
#include "core/format/fstab.h"
#include "core/plan/finding.h"
#include "core/plan/plan.h"
#include "core/verify/access_report.h"
#include "engine/observe/boot.h"
#include "engine/observe/common.h"
#include "engine/observe/package.h"
#include "engine/observe/server.h"
#include "engine/observe/share.h"
#include "engine/phase.h"
#include "sys/nfs/ping.h"

enum {
	MARGIN_MS = 900, /* of the deadline, for starting on a slow machine, ending a stuck child,
			    printing */
	BELOW_MS = 700,	 /* for the directory that the mount covers: its server may not respond */
	MS = 1000000,	 /* ns */
};

#define MOUNTS "mount one with 'gshare follower mount'"

/* The entry of others by which the mount comes back at boot; 0: none. */
static size_t boot_line(const struct gs_fstab *doc, const char *target)
{
	const struct gs_fstab_entry *entry = gs_fstab_find(doc, target);

	return entry && gs_mountopt_at_boot(entry->options) ? entry->number : 0;
}

/* gshare's own, which waits for an entry of gshare's and watches its mount. */
static bool has_unit(struct gs_sys *sys, const char *target)
{
	gs_autofree char *unit = gs_boot_unit(target), *path = gs_printf(GS_UNIT_DIR "/%s", unit);
	GS_AUTO(gs_inode_done) struct gs_inode inode = { 0 };
	struct gs_err unseen = { 0 };

	return sys->ops->fs->look(sys, path, &inode, &unseen) == 0 && inode.type == GS_INODE_FILE;
}

/* What is mounted last on a path is what is seen there. */
static bool covers_asked(const struct gs_mounts *all, const struct gs_health *h)
{
	for (size_t i = 0; h->asked_source && i < all->n; i++)
		if (!strcmp(all->v[i].target, h->path) &&
		    !strcmp(all->v[i].source, h->asked_source) &&
		    strcmp(h->mount.source, h->asked_source) != 0)
			return true;
	return false;
}

/* The other mounts of the server, with which it shares its connections. */
static void find_beside(struct gs_sys *sys, const struct gs_fstab *doc, struct gs_health *h)
{
	GS_AUTO(gs_mounts_done) struct gs_mounts all = { 0 };
	struct gs_err unlisted = { 0 };

	if (!h->is_mounted || sys->ops->mount->list_nfs(sys, &all, &unlisted) < 0)
		return;
	gs_mounted_beside(&all, h->mount.options, h->path, &h->beside);
	h->beside_kept = gs_fstab_has_all(doc, &h->beside);
	h->is_over = covers_asked(&all, h);
}

/* What fstab mounts above it is meant there: the share belongs on that, and is not. */
static void find_cover(struct gs_sys *sys, const struct gs_fstab *doc, struct gs_health *h)
{
	GS_AUTO(gs_mounts_done) struct gs_mounts all = { 0 };
	struct gs_err unlisted = { 0 };
	bool is_hidden = false;

	if (h->is_mounted || sys->ops->mount->list_nfs(sys, &all, &unlisted) < 0)
		return;
	for (size_t i = 0; i < all.n; i++)
		is_hidden |= !strcmp(all.v[i].target, h->path);
	if (is_hidden && sys->ops->mount->find_of(sys, h->path, &h->cover, &unlisted) == 0 &&
	    (!h->cover.target[1] || gs_fstab_find(doc, h->cover.target)))
		gs_mounted_done(&h->cover);
}

static int find(struct gs_sys *sys, const char *target, struct gs_health *h, struct gs_err *err)
{
	GS_AUTO(gs_file_done) struct gs_file fstab = { 0 };
	GS_AUTO(gs_local_shares_done) struct gs_local_shares here = { 0 };
	GS_AUTO(gs_fstab_done) struct gs_fstab doc = { 0 };
	const struct gs_fstab_entry *line;
	bool found = false;

	if (gs_find_follower_share(sys, target, &fstab, &here, &found, err) < 0)
		return err->code;
	if (!found) {
		gs_err_set(err, GS_E_FOUND,
			   target ? "'%s' is not a share on this node: " MOUNTS
				  : "no share is mounted on this node: " MOUNTS,
			   target);
		return gs_err_cause(err, "NOT_MOUNTED");
	}
	if (gs_fstab_parse(gs_str_span(&fstab.text), &doc, err) < 0)
		return gs_err_prefix(err, "%s", fstab.path);
	line = gs_fstab_find_managed(&doc, here.path);
	h->is_kept = line;
	h->foreign_line = line ? 0 : boot_line(&doc, here.path);
	h->asked_ro = line && gs_mountopt_has(line->options, "ro");
	h->asked = line ? gs_strdup(line->options) : NULL;
	h->asked_source = line ? gs_strdup(line->source) : NULL;
	h->boot_unit = gs_find_boot_unit(sys, here.path, &h->is_masked);
	h->path = gs_strdup(here.path);
	h->is_orphaned = !line && has_unit(sys, h->path);
	if (line && gs_observe_boot(sys, h->path, NULL, true, &h->boot, err) < 0)
		return err->code;
	h->server = gs_strdup(here.server);
	memcpy(h->kept, here.kept, sizeof h->kept);
	if (sys->ops->mount->find(sys, h->path, &h->mount, &h->is_mounted, err) < 0)
		return err->code;
	h->shows_first = h->is_mounted && gs_mounted_is_first(&h->mount, &doc);
	find_beside(sys, &doc, h);
	find_cover(sys, &doc, h);
	return 0;
}

static void read_stats(struct gs_sys *sys, struct gs_health *h)
{
	gs_autostr struct gs_str text = { 0 };
	struct gs_err unread = { 0 };

	(void)sys->ops->mount->read_ahead(sys, &h->mount, &h->ahead_kib, &unread);
	if (sys->ops->mount->mountstats(sys, &text, &unread) == 0)
		h->has_stats = gs_mountstats_find(gs_str_span(&text), h->path, &h->stats);
}

/* Where the server has just answered, that is the directory's mode: a home is its user's. */
static bool is_somebodys(const struct gs_health *h, int code)
{
	return !h->kept[0] && (code == -EACCES || code == -EPERM);
}

static void ask(struct gs_sys *sys, struct gs_health *h)
{
	GS_AUTO(gs_mount_look_done) struct gs_mount_look look = { 0 };

	sys->ops->mount->look(sys, h->path, !gs_health_is_ro(h), &look);
	h->says = gs_health_state(look.asked);
	h->says_error = -look.asked;
	if (look.asked < 0)
		return;
	h->id_read = look.read == 0 || look.read == -ENOENT;
	/* The share's owner can put anything in place of .gshare-id: the mount is not at fault. */
	if (look.read == 0 && !gs_share_id_parse(gs_str_span(&look.text), h->id))
		gs_err_set(&look.unread, EBADMSG, "'%s/" GS_SHARE_FILE "' contains no share id",
			   h->path);
	h->id_broken = look.read == 0 ? look.unread.code != 0 : gs_share_is_no_file(look.read);
	h->is_given_ro = look.given_ro;
	if (h->id_broken) {
		h->id_error = look.unread;
	} else if (!h->id_read && !is_somebodys(h, look.read)) {
		h->says = gs_health_state(look.read);
		h->says_error = -look.read;
	}
}

/* Three fifths of the time for the mount to answer; the rest to find out why it does not. */
static void ask_for_some_time(struct gs_sys *sys, struct gs_health *h)
{
	int64_t end_ns = sys->deadline_ns, now = sys->ops->clock->now_ns(sys);
	struct gs_err denied = { 0 };

	sys->deadline_ns = now + (end_ns - now) / 5 * 3;
	ask(sys, h);
	sys->deadline_ns = end_ns;
	if (h->says == GS_STATE_NOT_RESPONDING && h->reached == GS_ANSWER_YES)
		(void)gs_ask_anew(sys, &h->mount, h->rtt_us, &h->stuck);
	if (h->says == GS_STATE_DENIED && h->reached == GS_ANSWER_YES)
		h->is_closed = gs_ask_anew(sys, &h->mount, h->rtt_us, &denied);
}

static void look_below(struct gs_sys *sys, struct gs_health *h)
{
	int64_t end_ns = sys->deadline_ns;
	int64_t below_ns = sys->ops->clock->now_ns(sys) + (int64_t)BELOW_MS * MS;

	if (below_ns < end_ns)
		sys->deadline_ns = below_ns;
	(void)gs_observe_bare(sys, h->path, &h->bare, &h->unseen);
	sys->deadline_ns = end_ns;
}

/* What cannot be seen now is no failure of the mount. */
static void look_early(struct gs_sys *sys, struct gs_health *h)
{
	struct gs_err unseen = { 0 };

	(void)sys->ops->mount->early(sys, h->path, &h->early, &unseen);
}

static int look(struct gs_sys *sys, const char *target, struct gs_health *ret, struct gs_err *err)
{
	GS_AUTO(gs_health_done) struct gs_health h = { 0 };

	if (find(sys, target, &h, err) < 0)
		return err->code;
	look_below(sys, &h);
	look_early(sys, &h);
	h.is_trigger = sys->ops->mount->is_trigger(sys, h.path);
	h.is_nfs = h.is_mounted && gs_span_has_prefix(gs_span_of(h.mount.type), "nfs");
	h.lacks_client = h.is_nfs && !sys->ops->mount->has_client(sys);
	h.manager = h.lacks_client ? gs_observe_manager(sys) : NULL;
	h.is_unguarded = h.bare.type == GS_INODE_DIR && h.bare.can_guard && !h.bare.is_guarded &&
			 !h.bare.guard_denied && !h.bare.has_entries;
	if (h.is_nfs) {
		read_stats(sys, &h);
		h.own_addr = gs_address_towards(sys, &h.mount);
		h.reached = gs_reach_server(sys, &h.mount, &h.rtt_us, &h.silence);
		if (h.reached != GS_ANSWER_NO)
			ask_for_some_time(sys, &h);
	}
	gs_health_judge(&h);
	*ret = h;
	h = (struct gs_health){ 0 };
	return 0;
}

int gs_health_look(struct gs_sys *sys, const char *target, struct gs_health *ret,
		   struct gs_err *err)
{
	sys->deadline_ns -= (int64_t)MARGIN_MS * MS;
	if (sys->ops->privs->enter(GS_PHASE_OBSERVE, err) < 0)
		return err->code;
	return gs_phase_end(sys, look(sys, target, ret, err), err);
}

static int list_paths(struct gs_sys *sys, bool every, struct gs_strs *ret, struct gs_err *err)
{
	GS_AUTO(gs_file_done) struct gs_file fstab = { 0 };
	GS_AUTO(gs_mounts_done) struct gs_mounts mounts = { 0 };

	if (gs_observe_file(sys, "/etc/fstab", &fstab, err) < 0 ||
	    sys->ops->mount->list_nfs(sys, &mounts, err) < 0)
		return err->code;
	return gs_local_shares_paths(&fstab, &mounts, every, ret, err);
}

int gs_list_mounts(struct gs_sys *sys, bool every, struct gs_strs *ret, struct gs_err *err)
{
	if (sys->ops->privs->enter(GS_PHASE_OBSERVE, err) < 0)
		return err->code;
	return gs_phase_end(sys, list_paths(sys, every, ret, err), err);
}

int gs_healths_look(struct gs_sys *sys, struct gs_healths *ret, struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs paths = { 0 };
	int64_t end_ns = sys->deadline_ns;

	if (gs_list_mounts(sys, false, &paths, err) < 0)
		return err->code;
	for (size_t i = 0; i < paths.n; i++) {
		int64_t now = sys->ops->clock->now_ns(sys), margin = (int64_t)MARGIN_MS * MS;
		struct gs_health h = { 0 };
		int r;

		/* gs_health_look() takes the margin off. */
		sys->deadline_ns = now + (end_ns - margin - now) / (int64_t)(paths.n - i) + margin;
		r = gs_health_look(sys, paths.v[i], &h, err);
		sys->deadline_ns = end_ns;
		if (r == -GS_E_FOUND) { /* unmounted since */
			*err = (struct gs_err){ 0 };
			continue;
		}
		if (r < 0)
			return r;
		gs_grow(&ret->v, ret->n, &ret->room, sizeof *ret->v);
		ret->v[ret->n++] = h;
	}
	return 0;
}

void gs_healths_done(struct gs_healths *healths)
{
	for (size_t i = 0; i < healths->n; i++)
		gs_health_done(&healths->v[i]);
	free(healths->v);
	*healths = (struct gs_healths){ 0 };
}
