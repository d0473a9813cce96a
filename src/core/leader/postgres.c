/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/leader/postgres.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "base/imageid.h"
#include "core/exports/docs.h"
#include "core/format/acl_text.h"
#include "core/leader/request.h"
#include "core/plan/finding.h"
#include "core/plan/plan.h"

#define DATA	"postgresql_data"
#define BACKUPS "postgres_backups"

const char *const gs_top_dirs[] = { DATA, BACKUPS, NULL };

void gs_breach_done(struct gs_breach *breach)
{
	free(breach->text);
	free(breach->mend);
	*breach = (struct gs_breach){ 0 };
}

static bool crosses(const struct gs_docs *docs, const char *path)
{
	for (size_t d = 0; d < docs->n; d++) {
		const struct gs_export *entry;
		size_t at = 0;

		while ((entry = gs_exports_find(&docs->v[d], path, NULL, &at)))
			if (entry->opts.flags & GS_EXPORT_CROSSMNT)
				return true;
	}
	return false;
}

void gs_top_of(const struct gs_leader_facts *facts, const struct gs_docs *docs,
	       enum gs_squash squash, struct gs_top *ret)
{
	*ret = (struct gs_top){
		.path = facts->path,
		.tree = facts->tree,
		.root = &facts->chain.v[facts->chain.n - 1].node,
		.dirs = &facts->dirs,
		.id = &facts->id_node,
		.uid = facts->owner.uid,
		.gid = facts->owner.gid,
		.squash = squash,
		.crosses = crosses(docs, facts->path),
		.spare = &facts->spare,
	};
}

static const struct gs_node *node_of(const struct gs_top *top, const char *name)
{
	for (size_t i = 0; top->dirs && i < top->dirs->n; i++)
		if (!strcmp(strrchr(top->dirs->v[i].path, '/') + 1, name))
			return &top->dirs->v[i].node;
	return NULL;
}

/* PostgreSQL's once a container has taken it over: initdb refuses to run as root. */
static bool holds_data(const struct gs_top *top)
{
	const struct gs_node *node = node_of(top, DATA);

	return node && node->type == GS_NODE_DIR && node->uid != 0 &&
	       (!node->is_mount_point || top->crosses);
}

static bool is_owners(const struct gs_top *top, const struct gs_node *node)
{
	return node && node->type != GS_NODE_ABSENT && node->uid == top->uid &&
	       (!node->is_mount_point || top->crosses);
}

static bool may(const struct gs_top *top, const struct gs_node *node, unsigned what)
{
	const struct gs_account owner = { .uid = top->uid, .gid = top->gid };

	return gs_node_grants(node, &owner, what);
}

/* ---- commands ---------------------------------------------------------------------------- */

/* The words of what was typed that no fix changes: the same followers, files and conditions. */
static void add_typed(const struct gs_leader_req *req, struct gs_str *out)
{
	for (size_t i = 0; i < req->n_wishes; i++) {
		const struct gs_wish *wish = &req->wish[i];
		const char *access = wish->access == GS_ACCESS_RO ? ":ro" : ":rw";

		gs_command(out, "--follower");
		gs_command_wordf(out, "%s%s", wish->host.text, wish->access_given ? access : "");
	}
	for (size_t i = 0; i < req->dirs.n; i++)
		gs_command(out, "--dir", req->dirs.v[i]);
	if (req->exports_file && strcmp(req->exports_file, "/etc/exports") != 0)
		gs_command(out, "--exports-file", req->exports_file);
	gs_command(out, req->subtree == GS_SUBTREE_CHECK      ? "--subtree-check"
			: req->subtree == GS_SUBTREE_NO_CHECK ? "--no-subtree-check"
							      : NULL);
	if (req->drain_given) {
		gs_command(out, "--drain");
		gs_command_wordf(out, "%u", req->drain_s);
	}
	gs_command(out, req->allow_wide ? "--allow-wide" : NULL, req->force ? "--force" : NULL);
}

/* leader init, with these in place of what was typed; NULL: as it was typed. */
static void add_init(const struct gs_top *top, const char *owner, const char *squash,
		     struct gs_str *out)
{
	const struct gs_leader_req *req = top->typed;

	if (!owner && req)
		owner = req->owner;
	gs_command(out, "sudo", "gshare", "leader", "init", top->path);
	if (req)
		add_typed(req, out);
	gs_command(out, owner ? "--owner" : NULL, owner, squash ? "--squash" : NULL, squash,
		   top->tree ? "--root" : NULL, top->tree);
}

/* As it was typed; where PostgreSQL has its data no other does. */
static const char *squash_of(const struct gs_top *top)
{
	static const char *const word[] = {
		[GS_SQUASH_ALL] = "all",
		[GS_SQUASH_ROOT] = "root",
		[GS_SQUASH_NONE] = "none",
	};

	if (!top->typed)
		return NULL;
	if (top->squash != GS_SQUASH_ALL && holds_data(top))
		return "all";
	return top->typed->squash_given ? word[top->typed->squash] : NULL;
}

/* Would followers that act as the system account be where they are now? In a tree init makes none.
 */
