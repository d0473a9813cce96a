/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <string.h>

#include "core/check/check.h"
#include "core/check/served.h"
#include "core/exports/exports.h"
#include "core/exports/held.h"
#include "core/leader/served_facts.h"
#include "core/leader/top_facts.h"
#include "core/plan/finding.h"
#include "core/share/layout.h"

/* The share that is served: what is at its path in, findings out. Followers are uid 1000's. */

#define SHARE "/mnt/data/shared"
#define KEPT  "share a directory that is kept, such as /mnt/data/shared"
#define FIT   "share a directory of a file system that this lists: findmnt -t ext4,xfs,btrfs,zfs"
#define UNROOT(path)                                                                               \
	"see whom it serves: sudo exportfs -v; if its clients may be interrupted, which have to "  \
	"mount '" path "' by that path then, not by '/': omit fsid=0 from the entry of '" path "'"
#define ACL	   "u::rwx,u:1000:rwx,g::rwx,g:1001:rwx,m::rwx,o::r-x"
#define INHERITED  "u::rwx,u:1000:rwx,g::rwx,m::rwx,o::r-x"
#define PART(path) "give '" path "' another fsid=; clients have to mount '" path "' again then"
#define THEN	   "2b7e1516-28ae-d2a6-abf7-158809cf4f3c"
#define ETAB	   SHARE "\t10.0.0.1(rw,sync,subtree_check,all_squash,anonuid=1000,anongid=1000)\n"
#define HELD(path)                                                                                     \
	"# Version 1.1\n# Path Client(Flags) # IPs\n"                                                  \
	"/\t10.0.0.1(ro,insecure,no_root_squash,sync,no_wdelay,no_subtree_check,v4root,fsid=0)\n" path \
	"\t10.0.0.1(rw,root_squash,all_squash,sync,wdelay,anonuid=1000,sec=1)\n"

