/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/command.h"
#include "core/check/row.h"
#include "core/check/served.h"
#include "core/exports/exports.h"
#include "core/share/names.h"

/*
 * A directory above the share that is exported, too. An NFSv4 client walks down through it, and
 * nfsd crosses from a real export into another at a mount point only: elsewhere the share is a part
 * of the outer one, with its options. fs/nfsd/vfs.c nfsd_mountpoint(), nfsd_cross_mnt().
 */

/* Is something mounted on the share, or on a directory between it and that export? */
static bool is_apart(const struct gs_served *is, const char *outer)
{
	for (size_t i = 0; i < is->ancestors.n; i++)
		if (is->ancestors.v[i].inode.is_mount_point &&
		    gs_path_is_below(is->ancestors.v[i].path, outer))
			return true;
	return false;
}

/* The root that fsid=0 makes has findings of its own. */
static bool is_outer(const struct gs_served_fact *fact, const struct gs_export *entry)
{
	return gs_path_is_below(fact->path, entry->path) &&
	       !(entry->opts.has_fsid && !entry->opts.fsid) && !is_apart(fact->is, entry->path);
}

static bool has(const struct gs_export *outer, const struct gs_hostspec *host)
{
	return gs_hostspec_is_same(&outer->host, host) || gs_hostspec_covers(&outer->host, host);
}

/* Do its options do to a client what the share's would? */
static bool is_alike(const struct gs_served_fact *fact, bool is_rw,
		     const struct gs_exportopts *outer)
{
	bool is_all = gs_exportopts_squash(outer) == GS_SQUASH_ALL;

	if ((gs_exportopts_access(outer) == GS_ACCESS_RW) != is_rw)
		return false;
	if (fact->squash != GS_SQUASH_ALL)
		return !is_all;
	return is_all && outer->anonuid == fact->uid && outer->anongid == fact->gid;
}

/* The first client of the share that comes through that entry, and is served alike, or not; owned.
 */
static char *find_client(const struct gs_served_fact *fact, const struct gs_export *outer,
			 bool alike)
{
	const struct gs_export *entry;
	size_t at = 0;

	while ((entry = gs_exports_find(fact->etab, fact->path, NULL, &at))) {
		bool is_rw = gs_exportopts_access(&entry->opts) == GS_ACCESS_RW;

		if (has(outer, &entry->host) && is_alike(fact, is_rw, &outer->opts) == alike)
			return gs_strdup(entry->host.text);
	}
	for (size_t i = 0; fact->added && i < fact->added->n; i++) {
		GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };

		gs_hostspec_read(gs_span_of(fact->added->v[i]), &host);
		if (has(outer, &host) && is_alike(fact, fact->gives_rw, &outer->opts) == alike)
			return gs_strdup(fact->added->v[i]);
	}
	return NULL;
}

static const struct gs_export *find_some(const struct gs_served_fact *fact, bool alike,
					 char **ret_client)
{
	for (size_t i = 0; fact->etab && i < fact->etab->n; i++) {
		if (!is_outer(fact, &fact->etab->entry[i]))
			continue;
		*ret_client = find_client(fact, &fact->etab->entry[i], alike);
		if (*ret_client)
			return &fact->etab->entry[i];
	}
	return NULL;
}

/* One that is served otherwise comes first; @ret_client: owned. NULL: there is none at all. */
static const struct gs_export *find_outer(const struct gs_served_fact *fact, bool *ret_alike,
					  char **ret_client)
{
	const struct gs_export *outer = find_some(fact, false, ret_client);

	*ret_alike = !outer;
	return outer ? outer : find_some(fact, true, ret_client);
}

/* Both are asked of what is found: a change of the share is only warned of. */
static bool is_inside(const struct gs_facts *facts, bool wants_failure)
{
	gs_autofree char *client = NULL;
	bool alike;
	const struct gs_export *outer = find_outer(facts->around, &alike, &client);

	return outer && (!facts->around->changes && !alike) == wants_failure;
}

static bool has_others_options(const struct gs_facts *facts)
{
	return is_inside(facts, true);
}

static bool has_like_options(const struct gs_facts *facts)
{
	return is_inside(facts, false);
}

static void say_inside(const struct gs_facts *facts, struct gs_str *out)
{
	static const char *const squashes[] = { [GS_SQUASH_NONE] = "no_root_squash",
						[GS_SQUASH_ROOT] = "root_squash",
						[GS_SQUASH_ALL] = "all_squash" };
	gs_autofree char *client = NULL;
	bool alike;
	const struct gs_export *outer = find_outer(facts->around, &alike, &client);

	if (!outer)
		return;
	gs_str_addf(
		out,
		"'%s' is exported to %s as well, and '%s' is no mount point in it: %s reaches the "
		"share with the options of that export (%s, %s), and the share's have no effect",
		outer->path, outer->host.text[0] ? outer->host.text : "*", facts->around->path,
		client, gs_access_name(gs_exportopts_access(&outer->opts)),
		squashes[gs_exportopts_squash(&outer->opts)]);
}

/* A mount point of its own: the bytes stay where they are, and both exports stay. */
static void mount_itself(const struct gs_facts *facts, struct gs_fixes *out)
{
	const char *path = facts->around->path;
	gs_autostr struct gs_str line = { 0 };
	struct gs_str *command = gs_fix_here(out, "");

	gs_command(command, "sudo", "mount", "--bind", path, path);
	gs_command_and(command);
	gs_command(command, "sudo", "exportfs", "-f");
	gs_fstab_add_field(path, &line);
	gs_str_addc(&line, ' ');
	gs_fstab_add_field(path, &line);
	gs_str_adds(&line, " none bind 0 0");
	command = gs_fix_here(out, "for the next boot: ");
	gs_command(command, "echo", line.ptr);
	gs_str_adds(command, " | sudo tee -a /etc/fstab");
	gs_fix_advise(out, "followers get the share's options when they mount it again");
}

#define AROUND(ID, MEANING, SEVERITY, ...)                                                         \
	{                                                                                          \
		ID, MEANING, GS_ON_LEADER, GS_GIVEN(AROUND), SEVERITY, __VA_ARGS__                 \
	}

const struct gs_check gs_checks_around[] = {
	AROUND("EXPORT_AROUND",
	       "An export of a directory around the share counts, not the share's.", GS_FAIL,
	       has_others_options, .message = say_inside, .fix = mount_itself),
	AROUND("EXPORT_AROUND", NULL, GS_WARN, has_like_options, .message = say_inside,
	       .fix = mount_itself),
	{ 0 },
};