static bool will_not_do(const struct gs_top *top, uid_t system_uid)
{
	const struct gs_node *data = node_of(top, DATA);

	if (!system_uid)
		return top->tree;
	return system_uid == top->uid || gs_image_is_postgres(system_uid) ||
	       (data && data->type != GS_NODE_ABSENT && data->uid == system_uid);
}

void gs_top_other_owner(const struct gs_top *top, struct gs_str *out)
{
	const struct gs_spare *spare = top->spare;
	const char *tree = top->tree;
	bool makes = spare && spare->free_id && will_not_do(top, spare->system_uid);
	const char *owner = makes ? spare->free_name : GS_SYSTEM_ACCOUNT;

	if (!owner)
		return;
	if (makes) {
		/* usermod would give another number to every file below its home, which is /. */
		gs_command(out, "sudo", "useradd", tree ? "--prefix" : NULL, tree, "--system",
			   "--uid");
		gs_command_wordf(out, "%u", spare->free_id);
		gs_command(out, "--user-group", "--no-create-home", "--home-dir", "/", "--shell",
			   "/usr/sbin/nologin", owner);
		gs_command_and(out);
	}
	add_init(top, owner, squash_of(top), out);
}

/* Where a command finds what is below the top: in the tree that --root names. */
static char *path_of(const struct gs_top *top, const char *name)
{
	return gs_printf("%s%s%s%s", top->tree ? top->tree : "", top->path, name ? "/" : "",
			 name ? name : "");
}

/* An entry at the top; once it is root's nobody replaces it, as judge_top() comes first. */
static void add_roots(const struct gs_top *top, const char *name, gid_t gid, const char *mode,
		      struct gs_str *out)
{
	gs_autofree char *owner = gs_printf("root:%u", gid);
	gs_autofree char *path = path_of(top, name);
	char type = strcmp(name, GS_SHARE_FILE) != 0 ? 'd' : 'f';

	gs_command_found(out, path, type, "chown", "-h", owner);
	gs_command_and(out);
	gs_command_found(out, path, type, "chmod", mode);
}

/* What is no file holds no id: out of the way, the next init makes one. */
static void add_moved(const struct gs_top *top, struct gs_str *out)
{
	gs_share_id_away(top->path, top->tree, out);
	gs_command_and(out);
	add_init(top, NULL, squash_of(top), out);
}

/* ---- judging ----------------------------------------------------------------------------- */

__attribute__((format(printf, 4, 5))) static bool
breach(struct gs_breach *ret, const char *id, const struct gs_str *mend, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	*ret = (struct gs_breach){
		.id = id,
		.text = gs_vprintf(fmt, ap),
		.mend = mend->len ? gs_span_dup(gs_str_span(mend)) : NULL,
	};
	va_end(ap);
	return true;
}

static bool judge_owned_data(const struct gs_top *top, struct gs_breach *ret)
{
	gs_autostr struct gs_str mend = { 0 };

	if (top->squash == GS_SQUASH_NONE || !holds_data(top) ||
	    !is_owners(top, node_of(top, DATA)))
		return false;
	gs_top_other_owner(top, &mend);
	return breach(ret, "OWNER_OWNS_DATA", &mend,
		      "%s/" DATA
		      " belongs to user %u, as whom followers act: they can read, change "
		      "and remove PostgreSQL's data",
		      top->path, top->uid);
}

/* Who is root on a follower is every other user too, 999 and 70 among them. */
static bool judge_squash(const struct gs_top *top, struct gs_breach *ret)
{
	const struct gs_node *node = node_of(top, DATA);
	gs_autostr struct gs_str mend = { 0 };

	if (!node || top->squash == GS_SQUASH_ALL || !holds_data(top))
		return false;
	/* Else the next refusal would be that one. */
	if (top->typed && is_owners(top, node))
		gs_top_other_owner(top, &mend);
	else
		add_init(top, NULL, "all", &mend);
	return breach(ret, "SQUASH_OPENS_DATA", &mend,
		      "%s/" DATA
		      " belongs to user %u, and followers' users act as themselves: "
		      "root of a follower becomes that user, and reads, changes and removes "
		      "PostgreSQL's data",
		      top->path, node->uid);
}

static bool judge_open_data(const struct gs_top *top, struct gs_breach *ret)
{
	const struct gs_node *node = node_of(top, DATA);
	gs_autofree char *path = path_of(top, DATA);
	gs_autostr struct gs_str mend = { 0 };

	if (!node || !holds_data(top) || node->uid == top->uid ||
	    !(may(top, node, GS_MAY_READ) || may(top, node, GS_MAY_WRITE) ||
	      may(top, node, GS_MAY_EXECUTE)))
		return false;
	gs_command_found(&mend, path, 'd', "chmod", "0700");
	return breach(ret, "DATA_OPEN", &mend,
		      "%s/" DATA
		      " (mode %04o, group %u) lets in user %u with group %u, as whom "
		      "followers act: PostgreSQL's data is not its own",
		      top->path, node->mode, node->gid, top->uid, top->gid);
}