static const struct served_row {
	const char *name;
	const char *id;	 /* of the only finding; NULL: none */
	const char *fix; /* NULL: none */
	enum gs_severity severity;
	bool by_hand, makes, changes, ro, crosses, unsquashed;
	bool is_gone, is_file, lacks_id, knows_id;
	const char *uuid; /* of the present file system; NULL: as the share's */
	const char *held, *etab;
	bool no_handles, is_readonly;
	mode_t top, parent; /* 0: 03775 and 0755 */
	const char *absent; /* dataset directories that are missing, the first letters */
	const char *inside; /* mounted there */
	bool covers;	    /* what is mounted there covers the share's file system */
	bool no_user, no_group, is_mount, sets_top, is_note, wants_mount;
	uid_t top_uid;
	const char *acl;	      /* of the top */
	const char *path;	      /* as it is asked for; NULL: SHARE */
	const char *type, *device;    /* of the file system at /mnt/data; NULL: ext4 */
	const char *options, *target; /* NULL: none, and /mnt/data */
} rows[] = {
	{ .name = "as it is meant" },
	{ "the directory is gone", .id = "PATH_MISSING",
	  .fix = "if no disk has to be mounted there: sudo gshare leader init " SHARE " --new-id",
	  .is_gone = true },
	{ "the directory is gone, its file system is here", .id = "PATH_MISSING",
	  .fix = "sudo gshare leader init " SHARE " --new-id", .is_gone = true, .knows_id = true },
	{ "the disk is away: only its mount point is there", .id = "PATH_MISSING",
	  .fix = "sudo mount UUID=" THEN " /mnt/data", .is_gone = true, .knows_id = true,
	  .uuid = "other" },
	{ "a hand-made export of no directory", .id = "PATH_MISSING",
	  .fix = "sudo gshare leader init " SHARE, .is_gone = true, .by_hand = true },
	{ "init makes it", .is_gone = true, .makes = true },
	{ "a file in its place", .id = "PATH_MISSING", .is_file = true },
	{ "another directory in its place", .id = "ID_MISSING",
	  .fix = "sudo gshare leader init " SHARE " --new-id", .lacks_id = true, .knows_id = true },
	{ "leader add began it: it never had an id", .lacks_id = true },
	{ "the disk of the share itself is away", .id = "ID_MISSING",
	  .fix = "sudo mount UUID=" THEN " " SHARE, .lacks_id = true, .knows_id = true,
	  .uuid = "other" },
	{ "the disk is away, and tmpfs is in its place", .id = "ID_MISSING",
	  .fix = "sudo mount UUID=" THEN " " SHARE, .lacks_id = true, .knows_id = true,
	  .uuid = "" },
	{ "tmpfs covers the file system of the share", .id = "ID_MISSING",
	  .fix = "see what covers it: findmnt /mnt/data; if that is not meant: sudo "
		 "timeout 20 sh -c 'until exportfs -f && umount /mnt/data; do sleep 1; done'",
	  .lacks_id = true, .knows_id = true, .uuid = "", .covers = true },
	{ "it covers the directory above", .id = "PATH_MISSING",
	  .fix = "see what covers it: findmnt /mnt; if that is not meant: sudo timeout 20 "
		 "sh -c 'until exportfs -f && umount /mnt; do sleep 1; done'",
	  .is_gone = true, .knows_id = true, .uuid = "", .target = "/mnt", .covers = true },
	{ "its entry wants a mount, and another one covers it", .id = "PATH_NOT_MOUNTED",
	  .fix = "see what covers it: findmnt /mnt/data; if that is not meant: sudo "
		 "timeout 20 sh -c 'until exportfs -f && umount /mnt/data; do sleep 1; done'",
	  .knows_id = true, .uuid = "other", .covers = true, .wants_mount = true },
	{ "a hand-made share has no id", .lacks_id = true, .by_hand = true },
	{ "nfsd holds the same", .held = HELD(SHARE) },
	{ "nfsd holds a removed one", .id = "EXPORT_REPLACED", .fix = "sudo exportfs -f",
	  .held = HELD(SHARE "\\040(deleted)") },
	{ "nfsd holds the removed and the present one", .id = "EXPORT_REPLACED",
	  .fix = "sudo exportfs -f",
	  .held = HELD(SHARE) SHARE "\\040(deleted)\t10.0.0.2(rw,sec=1)\n" },
	{ "nfsd holds a renamed one", .id = "EXPORT_REPLACED", .fix = "sudo exportfs -f",
	  .held = HELD("/mnt/data/old") },
	{ "nfsd holds a renamed and the present one", .id = "EXPORT_REPLACED",
	  .fix = "sudo exportfs -f", .held = HELD(SHARE) "/mnt/data/old\t10.0.0.2(rw,sec=1)\n" },
	{ "one of others that was renamed elsewhere",
	  .held = HELD(SHARE) "/srv/old\t10.0.0.2(rw,sec=1)\n" },
	{ "a removed one of before the last flush",
	  .held = HELD(SHARE) "# " SHARE "\\040(deleted)\t10.0.0.2(rw,sec=1)\n" },
	{ "a removed one of others", .held = HELD("/srv/x\\040(deleted)") SHARE "\t*(rw)\n" },
	{ "a mount in the share, by crossmnt", .held = HELD(SHARE "/disk") },
	{ "nothing is exported now, whatever was", .held = HELD(SHARE "\\040(deleted)"),
	  .etab = "" },
	{ "nothing is exported now", .held = HELD(SHARE), .etab = "" },
	{ "no file handles", .id = "FS_UNEXPORTABLE", .fix = FIT, .no_handles = true },
	{ "a NAS", .id = "FS_IS_CLIENT",
	  .fix = "on each follower run: sudo gshare follower mount nas " SHARE
		 " --export /volume1/shared; and here: sudo gshare env leader --path /mnt/data",
	  .makes = true, .type = "nfs4", .device = "nas:/volume1/" },
	{ "a NAS by IPv6, its root", .id = "FS_IS_CLIENT",
	  .fix = "on each follower run: sudo gshare follower mount fd00::1 " SHARE
		 " --export /shared; and here: sudo gshare env leader --path /mnt/data",
	  .makes = true, .type = "nfs", .device = "[fd00::1]:/" },
	{ "a NAS on another port", .id = "FS_IS_CLIENT",
	  .fix = "on each follower run: sudo gshare follower mount nas " SHARE
		 " --port 2050 --export /v/shared; and here: sudo gshare env leader --path "
		 "/mnt/data",
	  .makes = true, .type = "nfs4", .device = "nas:/v", .options = "rw,port=2050,hard" },
	{ "the root of a node without a disk", .id = "FS_IS_CLIENT",
	  .fix = "on each follower run: sudo gshare follower mount nas " SHARE
		 " --export /srv/root" SHARE "; and here: sudo gshare env leader --path /",
	  .makes = true, .type = "nfs", .device = "nas:/srv/root", .target = "/" },
	{ "the same, of the whole server", .id = "FS_IS_CLIENT",
	  .fix = "on each follower run: sudo gshare follower mount nas " SHARE " --export " SHARE
		 "; and here: sudo gshare env leader --path /",
	  .makes = true, .type = "nfs", .device = "nas:/", .target = "/" },
	{ "a NAS that somebody exports again", .type = "nfs4", .device = "nas:/volume1" },
	{ "a memory card", .id = "FS_UNFIT", .fix = FIT, .makes = true, .type = "vfat",
	  .device = "/dev/sdc1" },
	{ "one that somebody exports", .type = "vfat", .device = "/dev/sdc1" },
	{ "a Windows share", .id = "FS_UNFIT", .fix = FIT, .makes = true, .no_handles = true,
	  .type = "cifs", .device = "//nas/pool" },
	{ "a directory of the host", .id = "FS_UNFIT", .fix = FIT, .makes = true,
	  .type = "virtiofs", .device = "tag" },
	{ "its entry wants a mount, and it was copied", .id = "PATH_NOT_MOUNTED",
	  .fix = "sudo mount UUID=" THEN " " SHARE, .knows_id = true, .uuid = "other",
	  .wants_mount = true },
	{ "its entry wants a mount", .id = "PATH_NOT_MOUNTED",
	  .fix = "see that its file system is mounted there, or omit mountpoint from its entries",
	  .wants_mount = true },
	{ "its entry wants a mount, and has it", .is_mount = true, .wants_mount = true },
	{ "a read-only file system", .id = "FS_READONLY",
	  .fix = "sudo mount -o remount,rw /mnt/data", .is_readonly = true },
	{ "a read-only file system, as the export", .is_readonly = true, .ro = true },
	{ "closed", .id = "PATH_CLOSED", .fix = "sudo chmod g+rwx " SHARE, .top = 0700 },
	{ "closed, but root is not squashed", .top = 0700, .unsquashed = true },
	{ "a closed parent", .id = "PATH_CLOSED", .fix = "sudo chmod o+x /mnt/data",
	  .severity = GS_WARN, .parent = 0700 },
	{ "a parent that others may list, not enter", .id = "PATH_CLOSED",
	  .fix = "sudo chmod o+x /mnt/data", .severity = GS_WARN, .parent = 0754 },
	{ "a parent that others may enter, not list", .parent = 0711 },
	{ "no dataset directory", .id = "DIR_MISSING", .fix = "sudo gshare leader init " SHARE,
	  .absent = "ufd" },
	{ "no uploads", .id = "DIR_MISSING", .fix = "sudo gshare leader init " SHARE,
	  .severity = GS_WARN, .absent = "u" },
	{ "none, in a share made by hand", .absent = "ufd", .lacks_id = true, .by_hand = true },
	{ "the recipe's own mkdir", .id = "TOP_NOT_WRITABLE",
	  .fix = "sudo chown root:1001 " SHARE " && sudo chmod 3775 " SHARE, .is_note = true,
	  .top = 0755 },
	{ "the same, by a group that may not write", .id = "TOP_NOT_WRITABLE",
	  .fix = "sudo chown root:1001 " SHARE " && sudo chmod 3775 " SHARE, .is_note = true,
	  .top = 02755 },
	{ "somebody else's", .id = "TOP_NOT_WRITABLE",
	  .fix = "sudo chmod +t " SHARE " && sudo setfacl -m u:1000:rwx " SHARE, .is_note = true,
	  .top = 0755, .top_uid = 1005 },
	{ "an ACL takes it away", .id = "TOP_NOT_WRITABLE",
	  .fix = "sudo chmod +t " SHARE " && sudo setfacl -m u:1000:rwx " SHARE, .is_note = true,
	  .top = 0775, .acl = "u::rwx,u:1000:r-x,g::rwx,m::rwx,o::r-x" },
	{ "an ACL gives it", .top = 0775, .acl = "u::rwx,u:1000:rwx,g::r-x,m::rwx,o::r-x" },
	{ "followers read only", .top = 0755, .ro = true },
	{ "root of followers is root", .top = 0755, .unsquashed = true },
	{ "an export by hand without dataset directories", .id = "TOP_NOT_WRITABLE",
	  .fix = "sudo chown root:1001 " SHARE " && sudo chmod 3775 " SHARE, .severity = GS_WARN,
	  .top = 0755, .absent = "ufd", .lacks_id = true, .by_hand = true },
	{ "init gives it to the followers' group", .top = 0755, .makes = true, .sets_top = true },
	{ "below /tmp", .path = "/tmp/x", .id = "PATH_TEMPORARY", .fix = KEPT,
	  .severity = GS_WARN },
	{ "below /var/tmp", .path = "/var/tmp/a/b", .id = "PATH_TEMPORARY", .fix = KEPT,
	  .severity = GS_WARN },
	{ "below /dev/shm, by hand", .path = "/dev/shm/x", .id = "PATH_TEMPORARY", .fix = KEPT,
	  .severity = GS_WARN, .by_hand = true },
	{ "below /run", .path = "/run/x", .id = "PATH_TEMPORARY", .fix = KEPT,
	  .severity = GS_WARN },
	{ "beside /tmp", .path = "/tmpfiles/x" },
	{ "tmpfs elsewhere", .type = "tmpfs", .device = "tmpfs", .id = "PATH_TEMPORARY",
	  .fix = KEPT, .severity = GS_WARN },
	{ "a disk in datasets", .id = "MOUNT_INSIDE",
	  .fix = "sudo gshare leader init " SHARE " --crossmnt", .inside = SHARE "/datasets" },
	{ "a disk below files", .id = "MOUNT_INSIDE",
	  .fix = "sudo gshare leader init " SHARE " --crossmnt", .inside = SHARE "/files/big" },
	{ "a disk beside them", .id = "MOUNT_INSIDE",
	  .fix = "sudo gshare leader init " SHARE " --crossmnt", .severity = GS_WARN,
	  .inside = SHARE "/scratch" },
	{ "a disk in datasets, when a follower is added", .id = "MOUNT_INSIDE",
	  .fix = "sudo gshare leader init " SHARE " --crossmnt", .severity = GS_WARN,
	  .changes = true, .inside = SHARE "/datasets" },
	{ "a disk in datasets, crossed", .inside = SHARE "/datasets", .crosses = true },
	{ "PostgreSQL's own disk", .inside = SHARE "/postgresql_data" },
	{ "a disk with an export of its own", .inside = SHARE "/datasets",
	  .etab = ETAB SHARE "/datasets\t10.0.0.1(rw)\n" },
	{ "outside of another's pseudo-root", .id = "PSEUDO_ROOT", .fix = UNROOT("/srv"),
	  .etab = ETAB "/srv\t10.0.0.9(ro,fsid=0)\n" },
	{ "below another's pseudo-root, which its follower does not get", .id = "PSEUDO_ROOT",
	  .fix = UNROOT("/mnt/data"), .etab = ETAB "/mnt/data\t10.0.0.9(ro,fsid=0)\n" },
	{ "a directory of another's pseudo-root", .id = "PSEUDO_ROOT", .fix = UNROOT("/mnt/data"),
	  .etab = ETAB "/mnt/data\t10.0.0.0/24(ro,fsid=0)\n" },
	{ "a mount below another's pseudo-root", .id = "PSEUDO_ROOT", .severity = GS_WARN,
	  .is_mount = true,
	  .etab = ETAB "/mnt/data\t10.0.0.9(ro,fsid=0) 10.0.0.0/24(ro,fsid=0)\n" },
	{ "the share is the pseudo-root", .id = "PSEUDO_ROOT", .severity = GS_WARN,
	  .etab = SHARE "\t10.0.0.1(rw,fsid=0,all_squash)\n" },
	{ "/ is the pseudo-root, as without one", .etab = ETAB "/\t*(ro,fsid=root)\n" },
	{ "async", .id = "EXPORT_ASYNC", .fix = "if that is not meant, write sync instead of async",
	  .severity = GS_WARN, .etab = SHARE "\t10.0.0.1(rw,async,all_squash)\n" },
	{ "async, by hand", .by_hand = true, .etab = SHARE "\t10.0.0.1(rw,async,all_squash)\n" },
	{ "async, and read-only", .etab = SHARE "\t10.0.0.1(ro,async,all_squash)\n" },
	{ "another export with its fsid", .id = "FSID_SHARED", .fix = PART("/srv/z"),
	  .etab = SHARE "\t10.0.0.1(rw,fsid=7,all_squash)\n/srv/z\t10.0.0.1(ro,fsid=7)\n" },
	{ "another export with its fsid, to more hosts", .id = "FSID_SHARED", .fix = PART("/srv/z"),
	  .severity = GS_WARN, .changes = true,
	  .etab = "/srv/z\t10.0.0.0/24(ro,fsid=7)\n" SHARE "\t10.0.0.1(rw,fsid=7,all_squash)\n" },
	{ "another export with its UUID", .id = "FSID_SHARED", .fix = PART("/srv/z"),
	  .etab = SHARE "\t10.0.0.1(rw,fsid=" THEN ",all_squash)\n"
			"/srv/z\t*(ro,fsid=" THEN ")\n" },
	{ "its fsid for other hosts", .etab = SHARE "\t10.0.0.1(rw,fsid=7,all_squash)\n"
						    "/srv/z\t10.0.0.2(ro,fsid=7)\n" },
	{ "its fsid for its own hosts", .etab = SHARE "\t10.0.0.1(rw,fsid=7,all_squash)\n" SHARE
						      "\t10.0.0.0/24(ro,fsid=7,all_squash)\n" },
	{ "the user is gone", .id = "OWNER_GONE",
	  .fix = "sudo useradd --uid 1000 --gid 1001 --no-create-home --home-dir / --shell "
		 "/usr/sbin/nologin gshare-1000",
	  .severity = GS_WARN, .no_user = true },
	{ "user and group are gone", .id = "OWNER_GONE",
	  .fix = "sudo groupadd --gid 1001 gshare-1000 && sudo useradd --uid 1000 --gid 1001 "
		 "--no-create-home --home-dir / --shell /usr/sbin/nologin gshare-1000",
	  .severity = GS_WARN, .no_user = true, .no_group = true },
	{ "nobody is mapped to the user", .no_user = true, .unsquashed = true },
};

