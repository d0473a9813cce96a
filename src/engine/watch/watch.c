/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/watch/watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/check/judge.h"
#include "core/follower/plan_unmount.h"
#include "core/format/fstab.h"
#include "core/plan/plan.h"
#include "engine/observe/common.h"
#include "engine/phase.h"
#include "engine/watch/place.h"

enum {
	WAIT_MS = 2000,	  /* for a leader that is absent: the share follows it within 10 s */
	WATCH_MS = 10000, /* between two requests to a mount that responds */
	LASTS_MS = 60000, /* before a stale mount is replaced */
	REACH_MS = 2000,  /* of the connection, and the NULL call over it */
	ASK_MS = 4000,
	ASK_LOCKED_MS = 2000,
	TRY_MS = 6000,	     /* of the first attempt to mount */
	TRY_MOST_MS = 30000, /* as follower mount has it, for a leader far away */
	SHORT_TRIES = 3,
	QUIET_ROUNDS = 3, /* udev may reset the read-ahead of a new mount: then it is set again */
	MS = 1000000,	  /* ns */
};

/* One round at work. */
struct round {
	struct gs_sys *sys;
	struct gs_watch *watch;
	const struct gs_fstab_entry *entry;
	struct gs_mounted mounted; /* source NULL: nothing is */
	struct gs_str *line;
	unsigned pause_ms;
};

static void bound(struct gs_sys *sys, unsigned ms)
{
	sys->deadline_ns = sys->ops->clock->now_ns(sys) + (int64_t)ms * MS;
}

/* A state is told when it begins, and again where its reason is another one. */
static void change(struct round *r, enum gs_watch_state state, const char *why, const char *line)
{
	struct gs_watch *w = r->watch;
	bool is_same = w->state == state && w->why && !strcmp(w->why, why);

	w->state = state;
	if (is_same)
		return;
	free(w->why);
	w->why = gs_strdup(why);
	gs_str_adds(r->line, r->line->len ? "\n" : "");
	gs_str_add_safe(r->line, gs_span_of(line));
}

static void fail(struct round *r, enum gs_watch_state state, const char *what,
		 const struct gs_err *why)
{
	gs_autofree char *line = gs_printf("%s: %s", what, why->msg);

	change(r, state, gs_err_name(why), line);
}

/* Something is mounted: what was kept off the bare directory may start. */
static void start_ordered(struct round *r)
{
	GS_AUTO(gs_strs_done) struct gs_strs started = { 0 };
	gs_autostr struct gs_str line = { 0 };
	struct gs_err why = { 0 };

	if (r->watch->is_ordered)
		return;
	if (gs_place_start(r->sys, r->watch->target, &started, &why) < 0)
		gs_str_addf(&line, "cannot start what waits for the share: %s", why.msg);
	else
		r->watch->is_ordered = true;
	for (size_t i = 0; !why.code && i < started.n; i++)
		gs_str_addf(&line, "%s%s", i ? ", " : "starting ", started.v[i]);
	if (!line.len)
		return;
	gs_str_adds(r->line, r->line->len ? "\n" : "");
	gs_str_add_safe(r->line, gs_str_span(&line));
}

static void be_present(struct round *r, const char *how)
{
	gs_autofree char *line = gs_printf("%s %s on %s", r->entry->source, how, r->watch->target);

	r->watch->quiet = r->watch->state == GS_WATCH_PRESENT ? r->watch->quiet + 1 : 0;
	change(r, GS_WATCH_PRESENT, "present", line);
	r->watch->is_seen = true;
	start_ordered(r);
	r->watch->tries = 0;
	r->watch->broken_ns = 0;
	r->pause_ms = WATCH_MS;
}

/* ---- nothing is mounted ------------------------------------------------------------------ */

/* A mount that needs longer than this must not be given up each time. */
static unsigned try_ms(const struct gs_watch *watch)
{
	return watch->tries < SHORT_TRIES ? TRY_MS : TRY_MOST_MS;
}

static void try_mount(struct round *r)
{
	struct gs_sys *sys = r->sys;
	struct gs_err why = { 0 };

	bound(sys, REACH_MS);
	if (gs_place_reach(sys, r->entry, &why) < 0) {
		r->watch->tries = 0;
		fail(r, GS_WATCH_WAITING, "waiting for the leader", &why);
		return;
	}
	bound(sys, try_ms(r->watch));
	r->watch->tries++;
	if (gs_place_mount(sys, r->entry, NULL, &why) < 0)
		fail(r, GS_WATCH_WAITING, "the leader is there, but its share is not", &why);
	else
		be_present(r, "mounted");
}

