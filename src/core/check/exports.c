/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/command.h"
#include "core/check/row.h"
#include "core/exports/option.h"

/* Does exportfs read the files as a person would, and has nfsd the entries that they list? */

/* ---- lines ------------------------------------------------------------------------------- */

static const char *flaw_id(const struct gs_facts *facts)
{
	return facts->line->id;
}

static void say_line(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_line_fact *line = facts->line;

	gs_str_addf(out, "%s:%zu: %s%s", line->file, line->number, line->why,
		    line->is_fatal ? ": exportfs drops this line and all below it" : "");
}

static void add_sed(const struct gs_line_fact *line, const char *script, struct gs_str *out)
{
	gs_command(out, "sudo", "sed", "-i", "--follow-symlinks", script);
	gs_command_wordf(out, "%s%s", line->tree ? line->tree : "", line->file);
}

static void edit_line(const struct gs_line_fact *line, struct gs_str *out)
{
	add_sed(line, line->script, out);
}

/* The edits of that line, where there are some; else the row says what to do by hand. */
static void fix_line(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_line_fact *line = facts->line;
	struct gs_str *fix;

	if (line->like_script) {
		fix = gs_fix_here(out, "");
		gs_str_addf(fix, "if %s is meant: ", line->like);
		add_sed(line, line->like_script, fix);
	}
	if (line->script)
		edit_line(line, gs_fix_here(out, line->like_script ? "without it: " : ""));
}

/* Whom the options were meant for, nobody knows; those whom they let in can be kept out. */
static void fix_world(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_line_fact *line = facts->line;

	if (line->path)
		gs_command(gs_fix_here(out, "to keep everyone out: "), "sudo", "gshare", "leader",
			   "remove", "*", "--path", line->path, line->tree ? "--root" : NULL,
			   line->tree);
}

static void fix_name_unknown(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_line_fact *line = facts->line;

	gs_command(gs_fix_here(out, "see what the resolver says: "), "getent", "ahosts",
		   line->host);
	if (line->script)
		edit_line(line, gs_fix_here(out, "if it is no follower: "));
}

/*
 * The options that everyone has go with "leader remove '*'"; it applies the file as it is then,
 * with the entry as it was meant.
 */
static void fix_blank(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_line_fact *line = facts->line;
	struct gs_str *fix = gs_fix_here(out, "");

	if (line->script) {
		edit_line(line, fix);
		gs_command_and(fix);
	}
	gs_command(fix, "sudo", "gshare", "leader", "remove", "*", line->script ? NULL : line->host,
		   "--path", line->path, line->tree ? "--root" : NULL, line->tree);
}

/* The second of the two does nothing: without it nothing changes but the file. */
static void fix_twice(const struct gs_facts *facts, struct gs_fixes *out)
{
	if (facts->line->script)
		edit_line(facts->line, gs_fix_here(out, ""));
	else
		gs_fix_advise(out, "remove one of the two");
}

static void fix_owned(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_fix_advise(out, "make the change where that program is configured");
	if (facts->line->instead)
		gs_str_adds(
			gs_fix_here(out, "or in a file of its own, after an undo if it is done: "),
			facts->line->instead);
}

#define LINE(ID, MEANING, ADVICE)                                                                  \
	{                                                                                          \
		ID, MEANING, GS_ON_LEADER, GS_GIVEN(LINE), GS_FAIL,                                \
			.names = flaw_id, .message = say_line, .fix = fix_line,                    \
			.command = (ADVICE)                                                        \
	}

/* ---- entries ----------------------------------------------------------------------------- */

static bool is_mistyped(const struct gs_facts *facts)
{
	return facts->entry->configured && facts->entry->mistyped;
}

static bool is_unresolved(const struct gs_facts *facts)
{
	return facts->entry->is_unknown && !facts->entry->active && !facts->entry->mistyped;
}

static bool is_same(const struct gs_facts *facts)
{
	return facts->entry->configured && !facts->entry->active && facts->entry->same;
}

static bool is_unexported(const struct gs_facts *facts)
{
	return facts->entry->configured && !facts->entry->active && !facts->entry->mistyped &&
	       !facts->entry->is_unknown && !facts->entry->same;
}

static bool is_unlisted(const struct gs_facts *facts)
{
	return !facts->entry->configured && facts->entry->active;
}

static bool differs(const struct gs_facts *facts)
{
	const struct gs_entry_fact *entry = facts->entry;

	return entry->configured && entry->active &&
	       !gs_exportopts_is_same(entry->active, entry->configured);
}

static void say_mistyped(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_entry_fact *entry = facts->entry;

	gs_str_addf(out,
		    "%s:%zu: '%s' is listed for %s but exported to %s, which looks like it and is "
		    "not listed",
		    entry->file, entry->number, entry->path, entry->host, entry->mistyped);
}