static void add_place(struct gs_path_inodes *list, const char *path, enum gs_inode_type type,
		      mode_t mode, gid_t gid)
{
	gs_grow(&list->v, list->n, &list->room, sizeof *list->v);
	list->v[list->n++] = (struct gs_path_inode){ gs_strdup(path),
						     { .type = type, .mode = mode, .gid = gid } };
}

static void add_dirs(const struct served_row *row, struct gs_served *served)
{
	for (size_t i = 0; gs_dataset_dirs[i]; i++) {
		const char *name = gs_dataset_dirs[i];
		gs_autofree char *path = gs_printf(SHARE "/%s", name);

		add_place(&served->dirs, path,
			  row->absent && strchr(row->absent, name[0]) ? GS_INODE_ABSENT
								      : GS_INODE_DIR,
			  02775, 1001);
	}
}

static void make_served(const struct served_row *row, struct gs_served *ret)
{
	add_place(&ret->ancestors, "/mnt", GS_INODE_DIR, 0755, 0);
	add_place(&ret->ancestors, "/mnt/data", GS_INODE_DIR, row->parent ? row->parent : 0755, 0);
	add_place(&ret->ancestors, SHARE,
		  row->is_gone	 ? GS_INODE_ABSENT
		  : row->is_file ? GS_INODE_FILE
				 : GS_INODE_DIR,
		  row->top ? row->top : 03775, 1001);
	ret->ancestors.v[2].inode.is_mount_point = row->is_mount;
	ret->ancestors.v[2].inode.uid = row->top_uid;
	ret->ancestors.v[2].inode.acl_access = row->acl ? gs_strdup(row->acl) : NULL;
	add_dirs(row, ret);
	ret->fs = (struct gs_fs){ .type = gs_strdup(row->type ? row->type : "ext4"),
				  .device = gs_strdup(row->device ? row->device : "/dev/sdb1"),
				  .target = gs_strdup(row->target ? row->target : "/mnt/data"),
				  .options = row->options ? gs_strdup(row->options) : NULL,
				  .uuid = row->uuid && !row->uuid[0]
						  ? NULL
						  : gs_strdup(row->uuid ? row->uuid : THEN),
				  .is_readonly = row->is_readonly,
				  .no_handles = row->no_handles };
	if (row->inside) {
		gs_grow(&ret->inside.v, ret->inside.n, &ret->inside.room, sizeof *ret->inside.v);
		ret->inside.v[ret->inside.n++] =
			(struct gs_mounted){ .source = gs_strdup("/dev/sdc1"),
					     .target = gs_strdup(row->inside),
					     .type = gs_strdup("xfs"),
					     .options = gs_strdup("rw") };
	}
	gs_held_paths(gs_span_of(row->held ? row->held : ""), &ret->held);
	ret->known_id = row->knows_id ? gs_strdup("7c1e52d0") : NULL;
	ret->known_uuid = row->knows_id ? gs_strdup(THEN) : NULL;
	ret->is_covered = row->covers;
	ret->lacks_owner = row->no_user;
	ret->lacks_group = row->no_group;
}

