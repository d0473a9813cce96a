/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/command.h"
#include "core/check/row.h"
#include "core/check/served.h"
#include "core/exports/exports.h"
#include "core/exports/script.h"
#include "core/format/acl_text.h"

/* Do clients get the whole share: its directories, what is mounted in it, by the path it has? */

/* ---- directories and mounts -------------------------------------------------------------- */

static size_t missing_dirs(const struct gs_served *is, struct gs_str *out)
{
	size_t n = 0;

	for (size_t i = 0; i < is->dirs.n; i++) {
		if (is->dirs.v[i].inode.type != GS_INODE_ABSENT)
			continue;
		gs_str_addf(out, "%s%s", n++ ? " " : "", strrchr(is->dirs.v[i].path, '/') + 1);
	}
	return n;
}

/* A share without an id was not made by init: its directories are anyhow. */
static bool lacks_dirs(const struct gs_facts *facts)
{
	gs_autostr struct gs_str names = { 0 };

	return facts->served->id_file->exists && !facts->served->makes_dirs &&
	       gs_served_top(facts->served->is)->inode.type == GS_INODE_DIR &&
	       missing_dirs(facts->served->is, &names);
}

static bool lacks_all_dirs(const struct gs_facts *facts)
{
	gs_autostr struct gs_str names = { 0 };

	return lacks_dirs(facts) &&
	       missing_dirs(facts->served->is, &names) == facts->served->is->dirs.n;
}

static bool lacks_some_dirs(const struct gs_facts *facts)
{
	return lacks_dirs(facts) && !lacks_all_dirs(facts);
}

static void say_lacks_dirs(const struct gs_facts *facts, struct gs_str *out)
{
	gs_autostr struct gs_str names = { 0 };

	missing_dirs(facts->served->is, &names);
	gs_str_addf(out, "'%s' lacks dataset directories: %s", facts->served->path, names.ptr);
}

static void make_dirs(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_served_init(facts->served, NULL, gs_fix_here(out, ""));
}

/*
 * May followers put files directly into the share? Nobody can in one that the recipe's mkdir made
 * (root 0755). One that they may not even enter is PATH_CLOSED.
 */
static bool is_unwritable(const struct gs_served_fact *fact)
{
	const struct gs_account owner = { .uid = fact->uid, .gid = fact->gid };
	const struct gs_inode *top = &gs_served_top(fact->is)->inode;

	return fact->gives_rw && !fact->sets_top && fact->squash != GS_SQUASH_NONE &&
	       !fact->is->fs.is_readonly && top->type == GS_INODE_DIR &&
	       gs_inode_permits(top, &owner, GS_MAY_EXECUTE) &&
	       !gs_inode_permits(top, &owner, GS_MAY_WRITE | GS_MAY_EXECUTE);
}

/* Followers can work all the same, where there are dataset directories. */
static bool has_dirs(const struct gs_served_fact *fact)
{
	gs_autostr struct gs_str names = { 0 };

	return fact->makes_dirs || missing_dirs(fact->is, &names) < fact->is->dirs.n;
}

static bool is_unwritable_beside(const struct gs_facts *facts)
{
	return is_unwritable(facts->served) && has_dirs(facts->served);
}

static bool is_unwritable_alone(const struct gs_facts *facts)
{
	return is_unwritable(facts->served) && !has_dirs(facts->served);
}

static void say_unwritable(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_served_fact *fact = facts->served;
	const struct gs_inode *top = &gs_served_top(fact->is)->inode;

	gs_str_addf(out,
		    "%s (mode %04o, owner %u:%u%s) is not writable for uid %u, to which followers "
		    "are mapped: they cannot make files directly in it",
		    fact->path, top->mode, top->uid, top->gid,
		    top->acl_access ? ", and its ACL" : "", fact->uid);
}

