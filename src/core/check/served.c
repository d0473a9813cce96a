/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/served.h"

#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "base/shareid.h"
#include "core/check/row.h"
#include "core/exports/held.h"
#include "core/format/acl_text.h"
#include "core/format/fstab.h"

const struct gs_path_inode *gs_served_top(const struct gs_served *served)
{
	return &served->ancestors.v[served->ancestors.n - 1];
}

static bool is_dir(const struct gs_served *served)
{
	return gs_served_top(served)->inode.type == GS_INODE_DIR;
}

void gs_served_init(const struct gs_served_fact *fact, const char *option, struct gs_str *out)
{
	gs_command(out, "sudo", "gshare", "leader", "init", fact->path);
	gs_typed_add(fact->typed, out);
	gs_command(out, option);
}

/* ---- is it there? ------------------------------------------------------------------------ */

const struct gs_fstab_entry *gs_find_unmounted(const struct gs_fstab *fstab,
					       const struct gs_path_inodes *paths)
{
	for (size_t i = 0; i < paths->n; i++) {
		const struct gs_fstab_entry *entry = gs_fstab_find(fstab, paths->v[i].path);

		if (entry && !paths->v[i].inode.is_mount_point && strcmp(entry->type, "swap") != 0)
			return entry;
	}
	return NULL;
}

static bool is_unmounted(const struct gs_facts *facts)
{
	return facts->unmounted->entry;
}

static void say_unmounted(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_fstab_entry *entry = facts->unmounted->entry;

	gs_str_addf(
		out,
		"%s:%zu mounts '%.200s' on '%.300s', which is not mounted: the share would be on "
		"the wrong disk",
		facts->unmounted->file, entry->number, entry->source, entry->target);
}

static void mount_it(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_command(gs_fix_here(out, ""), "sudo", "mount", facts->unmounted->entry->target);
}

/* By the share's id, its file system is another one than the present one. */
static bool is_elsewhere(const struct gs_served *is)
{
	return is->known_uuid && !(is->fs.uuid && !strcmp(is->fs.uuid, is->known_uuid));
}

static void say_known(const struct gs_served *is, struct gs_str *out)
{
	if (is->known_id)
		gs_str_addf(out, "; the share has id %s", is->known_id);
	if (is->known_uuid)
		gs_str_addf(out, ", on the file system with UUID %s", is->known_uuid);
	if (is->is_covered)
		gs_str_addf(out, "; what is mounted at '%s' (%s) covers it", is->fs.target,
			    is->fs.type);
	else if (is_elsewhere(is) && is->fs.device)
		gs_str_addf(out, ", and this is %s on %s", is->fs.type, is->fs.device);
}

/*
 * Mounted a second time, it would show another directory at the path. What a follower has looked up
 * meanwhile nfsd keeps, and the mount is busy until it forgets that, a moment after exportfs(8),
 * -f, or later if a follower has asked in between.
 */
static void fix_covered(const struct gs_served *is, struct gs_fixes *out)
{
	gs_autostr struct gs_str script = { 0 };

	gs_str_adds(&script, "until ");
	gs_command(&script, "exportfs", "-f");
	gs_command_and(&script);
	gs_command(&script, "umount", is->fs.target);
	gs_str_adds(&script, "; do sleep 1; done");
	gs_command(gs_fix_here(out, "see what covers it: "), "findmnt", is->fs.target);
	gs_command(gs_fix_here(out, "if that is not meant: "), "sudo", "timeout", "20", "sh", "-c",
		   script.ptr);
}

/* The deepest component that exists: on an absent disk's mount point nothing is below it. */
static const char *deepest(const struct gs_served *is)
{
	size_t i = is->ancestors.n;

	while (i > 1 && is->ancestors.v[i - 1].inode.type == GS_INODE_ABSENT)
		i--;
	return is->ancestors.v[i - 1].path;
}

/* A new id is right only where no disk is missing: with an empty share nobody finds the data. */
static void fix_known(const struct gs_served_fact *fact, struct gs_fixes *out)
{
	const struct gs_served *is = fact->is;
	gs_autofree char *uuid = is->known_uuid ? gs_printf("UUID=%s", is->known_uuid) : NULL;

	if (is->is_covered)
		fix_covered(is, out);
	else if (is_elsewhere(is))
		gs_command(gs_fix_here(out, ""), "sudo", "mount", uuid, deepest(is));
	else
		gs_served_init(fact, fact->is_marked || is->known_id ? "--new-id" : NULL,
			       gs_fix_here(out, fact->is_marked && !is->known_uuid
							? "if no disk has to be mounted there: "
							: ""));
}