static void compare(const struct served_row *row, const struct gs_findings *findings)
{
	const struct gs_finding *found = findings->n ? &findings->v[0] : NULL;

	if (!row->id) {
		if (found)
			fail_msg("%s: %s", found->id, found->text);
		return;
	}
	assert_int_equal(findings->n, 1);
	assert_string_equal(found->id, row->id);
	assert_int_equal(found->severity, row->is_note	  ? GS_NOTE
					  : row->severity ? row->severity
							  : GS_FAIL);
	assert_string_equal(found->fix ? found->fix : "", row->fix ? row->fix : "");
}

static void test_served(void **state)
{
	const struct served_row *row = *state;
	GS_AUTO(gs_served_done) struct gs_served is = { 0 };
	GS_AUTO(gs_exports_done) struct gs_exports etab = { 0 };
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };
	char path[] = SHARE "/.gshare-id";
	const struct gs_file id_file = { .path = path, .exists = !row->lacks_id && !row->is_gone };
	const struct gs_served_fact served = {
		.path = row->path ? row->path : SHARE,
		.is = &is,
		.id_file = &id_file,
		.is_marked = !row->by_hand,
		.makes = row->makes,
		.makes_dirs = row->makes,
		.sets_top = row->sets_top,
		.changes = row->changes,
		.gives_rw = !row->ro,
		.crosses = row->crosses,
		.wants_mount = row->wants_mount,
		.uid = 1000,
		.gid = 1001,
		.squash = row->unsquashed ? GS_SQUASH_NONE : GS_SQUASH_ALL,
		.etab = &etab,
	};
	const struct gs_facts facts = { .served = &served };
	struct gs_err err = { 0 };

	make_served(row, &is);
	assert_int_equal(gs_exports_parse(gs_span_of(row->etab ? row->etab : ETAB), &etab, &err),
			 0);
	gs_checks_run(&facts, GS_FAIL, &findings);
	compare(row, &findings);
}

