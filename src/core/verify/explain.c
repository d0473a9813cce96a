/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/verify/explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "core/format/acl_xattr.h"
#include "core/format/fstab.h"
#include "core/verify/access_report.h"
#include "core/verify/errno_cause.h"

enum { NOBODY = 65534 }; /* also shown for an owner whose name this node does not know */

const char *gs_cause_name(enum gs_cause cause)
{
	static const char *const name[] = {
		[GS_CAUSE_UNKNOWN] = "UNKNOWN",	  [GS_CAUSE_MODE_BITS] = "MODE_BITS",
		[GS_CAUSE_ACL] = "ACL",		  [GS_CAUSE_SQUASH] = "SQUASH",
		[GS_CAUSE_RO_MOUNT] = "RO_MOUNT", [GS_CAUSE_RO_LEADER] = "RO_LEADER",
		[GS_CAUSE_STICKY] = "STICKY",	  [GS_CAUSE_NOT_ROOT] = "NOT_ROOT",
		[GS_CAUSE_FIXED] = "FIXED",	  [GS_CAUSE_QUOTA] = "QUOTA",
		[GS_CAUSE_FULL] = "FULL",	  [GS_CAUSE_ID_MAPPING] = "ID_MAPPING",
		[GS_CAUSE_STALE] = "STALE",	  [GS_CAUSE_TICKET] = "TICKET",
	};

	return name[cause];
}

const char *gs_act_name(enum gs_act_kind act)
{
	static const char *const name[] = {
		[GS_ACT_READ] = "read",	    [GS_ACT_CREATE] = "create", [GS_ACT_CHANGE] = "change",
		[GS_ACT_RENAME] = "rename", [GS_ACT_DELETE] = "delete", [GS_ACT_CHOWN] = "chown",
	};

	return name[act];
}

struct answer {
	enum gs_cause cause;
	char *why, *fix;
};

static bool is_telling(const struct gs_access_report *report, const struct gs_row *row)
{
	return row->has_owner && !(report->maps_ids && row->owner == NOBODY);
}

/* The user that the server maps a user to: from the owner of a file, or from other users' rows. */
static bool find_alias(const struct gs_access_report *report, const struct gs_row *row,
		       uid_t *ret_uid, gid_t *ret_gid)
{
	for (size_t i = 0; report->is_nfs && !row->has_owner && i < report->n; i++) {
		const struct gs_row *other = &report->row[i];

		/* Under root_squash only root is mapped: its row says nothing about other users. */
		if (!other->uid || !is_telling(report, other) || other->owner == other->uid)
			continue;
		*ret_uid = other->owner;
		*ret_gid = other->owner_group;
		return true;
	}
	if (!is_telling(report, row))
		return false;
	*ret_uid = row->owner;
	*ret_gid = row->owner_group;
	return true;
}

static unsigned needed(enum gs_act_kind act)
{
	return act == GS_ACT_READ ? GS_MAY_READ | GS_MAY_EXECUTE : GS_MAY_WRITE | GS_MAY_EXECUTE;
}

/* "mode 0750 of 1000:1000 gives uid 1001 ---" */
static char *describe(const struct gs_dir_look *look, uid_t uid, const struct gs_rights *rights)
{
	return gs_printf("%s 0%o of %u:%u gives uid %u %c%c%c",
			 rights->by_acl ? "the ACL with mode" : "mode", look->mode, look->uid,
			 look->gid, uid, rights->bits & GS_MAY_READ ? 'r' : '-',
			 rights->bits & GS_MAY_WRITE ? 'w' : '-',
			 rights->bits & GS_MAY_EXECUTE ? 'x' : '-');
}

/* The server's path of a directory below the mount: "HOST:PATH" plus the rest. */
static bool find_there(const struct gs_mounted *mount, const char *dir, char **ret_host,
		       char **ret_path)
{
	const char *top = mount->source ? strstr(mount->source, ":/") : NULL;
	size_t n = mount->target ? strlen(mount->target) : 0;

	if (!top || !n || !gs_path_is_within(dir, mount->target))
		return false;
	/* A target "/" keeps its slash, which begins the rest. */
	if (mount->target[n - 1] == '/')
		n--;
	*ret_host = gs_printf("%.*s", (int)(top - mount->source), mount->source);
	*ret_path = gs_printf("%s%s", top[2] || !dir[n] ? top + 1 : "", dir + n);
	return true;
}

