/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/doctor/bundle.h"

#include <errno.h>
#include <string.h>

#include "core/boot/boot.h"
#include "core/bundle/pick.h"
#include "core/peer/report.h"
#include "core/undo/history.h"
#include "engine/doctor/node.h"
#include "engine/phase.h"
#include "engine/run/journal.h"

/*
 * What somebody who helps would ask for, source by source. Each has half of the time that is left,
 * so that one that does not end takes it from no other.
 */

/**
 * struct source - where a file of the bundle comes from
 * @path: for read; @pick: what of it is about NFS; NULL: all
 */
struct source {
	struct gs_bundle_file file;
	int (*read)(struct gs_sys *sys, const char *path, struct gs_str *ret, struct gs_err *err);
	const char *path;
	void (*pick)(struct gs_span text, struct gs_str *out);
};

static int read_path(struct gs_sys *sys, const char *path, struct gs_str *ret, struct gs_err *err)
{
	bool exists = false;

	if (sys->ops->fs->read_file(sys, path, GS_BUNDLE_READ_BYTES, ret, &exists, err) < 0)
		return err->code;
	return exists ? 0 : gs_err_set(err, ENOENT, "'%s' does not exist", path);
}

/* In the form of os-release(5). */
static int read_versions(struct gs_sys *sys, const char *path, struct gs_str *ret,
			 struct gs_err *err)
{
	gs_str_adds(ret, "GSHARE=" PACKAGE_VERSION "\nKERNEL=");
	if (read_path(sys, "/proc/sys/kernel/osrelease", ret, err) < 0)
		return err->code;
	return read_path(sys, path, ret, err);
}

static int read_report(struct gs_sys *sys, const char *path, struct gs_str *ret, struct gs_err *err)
{
	GS_AUTO(gs_node_done) struct gs_node node = { 0 };

	(void)path;
	if (gs_look_node(sys, &node, err) < 0)
		return err->code;
	gs_report_node(&node, ret);
	return 0;
}

static int read_addresses(struct gs_sys *sys, const char *path, struct gs_str *ret,
			  struct gs_err *err)
{
	GS_AUTO(gs_netaddrs_done) struct gs_netaddrs links = { 0 };

	(void)path;
	if (sys->ops->net->links(sys, &links, err) < 0)
		return err->code;
	for (size_t i = 0; i < links.n; i++)
		gs_str_addf(ret, "%s/%u %s mtu %u\n", links.v[i].addr, links.v[i].prefix,
			    links.v[i].interface, links.v[i].mtu);
	return 0;
}

static int read_etab(struct gs_sys *sys, const char *path, struct gs_str *ret, struct gs_err *err)
{
	(void)path;
	return sys->ops->server->active_exports(sys, ret, err);
}

static int read_mountstats(struct gs_sys *sys, const char *path, struct gs_str *ret,
			   struct gs_err *err)
{
	(void)path;
	return sys->ops->mount->mountstats(sys, ret, err);
}

static int read_history(struct gs_sys *sys, const char *path, struct gs_str *ret,
			struct gs_err *err)
{
	GS_AUTO(gs_runs_done) struct gs_runs runs = { 0 };
	GS_AUTO(gs_findings_done) struct gs_findings unreadable = { 0 };

	(void)path;
	if (gs_journal_read(sys, &runs, &unreadable, err) < 0)
		return err->code;
	gs_report_history(&runs, ret);
	for (size_t i = 0; i < unreadable.n; i++)
		gs_str_addf(ret, "%s\n", unreadable.v[i].text);
	return 0;
}

static int read_kernel(struct gs_sys *sys, const char *path, struct gs_str *ret, struct gs_err *err)
{
	(void)path;
	if (!sys->ops->service->runs(sys))
		return gs_err_set(err, ENOENT, "no systemd runs this host");
	return sys->ops->service->kernel_log(sys, ret, err);
}

/* ---- units ----------------------------------------------------------------------------------- */

static bool is_over(struct gs_sys *sys)
{
	return sys->ops->clock->now_ns(sys) >= sys->deadline_ns;
}

/* As systemctl(1) cat prints it; one that cannot be read is left out. @is_wanted: NULL: any */
static void add_unit(struct gs_sys *sys, const char *path, bool (*is_wanted)(struct gs_span text),
		     struct gs_str *ret)
{
	gs_autostr struct gs_str text = { 0 };
	struct gs_err unread = { 0 };