/* What the entries of a share say of it: those of the files, and those that are active. */
static const struct meant_row {
	const char *name, *files, *etab;
	bool crosses, gives_rw, is_marked, wants_mount;
} meant[] = {
	{ "all with crossmnt", "# gshare share " SHARE "\n" SHARE " 10.0.0.1(ro,crossmnt)\n",
	  SHARE "\t10.0.0.1(ro,crossmnt)\n", .crosses = true, .is_marked = true },
	{ "one without", SHARE " 10.0.0.1(rw,crossmnt)\n" SHARE " 10.0.0.2(ro)\n", "",
	  .gives_rw = true },
	{ "in the file, but not active", SHARE " 10.0.0.1(ro,crossmnt)\n", SHARE "\t10.0.0.1(rw)\n",
	  .gives_rw = true },
	{ "on a disk", SHARE " 10.0.0.1(ro,mountpoint,crossmnt)\n", "", .crosses = true,
	  .wants_mount = true },
	{ "where another path is one", SHARE " 10.0.0.1(ro,mp=/srv,crossmnt)\n", "",
	  .crosses = true },
	{ "of another path", SHARE " 10.0.0.1(ro,crossmnt)\n/srv 10.0.0.1(rw)\n", "",
	  .crosses = true },
};

static void test_meant(void **state)
{
	const struct meant_row *row = *state;
	GS_AUTO(gs_files_done) struct gs_files files = { 0 };
	GS_AUTO(gs_docs_done) struct gs_docs docs = { 0 };
	GS_AUTO(gs_exports_done) struct gs_exports etab = { 0 };
	struct gs_served_fact served = { 0 };
	struct gs_err err = { 0 };

	gs_files_add(&files, "/etc/exports", true, gs_span_of(row->files));
	assert_int_equal(gs_docs_parse(&files, &docs, &err), 0);
	assert_int_equal(gs_exports_parse(gs_span_of(row->etab), &etab, &err), 0);
	gs_served_meant(&docs, &etab, SHARE, &served);
	assert_int_equal(served.wants_mount, row->wants_mount);
	assert_int_equal(served.crosses, row->crosses);
	assert_int_equal(served.gives_rw, row->gives_rw);
	assert_int_equal(served.is_marked, row->is_marked);
}