static bool is_missing(const struct gs_facts *facts)
{
	return !is_dir(facts->served->is) && !facts->served->makes;
}

static void say_missing(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_path_inode *top = gs_served_top(facts->served->is);

	static const char *const is[] = {
		[GS_INODE_ABSENT] = "does not exist",
		[GS_INODE_LINK] = "is a symbolic link, which is not followed by an export",
		[GS_INODE_FILE] = "is a file",
		[GS_INODE_DIR] = "is not a directory",
		[GS_INODE_OTHER] = "is not a directory",
	};

	gs_str_addf(out, "'%s' %s", facts->served->path, is[top->inode.type]);
	if (top->inode.type == GS_INODE_ABSENT)
		say_known(facts->served->is, out);
}

static void fix_missing(const struct gs_facts *facts, struct gs_fixes *out)
{
	if (gs_served_top(facts->served->is)->inode.type == GS_INODE_ABSENT)
		fix_known(facts->served, out);
	else if (gs_served_top(facts->served->is)->inode.type == GS_INODE_LINK)
		gs_command(gs_fix_here(out,
				       "move the directory back in its place; see where it "
				       "is: "),
			   "sudo", "readlink", "-e", facts->served->path);
}

/* mountd shows such an entry to nobody, whatever is in the directory. */
static bool is_no_mount(const struct gs_facts *facts)
{
	const struct gs_served_fact *fact = facts->served;

	return fact->wants_mount && is_dir(fact->is) && !fact->makes &&
	       !gs_served_top(fact->is)->inode.is_mount_point;
}

static void say_no_mount(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "'%s' is exported with mountpoint, and nothing is mounted there: it is served "
		    "to nobody",
		    facts->served->path);
	say_known(facts->served->is, out);
}

static void mount_known(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_served *is = facts->served->is;
	gs_autofree char *uuid = is->known_uuid ? gs_printf("UUID=%s", is->known_uuid) : NULL;

	if (is->is_covered)
		fix_covered(is, out);
	else if (is_elsewhere(is))
		gs_command(gs_fix_here(out, ""), "sudo", "mount", uuid, facts->served->path);
	else
		gs_fix_advise(
			out,
			"see that its file system is mounted there, or omit mountpoint from its entries");
}

/* ---- is it the same? --------------------------------------------------------------------- */

/* A share that leader add began for a directory made by hand never had an id. */
static bool lacks_id(const struct gs_facts *facts)
{
	const struct gs_served_fact *fact = facts->served;

	return fact->is->known_id && !fact->makes && fact->id_file->path && !fact->id_file->exists;
}

static void say_no_id(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "'%s' is not the directory that was shared: it has no " GS_SHARE_FILE,
		    facts->served->path);
	say_known(facts->served->is, out);
}

static void fix_no_id(const struct gs_facts *facts, struct gs_fixes *out)
{
	fix_known(facts->served, out);
}

/* Is it the directory of an active export, or on a file system mounted in one (crossmnt)? */
static bool is_exported(const struct gs_exports *etab, const char *path)
{
	for (size_t i = 0; i < etab->n; i++)
		if (gs_path_is_within(path, etab->entry[i].path))
			return true;
	return false;
}

static bool is_beside(const char *a, const char *b)
{
	size_t n = (size_t)(strrchr(a, '/') - a);

	return n == (size_t)(strrchr(b, '/') - b) && !strncmp(a, b, n);
}

/*
 * The path of a directory that nfsd holds and that is not at an export's path any more. A directory
 * that was removed keeps its path, with an addition; one that was renamed shows its new path. Then
 * nfsd holds nothing for the share's, or that as well, for who came later: one that was renamed
 * beside the share was the share's.
 */
static const char *find_replaced(const struct gs_served_fact *fact)
{
	const struct gs_strs *held = &fact->is->held;
	gs_autofree char *removed = gs_printf("%s" GS_HELD_REMOVED, fact->path);

	for (size_t i = 0; i < held->n; i++)
		if (!strcmp(held->v[i], removed))
			return held->v[i];
	for (size_t i = 0; i < held->n; i++)
		if (!is_exported(fact->etab, held->v[i]) &&
		    (!gs_strs_has(held, fact->path) || is_beside(held->v[i], fact->path)))
			return held->v[i];
	return NULL;
}