/*
 * Begins a command on a directory, for the node that it is on. Returns its path there, owned; NULL
 * where that is not known.
 */
static char *begin_there(const struct gs_access_report *report, const char *dir,
			 struct gs_str *command)
{
	gs_autofree char *host = NULL;
	char *there = NULL;

	if (!report->is_nfs)
		return gs_strdup(dir);
	if (find_there(&report->mount, dir, &host, &there))
		gs_command_on(command, host);
	return there;
}

/* A command with the directory as its last word; NULL where its path there is not known. */
#define command_there(report, dir, ...) command_there_words(report, dir, GS_WORDS(__VA_ARGS__))
static char *command_there_words(const struct gs_access_report *report, const char *dir,
				 const char *const *words, size_t n)
{
	struct gs_str command = { 0 };
	gs_autofree char *there = begin_there(report, dir, &command);

	if (there) {
		gs_command_words(&command, words, n);
		gs_command(&command, there);
	}
	return command.ptr;
}

/* The same by gs_command_found(). */
#define found_there(report, dir, ...) found_there_words(report, dir, GS_WORDS(__VA_ARGS__))
static char *found_there_words(const struct gs_access_report *report, const char *dir,
			       const char *const *words, size_t n)
{
	struct gs_str command = { 0 };
	gs_autofree char *there = begin_there(report, dir, &command);

	if (there)
		gs_command_found_words(&command, there, 'd', words, n);
	return command.ptr;
}

static char *fix_rights(const struct gs_access_report *report, const struct gs_denial *r, uid_t uid)
{
	gs_autofree char *acl = gs_printf("u:%u:rwx", uid);

	return found_there(report, r->dir, "setfacl", "-m", acl);
}

static struct answer unknown(const struct gs_denial *r)
{
	return (struct answer){
		.cause = GS_CAUSE_UNKNOWN,
		.why = gs_strdup(!r->look.known ? "root of this node cannot read its mode either"
				 : r->look.acl_kind == GS_ACL_HIDDEN
					 ? "its ACL cannot be read on this node"
					 : "neither mode bits nor ACL deny it"),
	};
}

static struct answer by_squash(const struct gs_access_report *report, const struct gs_row *row,
			       const struct gs_denial *r, uid_t alias,
			       const struct gs_rights *rights)
{
	gs_autofree char *given = describe(&r->look, alias, rights);

	return (struct answer){
		.cause = GS_CAUSE_SQUASH,
		.why = gs_printf("uid %u is uid %u on the leader, and %s", row->uid, alias, given),
		.fix = fix_rights(report, r, alias),
	};
}

static struct answer by_rights(const struct gs_access_report *report, const struct gs_denial *r,
			       uid_t uid, const struct gs_rights *rights)
{
	return (struct answer){
		.cause = rights->by_acl ? GS_CAUSE_ACL : GS_CAUSE_MODE_BITS,
		.why = describe(&r->look, uid, rights),
		.fix = fix_rights(report, r, uid),
	};
}

/* Denied though the user's rights or root's capabilities suffice: the server maps the user. */
static struct answer by_being_another(const struct gs_access_report *report,
				      const struct gs_denial *r, const struct gs_row *row)
{
	gs_autofree char *facts = gs_printf("mode 0%o of %u:%u%s", r->look.mode, r->look.uid,
					    r->look.gid,
					    r->look.acl_kind == GS_ACL_NONE ? "" : " and its ACL");

	return (struct answer){
		.cause = GS_CAUSE_SQUASH,
		.why = row->uid ? gs_printf("the leader maps uid %u to another: %s would allow it",
					    row->uid, facts)
				: gs_printf("the leader maps root to another user (%s)", facts),
		/* Only there is it known whom: verify tests that user and names the ACL. */
		.fix = command_there(report, report->mount.target, "sudo", "gshare", "verify"),
	};
}

