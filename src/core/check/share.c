/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/command.h"
#include "base/shareid.h"
#include "core/check/row.h"

/* Does the share exist, and is it still the same one? */

static bool holds_no_id(const struct gs_facts *facts)
{
	const struct gs_share_fact *share = facts->share;
	char id[GS_SHARE_ID_BYTES];

	if (share->root->type != GS_INODE_DIR)
		return false;
	return share->id_odd->code || (share->id_file->exists &&
				       !gs_share_id_parse(gs_str_span(&share->id_file->text), id));
}

/* A .gshare-id without an id makes every leader verb fail, so the share is not healthy. */
static void say_no_id(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_share_fact *share = facts->share;

	if (share->id_odd->code)
		gs_str_adds(out, share->id_odd->msg);
	else
		gs_str_addf(out, "'%s' contains no share id", share->id_file->path);
}

static void fix_id(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_share_id_anew(NULL, facts->share->path, gs_fix_here(out, ""));
}

static bool has_nobody(const struct gs_facts *facts)
{
	return !facts->share->followers;
}

static void say_nobody(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "nobody can mount '%s' yet: it is exported to no follower",
		    facts->share->path);
}

/* Who is to mount it, only its administrator knows. */
static void fix_nobody(const struct gs_facts *facts, struct gs_fixes *out)
{
	struct gs_str *fix = gs_fix_here(out, "for each follower: ");

	gs_command(fix, "sudo", "gshare", "leader", "add", "HOST", "--path", facts->share->path);
}

static bool is_copied(const struct gs_facts *facts)
{
	const struct gs_copy_fact *copy = facts->copy;

	return copy->then.len && copy->now && !gs_span_is_text(copy->then, copy->now);
}

static void say_copied(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(
		out,
		"share id %s was made on another file system: this share is a copy, or was moved",
		facts->copy->id);
}

static bool is_twice(const struct gs_facts *facts)
{
	return facts->copy->of;
}

static void say_twice(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "'%s' has the same share id as '%s', %s: a follower that gets one instead of "
		    "the other does not notice",
		    facts->copy->path, facts->copy->of, facts->copy->id);
}

static void fix_copied(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_command(gs_fix_here(out, "if it is a copy: "), "sudo", "gshare", "leader", "init",
		   facts->copy->path, "--new-id");
}

const struct gs_check gs_checks_share[] = {
	{ "ID_BROKEN", "The share's .gshare-id contains no id, or is not a regular file.",
	  GS_ON_LEADER, GS_GIVEN(SHARE), GS_FAIL, holds_no_id, .message = say_no_id,
	  .fix = fix_id },
	{ "NO_FOLLOWER", "The share is not exported to any client.", GS_ON_LEADER, GS_GIVEN(SHARE),
	  GS_NOTE, has_nobody, .message = say_nobody, .fix = fix_nobody },
	{ "ID_COPIED", "The share id is another share's, too, or was made on another file system.",
	  GS_ON_LEADER, GS_GIVEN(COPY), GS_WARN, is_copied, .message = say_copied,
	  .fix = fix_copied },
	{ "ID_COPIED", NULL, GS_ON_LEADER, GS_GIVEN(COPY), GS_WARN, is_twice, .message = say_twice,
	  .fix = fix_copied },
	{ 0 },
};
