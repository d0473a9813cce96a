/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a record of the journal: what is read can be written and read again, and is the
 * same then; what is not is refused by file and line, and nothing is touched.
 */
#include "fuzz.h"

#include <string.h>

#include "engine/run/journal_codec.h"

static bool same_step(const struct gs_step *a, const struct gs_step *b)
{
	return a->kind == b->kind && !strcmp(a->path, b->path) && !strcmp(a->why, b->why) &&
	       (a->kind != GS_STEP_WRITE_FILE ||
		(gs_span_is(a->write.old, b->write.old) &&
		 gs_span_is(a->write.text, b->write.text) && a->write.masked == b->write.masked &&
		 a->write.secret == b->write.secret && a->write.old_exists == b->write.old_exists &&
		 a->write.remove == b->write.remove && a->write.mode == b->write.mode));
}

static bool same(const struct gs_run *a, const struct gs_run *b)
{
	if (a->id != b->id || strcmp(a->time, b->time) != 0 || strcmp(a->by, b->by) != 0 ||
	    a->state != b->state || a->command.n != b->command.n || a->left.n != b->left.n ||
	    a->plan.n != b->plan.n || a->plan.exports.n != b->plan.exports.n ||
	    a->plan.undoes != b->plan.undoes ||
	    a->plan.exports.etab_known != b->plan.exports.etab_known)
		return false;
	for (size_t i = 0; i < a->plan.n; i++)
		if (!same_step(&a->plan.v[i], &b->plan.v[i]))
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	GS_AUTO(gs_run_done) struct gs_run run = { 0 };
	GS_AUTO(gs_run_done) struct gs_run again = { 0 };
	gs_autostr struct gs_str text = { 0 }, twice = { 0 };
	enum gs_run_state over = GS_RUN_UNFINISHED;
	struct gs_err err = { 0 };

	if (gs_record_decode(gs_span((const char *)data, size), "7.jsonl", &run, &err) < 0) {
		LAW(!run.id && !run.plan.n && err.id && !strncmp(err.msg, "7.jsonl:", 8));
		return 0;
	}
	gs_record_encode(&run, &text);
	if (run.state != GS_RUN_UNFINISHED)
		gs_record_encode_end(run.state, &run.left, &text);
	LAW(gs_record_decode(gs_str_span(&text), "7.jsonl", &again, &err) == 0);
	LAW(same(&run, &again));
	if (gs_record_is_over(gs_str_span(&text), run.id, &over))
		LAW(over == run.state);
	else
		LAW(run.state == GS_RUN_UNFINISHED || run.state == GS_RUN_LEFT);
	gs_record_encode(&again, &twice);
	LAW(gs_span_has_prefix(gs_str_span(&text), twice.ptr));
	return 0;
}