	if (ret->len >= GS_BUNDLE_READ_BYTES || is_over(sys) ||
	    read_path(sys, path, &text, &unread) < 0 ||
	    (is_wanted && !is_wanted(gs_str_span(&text))))
		return;
	gs_str_addf(ret, "# %s\n%s\n", path, text.ptr ? text.ptr : "");
}

/* @begins: of those names */
static void add_units(struct gs_sys *sys, const char *dir, const char *begins, const char *suffix,
		      bool (*is_wanted)(struct gs_span text), struct gs_str *ret)
{
	GS_AUTO(gs_strs_done) struct gs_strs names = { 0 };
	struct gs_err unread = { 0 };

	if (sys->ops->fs->list_dir(sys, dir, suffix, &names, &unread) < 0)
		return;
	for (size_t i = 0; i < names.n; i++) {
		gs_autofree char *path = gs_printf("%s/%s", dir, names.v[i]);

		if (!strncmp(names.v[i], begins, strlen(begins)))
			add_unit(sys, path, is_wanted, ret);
	}
}

static void add_drop_ins(struct gs_sys *sys, struct gs_str *ret)
{
	GS_AUTO(gs_strs_done) struct gs_strs names = { 0 };
	struct gs_err unread = { 0 };

	if (sys->ops->fs->list_dir(sys, GS_UNIT_DIR, ".d", &names, &unread) < 0)
		return;
	for (size_t i = 0; i < names.n && !is_over(sys); i++) {
		gs_autofree char *dir = gs_printf(GS_UNIT_DIR "/%s", names.v[i]);

		add_units(sys, dir, "gshare", ".conf", NULL, ret);
	}
}

/* No package brings a mount of NFS. */
static bool is_of_packages(const char *dir)
{
	return !strncmp(dir, "/usr/lib/", 9) || !strncmp(dir, "/lib/", 5);
}

static int read_units(struct gs_sys *sys, const char *path, struct gs_str *ret, struct gs_err *err)
{
	(void)path;
	add_units(sys, GS_UNIT_DIR, "gshare-", ".service", NULL, ret);
	add_drop_ins(sys, ret);
	for (const char *const *dir = gs_boot_unit_dirs; *dir; dir++)
		if (!is_of_packages(*dir))
			add_units(sys, *dir, "", ".mount", gs_pick_is_nfs_unit, ret);
	return is_over(sys) ? gs_err_set(err, ETIMEDOUT, "no time was left") : 0;
}

/* ---- the tables ------------------------------------------------------------------------------ */

/* What is quick first. */
static const struct source sources[] = {
	{ { "versions", GS_SECRET_IN_TEXT, false }, read_versions, "/etc/os-release", NULL },
	{ { "exports", GS_SECRET_IN_OPTIONS, false }, read_path, "/etc/exports", NULL },
	{ { "etab", GS_SECRET_IN_OPTIONS, false }, read_etab, NULL, NULL },
	{ { "fstab.nfs", GS_SECRET_IN_OPTIONS, false }, read_path, "/etc/fstab", gs_pick_fstab },
	{ { "nfs.conf", GS_SECRET_IN_TEXT, false }, read_path, "/etc/nfs.conf", NULL },
	{ { "idmapd.conf", GS_SECRET_IN_TEXT, false }, read_path, "/etc/idmapd.conf", NULL },
	{ { "mountinfo.nfs", GS_SECRET_IN_OPTIONS, false },
	  read_path,
	  "/proc/self/mountinfo",
	  gs_pick_mountinfo },
	{ { "mountstats", GS_SECRET_IN_OPTIONS, false },
	  read_mountstats,
	  NULL,
	  gs_pick_mountstats },
	{ { "nfsd/versions", GS_SECRET_IN_TEXT, false },
	  read_path,
	  "/proc/fs/nfsd/versions",
	  NULL },
	{ { "nfsd/threads", GS_SECRET_IN_TEXT, false }, read_path, "/proc/fs/nfsd/threads", NULL },
	{ { "nfsd/portlist", GS_SECRET_IN_TEXT, false },
	  read_path,
	  "/proc/fs/nfsd/portlist",
	  NULL },
	{ { "nfsd/pool_stats", GS_SECRET_IN_TEXT, false },
	  read_path,
	  "/proc/fs/nfsd/pool_stats",
	  NULL },
	{ { "rpc-nfsd", GS_SECRET_IN_TEXT, false }, read_path, "/proc/net/rpc/nfsd", NULL },
	{ { "rpc-nfs", GS_SECRET_IN_TEXT, false }, read_path, "/proc/net/rpc/nfs", NULL },
	{ { "addresses", GS_SECRET_IN_TEXT, false }, read_addresses, NULL, NULL },
	{ { "units", GS_SECRET_IN_TEXT, false }, read_units, NULL, NULL },
	{ { "history", GS_SECRET_IN_TEXT, true }, read_history, NULL, NULL },
	{ { "report.txt", GS_SECRET_IN_TEXT, false }, read_report, NULL, NULL },
	{ { "kernel.nfs", GS_SECRET_IN_TEXT, true }, read_kernel, NULL, gs_pick_kernel },
};