/* As init makes it; of a directory of somebody else's, or with an ACL, only what is lacking. */
static void make_writable(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_served_fact *fact = facts->served;
	const struct gs_inode *top = &gs_served_top(fact->is)->inode;
	gs_autofree char *owner = gs_printf("root:%u", fact->gid);
	gs_autofree char *acl = gs_printf("u:%u:rwx", fact->uid);
	struct gs_str *command = gs_fix_here(out, "");
	bool is_plain = !top->uid && !top->acl_access;

	if (is_plain)
		gs_command(command, "sudo", "chown", owner, fact->path);
	else
		gs_command(command, "sudo", "chmod", "+t", fact->path);
	gs_command_and(command);
	if (is_plain)
		gs_command(command, "sudo", "chmod", "3775", fact->path);
	else
		gs_command(command, "sudo", "setfacl", "-m", acl, fact->path);
}

/* PostgreSQL's directories are not the followers'; an export of its own is seen in the share. */
static bool hides(const struct gs_served_fact *fact, const char *target)
{
	for (size_t i = 0; gs_top_dirs[i]; i++) {
		gs_autofree char *path = gs_printf("%s/%s", fact->path, gs_top_dirs[i]);

		if (gs_path_is_within(target, path))
			return false;
	}
	for (size_t i = 0; fact->etab && i < fact->etab->n; i++)
		if (!strcmp(fact->etab->entry[i].path, target))
			return false;
	return true;
}

static bool is_in_dataset(const struct gs_served *is, const char *target)
{
	for (size_t i = 0; i < is->dirs.n; i++)
		if (gs_path_is_within(target, is->dirs.v[i].path))
			return true;
	return false;
}

/* @in_dataset: only in dataset directories, or only elsewhere. The number of mounts: none. */
static size_t find_inside(const struct gs_served_fact *fact, bool in_dataset)
{
	const struct gs_mounts *inside = &fact->is->inside;
	size_t i = fact->crosses ? inside->n : 0;

	while (i < inside->n && (!hides(fact, inside->v[i].target) ||
				 is_in_dataset(fact->is, inside->v[i].target) != in_dataset))
		i++;
	return i;
}

static bool has_inside(const struct gs_served_fact *fact, bool in_dataset)
{
	return find_inside(fact, in_dataset) < fact->is->inside.n;
}

static bool has_dataset_mount(const struct gs_facts *facts)
{
	return !facts->served->changes && has_inside(facts->served, true);
}

static bool has_other_mount(const struct gs_facts *facts)
{
	return !has_dataset_mount(facts) &&
	       (has_inside(facts->served, true) || has_inside(facts->served, false));
}

static void say_inside(const struct gs_facts *facts, struct gs_str *out)
{
	bool in_dataset = has_inside(facts->served, true);
	const struct gs_mounted *inside =
		&facts->served->is->inside.v[find_inside(facts->served, in_dataset)];

	gs_str_addf(out,
		    "%s (%s) is mounted on '%s': followers see the directory below it, not what is "
		    "mounted",
		    inside->source, inside->type, inside->target);
}

static void cross(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_served_init(facts->served, "--crossmnt", gs_fix_here(out, ""));
}

/* ---- does it stay? ----------------------------------------------------------------------- */

/* Directories that are empty after a boot, or cleaned by age: tmpfiles.d(5), file-hierarchy(7). */
static const char *const temporary[] = { "/tmp", "/var/tmp", "/run", "/var/run", "/dev/shm" };

static const char *find_temporary(const struct gs_served_fact *fact)
{
	for (size_t i = 0; i < GS_COUNT(temporary); i++)
		if (gs_path_is_within(fact->path, temporary[i]))
			return temporary[i];
	return NULL;
}

static bool is_in_memory(const struct gs_fs *fs)
{
	return fs->type && (!strcmp(fs->type, "tmpfs") || !strcmp(fs->type, "ramfs"));
}

static bool is_temporary(const struct gs_facts *facts)
{
	return find_temporary(facts->served) || is_in_memory(&facts->served->is->fs);
}

static void say_temporary(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_fs *fs = &facts->served->is->fs;

	if (is_in_memory(fs))
		gs_str_addf(out, "'%s' is on %s (mounted on %s): its files are gone after a reboot",
			    facts->served->path, fs->type, fs->target);
	else
		gs_str_addf(out,
			    "'%s' is below %s, where files are removed at boot, or when they have "
			    "not been used for some days",
			    facts->served->path, find_temporary(facts->served));
}

/* ---- another root ------------------------------------------------------------------------ */

