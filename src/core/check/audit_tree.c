/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/command.h"
#include "core/check/audit.h"
#include "core/check/row.h"
#include "core/format/acl_text.h"

/* What lies in a share, near its top, within followers' reach, and should not. */

enum { NAMED_MAX = 4 };

/* ---- the facts ---------------------------------------------------------------------------- */

void gs_audit_look(const struct gs_exportopts *opts, struct gs_audit_eyes *eyes)
{
	enum gs_squash squash = gs_exportopts_squash(opts);

	eyes->squash = eyes->n && eyes->squash > squash ? eyes->squash : squash;
	if (eyes->n < GS_AUDIT_EYES)
		eyes->who[eyes->n++] = (struct gs_account){ .uid = opts->anonuid,
							    .gid = opts->anongid };
}

/* Root of a follower can become any user but root, and take any group but root's. */
static bool grants_others(const struct gs_inode *inode, unsigned want)
{
	unsigned mode = inode->mode;

	return (inode->uid && mode & want << 6) || (inode->gid && mode & want << 3) ||
	       mode & want || inode->acl_access || inode->acl_hidden;
}

bool gs_audit_grants(const struct gs_audit_eyes *eyes, const struct gs_inode *inode, unsigned want)
{
	if (eyes->squash == GS_SQUASH_NONE)
		return true;
	if (eyes->squash == GS_SQUASH_ROOT)
		return grants_others(inode, want);
	for (size_t i = 0; i < eyes->n; i++)
		if (gs_inode_permits(inode, &eyes->who[i], want))
			return true;
	return false;
}

static size_t depth_of(const char *path)
{
	size_t n = 0;

	for (; *path; path++)
		n += *path == '/';
	return n;
}

/* The walk's paths begin with "./". */
bool gs_audit_enters(const struct gs_audit_eyes *eyes, const struct gs_entry *entry)
{
	return depth_of(entry->path) < GS_AUDIT_DEPTH &&
	       gs_audit_grants(eyes, &entry->inode, GS_MAY_EXECUTE);
}

static const char *const secret_names[] = {
	".git-credentials", ".htpasswd",  ".netrc", ".pgpass", "id_dsa",
	"id_ecdsa",	    "id_ed25519", "id_rsa", "shadow",  "krb5.keytab",
};

static const char *const secret_ends[] = {
	".env", ".jks", ".key", ".keytab", ".p12", ".pem", ".pfx"
};

static bool is_secret(const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < GS_COUNT(secret_names); i++)
		if (!strcmp(name, secret_names[i]))
			return true;
	for (size_t i = 0; i < GS_COUNT(secret_ends); i++) {
		size_t n = strlen(secret_ends[i]);

		if (len >= n && !strcmp(name + len - n, secret_ends[i]))
			return true;
	}
	return false;
}

/* Without a group's right to execute, setgid marks mandatory locks: fcntl(2). */
static bool is_setuid(const struct gs_inode *inode)
{
	return (inode->mode & 04000 && inode->mode & 0111) ||
	       (inode->mode & 02000 && inode->mode & 0010);
}

unsigned gs_audit_finds(const struct gs_audit_eyes *eyes, const struct gs_entry *entry)
{
	const char *slash = strrchr(entry->path, '/');
	const char *name = slash ? slash + 1 : entry->path;

	if (entry->is_device)
		return GS_AUDIT_DEVICE;
	if (entry->inode.type != GS_INODE_FILE)
		return 0;
	if (is_setuid(&entry->inode))
		return GS_AUDIT_SETUID;
	if (!gs_audit_grants(eyes, &entry->inode, GS_MAY_READ))
		return 0;
	if (!strcmp(name, "PG_VERSION"))
		return GS_AUDIT_POSTGRES;
	return is_secret(name) ? GS_AUDIT_SECRET : 0;
}

/* ---- the checks --------------------------------------------------------------------------- */

static void add_few(const struct gs_audit_tree_fact *tree, struct gs_str *out)
{
	for (size_t i = 0; i < tree->n && i < NAMED_MAX; i++)
		gs_str_addf(out, "%s%s", i ? ", " : "", tree->hit[i].path);
	if (tree->n > NAMED_MAX)
		gs_str_addf(out, " and %zu more", tree->n - NAMED_MAX);
}

static void add_found(const struct gs_audit_tree_fact *tree, size_t i, struct gs_str *fix,
		      char type)
{
	if (i)
		gs_command_and(fix);
	gs_command(fix, "sudo", "find", tree->hit[i].path, "-maxdepth", "0", "-type");
	gs_command_wordf(fix, "%c", type);
	gs_command(fix, type == 'f' ? "-links" : NULL, type == 'f' ? "1" : NULL);
}

static bool has_setuid(const struct gs_facts *facts)
{
	return facts->audit_tree->kind == GS_AUDIT_SETUID;
}

static void say_setuid(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_audit_tree_fact *tree = facts->audit_tree;

	gs_str_adds(out,
		    "programs in the share run as their owner or group, whoever starts them "
		    "here, or on a follower without nosuid: ");
	add_few(tree, out);
}