static void say_unresolved(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_entry_fact *entry = facts->entry;

	gs_str_addf(out, "%s:%zu: '%s' does not resolve: '%s' is not exported to it", entry->file,
		    entry->number, entry->host, entry->path);
}

static void say_same(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_entry_fact *entry = facts->entry;

	gs_str_addf(out,
		    "%s:%zu: '%s' is the host that %s:%zu calls '%s': only the first of the two "
		    "entries has an effect",
		    entry->file, entry->number, entry->host, entry->same_file, entry->same_number,
		    entry->same);
}

static void say_unexported(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "'%s' to %s is listed in the exports files but not exported",
		    facts->entry->path, facts->entry->host);
}

static void say_different(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_entry_fact *entry = facts->entry;
	gs_autostr struct gs_str what = { 0 };

	gs_exportopts_difference(entry->active, entry->configured, &what);
	gs_str_addf(out, "'%s' to %s is exported with %s, as the exports files have it",
		    entry->path, entry->host, what.ptr);
}

static void say_unlisted(const struct gs_facts *facts, struct gs_str *out)
{
	gs_str_addf(out, "'%s' to %s is exported but not listed in the exports files",
		    facts->entry->path, facts->entry->host);
}

/* The command names the share where there are several. */
static void fix_entry(const struct gs_entry_fact *entry, const char *verb, struct gs_fixes *out)
{
	gs_command(gs_fix_here(out, ""), "sudo", "gshare", "leader", verb, entry->host,
		   entry->several ? "--path" : NULL, entry->several ? entry->path : NULL);
}

static void fix_by_add(const struct gs_facts *facts, struct gs_fixes *out)
{
	fix_entry(facts->entry, "add", out);
}

/* The second entry does nothing: the host stays served by the first. */
static void fix_same(const struct gs_facts *facts, struct gs_fixes *out)
{
	fix_entry(facts->entry, "remove", out);
}

/* Nothing that cuts off the follower that is served. */
static void fix_mistyped(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_entry_fact *entry = facts->entry;
	struct gs_str *fix;

	if (entry->script) {
		fix = gs_fix_here(out, "");
		gs_str_addf(fix, "if %s is meant: ", entry->mistyped);
		gs_command(fix, "sudo", "sed", "-i", "--follow-symlinks", entry->script,
			   entry->file);
	}
	if (entry->is_unknown)
		return;
	fix = gs_fix_here(out, "if both are followers: ");
	gs_command(fix, "sudo", "gshare", "leader", "add", entry->host, entry->mistyped);
	gs_command(fix, entry->several ? "--path" : NULL, entry->several ? entry->path : NULL);
}

static void fix_unresolved(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_entry_fact *entry = facts->entry;

	gs_command(gs_fix_here(out, "see what the resolver says: "), "getent", "ahosts",
		   entry->host);
	gs_command(gs_fix_here(out, "if it is no follower: "), "sudo", "gshare", "leader", "remove",
		   entry->host, entry->several ? "--path" : NULL,
		   entry->several ? entry->path : NULL);
}

/* The line may have gone by mistake, and the follower be at work: both ways, and which is which. */
static void fix_unlisted(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_entry_fact *entry = facts->entry;
	const char *share = entry->several ? entry->path : NULL;
	struct gs_str *fix;

	if (!entry->is_wide) {
		fix = gs_fix_here(out, "to keep this follower: ");
		gs_command(fix, "sudo", "gshare", "leader", "add");
		gs_command_wordf(fix, "%s:%s", entry->host,
				 gs_access_name(gs_exportopts_access(entry->active)));
		gs_command(fix, share ? "--path" : NULL, share);
	}
	fix = gs_fix_here(out, entry->is_wide ? "" : "to end its access: ");
	gs_command(fix, "sudo", "gshare", "leader", "remove", entry->host, share ? "--path" : NULL,
		   share);
}

/* It may be meant, by --allow-wide; nobody can tell, and everybody should know. */
static bool is_wide(const struct gs_facts *facts)
{
	return facts->entry->configured && facts->entry->is_wide;
}

static void say_wide(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_entry_fact *entry = facts->entry;

	gs_str_addf(out, "%s:%zu: '%s' is exported to '%s', which matches more than a few hosts",
		    entry->file, entry->number, entry->path, entry->host);
}

static void fix_wide(const struct gs_facts *facts, struct gs_fixes *out)
{
	gs_command(gs_fix_here(out, "to keep these hosts out: "), "sudo", "gshare", "leader",
		   "remove", facts->entry->host, "--path", facts->entry->path);
}