/* ---- an id that was put away ----------------------------------------------------------------- */

static const struct away_row {
	const char *name;
	struct gs_inode top, old;
	enum gs_squash squash;
	bool is_away;
} put_away[] = {
	{ "root's, at a sticky top",
	  { .mode = 03775, .gid = 1001 },
	  { .type = GS_INODE_FILE },
	  GS_SQUASH_ALL,
	  true },
	{ "none",
	  { .mode = 03775, .gid = 1001 },
	  { .type = GS_INODE_ABSENT },
	  GS_SQUASH_ALL,
	  false },
	{ "a follower's, at a sticky top",
	  { .mode = 03775, .gid = 1001 },
	  { .type = GS_INODE_FILE, .uid = 1001 },
	  GS_SQUASH_ALL,
	  false },
	{ "in the followers' own directory",
	  { .mode = 0755, .uid = 1001 },
	  { .type = GS_INODE_FILE },
	  GS_SQUASH_ALL,
	  false },
	{ "where a follower may rename root's",
	  { .mode = 02775, .gid = 1001 },
	  { .type = GS_INODE_FILE },
	  GS_SQUASH_ALL,
	  false },
	{ "in root's own directory",
	  { .mode = 0755 },
	  { .type = GS_INODE_OTHER, .uid = 1001 },
	  GS_SQUASH_ROOT,
	  true },
	{ "root of a follower is root",
	  { .mode = 0755 },
	  { .type = GS_INODE_FILE },
	  GS_SQUASH_NONE,
	  false },
};