void gs_served_pseudo(const struct gs_exports *etab, const char *path, struct gs_pseudo *ret)
{
	*ret = (struct gs_pseudo){ "/", "", path };
	for (size_t i = 0; i < etab->n; i++) {
		const struct gs_export *entry = &etab->entry[i];

		if (!entry->opts.has_fsid || entry->opts.fsid || !strcmp(entry->path, "/"))
			continue;
		*ret = (struct gs_pseudo){ entry->path, entry->host.text, "" };
		if (gs_path_is_within(path, entry->path))
			ret->below = strcmp(path, entry->path) != 0 ? path + strlen(entry->path)
								    : "/";
		return;
	}
}

static struct gs_pseudo pseudo_of(const struct gs_served_fact *fact)
{
	struct gs_pseudo pseudo = { "/", "", fact->path };

	if (fact->etab)
		gs_served_pseudo(fact->etab, fact->path, &pseudo);
	return pseudo;
}

/* Is that root exported to a host, too? */
static bool has_root(const struct gs_served_fact *fact, const char *root,
		     const struct gs_hostspec *host)
{
	const struct gs_export *entry;
	size_t at = 0;

	while ((entry = gs_exports_find(fact->etab, root, NULL, &at)))
		if (gs_hostspec_is_same(&entry->host, host) ||
		    gs_hostspec_covers(&entry->host, host))
			return true;
	return false;
}

/* The first host of the share to which that root is not exported: it can mount nothing. Owned. */
static char *find_rootless(const struct gs_served_fact *fact, const char *root)
{
	const struct gs_export *entry;
	size_t at = 0;

	while ((entry = gs_exports_find(fact->etab, fact->path, NULL, &at)))
		if (!has_root(fact, root, &entry->host))
			return gs_strdup(entry->host.text);
	for (size_t i = 0; fact->added && i < fact->added->n; i++) {
		GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };

		gs_hostspec_read(gs_span_of(fact->added->v[i]), &host);
		if (!has_root(fact, root, &host))
			return gs_strdup(fact->added->v[i]);
	}
	return NULL;
}

/*
 * From an export that is no pseudo-root nfsd crosses into another at a mount point only: elsewhere
 * the share is a part of that export, with its options. fs/nfsd/vfs.c nfsd_mountpoint().
 */
static bool is_swallowed(const struct gs_served_fact *fact, const struct gs_pseudo *pseudo)
{
	return pseudo->below[0] && strcmp(pseudo->below, "/") != 0 &&
	       !gs_served_top(fact->is)->inode.is_mount_point;
}

static bool is_hidden(const struct gs_facts *facts)
{
	struct gs_pseudo pseudo = pseudo_of(facts->served);
	gs_autofree char *rootless = NULL;

	if (!strcmp(pseudo.root, "/"))
		return false;
	rootless = find_rootless(facts->served, pseudo.root);
	return !pseudo.below[0] || rootless || is_swallowed(facts->served, &pseudo);
}

static void say_hidden(const struct gs_facts *facts, struct gs_str *out)
{
	struct gs_pseudo pseudo = pseudo_of(facts->served);
	gs_autofree char *rootless = find_rootless(facts->served, pseudo.root);

	gs_str_addf(
		out,
		"the export of '%s' to %s has fsid=0, which makes it the root of all that NFSv4 "
		"clients can mount: ",
		pseudo.root, pseudo.client);
	if (!pseudo.below[0])
		gs_str_addf(out, "'%s' is outside of it", facts->served->path);
	else if (is_swallowed(facts->served, &pseudo))
		gs_str_addf(out,
			    "'%s' is no mount point below it, so that its options are valid there, "
			    "not the share's",
			    facts->served->path);
	else
		gs_str_addf(out, "it is not exported to %s, which can mount nothing",
			    rootless ? rootless : "a follower");
}

/* The edit that leaves fsid=0 out of an entry; owned; NULL: it has none, or is written otherwise.
 */
static char *rootless_script(const struct gs_exports *doc, const struct gs_export *entry)
{
	static const char *const root[] = { "fsid=0", "fsid=root" };
	gs_autofree char *list = gs_span_dup(gs_exports_options(doc, entry));

	for (size_t i = 0; entry->opts.has_fsid && !entry->opts.fsid && i < GS_COUNT(root); i++)
		if (strstr(list, root[i]))
			return gs_exports_script_option(entry->number, root[i], "");
	return NULL;
}