static void fix_setuid(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_audit_tree_fact *tree = facts->audit_tree;
	struct gs_str *fix = gs_fix_here(out, "");

	for (size_t i = 0; i < tree->n && i < NAMED_MAX; i++) {
		add_found(tree, i, fix, 'f');
		gs_command(fix, "-exec", "chmod", "ug-s", "{}", "+");
	}
}

static bool has_device(const struct gs_facts *facts)
{
	return facts->audit_tree->kind == GS_AUDIT_DEVICE;
}

static void say_device(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_audit_tree_fact *tree = facts->audit_tree;

	gs_str_adds(out,
		    "device nodes in the share open a device of whoever uses them, here or on "
		    "a follower without nodev: ");
	add_few(tree, out);
}

static void fix_device(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_audit_tree_fact *tree = facts->audit_tree;
	struct gs_str *fix = gs_fix_here(out, "if nothing needs them: ");

	for (size_t i = 0; i < tree->n && i < NAMED_MAX; i++) {
		add_found(tree, i, fix, tree->hit[i].is_block ? 'b' : 'c');
		gs_command(fix, "-delete");
	}
}

static bool has_secret(const struct gs_facts *facts)
{
	return facts->audit_tree->kind == GS_AUDIT_SECRET;
}

static void say_secret(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_audit_tree_fact *tree = facts->audit_tree;

	gs_str_adds(out, "followers can read what is named like a password or a private key: ");
	add_few(tree, out);
}

/* Where root of a follower is root, no mode keeps it out. */
static void fix_secret(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_audit_tree_fact *tree = facts->audit_tree;
	struct gs_str *fix;

	if (tree->eyes->squash == GS_SQUASH_NONE) {
		gs_command(gs_fix_here(out, ""), "sudo", "gshare", "leader", "init", tree->share,
			   "--squash", "root");
		return;
	}
	fix = gs_fix_here(out, "if only root of this node needs to: ");
	for (size_t i = 0; i < tree->n && i < NAMED_MAX; i++) {
		add_found(tree, i, fix, 'f');
		gs_command(fix, "-exec", "chown", "-h", "root:root", "{}", "+", "-exec", "setfacl",
			   "-b", "{}", "+", "-exec", "chmod", "0600", "{}", "+");
	}
}

static bool has_cluster(const struct gs_facts *facts)
{
	return facts->audit_tree->kind == GS_AUDIT_POSTGRES;
}

static void say_cluster(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_adds(out, "followers can read files of a PostgreSQL cluster: ");
	add_few(facts->audit_tree, out);
}

/* PostgreSQL starts with 0700 or 0750 only: the owner must be nobody whom followers can be. */
static void fix_cluster(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_audit_tree_fact *tree = facts->audit_tree;
	struct gs_str *fix = gs_fix_here(out, "");

	if (tree->eyes->squash != GS_SQUASH_ALL)
		gs_command(fix, "sudo", "gshare", "leader", "init", tree->share, "--squash", "all");
	for (size_t i = 0; i < tree->n && i < NAMED_MAX; i++) {
		const char *path = tree->hit[i].path;
		gs_autofree char *dir =
			gs_span_dup(gs_span(path, (size_t)(strrchr(path, '/') - path)));

		if (fix->len)
			gs_command_and(fix);
		gs_command_found(fix, dir, 'd', "chmod", "0700");
	}
}

static bool is_cut(const struct gs_facts *facts)
{
	return facts->audit_tree->cut;
}

static void say_cut(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "only %zu entries near the top of '%s' were looked at",
		    facts->audit_tree->cut, facts->audit_tree->share);
}

static void fix_cut(const struct gs_facts *facts, struct gs_fixes *out)
{
	struct gs_str *fix = gs_fix_here(out, "to see programs and devices in all of it: ");

	gs_command(fix, "sudo", "find", facts->audit_tree->share, "-xdev", "(", "-type", "f",
		   "-perm", "/6000", ")", "-o", "-type", "b", "-o", "-type", "c");
}

const struct gs_check gs_checks_audit_tree[] = {
	{ "SHARE_SETUID", "A program in the share is setuid or setgid.", GS_ON_LEADER,
	  GS_GIVEN(AUDIT_TREE), GS_WARN, has_setuid, .message = say_setuid, .fix = fix_setuid },
	{ "SHARE_DEVICE", "A device node is in the share.", GS_ON_LEADER, GS_GIVEN(AUDIT_TREE),
	  GS_WARN, has_device, .message = say_device, .fix = fix_device },
	{ "SHARE_SECRET", "Followers can read keys, passwords or a database in the share.",
	  GS_ON_LEADER, GS_GIVEN(AUDIT_TREE), GS_WARN, has_secret, .message = say_secret,
	  .fix = fix_secret },
	{ "SHARE_SECRET", NULL, GS_ON_LEADER, GS_GIVEN(AUDIT_TREE), GS_WARN, has_cluster,
	  .message = say_cluster, .fix = fix_cluster },
	{ "SHARE_UNSEEN", "The share is too large to be searched whole.", GS_ON_LEADER,
	  GS_GIVEN(AUDIT_TREE), GS_WARN, is_cut, .message = say_cut, .fix = fix_cut },
	{ 0 },
};