static void test_away(void **state)
{
	const struct away_row *row = *state;
	char path[] = SHARE;
	struct gs_path_inode top = { path, row->top };
	const struct gs_served served = { .ancestors = { &top, 1, 1 }, .old_id = row->old };

	top.inode.type = GS_INODE_DIR;
	assert_int_equal(gs_id_is_put_away(&served, row->squash), row->is_away);
}

/* A dataset directory that was there before the run, of root:1001, with these ACLs. */
static const struct kept_row {
	const char *name, *access, *inherited, *id;
	mode_t mode; /* 0: 02775 */
} kept_rows[] = {
	{ "as init makes it", ACL, INHERITED, NULL, 0 },
	{ "its default ACL is gone", ACL, NULL, "DIR_DEFAULT_LOST", 0 },
	{ "its default ACL does not let the owner write", ACL,
	  "u::rwx,u:1000:r-x,g::r-x,m::r-x,o::r-x", "DIR_DEFAULT_LOST", 0 },
	{ "the mask of its default ACL does not", ACL, "u::rwx,u:1000:rwx,g::rwx,m::r-x,o::r-x",
	  "DIR_DEFAULT_LOST", 0 },
	{ "its default ACL lets the owner's group write", ACL, "u::rwx,g::rwx,o::r-x", NULL, 0 },
	{ "that is not the group of what is made there", ACL, "u::rwx,g::rwx,o::r-x",
	  "DIR_DEFAULT_LOST", 0775 },
	{ "no ACL at all: not init's", NULL, NULL, NULL, 0 },
};

