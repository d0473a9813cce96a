/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/leader/top_facts.h"

#include <string.h>

#include "base/command.h"
#include "base/trust.h"
#include "core/check/served.h"

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
	       const struct gs_exportspec *share, struct gs_top *ret)
{
	*ret = (struct gs_top){
		.path = facts->path,
		.tree = facts->tree,
		.root = &facts->ancestors.v[facts->ancestors.n - 1].inode,
		.dirs = &facts->dirs,
		.id = &facts->id_inode,
		.uid = facts->owner.uid,
		.gid = facts->owner.gid,
		.squash = share->squash,
		.crosses = share->crossmnt || crosses(docs, facts->path),
		.spare = &facts->spare,
	};
}

static void add(struct gs_strs *words, const char *option, const char *value)
{
	gs_strs_add(words, option);
	if (value)
		gs_strs_add(words, value);
}

/* Repeats the followers, files and options of the request. */
static void add_words(const struct gs_leader_req *req, struct gs_strs *words)
{
	gs_autofree char *drain = gs_printf("%u", req->drain_s);

	for (size_t i = 0; i < req->n_specs; i++) {
		const struct gs_client_spec *spec = &req->spec[i];
		const char *access = spec->access == GS_ACCESS_RO ? ":ro" : ":rw";
		gs_autofree char *host = gs_printf("%s%s", spec->host.text,
						   spec->access_given ? access : "");

		add(words, "--follower", host);
	}
	for (size_t i = 0; i < req->dirs.n; i++)
		add(words, "--dir", req->dirs.v[i]);
	if (req->exports_file && strcmp(req->exports_file, "/etc/exports") != 0)
		add(words, "--exports-file", req->exports_file);
	if (req->subtree != GS_SUBTREE_UNSAID)
		add(words,
		    req->subtree == GS_SUBTREE_CHECK ? "--subtree-check" : "--no-subtree-check",
		    NULL);
	if (req->drain_given)
		add(words, "--drain", drain);
	if (req->allow_wide)
		add(words, "--allow-wide", NULL);
	if (req->crossmnt)
		add(words, "--crossmnt", NULL);
	if (req->new_id)
		add(words, "--new-id", NULL);
	if (req->force)
		add(words, "--force", NULL);
}

void gs_typed_of(const struct gs_leader_req *req, struct gs_typed *ret)
{
	static const char *const squash[] = {
		[GS_SQUASH_ALL] = "all",
		[GS_SQUASH_ROOT] = "root",
		[GS_SQUASH_NONE] = "none",
	};

	*ret = (struct gs_typed){ .owner = req->owner,
				  .squash = req->squash_given ? squash[req->squash] : NULL };
	add_words(req, &ret->words);
}

int gs_leader_fix_id(const struct gs_leader_req *req, const struct gs_leader_facts *facts,
		     struct gs_err *err)
{
	gs_autostr struct gs_str fix = { 0 };
	struct gs_typed typed = { 0 };

	gs_share_id_away(facts->path, facts->tree, &fix);
	gs_command_and(&fix);
	gs_command(&fix, "sudo", "gshare", "leader", "init", facts->path);
	/* The command typed is init, and may name followers that the share does not have yet. */
	if (req->verb == GS_LEADER_INIT)
		gs_typed_of(req, &typed);
	gs_typed_add(&typed, &fix);
	gs_command(&fix, gs_strs_has(&typed.words, "--new-id") ? NULL : "--new-id");
	gs_command(&fix, facts->tree ? "--root" : NULL, facts->tree);
	gs_strs_done(&typed.words);
	return gs_err_fix_text(err, &fix);
}

bool gs_id_is_put_away(const struct gs_served *served, enum gs_squash squash)
{
	/* Not the caller: followers may be mapped to that user. */
	const struct gs_trust root_alone = { 0 };

	return squash != GS_SQUASH_NONE && served->old_id.type != GS_INODE_ABSENT &&
	       served->ancestors.n &&
	       !gs_trust_is_replaceable(&root_alone, &gs_served_top(served)->inode,
					&served->old_id);
}
