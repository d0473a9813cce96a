/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/watch/place.h"

#include <errno.h>
#include <string.h>

#include "base/shareid.h"
#include "core/boot/show.h"
#include "core/follower/leader_word.h"
#include "core/follower/mount_options.h"
#include "core/follower/mountpoint.h"
#include "engine/observe/boot.h"
#include "engine/step/guard.h"
#include "sys/mount/mount.h"

/* What mount.nfs takes of the entry's options. */
static void add_options(const char *options, struct gs_str *out)
{
	struct gs_span rest = gs_span_of(options), option;

	while (gs_mountopt_next(&rest, &option)) {
		if (!option.len || gs_mountopt_is_for_fstab(option))
			continue;
		gs_str_adds(out, out->len ? "," : "");
		gs_str_add(out, option);
	}
}

/*
 * Compares the id with the entry's. A mount that is staged is read there.
 * @sure: an id that cannot be read is another one, too
 */
static int check_id(struct gs_sys *sys, const struct gs_fstab_entry *entry, bool sure,
		    struct gs_err *err)
{
	gs_autofree char *file = gs_printf("%s/" GS_SHARE_FILE, entry->target);
	char id[GS_SHARE_ID_BYTES] = { 0 };
	gs_autostr struct gs_str text = { 0 };
	struct gs_err unread = { 0 };
	struct gs_span kept = { 0 };
	int r;

	if (!gs_mountopt_get(entry->options, "x-gshare.id", &kept) || !kept.len)
		return 0;
	r = sys->ops->mount->read_bounded(sys, file, GS_SHARE_FILE_BYTES, &text, &unread);
	if (r == 0)
		(void)gs_share_id_parse(gs_str_span(&text), id);
	if (gs_span_is_text(kept, id) || (r < 0 && r != -ENOENT && !sure))
		return 0;
	if (r < 0 && r != -ENOENT) {
		*err = unread;
		return r;
	}
	gs_err_set(err, EINVAL, "%s has %s%s, but /etc/fstab has %.*s", entry->source,
		   id[0] ? "id " : "no id", id, (int)kept.len, kept.ptr);
	return gs_err_cause(err, "ID_DIFFERS");
}

void gs_place_speed(struct gs_sys *sys, const char *target)
{
	GS_AUTO(gs_mounted_done) struct gs_mounted mounted = { 0 };
	struct gs_err unset = { 0 };
	unsigned kib = 0;
	bool found = false;

	if (sys->ops->mount->find(sys, target, &mounted, &found, &unset) == 0 && found &&
	    sys->ops->mount->read_ahead(sys, &mounted, &kib, &unset) == 0 && kib &&
	    kib < GS_READ_AHEAD_KIB)
		(void)sys->ops->mount->set_read_ahead(sys, &mounted, GS_READ_AHEAD_KIB, &unset);
}

static int attach(struct gs_sys *sys, const struct gs_fstab_entry *entry,
		  const struct gs_mounted *stale, struct gs_err *err)
{
	if (check_id(sys, entry, true, err) < 0 ||
	    (stale && sys->ops->mount->umount(sys, entry->target, GS_UMOUNT_LAZY, err) < 0))
		return err->code;
	return sys->ops->mount->attach(sys, err);
}

int gs_place_mount(struct gs_sys *sys, const struct gs_fstab_entry *entry,
		   const struct gs_mounted *stale, struct gs_err *err)
{
	gs_autostr struct gs_str options = { 0 };

	add_options(entry->options, &options);
	if (sys->ops->mount->pin_path(sys, entry->target, err) < 0 ||
	    sys->ops->mount->stage(sys, entry->source, entry->target, entry->type,
				   options.len ? options.ptr : "rw", err) < 0)
		return err->code;
	if (attach(sys, entry, stale, err) < 0) {
		sys->ops->mount->unstage(sys);
		return err->code;
	}
	gs_place_speed(sys, entry->target);
	return 0;
}

int gs_place_check(struct gs_sys *sys, const struct gs_fstab_entry *entry, struct gs_err *err)
{
	return check_id(sys, entry, false, err);
}

int gs_place_reach(struct gs_sys *sys, const struct gs_fstab_entry *entry, struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs addrs = { 0 };
	gs_autofree char *host = NULL, *path = NULL;
	struct gs_err later = { 0 };
	struct gs_err *e = err;
	unsigned us;

	if (gs_leader_word_parse(entry->source, &host, &path, err) < 0 ||
	    sys->ops->net->resolve(sys, host, &addrs, err) < 0)
		return err->code;
	for (size_t i = 0; i < addrs.n; i++, e = &later)
		if (sys->ops->nfs->reach(sys, addrs.v[i], gs_mountopt_port(entry->options), &us,
					 e) == 0) {
			*err = (struct gs_err){ 0 };
			return 0;
		}
	return err->code;
}

int gs_place_start(struct gs_sys *sys, const char *target, struct gs_strs *ret_started,
		   struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs units = { 0 };
	gs_autostr struct gs_str text = { 0 };
	struct gs_shown shown;
	struct gs_span rest;

	if (!sys->ops->service->runs(sys))
		return 0;
	if (gs_observe_ordered(sys, target, &units, err) < 0)
		return err->code;
	if (!units.n)
		return 0;
	if (sys->ops->service->show(sys, &units, GS_SHOW_PROPERTIES, &text, err) < 0)
		return err->code;
	rest = gs_str_span(&text);
	while (gs_show_next(&rest, &shown)) {
		gs_autofree char *unit = gs_span_dup(shown.id);

		if (shown.is_skipped)
			gs_strs_add(ret_started, unit);
	}
	return ret_started->n ? sys->ops->service->start_later(sys, ret_started, err) : 0;
}
