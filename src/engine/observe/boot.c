/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/boot.h"

#include <errno.h>
#include <string.h>

#include "core/boot/show.h"
#include "core/format/unit.h"
#include "engine/observe/common.h"

static int type_of(struct gs_sys *sys, const char *path, enum gs_inode_type *ret,
		   struct gs_err *err)
{
	GS_AUTO(gs_inode_done) struct gs_inode inode = { 0 };

	if (sys->ops->fs->look(sys, path, &inode, err) < 0)
		return err->code;
	*ret = inode.type;
	return 0;
}

static int is_there(struct gs_sys *sys, const char *path, bool *ret, struct gs_err *err)
{
	enum gs_inode_type type = GS_INODE_ABSENT;

	if (type_of(sys, path, &type, err) < 0)
		return err->code;
	*ret = type != GS_INODE_ABSENT;
	return 0;
}

static int has_systemd(struct gs_sys *sys, bool *ret, struct gs_err *err)
{
	static const char *const paths[] = { "/usr/lib/systemd/systemd", "/lib/systemd/systemd" };
	enum gs_inode_type type = GS_INODE_ABSENT;

	*ret = !sys->offline && sys->ops->service->runs(sys);
	for (size_t i = 0; sys->offline && i < GS_COUNT(paths); i++) {
		if (type_of(sys, paths[i], &type, err) < 0)
			return err->code;
		*ret |= type == GS_INODE_FILE;
	}
	return 0;
}

/* "getty@tty1.service" has the file "getty@.service". */
static char *template_of(const char *unit)
{
	const char *at = strchr(unit, '@'), *dot = strrchr(unit, '.');

	return at && dot && dot > at ? gs_printf("%.*s%s", (int)(at - unit) + 1, unit, dot) : NULL;
}

/* Directories that units are in; where /lib is a link, it leads to another one of the list. */
static int list_dirs(struct gs_sys *sys, struct gs_strs *ret, struct gs_err *err)
{
	for (const char *const *dir = gs_boot_unit_dirs; *dir; dir++) {
		enum gs_inode_type type = GS_INODE_ABSENT;

		if (type_of(sys, *dir, &type, err) < 0)
			return err->code;
		if (type == GS_INODE_DIR)
			gs_strs_add(ret, *dir);
	}
	return 0;
}

static int is_installed(struct gs_sys *sys, const struct gs_strs *dirs, const char *unit, bool *ret,
			struct gs_err *err)
{
	gs_autofree char *template = template_of(unit);
	const char *const names[] = { unit, template };

	*ret = false;
	for (size_t i = 0; i < dirs->n && !*ret; i++)
		for (size_t k = 0; k < GS_COUNT(names) && names[k] && !*ret; k++) {
			gs_autofree char *path = gs_printf("%s/%s", dirs->v[i], names[k]);

			if (is_there(sys, path, ret, err) < 0)
				return err->code;
		}
	return 0;
}

/* systemctl(1) describes a unit that does not exist, too. */
static int not_said(const char *unit, struct gs_err *err)
{
	return gs_err_set(err, EPROTO, "%s: systemctl does not say whether it is active", unit);
}

int gs_observe_unit(struct gs_sys *sys, const char *unit, bool *ret_active, struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs units = { 0 };
	gs_autostr struct gs_str text = { 0 };
	struct gs_shown shown = { 0 };
	struct gs_span rest;

	*ret_active = false;
	if (sys->offline || !sys->ops->service->runs(sys))
		return 0;
	gs_strs_add(&units, unit);
	if (sys->ops->service->show(sys, &units, GS_SHOW_PROPERTIES, &text, err) < 0)
		return err->code;
	rest = gs_str_span(&text);
	if (!gs_show_next(&rest, &shown))
		return not_said(unit, err);
	*ret_active = shown.is_active;
	return 0;
}