/* All files of a directory whose names end so. */
static const struct {
	const char *path, *suffix, *name;
	enum gs_secret_in in;
} dirs[] = {
	{ "/etc/exports.d", ".exports", "exports.d", GS_SECRET_IN_OPTIONS },
	{ "/etc/nfs.conf.d", ".conf", "nfs.conf.d", GS_SECRET_IN_TEXT },
};

static int read_source(struct gs_sys *sys, const struct source *source, struct gs_str *ret,
		       struct gs_err *err)
{
	int64_t now = sys->ops->clock->now_ns(sys), end = sys->end_ns;

	if (now >= end)
		return gs_err_set(err, ETIMEDOUT, "no time was left");
	sys->deadline_ns = now + (end - now) / 2;
	if (sys->ops->privs->enter(GS_PHASE_OBSERVE, err) < 0)
		return err->code;
	return gs_phase_end(sys, source->read(sys, source->path, ret, err), err);
}

static void collect(struct gs_sys *sys, const struct source *source, struct gs_bundle *bundle)
{
	gs_autostr struct gs_str text = { 0 }, picked = { 0 };
	struct gs_err err = { 0 };

	if (read_source(sys, source, &text, &err) < 0) {
		gs_bundle_miss(bundle, source->file.name, err.msg);
		return;
	}
	if (source->pick)
		source->pick(gs_str_span(&text), &picked);
	gs_bundle_add(bundle, &source->file, gs_str_span(source->pick ? &picked : &text));
}

static void collect_dir(struct gs_sys *sys, size_t k, struct gs_bundle *bundle)
{
	GS_AUTO(gs_strs_done) struct gs_strs names = { 0 };
	struct gs_err err = { 0 };

	if (sys->ops->fs->list_dir(sys, dirs[k].path, dirs[k].suffix, &names, &err) < 0)
		gs_bundle_miss(bundle, dirs[k].name, err.msg);
	for (size_t i = 0; i < names.n; i++) {
		gs_autofree char *path = gs_printf("%s/%s", dirs[k].path, names.v[i]);
		gs_autofree char *name = gs_printf("%s/%s", dirs[k].name, names.v[i]);
		const struct source source = {
			.file = { .name = name, .in = dirs[k].in },
			.read = read_path,
			.path = path,
		};

		collect(sys, &source, bundle);
	}
}

void gs_bundle_collect(struct gs_sys *sys, struct gs_span findings, struct gs_bundle *ret)
{
	static const struct gs_bundle_file found = { "findings.json", GS_SECRET_IN_JSON, false };
	struct gs_bundle bundle = { .time_s = sys->ops->clock->wall_ms(sys) / 1000 };

	gs_bundle_add(&bundle, &found, findings);
	for (size_t i = 0; i < GS_COUNT(dirs); i++)
		collect_dir(sys, i, &bundle);
	for (size_t i = 0; i < GS_COUNT(sources); i++)
		collect(sys, &sources[i], &bundle);
	gs_bundle_end(&bundle);
	*ret = bundle;
}

/* A directory of the user who has called sudo takes root's privileges, too. */
static int put(struct gs_sys *sys, const struct gs_new_file *file, struct gs_err *err)
{
	if (sys->ops->privs->enter(GS_PHASE_APPLY, err) < 0)
		return err->code;
	return gs_phase_end(sys, sys->ops->fs->make_file(sys, file, err), err);
}

int gs_bundle_try(struct gs_sys *sys, const char *path, struct gs_err *err)
{
	const struct gs_new_file file = { .path = path, .only_tries = true };

	return put(sys, &file, err);
}

int gs_bundle_write(struct gs_sys *sys, const char *path, const struct gs_bundle *bundle,
		    struct gs_err *err)
{
	const struct gs_new_file file = { .path = path, .text = gs_str_span(&bundle->tar) };

	sys->deadline_ns = sys->end_ns;
	return put(sys, &file, err);
}