static void test_kept(void **state)
{
	const struct kept_row *row = *state;
	char name[] = "ubuntu";
	const struct gs_account owner = { .uid = 1000, .gid = 1001, .name = name, .group = name };
	gs_autofree char *access = row->access ? gs_strdup(row->access) : NULL;
	gs_autofree char *inherited = row->inherited ? gs_strdup(row->inherited) : NULL;
	const struct gs_inode dir = { .type = GS_INODE_DIR,
				      .mode = row->mode ? row->mode : 02775,
				      .gid = 1001,
				      .acl_access = access,
				      .acl_default = inherited };
	const struct gs_kept_fact kept = { .path = SHARE "/files",
					   .inode = &dir,
					   .owner = &owner,
					   .acts = true,
					   .can_write = true };
	const struct gs_facts facts = { .kept = &kept };
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };

	gs_checks_run(&facts, GS_FAIL, &findings);
	assert_int_equal(findings.n, row->id ? 1 : 0);
	if (!row->id)
		return;
	assert_string_equal(findings.v[0].id, row->id);
	assert_int_equal(findings.v[0].severity, GS_WARN);
	assert_string_equal(findings.v[0].fix, "sudo find " SHARE
					       "/files -maxdepth 0 -type d "
					       "-exec setfacl -d -m " INHERITED " '{}' +");
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, put_away, test_away);
	TABLE_ADD(&table, rows, test_served);
	TABLE_ADD(&table, meant, test_meant);
	TABLE_ADD(&table, kept_rows, test_kept);
	return table_run("served", &table);
}