const struct gs_check gs_checks_exports[] = {
	LINE("EXPORTS_OPTION_UNKNOWN", "exportfs does not know an option.",
	     "remove or correct the option: exports(5) has the list"),
	LINE("EXPORTS_OPTION_BAD", "An option has an invalid value.", "correct the option's value"),
	LINE("EXPORTS_OPTION_BLANK", "A blank ends a list of options too early.",
	     "write the options without blanks: HOST(rw,sync)"),
	LINE("EXPORTS_LIST_BAD", "Client and options are not one word.",
	     "write client and options as one word without blanks: HOST(rw,sync)"),
	LINE("EXPORTS_WORD_LONG", "A word is longer than exportfs reads.",
	     "shorten the options, or move them to -OPTIONS before the client"),
	LINE("EXPORTS_PATH_LONG", "A path is longer than exportfs reads.", "use a shorter path"),
	LINE("EXPORTS_PATH_EMPTY", "A line has no path, or is a carriage return only.",
	     "remove that line, or its carriage return"),
	LINE("EXPORTS_QUOTE_OPEN", "A quoted path has no end.", "close the quote"),
	{ "EXPORTS_WORLD", "Options without a client apply to every host.", GS_ON_LEADER,
	  GS_GIVEN(LINE), GS_FAIL, .names = flaw_id, .message = say_line, .fix = fix_world,
	  .command = "write the client and its options as one word: HOST(rw)" },
	{ "EXPORTS_CLIENT_BLANK", "A blank before '(' gives a client's options to every host.",
	  GS_ON_LEADER, GS_GIVEN(LINE), GS_FAIL, .names = flaw_id, .message = say_line,
	  .fix = fix_blank },
	{ "EXPORTS_DUPLICATE", "A path lists the same client twice.", GS_ON_LEADER, GS_GIVEN(LINE),
	  GS_FAIL, .names = flaw_id, .message = say_line, .fix = fix_twice },
	{ "EXPORTS_DUPLICATE", NULL, GS_ON_LEADER, GS_GIVEN(ENTRY), GS_FAIL, is_same,
	  .message = say_same, .fix = fix_same },
	LINE("EXPORTS_HOST_ODD", "A client is not a valid host, network or netgroup.",
	     "write the intended host or network"),
	{ "EXPORTS_OWNED", "Another program writes that line or file, and may undo a change.",
	  GS_ON_LEADER, GS_GIVEN(LINE), GS_FAIL, .names = flaw_id, .message = say_line,
	  .fix = fix_owned },
	LINE("EXPORTS_NUMBER_WRAPS", "A number exceeds 32 bits and wraps.",
	     "write a number of at most 4294967294"),
	LINE("EXPORTS_FSID_TWICE", "An entry has fsid= twice.", "keep one fsid="),
	LINE("EXPORTS_PATH_RELATIVE", "A path does not begin with a slash.",
	     "write an absolute path"),
	LINE("EXPORTS_PATH_BLANK", "A path ends in a blank: it is another directory's.",
	     "remove the blank at the end of the path"),
	LINE("EXPORTS_PATH_ODD", "A path has characters that exportfs cannot read back.",
	     "rename the directory"),
	LINE("EXPORTS_BACKSLASH_END", "The last line ends in a backslash.", "remove the backslash"),
	{ "EXPORTS_NAME_UNKNOWN", "A name does not resolve: exportfs leaves the export out.",
	  GS_ON_LEADER, GS_GIVEN(LINE), GS_FAIL, .names = flaw_id, .message = say_line,
	  .fix = fix_name_unknown },
	{ "NOT_ACTIVE", "The files list an entry that nfsd exports differently or not at all.",
	  GS_ON_LEADER, GS_GIVEN(ENTRY), GS_FAIL, is_unexported, .message = say_unexported,
	  .fix = fix_by_add },
	{ "NOT_ACTIVE", NULL, GS_ON_LEADER, GS_GIVEN(ENTRY), GS_FAIL, is_mistyped,
	  .message = say_mistyped, .fix = fix_mistyped },
	{ "NOT_ACTIVE", NULL, GS_ON_LEADER, GS_GIVEN(ENTRY), GS_FAIL, is_unresolved,
	  .message = say_unresolved, .fix = fix_unresolved },
	{ "NOT_ACTIVE", NULL, GS_ON_LEADER, GS_GIVEN(ENTRY), GS_FAIL, differs,
	  .message = say_different, .fix = fix_by_add },
	{ "NOT_IN_FILE", "nfsd exports an entry that no file lists: applying the files removes it.",
	  GS_ON_LEADER, GS_GIVEN(ENTRY), GS_FAIL, is_unlisted, .message = say_unlisted,
	  .fix = fix_unlisted },
	{ "EXPORT_WIDE", NULL, GS_ON_LEADER, GS_GIVEN(ENTRY), GS_WARN, is_wide, .message = say_wide,
	  .fix = fix_wide },
	{ 0 },
};