static struct answer denied(const struct gs_access_report *report, const struct gs_row *row,
			    const struct gs_denial *r)
{
	struct gs_rights own = { 0 }, aliased = { 0 };
	bool knows_own = gs_rights_of(&r->look, row->uid, row->gid, &own), has_alias;
	unsigned need = needed(r->act);
	gid_t alias_gid = row->gid;
	uid_t alias = row->uid;
	bool powerful = !row->uid;

	has_alias = find_alias(report, row, &alias, &alias_gid) && alias != row->uid;
	if (has_alias && gs_rights_of(&r->look, alias, alias_gid, &aliased)) {
		if ((aliased.bits & need) == need)
			return unknown(r);
		if (powerful || (knows_own && (own.bits & need) == need))
			return by_squash(report, row, r, alias, &aliased);
		return by_rights(report, r, alias, &aliased);
	}
	if (!r->look.known || (!knows_own && !powerful))
		return unknown(r);
	if (!powerful && (own.bits & need) != need)
		return by_rights(report, r, row->uid, &own);
	return report->is_nfs && !row->has_owner ? by_being_another(report, r, row) : unknown(r);
}

static struct answer chown_refused(const struct gs_access_report *report, const struct gs_row *row)
{
	if (!report->is_nfs || (row->uid && row->has_owner && row->owner == row->uid))
		return (struct answer){ .cause = GS_CAUSE_NOT_ROOT,
					.why = gs_strdup("only root can change the owner") };
	return (struct answer){
		.cause = GS_CAUSE_SQUASH,
		.why = gs_printf("uid %u is uid %u on the leader, and only root can change the "
				 "owner",
				 row->uid, row->owner),
		.fix = gs_strdup(
			"software that insists on chown needs --squash root or none on the leader"),
	};
}

/* EPERM, whose cause is not the rights of the directory. */
static struct answer not_permitted(const struct gs_access_report *report, const struct gs_row *row,
				   const struct gs_denial *r)
{
	if (r->act == GS_ACT_CHOWN)
		return chown_refused(report, row);
	if (r->act != GS_ACT_CREATE && r->look.known && r->look.mode & 01000)
		return (struct answer){
			.cause = GS_CAUSE_STICKY,
			.why = gs_printf(
				"mode 0%o is sticky, and the file belongs to uid %u on this node",
				r->look.mode, row->has_owner ? row->owner : row->uid),
		};
	if (!r->look.is_fixed && !report->is_nfs)
		return unknown(r);
	return (struct answer){
		.cause = GS_CAUSE_FIXED,
		.why = gs_strdup(r->look.is_fixed
					 ? "it is immutable or append-only"
					 : "the leader permits it to no user: it is immutable or "
					   "append-only on the leader"),
		.fix = found_there(report, r->dir, "chattr", "-i", "-a"),
	};
}

/* As the server sees this node; where that is not known, as of the mount: nfs(5) clientaddr. */
static char *own_address(const struct gs_access_report *report)
{
	const char *options = report->mount.options;
	struct gs_span value;

	if (report->own_addr)
		return gs_strdup(report->own_addr);
	return options && gs_mountopt_get(options, "clientaddr", &value) ? gs_span_dup(value)
									 : NULL;
}

static char *fix_read_only(const struct gs_access_report *report)
{
	gs_autofree char *host = NULL, *there = NULL, *addr = own_address(report);
	const struct gs_mounted *mount = &report->mount;
	struct gs_str command = { 0 };

	if (!addr || !mount->target || !find_there(mount, mount->target, &host, &there))
		return NULL;
	gs_command_on(&command, host);
	gs_command(&command, "sudo", "gshare", "leader", "rw", addr, "--path", there);
	return command.ptr;
}