static void absent(struct round *r)
{
	gs_autofree char *line = NULL;

	r->watch->is_ordered = false;
	if (!r->watch->is_seen) {
		try_mount(r);
		return;
	}
	line = gs_printf("unmounted from %s, and not by me: it stays so until it is mounted again",
			 r->watch->target);
	change(r, GS_WATCH_RELEASED, "released", line);
}

/* ---- something is mounted ---------------------------------------------------------------- */

/* Open files live on the old mount: who has them decides when it may go. */
static bool is_used(struct round *r)
{
	GS_AUTO(gs_mount_users_done) struct gs_mount_users users = { 0 };
	gs_autostr struct gs_str who = { 0 }, line = { 0 };
	struct gs_err unseen = { 0 };

	if (r->sys->ops->mount->users(r->sys, &r->mounted, &users, &unseen) == 0 && !users.n &&
	    !users.cut)
		return false;
	gs_unmount_add_users(&users, &who);
	gs_str_addf(&line, "the mount is stale, and kept since it is in use: %s",
		    who.len ? who.ptr : unseen.msg);
	change(r, GS_WATCH_BROKEN, "used", line.ptr);
	return true;
}

/* Somebody may be at work on the leader's directories: what lasts is not that. */
static bool may_pass(struct round *r)
{
	int64_t now = r->sys->ops->clock->now_ns(r->sys);

	if (!r->watch->broken_ns)
		r->watch->broken_ns = now;
	if (now - r->watch->broken_ns >= (int64_t)LASTS_MS * MS)
		return false;
	change(r, GS_WATCH_BROKEN, "new",
	       "the mount is stale: it is replaced if that lasts for a minute");
	return true;
}

/* A container with the share as a volume and no file open is no use of the mount, and keeps it. */
static void tell_left_behind(struct round *r)
{
	GS_AUTO(gs_earlies_done) struct gs_earlies seen = { 0 };
	struct gs_err unseen = { 0 };

	bound(r->sys, ASK_MS);
	(void)r->sys->ops->mount->early(r->sys, r->watch->target, &seen, &unseen);
	for (size_t i = 0; i < seen.n; i++) {
		if (!seen.v[i].is_old)
			continue;
		gs_str_adds(r->line, "\nstill on the old mount: ");
		gs_str_add_safe(r->line, gs_span_of(seen.v[i].name));
		gs_str_addf(r->line, " (pid %d): see 'gshare follower status'", (int)seen.v[i].pid);
	}
}

static void recover(struct round *r, const char *state)
{
	struct gs_err why = { 0 };

	if (may_pass(r))
		return;
	r->pause_ms = WAIT_MS;
	bound(r->sys, REACH_MS);
	if (gs_place_reach(r->sys, r->entry, &why) < 0) {
		fail(r, GS_WATCH_BROKEN, "the mount is stale, and the leader is away", &why);
		return;
	}
	bound(r->sys, try_ms(r->watch));
	if (is_used(r))
		return;
	bound(r->sys, try_ms(r->watch));
	r->watch->tries++;
	if (gs_place_mount(r->sys, r->entry, &r->mounted, &why) < 0) {
		fail(r, GS_WATCH_BROKEN, "the mount cannot be replaced", &why);
		return;
	}
	r->watch->state = GS_WATCH_BROKEN; /* what was present is another mount now */
	be_present(r, state);
	tell_left_behind(r);
}

/* Mounted by the entry at boot, or by a hand: which share is it? */
static void meet(struct round *r)
{
	struct gs_err why = { 0 };

	bound(r->sys, ASK_MS);
	if (gs_place_check(r->sys, r->entry, &why) < 0) {
		fail(r, GS_WATCH_OTHER, "another share is mounted", &why);
		return;
	}
	gs_place_speed(r->sys, r->watch->target);
	be_present(r, "is mounted");
}

static enum gs_mount_state ask(struct round *r, unsigned ms, struct gs_err *why)
{
	r->pause_ms = WATCH_MS;
	bound(r->sys, ms);
	return gs_health_state(r->sys->ops->mount->ask(r->sys, r->watch->target, why));
}

static void be_silent(struct round *r, const struct gs_err *why)
{
	start_ordered(r);
	r->watch->broken_ns = 0;
	fail(r, GS_WATCH_SILENT, "the mount does not respond", why);
}

