/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/escape.h"

#include <string.h>

#include "base/command.h"
#include "base/strmap.h"
#include "core/check/row.h"
#include "core/exports/docs.h"

enum { NAMED_MAX = 4 };

bool gs_fs_takes_subtree_check(const char *type)
{
	static const char *const without[] = { "overlay", "nfs", "nfs4" };

	for (size_t i = 0; i < GS_COUNT(without); i++)
		if (!strcmp(type, without[i]))
			return false;
	return true;
}

/* no_subtree_check is the default: nfs-utils since 1.1.0. */
static bool is_open(const struct gs_exportopts *opts)
{
	return !(opts->flags & GS_EXPORT_SUBTREE_CHECK);
}

void gs_share_escapees(const struct gs_escape *escape, struct gs_strs *ret)
{
	GS_AUTO(gs_keymap_done) struct gs_keymap seen = { 0 };

	for (size_t i = 0; i < escape->n && !escape->is_fs_root; i++) {
		const struct gs_export *entry;
		size_t at = 0;

		while ((entry = gs_exports_find(&escape->list[i], escape->path, NULL, &at)))
			if (is_open(&entry->opts) &&
			    gs_keymap_put(&seen, entry->host.text, "", ret->n) == ret->n)
				gs_strs_add(ret, entry->host.text);
	}
}

/* By any flavour: a follower chooses the one it mounts with. */
static bool is_writable(const struct gs_exportopts *opts)
{
	for (unsigned i = 0; i < opts->sec_n; i++)
		if (!(opts->sec[i].flags & GS_EXPORT_RO))
			return true;
	return !opts->sec_n && opts->is_set && !(opts->flags & GS_EXPORT_RO);
}

bool gs_escape_opens(const struct gs_export *entry)
{
	return !entry->is_readable || is_open(&entry->opts);
}

bool gs_escape_writes(const struct gs_export *entry)
{
	return !entry->is_readable || is_writable(&entry->opts);
}

void gs_escape_fix(const char *share, const char *escape, const char *fs_type, struct gs_str *out)
{
	if (!strcmp(share, escape) && (!fs_type || gs_fs_takes_subtree_check(fs_type)))
		gs_command(out, "sudo", "gshare", "leader", "init", share, "--subtree-check");
}

void gs_predicted_escapees(const struct gs_exports_change *change, struct gs_strs *ret)
{
	for (size_t i = 0; i < change->n; i++)
		if (!change->predict[i].gone && is_open(&change->predict[i].opts))
			gs_strs_add(ret, change->predict[i].host);
}

static void add_few(const struct gs_strs *hosts, struct gs_str *out)
{
	for (size_t i = 0; i < hosts->n && i < NAMED_MAX; i++)
		gs_str_addf(out, "%s%s", i ? ", " : "", hosts->v[i]);
	if (hosts->n > NAMED_MAX)
		gs_str_addf(out, " and %zu more", hosts->n - NAMED_MAX);
}

/* init changes entries of the files; only remove unexports what is active but not listed. */
static void add_fix(const struct gs_escape *escape, const struct gs_strs *hosts,
		    const struct gs_docs *files, struct gs_str *out)
{
	const char *path = escape->path, *tree = escape->tree;
	GS_AUTO(gs_keymap_done) struct gs_keymap listed = { 0 };
	size_t n = 0, unlisted = 0;

	for (size_t d = 0; d < files->n; d++) {
		const struct gs_export *entry;
		size_t at = 0;

		while ((entry = gs_exports_find(&files->v[d], path, NULL, &at)))
			gs_keymap_put(&listed, entry->host.text, "", n++);
	}
	for (size_t i = 0; i < hosts->n; i++) {
		if (gs_keymap_get(&listed, hosts->v[i], "") != GS_NO_KEY)
			continue;
		if (!unlisted++)
			gs_command(out, "sudo", "gshare", "leader", "remove");
		gs_command(out, hosts->v[i]);
	}
	if (unlisted)
		gs_command(out, "--path", path, tree ? "--root" : NULL, tree);
	if (unlisted && n)
		gs_command_and(out);
	if (n)
		gs_command(out, "sudo", "gshare", "leader", "init", path, "--subtree-check",
			   tree ? "--root" : NULL, tree);
}

/* ---- the checks -------------------------------------------------------------------------- */

static bool may_escape(const struct gs_facts *facts)
{
	return facts->escape->hosts->n && !facts->escape->of->fs_type;
}

static void say_may_escape(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "%s has no_subtree_check for ", facts->escape->of->path);
	add_few(facts->escape->hosts, out);
	gs_str_adds(
		out,
		": unless it is a file system of its own on the booted host, root on these followers can reach "
		"the files around it");
}

static bool escapes(const struct gs_facts *facts)
{
	const char *type = facts->escape->of->fs_type;

	return facts->escape->hosts->n && type && gs_fs_takes_subtree_check(type);
}

static void say_escapes(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "%s is not a file system of its own and has no_subtree_check for ",
		    facts->escape->of->path);
	add_few(facts->escape->hosts, out);
	gs_str_adds(out, ": root on these followers can reach the files around it");
}

static void fix_escape(const struct gs_facts *facts, struct gs_fixes *out)
{
	add_fix(facts->escape->of, facts->escape->hosts, facts->escape->files,
		gs_fix_here(out, ""));
}

static bool always_escapes(const struct gs_facts *facts)
{
	const char *type = facts->escape->of->fs_type;

	return facts->escape->hosts->n && type && !gs_fs_takes_subtree_check(type);
}

static void say_always_escapes(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "%s is not a file system of its own, and %s works without subtree_check only: "
		    "root on ",
		    facts->escape->of->path, facts->escape->of->fs_type);
	add_few(facts->escape->hosts, out);
	gs_str_adds(out, " can reach the files around it");
}

static bool is_closed(const struct gs_facts *facts)
{
	return facts->escape->is_closed;
}

static void say_closed(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out,
		    "%s is not a file system of its own: exported with subtree_check, so that "
		    "followers cannot reach beyond it",
		    facts->escape->of->path);
}

const struct gs_check gs_checks_escape[] = {
	{ "EXPORT_ESCAPE",
	  "Without subtree_check a follower's root reaches the files around the share.",
	  GS_ON_LEADER, GS_GIVEN(ESCAPE), GS_WARN, may_escape, .message = say_may_escape,
	  .fix = fix_escape },
	{ "EXPORT_ESCAPE", NULL, GS_ON_LEADER, GS_GIVEN(ESCAPE), GS_WARN, escapes,
	  .message = say_escapes, .fix = fix_escape },
	{ "EXPORT_ESCAPE", NULL, GS_ON_LEADER, GS_GIVEN(ESCAPE), GS_WARN, always_escapes,
	  .message = say_always_escapes },
	{ "EXPORT_ESCAPE", NULL, GS_ON_LEADER, GS_GIVEN(ESCAPE), GS_NOTE, is_closed,
	  .message = say_closed },
	{ 0 },
};
