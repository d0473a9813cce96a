/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/fstab_line.h"

#include <string.h>

#include "base/command.h"
#include "core/check/row.h"

static const char blanks[] = " \t\r\n";

bool gs_fstab_line_is_nfs(struct gs_span line)
{
	size_t begin = 0, end;

	while (begin < line.len && memchr(blanks, line.ptr[begin], sizeof blanks - 1))
		begin++;
	for (end = begin; end < line.len && !memchr(blanks, line.ptr[end], sizeof blanks - 1);
	     end++)
		if (end > begin && end + 1 < line.len && line.ptr[end] == ':' &&
		    line.ptr[end + 1] == '/' && line.ptr[begin] != '/')
			return true;
	return false;
}

static bool is_ignored(const struct gs_facts *facts)
{
	return facts->fstab_line->broken;
}

static void say_ignored(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_fstab_broken *broken = facts->fstab_line->broken;

	gs_str_addf(out, "mount(8) ignores line %zu of /etc/fstab, and mounts nothing by it: %s",
		    broken->number, broken->why);
}

/* Whose words they are is not known: a blank among the options, or a field too many. */
static void fix_ignored(const struct gs_facts *facts, struct gs_fixes *out)
{
	(void)facts;
	gs_command(gs_fix_here(out, "correct it (no blank between options); what is wrong shows: "),
		   "sudo", "findmnt", "--verify");
}

const struct gs_check gs_checks_fstab_line[] = {
	{ "FSTAB_LINE_IGNORED",
	  "A line of /etc/fstab is not one, so that nothing is mounted by it.", GS_ON_FOLLOWER,
	  GS_GIVEN(FSTAB_LINE), GS_FAIL, is_ignored, .message = say_ignored, .fix = fix_ignored },
	{ 0 },
};