/* Adds an edit for each entry of that path with fsid=0, then what applies the files. */
static void unroot(const struct gs_served_fact *fact, const char *root, struct gs_str *out)
{
	for (size_t d = 0; fact->docs && fact->files && d < fact->docs->n; d++) {
		const struct gs_export *entry;
		size_t at = 0, last = 0;

		while ((entry = gs_exports_find(&fact->docs->v[d], root, NULL, &at))) {
			gs_autofree char *script = rootless_script(&fact->docs->v[d], entry);

			if (!script || entry->number == last)
				continue;
			last = entry->number;
			gs_command(out, "sudo", "sed", "-i", "--follow-symlinks", script,
				   fact->files->v[d].path);
			gs_command_and(out);
		}
	}
	if (out->len)
		gs_command(out, "sudo", "exportfs", "-ra");
}

/* Its own clients mount it by its path then, not by "/": what they have mounted is cut off. */
static void unhide(const struct gs_facts *facts, struct gs_fixes *out)
{
	const char *root = pseudo_of(facts->served).root;
	gs_autostr struct gs_str command = { 0 };
	struct gs_str *fix;

	gs_command(gs_fix_here(out, "see whom it serves: "), "sudo", "exportfs", "-v");
	unroot(facts->served, root, &command);
	fix = gs_fix_here(out, "");
	gs_str_addf(
		fix,
		"if its clients may be interrupted, which have to mount '%s' by that path then, "
		"not by '/': ",
		root);
	if (command.len)
		gs_str_add(fix, gs_str_span(&command));
	else
		gs_str_addf(fix, "omit fsid=0 from the entry of '%s'", root);
}

static bool is_renamed(const struct gs_facts *facts)
{
	return strcmp(pseudo_of(facts->served).root, "/") != 0 && !is_hidden(facts);
}

static void say_renamed(const struct gs_facts *facts, struct gs_str *out)
{
	struct gs_pseudo pseudo = pseudo_of(facts->served);

	gs_str_addf(out, "the export of '%s' has fsid=0: for NFSv4 clients '%s' is the export '%s'",
		    pseudo.root, facts->served->path, pseudo.below);
}

#define WHOLE(ID, MEANING, SEVERITY, ...)                                                          \
	{                                                                                          \
		ID, MEANING, GS_ON_LEADER, GS_GIVEN(SERVED), SEVERITY, __VA_ARGS__                 \
	}

const struct gs_check gs_checks_whole[] = {
	WHOLE("DIR_MISSING", "Dataset directories of the share are missing.", GS_FAIL,
	      lacks_all_dirs, .message = say_lacks_dirs, .fix = make_dirs),
	WHOLE("DIR_MISSING", NULL, GS_WARN, lacks_some_dirs, .message = say_lacks_dirs,
	      .fix = make_dirs),
	WHOLE("PATH_TEMPORARY", "The share's files are removed at boot, or by age.", GS_WARN,
	      is_temporary, .message = say_temporary,
	      .command = "share a directory that is kept, such as /mnt/data/shared"),
	WHOLE("TOP_NOT_WRITABLE", "Followers cannot make files directly in the share, by its mode.",
	      GS_NOTE, is_unwritable_beside, .message = say_unwritable, .fix = make_writable),
	WHOLE("TOP_NOT_WRITABLE", NULL, GS_WARN, is_unwritable_alone, .message = say_unwritable,
	      .fix = make_writable),
	WHOLE("MOUNT_INSIDE", "A file system mounted in the share is not exported with it.",
	      GS_FAIL, has_dataset_mount, .message = say_inside, .fix = cross),
	WHOLE("MOUNT_INSIDE", NULL, GS_WARN, has_other_mount, .message = say_inside, .fix = cross),
	WHOLE("PSEUDO_ROOT", "An export with fsid=0 hides the share, or changes its path.", GS_FAIL,
	      is_hidden, .message = say_hidden, .fix = unhide),
	WHOLE("PSEUDO_ROOT", NULL, GS_WARN, is_renamed, .message = say_renamed),
	{ 0 },
};
