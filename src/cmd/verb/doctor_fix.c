/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/verb/doctor_fix.h"

#include <stdio.h>

#include "cmd/call/confirm.h"
#include "cmd/call/progress.h"
#include "sys/proc/rerun.h"

/* Before its first line: in JSON's case stdout has the result alone. */
static void tell(const struct gs_call *call, const char *what, const struct gs_own_fix *fix)
{
	FILE *out = call->json ? stderr : stdout;
	gs_autostr struct gs_str text = { 0 };

	gs_progress_clear(call);
	if (call->quiet)
		return;
	gs_str_add_message(&text, gs_span_of(fix->command));
	fprintf(out, "%s: %s\n", what, text.ptr);
	fflush(out);
}

static int run(const struct gs_call *call, struct gs_own_fix *fix, bool dry, struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs words = { 0 };

	/* Before the rest of them: behind a "--" it would be no option. */
	for (size_t i = 0; i < GS_VERB_WORDS; i++)
		gs_strs_add(&words, fix->words.v[i]);
	if (dry)
		gs_strs_add(&words, "--dry-run");
	if (call->quiet)
		gs_strs_add(&words, "--quiet");
	for (size_t i = GS_VERB_WORDS; i < fix->words.n; i++)
		gs_strs_add(&words, fix->words.v[i]);
	tell(call, dry ? "plan of" : "running", fix);
	return gs_rerun(&words, call->json, &fix->status, err);
}

/* @ret: how many can be made */
static int plan(const struct gs_call *call, struct gs_own_fixes *fixes, size_t *ret,
		struct gs_err *err)
{
	*ret = 0;
	for (size_t i = 0; i < fixes->n; i++) {
		struct gs_own_fix *fix = &fixes->v[i];

		if (run(call, fix, true, err) < 0)
			return err->code;
		if (fix->status)
			continue;
		fix->status = GS_NOT_RUN;
		(*ret)++;
	}
	return 0;
}

int gs_doctor_fix(const struct gs_call *call, struct gs_own_fixes *fixes, struct gs_err *err)
{
	size_t n;

	if (plan(call, fixes, &n, err) < 0)
		return err->code;
	if (!n || call->dry_run)
		return 0;
	if (gs_confirm(call, "the plans above change this node", err) < 0)
		return err->code;
	for (size_t i = 0; i < fixes->n; i++) {
		struct gs_own_fix *fix = &fixes->v[i];

		if (fix->status != GS_NOT_RUN)
			continue;
		if (run(call, fix, false, err) < 0)
			return err->code;
		if (fix->status)
			return 0;
	}
	return 0;
}