int gs_observe_ordered(struct gs_sys *sys, const char *target, struct gs_strs *ret,
		       struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs dirs = { 0 };

	if (sys->ops->fs->list_dir(sys, GS_UNIT_DIR, ".d", &dirs, err) < 0)
		return err->code;
	for (size_t i = 0; i < dirs.n; i++) {
		gs_autofree char *unit = gs_span_dup(gs_span(dirs.v[i], strlen(dirs.v[i]) - 2));
		gs_autofree char *path = gs_boot_drop_in(target, unit);
		bool there = false;

		if (is_there(sys, path, &there, err) < 0)
			return err->code;
		if (there)
			gs_strs_add(ret, unit);
	}
	return 0;
}

/* Is anything in the directory but the share's own file? */
static int look_dir(struct gs_sys *sys, const char *dir, const char *file, struct gs_boot *boot,
		    struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs names = { 0 };
	bool there = false;

	if (!strcmp(dir, GS_UNIT_DIR))
		return 0;
	if (is_there(sys, dir, &there, err) < 0)
		return err->code;
	if (!there) {
		gs_strs_add(&boot->absent, dir);
		return 0;
	}
	if (sys->ops->fs->list_dir(sys, dir, "", &names, err) < 0)
		return err->code;
	if (!names.n || (names.n == 1 && !strcmp(names.v[0], file)))
		gs_strs_add(&boot->sole, dir);
	return 0;
}

static int look_files(struct gs_sys *sys, const char *target, const struct gs_strs *units,
		      struct gs_boot *boot, struct gs_err *err)
{
	GS_AUTO(gs_files_done) struct gs_files wanted = { 0 };

	gs_boot_files(target, units, &wanted);
	for (size_t i = 0; i < wanted.n; i++) {
		GS_AUTO(gs_file_done) struct gs_file now = { 0 };
		const char *path = wanted.v[i].path, *slash = strrchr(path, '/');
		enum gs_inode_type type = GS_INODE_ABSENT;
		gs_autofree char *dir = gs_span_dup(gs_span(path, (size_t)(slash - path)));

		if (type_of(sys, path, &type, err) < 0)
			return err->code;
		if (!boot->link && type == GS_INODE_LINK)
			boot->link = gs_strdup(path);
		if ((type != GS_INODE_LINK && gs_observe_file(sys, path, &now, err) < 0) ||
		    look_dir(sys, dir, slash + 1, boot, err) < 0)
			return err->code;
		gs_files_add(&boot->now, path, now.exists, gs_str_span(&now.text));
	}
	return 0;
}

/* By the name under which it is listed, be it asked for by another: systemctl(1), show. */
static int listed_as(struct gs_sys *sys, const char *unit, char **ret, struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs one = { 0 };
	gs_autostr struct gs_str text = { 0 };
	struct gs_shown shown = { 0 };
	struct gs_span rest;

	gs_strs_add(&one, unit);
	if (sys->ops->service->show(sys, &one, GS_SHOW_PROPERTIES, &text, err) < 0)
		return err->code;
	rest = gs_str_span(&text);
	if (!gs_show_next(&rest, &shown))
		return not_said(unit, err);
	*ret = gs_span_dup(shown.id);
	return 0;
}

/*
 * What the mount and its watcher wait for cannot wait for them: systemd would leave one of it out.
 * @asked: without those that are ordered anyhow
 */
static int look_needed(struct gs_sys *sys, const char *target, const struct gs_strs *asked,
		       struct gs_boot *boot, struct gs_err *err)
{
	static const char *const roots[] = { "network-online.target", "remote-fs-pre.target",
					     "local-fs.target", "sysinit.target" };
	GS_AUTO(gs_strs_done) struct gs_strs first = { 0 }, needed = { 0 };
	gs_autofree char *mount = gs_unit_name(target, "mount");

	if (!asked->n || !boot->systemd || sys->offline)
		return 0;
	for (size_t i = 0; i < GS_COUNT(roots); i++)
		gs_strs_add(&first, roots[i]);
	if (sys->ops->service->earlier(sys, &first, &needed, err) < 0)
		return err->code;
	for (size_t i = 0; i < first.n; i++)
		gs_strs_add(&needed, first.v[i]);
	gs_strs_add(&needed, mount);
	gs_strs_add(&needed, boot->unit);
	for (size_t i = 0; i < asked->n; i++) {
		gs_autofree char *name = NULL;

		if (listed_as(sys, asked->v[i], &name, err) < 0)
			return err->code;
		if (gs_strs_has(&needed, asked->v[i]) || gs_strs_has(&needed, name))
			gs_strs_add(&boot->needed, asked->v[i]);
	}
	return 0;
}