static bool is_replaced(const struct gs_facts *facts)
{
	const struct gs_served_fact *fact = facts->served;

	/* Without an active entry nothing is served there, and the run that adds one flushes. */
	return fact->etab && is_exported(fact->etab, fact->path) && find_replaced(fact);
}

static void say_replaced(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "nfsd still serves the directory that was at '%s' before, now '%s': followers "
		    "do not reach the present one",
		    facts->served->path, find_replaced(facts->served));
}

/* ---- can it be served? ------------------------------------------------------------------- */

static const struct unfit {
	const char *type, *why;
} unfit[] = {
	{ "vfat", "keeps no owners and modes" },
	{ "msdos", "keeps no owners and modes" },
	{ "exfat", "keeps no owners and modes" },
	{ "ntfs", "keeps no owners and modes of Linux" },
	{ "ntfs3", "keeps no owners and modes of Linux" },
	{ "fuseblk", "keeps no owners and modes of Linux" },
	{ "cifs", "is another server's: mount it on the followers from there" },
	{ "smb3", "is another server's: mount it on the followers from there" },
	{ "fuse.sshfs", "is another host's: share it from there" },
	{ "9p", "is a directory of this machine's host: share it from there" },
	{ "virtiofs", "is a directory of this machine's host: share it from there" },
	{ "ceph", "is shared by Ceph: mount it on the followers from there" },
};

static const char *why_unfit(const struct gs_served_fact *served)
{
	for (size_t i = 0; served->makes_dirs && i < GS_COUNT(unfit); i++)
		if (served->is->fs.type && !strcmp(served->is->fs.type, unfit[i].type))
			return unfit[i].why;
	return NULL;
}

static bool has_no_handles(const struct gs_facts *facts)
{
	return facts->served->is->fs.no_handles && !why_unfit(facts->served);
}

static void say_no_handles(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_fs *fs = &facts->served->is->fs;

	gs_str_addf(out,
		    "'%s' is on %s (mounted on %s), which nfsd cannot export: it makes no file "
		    "handles",
		    facts->served->path, fs->type, fs->target);
}

static void list_fit(struct gs_fixes *out)
{
	gs_command(gs_fix_here(out, "share a directory of a file system that this lists: "),
		   "findmnt", "-t", "ext4,xfs,btrfs,zfs");
}

static void fix_no_handles(const struct gs_facts *facts, struct gs_fixes *out)
{
	if (!strcmp(facts->served->is->fs.type, "overlay"))
		gs_fix_advise(out, "use nfs_export=on,index=on for the overlay");
	list_fit(out);
}

/* Server and directory of an NFS mount, "nas:/volume1": false where it is none. */
static bool split_source(const struct gs_fs *fs, struct gs_span *ret_host, struct gs_span *ret_dir)
{
	struct gs_span source = gs_span_of(fs->device);
	const char *mark = source.len ? memmem(source.ptr, source.len, ":/", 2) : NULL;

	if (!mark || !gs_span_has_prefix(gs_span_of(fs->type), "nfs"))
		return false;
	*ret_host = gs_span(source.ptr, (size_t)(mark - source.ptr));
	*ret_dir = gs_span_from(source, ret_host->len + 1);
	if (ret_host->len > 1 && ret_host->ptr[0] == '[')
		*ret_host = gs_span(ret_host->ptr + 1, ret_host->len - 2);
	return true;
}

static bool is_client(const struct gs_facts *facts)
{
	struct gs_span host, dir;

	return facts->served->makes_dirs && split_source(&facts->served->is->fs, &host, &dir);
}

static void say_client(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_fs *fs = &facts->served->is->fs;

	gs_str_addf(
		out,
		"'%s' is on NFS from %s (mounted on %s): it is another server's, and is mounted "
		"on the followers from there",
		facts->served->path, fs->device, fs->target);
}

/* The share's path on that server: what it exports, and the directories below the mount. */
static void add_far_path(const struct gs_served_fact *served, struct gs_span dir,
			 struct gs_str *out)
{
	const char *target = served->is->fs.target; /* of a diskless node: "/" */
	const char *rest = served->path + (target[1] ? strlen(target) : 0);

	while (dir.len && dir.ptr[dir.len - 1] == '/')
		dir.len--;
	gs_str_add(out, dir);
	gs_str_adds(out, *rest ? rest : dir.len ? "" : "/");
}

