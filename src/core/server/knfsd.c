/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/server/knfsd.h"

#include <errno.h>

#include "core/check/check.h"
#include "core/server/knfsd_parts.h"

static int check_files(const struct gs_draft *draft, struct gs_err *err)
{
	for (size_t d = 0; d < draft->docs.n; d++) {
		const struct gs_exports_flaw *flaw = gs_exports_fatal(&draft->docs.v[d]);

		if (!flaw)
			continue;
		gs_err_set(err, EBADMSG, "%s:%zu: %s: exportfs drops this line and all below it",
			   draft->facts->exports.v[d].path, flaw->number, flaw->why);
		gs_err_cause(err, flaw->id);
		return gs_err_advise(err, "%s, then run the command again",
				     gs_check_find(flaw->id)->command);
	}
	return 0;
}

static int lint(struct gs_draft *draft, struct gs_err *err)
{
	/* Only a warning: the plan can be shown; apply fails before its first change. */
	const struct gs_facts facts = { .changing = &draft->facts->server };

	gs_checks_run(&facts, GS_WARN, &draft->plan.findings);
	if (check_files(draft, err) < 0)
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