/* The units to be ordered: those that are, those that are known and installed, those asked for. */
static int look_units(struct gs_sys *sys, const char *target, const struct gs_strs *asked,
		      struct gs_boot *boot, struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs dirs = { 0 }, others = { 0 };
	bool there = false;

	if (gs_observe_ordered(sys, target, &boot->ordered, err) < 0 ||
	    list_dirs(sys, &dirs, err) < 0)
		return err->code;
	for (size_t i = 0; i < boot->ordered.n; i++)
		gs_boot_add(&boot->units, boot->ordered.v[i]);
	for (const char *const *known = gs_boot_known; boot->systemd && *known; known++) {
		if (is_installed(sys, &dirs, *known, &there, err) < 0)
			return err->code;
		if (there)
			gs_boot_add(&boot->units, *known);
	}
	for (size_t i = 0; asked && i < asked->n; i++) {
		if (is_installed(sys, &dirs, asked->v[i], &there, err) < 0)
			return err->code;
		if (!there)
			gs_strs_add(&boot->missing, asked->v[i]);
		if (!gs_strs_has(&boot->units, asked->v[i]))
			gs_strs_add(&others, asked->v[i]);
		gs_boot_add(&boot->units, asked->v[i]);
	}
	return look_needed(sys, target, &others, boot, err);
}

/* The unit itself, and those that wait for it. */
static int ask_units(struct gs_sys *sys, struct gs_boot *boot, struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs units = { 0 };
	gs_autostr struct gs_str text = { 0 };
	struct gs_shown shown = { 0 };
	bool told = false;
	struct gs_span rest;

	if (sys->offline || !sys->ops->service->runs(sys))
		return 0;
	gs_strs_add(&units, boot->unit);
	for (size_t i = 0; i < boot->ordered.n; i++)
		gs_strs_add(&units, boot->ordered.v[i]);
	if (sys->ops->service->show(sys, &units, GS_SHOW_PROPERTIES, &text, err) < 0)
		return err->code;
	rest = gs_str_span(&text);
	while (gs_show_next(&rest, &shown)) {
		gs_autofree char *unit = gs_span_dup(shown.id);

		if (!strcmp(unit, boot->unit))
			boot->is_active = shown.is_active;
		else if (shown.is_skipped)
			gs_strs_add(&boot->skipped, unit);
		told |= !strcmp(unit, boot->unit);
	}
	return told ? 0 : not_said(boot->unit, err);
}

/* Where none of its files is there, there is no unit to ask for. */
static int look_unit(struct gs_sys *sys, bool only_looks, struct gs_boot *boot, struct gs_err *err)
{
	struct gs_err unasked = { 0 }, lacking = { 0 };
	bool there = false;

	for (size_t i = 0; i < boot->now.n; i++)
		there |= boot->now.v[i].exists;
	if (!there || ask_units(sys, boot, &unasked) == 0)
		return 0;
	if (!only_looks && sys->ops->privs->need(GS_PHASE_APPLY, &lacking) == 0) {
		*err = unasked;
		return err->code;
	}
	boot->unasked = gs_strdup(unasked.msg);
	return 0;
}

int gs_observe_boot(struct gs_sys *sys, const char *target, const struct gs_strs *asked,
		    bool only_looks, struct gs_boot *ret, struct gs_err *err)
{
	GS_AUTO(gs_boot_done)
	struct gs_boot boot = { .unit = gs_boot_unit(target),
				.offline = sys->offline,
				.asks = asked && asked->n };

	if (has_systemd(sys, &boot.systemd, err) < 0 ||
	    look_units(sys, target, asked, &boot, err) < 0 ||
	    look_files(sys, target, &boot.units, &boot, err) < 0 ||
	    look_unit(sys, only_looks, &boot, err) < 0)
		return err->code;
	*ret = boot;
	boot = (struct gs_boot){ 0 };
	return 0;
}