static void fix_client(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_served_fact *served = facts->served;
	size_t n = served->added ? served->added->n : 0;
	gs_autostr struct gs_str far = { 0 };
	gs_autofree char *server = NULL;
	unsigned at = gs_mountopt_port(served->is->fs.options);
	gs_autofree char *port = at && at != GS_NFS_PORT ? gs_printf("%u", at) : NULL;
	struct gs_span host, dir;

	if (!split_source(&served->is->fs, &host, &dir))
		return;
	server = gs_span_dup(host);
	add_far_path(served, dir, &far);
	for (size_t i = 0; i < n || !i; i++)
		gs_command(n ? gs_fix_on(out, served->added->v[i])
			     : gs_fix_here(out, "on each follower run: "),
			   "sudo", "gshare", "follower", "mount", server, served->path,
			   port ? "--port" : NULL, port, "--export", far.ptr);
	gs_command(gs_fix_here(out, "and here: "), "sudo", "gshare", "env", "leader", "--path",
		   served->is->fs.target);
}

static bool is_unfit(const struct gs_facts *facts)
{
	return why_unfit(facts->served);
}

static void say_unfit(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_fs *fs = &facts->served->is->fs;

	gs_str_addf(out, "'%s' is on %s (%s, mounted on %s), which %s", facts->served->path,
		    fs->type, fs->device, fs->target, why_unfit(facts->served));
}

static void fix_unfit(const struct gs_facts *facts, struct gs_fixes *out)
{
	(void)facts;
	list_fit(out);
}

static bool is_readonly(const struct gs_facts *facts)
{
	return facts->served->gives_rw && facts->served->is->fs.is_readonly;
}

static void say_readonly(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_fs *fs = &facts->served->is->fs;

	gs_str_addf(out,
		    "the file system of '%s' (%s on %s) is read-only, though followers are given "
		    "rw: every write of theirs fails",
		    facts->served->path, fs->type, fs->device);
}

static void remount_rw(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_command(gs_fix_here(out, ""), "sudo", "mount", "-o", "remount,rw",
		   facts->served->is->fs.target);
}

/* ---- who reaches it? --------------------------------------------------------------------- */

static bool may_enter(const struct gs_served_fact *fact, const struct gs_inode *inode)
{
	const struct gs_account owner = { .uid = fact->uid, .gid = fact->gid };

	return gs_inode_permits(inode, &owner, GS_MAY_EXECUTE);
}

static bool is_closed(const struct gs_facts *facts)
{
	const struct gs_served_fact *fact = facts->served;

	return fact->squash != GS_SQUASH_NONE && is_dir(fact->is) &&
	       !may_enter(fact, &gs_served_top(fact->is)->inode);
}

static void say_mode(const struct gs_path_inode *place, struct gs_str *out)
{
	gs_str_addf(out, "%s (mode %04o, owner %u:%u%s)", place->path, place->inode.mode,
		    place->inode.uid, place->inode.gid,
		    place->inode.acl_access ? ", and its ACL" : "");
}

static void say_closed(const struct gs_facts *facts, struct gs_str *out)
{
	say_mode(gs_served_top(facts->served->is), out);
	gs_str_addf(out, " is closed to uid %u, to which followers are mapped: they are denied",
		    facts->served->uid);
}

static void open_top(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_served_fact *fact = facts->served;
	const struct gs_inode *inode = &gs_served_top(fact->is)->inode;
	const char *mode = inode->uid == fact->uid   ? "u+rwx"
			   : inode->gid == fact->gid ? "g+rwx"
						     : "o+rx";

	gs_command(gs_fix_here(out, ""), "sudo", "chmod", mode, fact->path);
}

/* The first directory above the share that its owner may not search; the share itself: none. */
static const struct gs_path_inode *closed_parent(const struct gs_served_fact *fact)
{
	const struct gs_path_inode *place = fact->is->ancestors.v, *top = gs_served_top(fact->is);

	while (place != top &&
	       (place->inode.type != GS_INODE_DIR || may_enter(fact, &place->inode)))
		place++;
	return place;
}

static bool is_parent_closed(const struct gs_facts *facts)
{
	const struct gs_served_fact *fact = facts->served;

	return fact->squash != GS_SQUASH_NONE && closed_parent(fact) != gs_served_top(fact->is);
}

/* nfsd walks its pseudo-root as root (no_root_squash): only users of this node are kept out. */
static void say_parent_closed(const struct gs_facts *facts, struct gs_str *out)
{
	say_mode(closed_parent(facts->served), out);
	gs_str_addf(out,
		    " is closed to uid %u: followers reach the share below it, users and programs "
		    "of this node do not",
		    facts->served->uid);
}

