/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/check.h"

#include <errno.h>
#include <string.h>

#include "base/command.h"
#include "core/check/tables.h"

static uint64_t facts_there(const struct gs_facts *facts)
{
	const void *const of[GS_FACTS] = {
		[GS_FACT_SERVER] = facts->server,
		[GS_FACT_CHANGING] = facts->changing,
		[GS_FACT_STARTING] = facts->starting,
		[GS_FACT_NAME] = facts->name,
		[GS_FACT_CLIENTS] = facts->clients,
		[GS_FACT_LINE] = facts->line,
		[GS_FACT_ENTRY] = facts->entry,
		[GS_FACT_SERVED] = facts->served,
		[GS_FACT_AROUND] = facts->around,
		[GS_FACT_UNMOUNTED] = facts->unmounted,
		[GS_FACT_OFFERED] = facts->offered,
		[GS_FACT_SHARE] = facts->share,
		[GS_FACT_TOP] = facts->top,
		[GS_FACT_OWNER] = facts->owner,
		[GS_FACT_LOST] = facts->lost,
		[GS_FACT_IMAGE] = facts->image,
		[GS_FACT_KEPT] = facts->kept,
		[GS_FACT_COPY] = facts->copy,
		[GS_FACT_ESCAPE] = facts->escape,
		[GS_FACT_OVERLAP] = facts->overlap,
		[GS_FACT_WIDE] = facts->wide,
		[GS_FACT_STRANGER] = facts->stranger,
		[GS_FACT_TARGET] = facts->target,
		[GS_FACT_SEEN_ID] = facts->seen_id,
		[GS_FACT_MOUNT] = facts->mount,
		[GS_FACT_ANSWER] = facts->answer,
		[GS_FACT_ACCESS] = facts->access,
		[GS_FACT_ROW] = facts->row,
		[GS_FACT_DENIAL] = facts->denial,
		[GS_FACT_FIREWALL] = facts->firewall,
		[GS_FACT_ENVFILE] = facts->envfile,
		[GS_FACT_CUT_OFF] = facts->cut_off,
		[GS_FACT_FILE] = facts->file,
		[GS_FACT_AUDIT_ENTRY] = facts->audit_entry,
		[GS_FACT_AUDIT_SERVER] = facts->audit_server,
		[GS_FACT_AUDIT_TREE] = facts->audit_tree,
		[GS_FACT_AUDIT_MOUNT] = facts->audit_mount,
		[GS_FACT_FSTAB_LINE] = facts->fstab_line,
		[GS_FACT_UNWRITTEN] = facts->unwritten,
		[GS_FACT_PAIR] = facts->pair,
		[GS_FACT_TOLD] = facts->told,
		[GS_FACT_CLUSTER] = facts->cluster,
		[GS_FACT_POSTGRES] = facts->postgres,
		[GS_FACT_FORGOTTEN] = facts->forgotten,
	};
	uint64_t there = 0;

	for (size_t i = 0; i < GS_FACTS; i++)
		there |= of[i] ? UINT64_C(1) << i : 0;
	return there;
}

/* The finding of one row; owned. */
struct found {
	struct gs_str text, fix;
};

static void found_done(struct found *found)
{
	gs_str_done(&found->text);
	gs_str_done(&found->fix);
}

static void tell(const struct gs_check *check, const struct gs_facts *facts, struct found *ret)
{
	GS_AUTO(gs_fixes_done) struct gs_fixes fixes = { 0 };

	if (check->message)
		check->message(facts, &ret->text);
	else
		gs_str_adds(&ret->text, check->text);
	if (check->fix)
		check->fix(facts, &fixes);
	gs_fixes_print(&fixes, &ret->fix);
	if (check->command && !ret->fix.len)
		gs_str_adds(&ret->fix, check->command);
}

static bool holds(const struct gs_check *check, const struct gs_facts *facts)
{
	const char *id;

	if (check->rule)
		return check->rule(facts);
	id = check->names(facts);
	return id && !strcmp(id, check->id);
}

/* The first row, from @check on, whose rule is true; NULL: none in this table. */
static const struct gs_check *next(const struct gs_check *check, const struct gs_facts *facts)
{
	uint64_t there = facts_there(facts);

	for (; check->id; check++)
		if ((check->facts & there) == check->facts && holds(check, facts))
			return check;
	return NULL;
}

static void add(const struct gs_check *check, const struct gs_facts *facts, enum gs_severity most,
		struct gs_findings *findings)
{
	GS_AUTO(found_done) struct found found = { 0 };

	tell(check, facts, &found);
	gs_findings_add(findings, check->severity < most ? check->severity : most, check->id,
			found.fix.len ? found.fix.ptr : NULL, "%s", found.text.ptr);
}

size_t gs_checks_run(const struct gs_facts *facts, enum gs_severity most,
		     struct gs_findings *findings)
{
	size_t failures = 0;

	for (const struct gs_check_table *t = gs_checks; t->checks; t++) {
		const struct gs_check *check = t->checks;

		while ((check = next(check, facts))) {
			add(check, facts, most, findings);
			failures += most == GS_FAIL && check->severity == GS_FAIL;
			if (check->ends)
				break;
			check++;
		}
	}
	return failures;
}

void gs_checks_tell(const char *id, const struct gs_facts *facts, enum gs_severity most,
		    struct gs_findings *findings)
{
	const struct gs_check *check = gs_check_find(id);

	if (check)
		add(check, facts, most, findings);
}

static int refuse(const struct gs_check *check, const struct gs_facts *facts, struct gs_err *err)
{
	GS_AUTO(found_done) struct found found = { 0 };

	tell(check, facts, &found);
	gs_err_set(err, EPERM, "%s", found.text.ptr);
	gs_err_cause(err, check->id);
	return found.fix.len ? gs_err_fix_text(err, &found.fix) : err->code;
}

int gs_checks_refuse(const struct gs_facts *facts, struct gs_findings *findings, struct gs_err *err)
{
	for (const struct gs_check_table *t = gs_checks; t->checks; t++) {
		const struct gs_check *check = t->checks;

		while ((check = next(check, facts))) {
			if (check->severity == GS_FAIL)
				return refuse(check, facts, err);
			add(check, facts, GS_WARN, findings);
			if (check->ends)
				break;
			check++;
		}
	}
	return 0;
}

void gs_line_of(const struct gs_file *file, const struct gs_exports_flaw *flaw,
		struct gs_line_fact *ret)
{
	*ret = (struct gs_line_fact){
		.file = file->path,
		.number = flaw->number,
		.id = flaw->id,
		.why = flaw->why,
		.is_fatal = flaw->is_fatal,
		.script = flaw->script,
		.like = flaw->like,
		.like_script = flaw->like_script,
		.path = flaw->path,
		.host = flaw->host,
	};
}

const struct gs_check *gs_check_find(const char *id)
{
	for (const struct gs_check_table *t = gs_checks; t->checks; t++)
		for (const struct gs_check *check = t->checks; check->id; check++)
			if (!strcmp(check->id, id))
				return check;
	return NULL;
}