static struct answer read_only(const struct gs_access_report *report, const struct gs_denial *r)
{
	if (r->look.is_ro || !report->is_nfs)
		return (struct answer){
			.cause = GS_CAUSE_RO_MOUNT,
			.why = gs_strdup("it is mounted read-only on this node"),
		};
	return (struct answer){
		.cause = GS_CAUSE_RO_LEADER,
		.why = gs_strdup("the leader exports it read-only"),
		.fix = fix_read_only(report),
	};
}

static char *fix_errno(const struct gs_access_report *report, const struct gs_denial *r)
{
	gs_autofree char *host = NULL, *there = NULL;
	struct gs_str command = { 0 };

	if (report->is_nfs && !find_there(&report->mount, r->dir, &host, &there))
		return NULL;
	gs_errno_fix(r->error, host, there ? there : r->dir,
		     report->is_nfs ? report->mount.target : NULL, &command);
	return command.ptr;
}

static struct answer no_room(const struct gs_access_report *report, const struct gs_denial *r)
{
	bool inodes = r->look.known && r->look.free_bytes && !r->look.free_files;

	if (r->error == EDQUOT)
		return (struct answer){
			.cause = GS_CAUSE_QUOTA,
			.why = gs_strdup("the quota of its user, group or project is used up"),
			.fix = fix_errno(report, r),
		};
	return (struct answer){
		.cause = GS_CAUSE_FULL,
		.why = inodes ? gs_strdup("no free inodes")
			      : gs_printf("%llu bytes are free",
					  (unsigned long long)r->look.free_bytes),
		.fix = fix_errno(report, r),
	};
}

/* An id that has no number or no name on the other side. */
static struct answer unmapped(const struct gs_access_report *report, const struct gs_row *row,
			      const struct gs_denial *r)
{
	if (report->is_nfs && !report->maps_ids)
		return unknown(r);
	return (struct answer){
		.cause = GS_CAUSE_ID_MAPPING,
		.why = report->is_nfs
			       ? gs_strdup("this node uses names for owners "
					   "(nfs4_disable_idmapping is N), and the leader does "
					   "not know this one")
			       : gs_printf("uid %u has no number in this mount or user namespace",
					   row->uid),
		.fix = report->is_nfs
			       ? gs_strdup("set the same Domain in /etc/idmapd.conf of both nodes; "
					   "this shows the one in use on each: sudo nfsidmap -d")
			       : NULL,
	};
}

/* The client has no key to speak for this user: rpc.gssd(8), "Required key not available". */
static struct answer no_ticket(const struct gs_access_report *report)
{
	gs_autostr struct gs_str security = { 0 };

	gs_mountopt_security(report->mount.options, &security);
	return (struct answer){
		.cause = GS_CAUSE_TICKET,
		.why = gs_printf("the mount has %s, and this user has no valid Kerberos ticket",
				 security.len ? security.ptr : "no security of its own"),
		.fix = gs_strdup("get one as that user (kinit), or test a user who has one"),
	};
}

static struct answer find(const struct gs_access_report *report, const struct gs_row *row,
			  const struct gs_denial *r)
{
	switch (r->error) {
	case EROFS:
		return read_only(report, r);
	case EACCES:
		return r->act == GS_ACT_CHOWN ? chown_refused(report, row) : denied(report, row, r);
	case EPERM:
		return not_permitted(report, row, r);
	case ENOKEY:
	case EKEYEXPIRED:
	case EKEYREVOKED:
		return no_ticket(report);
	case EDQUOT:
	case ENOSPC:
		return no_room(report, r);
	case EINVAL:
	case EOVERFLOW:
		return unmapped(report, row, r);
	case ESTALE:
		return (struct answer){
			.cause = GS_CAUSE_STALE,
			.why = gs_strdup(
				"the leader no longer knows the directory: it was created again, "
				"or is no longer exported"),
			.fix = fix_errno(report, r),
		};
	default:
		return unknown(r);
	}
}

void gs_cause_find(const struct gs_access_report *report, const struct gs_row *row,
		   struct gs_denial *denial)
{
	struct answer answer = find(report, row, denial);

	free(denial->why);
	free(denial->fix);
	denial->cause = answer.cause;
	denial->why = answer.why;
	denial->fix = answer.fix;
}