static bool judge_backups(const struct gs_top *top, struct gs_breach *ret)
{
	gs_autostr struct gs_str mend = { 0 };

	if (top->squash == GS_SQUASH_NONE || !is_owners(top, node_of(top, BACKUPS)))
		return false;
	add_roots(top, BACKUPS, top->gid, "2770", &mend);
	return breach(ret, "OWNER_OWNS_DATA", &mend,
		      "%s/" BACKUPS
		      " belongs to user %u, as whom followers act: they can replace "
		      "it and keep others out of it",
		      top->path, top->uid);
}

static bool judge_id(const struct gs_top *top, struct gs_breach *ret)
{
	gs_autostr struct gs_str mend = { 0 };

	if (top->squash == GS_SQUASH_NONE || !is_owners(top, top->id))
		return false;
	if (top->id->type == GS_NODE_FILE)
		add_roots(top, GS_SHARE_FILE, 0, "0444", &mend);
	else
		add_moved(top, &mend);
	return breach(ret, "OWNER_OWNS_DATA", &mend,
		      "%s/" GS_SHARE_FILE
		      " belongs to user %u, as whom followers act: one of them "
		      "can make the share look like another to all",
		      top->path, top->uid);
}

/* What shall be root's or PostgreSQL's, and be so by name. */
static const char *find_replaceable(const struct gs_top *top)
{
	if (holds_data(top) && !node_of(top, DATA)->is_mount_point)
		return DATA;
	if (is_owners(top, node_of(top, BACKUPS)))
		return BACKUPS;
	return is_owners(top, top->id) ? GS_SHARE_FILE : NULL;
}

/*
 * The owner of a directory renames what is in it, sticky or not: unlink(2) EPERM. It comes before
 * what is printed for the entries: that is safe only once nobody can put a link in their place.
 */
static bool judge_top(const struct gs_top *top, struct gs_breach *ret)
{
	const struct gs_node *root = top->root;
	const char *what = find_replaceable(top);
	gs_autofree char *path = path_of(top, NULL), *owner = gs_printf("root:%u", top->gid);
	gs_autostr struct gs_str mend = { 0 };
	bool owns = root && root->type == GS_NODE_DIR && root->uid == top->uid;

	if (top->squash == GS_SQUASH_NONE || !root || root->type != GS_NODE_DIR || !what)
		return false;
	if (!owns && (root->mode & 01000 || !may(top, root, GS_MAY_WRITE)))
		return false;
	/* Its own place is root's. */
	gs_command(&mend, "sudo", "chown", owner, path);
	gs_command_and(&mend);
	gs_command(&mend, "sudo", "chmod", "3775", path);
	return breach(ret, "DATA_REPLACEABLE", &mend,
		      "%s %s user %u, as whom followers act: they can rename %s "
		      "and put another in its place",
		      top->path, owns ? "belongs to" : "has no sticky bit, and may be changed by",
		      top->uid, what);
}

void gs_top_judge(const struct gs_top *top, struct gs_breach *ret)
{
	static bool (*const judge[])(const struct gs_top *, struct gs_breach *) = {
		judge_owned_data, judge_squash, judge_top, judge_open_data, judge_id, judge_backups,
	};

	*ret = (struct gs_breach){ 0 };
	for (size_t i = 0; i < GS_COUNT(judge); i++)
		if (judge[i](top, ret))
			return;
}

bool gs_top_is_owned(const struct gs_top *top)
{
	return is_owners(top, node_of(top, DATA)) || is_owners(top, node_of(top, BACKUPS)) ||
	       is_owners(top, top->id);
}

void gs_top_tell_owned(const char *path, const struct gs_account *owner,
		       struct gs_findings *findings)
{
	gs_autofree char *owners = gs_printf("root:%s", owner->group);
	gs_autostr struct gs_str mend = { 0 };

	/* Its own place is root's. */
	gs_command(&mend, "sudo", "chown", owners, path);
	gs_command_and(&mend);
	gs_command(&mend, "sudo", "chmod", "3775", path);
	gs_findings_add(findings, GS_WARN, "DIR_OWNED", mend.ptr,
			"%s belongs to %s, as whom followers act: they can rename, replace and "
			"chmod everything at its top",
			path, owner->name);
}

void gs_top_tell_gone(const struct gs_top *top, const char *becomes, struct gs_findings *findings)
{
	const struct gs_node *node = node_of(top, DATA);
	gs_autostr struct gs_str find = { 0 };
	gs_autofree char *path = NULL;

	if (!top->id || top->id->type == GS_NODE_ABSENT || !node || node->type != GS_NODE_ABSENT)
		return;
	/* A cluster under another name is known by this file: PostgreSQL, Database File Layout. */
	path = path_of(top, NULL);
	gs_command(&find, "sudo", "find", path, "-xdev", "-maxdepth", "2", "-name", "PG_VERSION");
	gs_findings_add(findings, GS_WARN, "POSTGRES_GONE", find.ptr,
			"%s/" DATA
			" is gone, though the share is not new%s%s: PostgreSQL would "
			"begin with an empty database",
			top->path, becomes ? "; " : "", becomes ? becomes : "");
}