/*
 * Asked without the lock, which would be in the way of each other gshare, above all of one that is
 * to unmount what does not respond.
 */
static bool is_unchanged(struct round *r)
{
	bool was_present = r->watch->state == GS_WATCH_PRESENT && r->watch->is_ordered &&
			   r->watch->quiet >= QUIET_ROUNDS;
	struct gs_err why = { 0 };
	enum gs_mount_state says;

	if (!gs_span_has_prefix(gs_span_of(r->mounted.type), "nfs"))
		return false;
	says = ask(r, ASK_MS, &why);
	if (says == GS_STATE_NOT_RESPONDING)
		be_silent(r, &why);
	return says == GS_STATE_NOT_RESPONDING || (was_present && says == GS_STATE_FINE &&
						   gs_place_check(r->sys, r->entry, &why) == 0);
}

static void present(struct round *r)
{
	struct gs_err why = { 0 };
	enum gs_mount_state says = ask(r, ASK_LOCKED_MS, &why);

	switch (says) {
	case GS_STATE_FINE:
		meet(r);
		return;
	case GS_STATE_STALE:
	case GS_STATE_ERROR:
		recover(r, says == GS_STATE_STALE ? "replaces a stale mount"
						  : "replaces a broken mount");
		return;
	case GS_STATE_UNASKED:
	case GS_STATE_NOT_RESPONDING:
	case GS_STATE_DENIED:
		be_silent(r, &why);
		return;
	}
}

static int find(struct round *r, bool *ret_found, struct gs_err *err)
{
	gs_mounted_done(&r->mounted);
	if (r->sys->ops->mount->find(r->sys, r->watch->target, &r->mounted, ret_found, err) < 0)
		return err->code;
	r->watch->is_seen |= *ret_found;
	return 0;
}

/* Seen without the lock: who unmounts it right after mounting it must not get it back. */
static int look(struct round *r, struct gs_err *err)
{
	bool found = false;
	int e;

	if (find(r, &found, err) < 0)
		return err->code;
	if (found && is_unchanged(r))
		return 0;
	e = r->sys->ops->fs->lock(r->sys, err);
	if (e == -GS_E_LOCKED) { /* another gshare is at work, perhaps at this mount */
		*err = (struct gs_err){ 0 };
		return 0;
	}
	if (e < 0 || find(r, &found, err) < 0)
		return err->code;
	if (!found)
		absent(r);
	else if (gs_span_has_prefix(gs_span_of(r->mounted.type), "nfs"))
		present(r);
	else
		change(r, GS_WATCH_OTHER, "type", "what is mounted is not an NFS share");
	return 0;
}

static int no_entry(const char *target, struct gs_err *err)
{
	gs_err_set(err, GS_E_FOUND, "/etc/fstab has no gshare entry for '%s'", target);
	gs_err_cause(err, "NOT_PERSISTED");
	return gs_err_advise(err, "mount it with 'gshare follower mount', which writes one");
}

static int run(struct round *r, struct gs_err *err)
{
	GS_AUTO(gs_file_done) struct gs_file fstab = { 0 };
	GS_AUTO(gs_fstab_done) struct gs_fstab doc = { 0 };
	int e;

	if (gs_observe_file(r->sys, "/etc/fstab", &fstab, err) < 0 ||
	    gs_fstab_parse(gs_str_span(&fstab.text), &doc, err) < 0)
		return err->code;
	r->entry = gs_fstab_find_managed(&doc, r->watch->target);
	if (!r->entry)
		return no_entry(r->watch->target, err);
	e = look(r, err);
	r->entry = NULL;
	return e;
}

int gs_watch_round(struct gs_sys *sys, struct gs_watch *watch, struct gs_str *ret_line,
		   unsigned *ret_pause_ms, struct gs_err *err)
{
	struct round r = { .sys = sys, .watch = watch, .line = ret_line, .pause_ms = WAIT_MS };
	int e;

	if (sys->ops->privs->need(GS_PHASE_APPLY, err) < 0 ||
	    sys->ops->privs->enter(GS_PHASE_APPLY, err) < 0)
		return err->code;
	e = gs_phase_end(sys, run(&r, err), err);
	gs_mounted_done(&r.mounted);
	*ret_pause_ms = r.pause_ms;
	return e;
}

void gs_watch_done(struct gs_watch *watch)
{
	free(watch->why);
	*watch = (struct gs_watch){ 0 };
}