static void open_parent(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_command(gs_fix_here(out, ""), "sudo", "chmod", "o+x",
		   closed_parent(facts->served)->path);
}

/* ---- who owns it? ------------------------------------------------------------------------- */

static bool lacks_owner(const struct gs_facts *facts)
{
	return facts->served->squash != GS_SQUASH_NONE && facts->served->is->lacks_owner;
}

static void say_lacks_owner(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "followers are mapped to uid %u, and this node has no such user (any more): a "
		    "user made later may get that number, and the files with it",
		    facts->served->uid);
}

static void make_owner(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_served_fact *fact = facts->served;
	gs_autofree char *name = gs_printf("gshare-%u", fact->uid);
	gs_autofree char *uid = gs_printf("%u", fact->uid);
	gs_autofree char *gid = gs_printf("%u", fact->gid);
	struct gs_str *command = gs_fix_here(out, "");

	if (fact->is->lacks_group) {
		gs_command(command, "sudo", "groupadd", "--gid", gid, name);
		gs_command_and(command);
	}
	gs_command(command, "sudo", "useradd", "--uid", uid, "--gid", gid, "--no-create-home",
		   "--home-dir", "/", "--shell", "/usr/sbin/nologin", name);
}

#define SERVED(ID, MEANING, SEVERITY, ...)                                                         \
	{                                                                                          \
		ID, MEANING, GS_ON_LEADER, GS_GIVEN(SERVED), SEVERITY, __VA_ARGS__                 \
	}

const struct gs_check gs_checks_served[] = {
	{ "PATH_NOT_MOUNTED", "A file system of fstab that holds the share is not mounted.",
	  GS_ON_LEADER, GS_GIVEN(UNMOUNTED), GS_FAIL, is_unmounted, .message = say_unmounted,
	  .fix = mount_it, .ends = true },
	SERVED("PATH_MISSING",
	       "The exported path is no directory, is missing, or is not shown by NFSv4.", GS_FAIL,
	       is_missing, .message = say_missing, .fix = fix_missing, .ends = true),
	SERVED("ID_MISSING", "The share's path has no .gshare-id: it may be another directory.",
	       GS_FAIL, lacks_id, .message = say_no_id, .fix = fix_no_id, .ends = true),
	SERVED("PATH_NOT_MOUNTED", NULL, GS_FAIL, is_no_mount, .message = say_no_mount,
	       .fix = mount_known, .ends = true),
	SERVED("EXPORT_REPLACED", "nfsd serves a directory that is no longer at the share's path.",
	       GS_FAIL, is_replaced, .message = say_replaced, .command = "sudo exportfs -f"),
	SERVED("FS_IS_CLIENT", "The directory to be shared is an NFS mount of another server.",
	       GS_FAIL, is_client, .message = say_client, .fix = fix_client),
	SERVED("FS_UNFIT", "The file system cannot hold a share: owners, or another host's.",
	       GS_FAIL, is_unfit, .message = say_unfit, .fix = fix_unfit),
	SERVED("FS_UNEXPORTABLE", "The share's file system cannot be exported by nfsd.", GS_FAIL,
	       has_no_handles, .message = say_no_handles, .fix = fix_no_handles),
	SERVED("FS_READONLY", "The share's file system is read-only, though followers may write.",
	       GS_FAIL, is_readonly, .message = say_readonly, .fix = remount_rw),
	SERVED("PATH_CLOSED", "The user that followers are mapped to cannot enter the directory.",
	       GS_FAIL, is_closed, .message = say_closed, .fix = open_top),
	SERVED("PATH_CLOSED", NULL, GS_WARN, is_parent_closed, .message = say_parent_closed,
	       .fix = open_parent),
	SERVED("OWNER_GONE", "The user that followers are mapped to does not exist on the leader.",
	       GS_WARN, lacks_owner, .message = say_lacks_owner, .fix = make_owner),
	{ 0 },
};

void gs_served_done(struct gs_served *served)
{
	gs_path_inodes_done(&served->ancestors);
	gs_path_inodes_done(&served->dirs);
	gs_mounts_done(&served->inside);
	gs_fs_done(&served->fs);
	gs_strs_done(&served->held);
	gs_account_done(&served->owner);
	gs_inode_done(&served->old_id);
	free(served->known_id);
	free(served->known_uuid);
	*served = (struct gs_served){ 0 };
}
