/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/server/knfsd.h"

#include "core/check/check.h"
#include "core/check/lines.h"
#include "core/server/knfsd_parts.h"

static int lint(struct gs_draft *draft, struct gs_err *err)
{
	/* Only a warning: the plan can be shown; apply fails before its first change. */
	const struct gs_facts facts = { .changing = &draft->facts->server };

	gs_checks_run(&facts, GS_WARN, &draft->plan.findings);
	if (gs_lines_refuse(&draft->facts->exports, &draft->docs, draft->facts->tree, err) < 0)
		return err->code;
	gs_draft_warn_lines(draft);
	return 0;
}

static void warn(struct gs_draft *draft)
{
	gs_draft_tell_overlaps(draft);
	gs_draft_tell_nested(draft);
}

const struct gs_server_ops gs_knfsd = {
	.lint = lint,
	.check = gs_draft_check_duplicates,
	.warn = warn,
	.publish = gs_draft_exports,
	.check_names = gs_draft_check_silence,
};
