/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/unwritten.h"

#include <string.h>

#include "base/command.h"
#include "core/check/row.h"
#include "core/format/acl_text.h"

static bool is_guides_name(const char *name)
{
	return !strcmp(name, "postgresql_data") || !strcmp(name, "postgres_backups");
}

unsigned gs_unwritten_finds(const struct gs_audit_eyes *eyes, const struct gs_entry *entry)
{
	const char *slash = strrchr(entry->path, '/');

	if (entry->inode.type == GS_INODE_DIR && slash && is_guides_name(slash + 1))
		return GS_UNWRITTEN_GUIDES;
	return gs_audit_grants(eyes, &entry->inode, GS_MAY_WRITE) ? GS_UNWRITTEN_OPEN : 0;
}

static bool is_unwritten(const struct gs_facts *facts)
{
	return facts->unwritten->is_guides;
}

static bool is_unwritten_alone(const struct gs_facts *facts)
{
	return !facts->unwritten->is_guides;
}

static void say_unwritten(const struct gs_facts *facts, struct gs_str *out)
{
	const struct gs_unwritten_fact *fact = facts->unwritten;

	gs_str_addf(out,
		    "'%s' is exported rw to %s, where nobody can write in it: it has mode 0%o "
		    "of %u:%u, ",
		    fact->path, fact->host, fact->root->mode, fact->root->uid, fact->root->gid);
	if (fact->eyes->squash == GS_SQUASH_ALL)
		gs_str_addf(out, "every user there is mapped to %u:%u", fact->eyes->who[0].uid,
			    fact->eyes->who[0].gid);
	else
		gs_str_addf(out, "root there is mapped to %u:%u, and other users have no more",
			    fact->eyes->who[0].uid, fact->eyes->who[0].gid);
	gs_str_adds(out, ", also not directly in it");
}

static void fix_unwritten(const struct gs_facts *facts, struct gs_fixes *out)
{
	const struct gs_unwritten_fact *fact = facts->unwritten;

	gs_command(gs_fix_here(out, fact->is_guides ? "" : "if that is meant otherwise: "), "sudo",
		   "gshare", "leader", "init", fact->path);
}

const struct gs_check gs_checks_unwritten[] = {
	{ "NOBODY_CAN_WRITE", "An export is rw, and nobody of its clients can write in it.",
	  GS_ON_LEADER, GS_GIVEN(UNWRITTEN), GS_FAIL, is_unwritten, .message = say_unwritten,
	  .fix = fix_unwritten },
	{ "NOBODY_CAN_WRITE", NULL, GS_ON_LEADER, GS_GIVEN(UNWRITTEN), GS_WARN, is_unwritten_alone,
	  .message = say_unwritten, .fix = fix_unwritten },
	{ 0 },
};
