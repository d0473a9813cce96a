/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/run/journal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "engine/phase.h"
#include "engine/run/journal_codec.h"

/* @whole: false: of a run that is over and left nothing, reads id and state alone */
static int read_run(struct gs_sys *sys, uint32_t id, bool whole, struct gs_run *ret,
		    struct gs_err *err)
{
	gs_autofree char *path = gs_printf("/var/lib/gshare/%u.jsonl", id);
	gs_autostr struct gs_str text = { 0 };
	GS_AUTO(gs_run_done) struct gs_run run = { 0 };
	bool exists = false;

	if (sys->ops->fs->read_file(sys, path, GS_RECORD_MAX_BYTES, &text, &exists, err) < 0)
		return err->code;
	if (!whole && gs_record_is_over(gs_str_span(&text), id, &ret->state)) {
		ret->id = id;
		return 0;
	}
	if (gs_record_decode(gs_str_span(&text), path, &run, err) < 0)
		return err->code;
	if (run.id != id) {
		gs_err_set(err, EBADMSG, "%s:1: this is the record of run %u", path, run.id);
		return gs_err_cause(err, "RUN_UNREADABLE");
	}
	*ret = run;
	run = (struct gs_run){ 0 };
	return 0;
}

/* A file that is no record becomes a finding for the user to look at; it stops no command. */
static bool is_unreadable(const struct gs_err *err, struct gs_findings *findings)
{
	if (err->code != -EBADMSG)
		return false;
	gs_findings_add(findings, GS_WARN, "RUN_UNREADABLE",
			"look at the file; gshare cannot undo what its run did", "%s", err->msg);
	return true;
}

int gs_journal_newest(struct gs_sys *sys, struct gs_run *ret, bool *ret_found,
		      struct gs_findings *findings, struct gs_err *err)
{
	struct gs_record_files files = { 0 };
	int r = sys->ops->journal->list(sys, &files, err);

	*ret_found = false;
	for (size_t i = files.n; r == 0 && i-- > 0 && !*ret_found;) {
		struct gs_err bad = { 0 };

		if (read_run(sys, files.v[i].id, false, ret, &bad) == 0) {
			*ret_found = true;
		} else if (!is_unreadable(&bad, findings)) {
			*err = bad;
			r = bad.code;
		}
	}
	free(files.v);
	return r;
}

static int read_all(struct gs_sys *sys, struct gs_runs *ret, struct gs_findings *findings,
		    struct gs_err *err)
{
	GS_AUTO(gs_runs_done) struct gs_runs runs = { 0 };
	struct gs_record_files files = { 0 };
	int r = sys->ops->journal->list(sys, &files, err);

	for (size_t i = 0; r == 0 && i < files.n; i++) {
		struct gs_err bad = { 0 };
		struct gs_run run = { 0 };

		if (read_run(sys, files.v[i].id, true, &run, &bad) == 0) {
			gs_grow(&runs.v, runs.n, &runs.room, sizeof *runs.v);
			runs.v[runs.n++] = run;
		} else if (!is_unreadable(&bad, findings)) {
			*err = bad;
			r = bad.code;
		}
	}
	free(files.v);
	if (r < 0)
		return r;
	gs_runs_judge(&runs);
	*ret = runs;
	runs = (struct gs_runs){ 0 };
	return 0;
}

int gs_journal_read(struct gs_sys *sys, struct gs_runs *ret, struct gs_findings *findings,
		    struct gs_err *err)
{
	if (sys->ops->privs->need(GS_PHASE_OBSERVE, err) < 0 ||
	    sys->ops->privs->enter(GS_PHASE_OBSERVE, err) < 0)
		return err->code;
	return gs_phase_end(sys, read_all(sys, ret, findings, err), err);
}

/* An unfinished run is the newest, and stays. A record that cannot be dropped is no failure. */
static void prune(struct gs_sys *sys, const struct gs_record_files *files)
{
	uint64_t bytes = 0;

	for (size_t i = files->n; i-- > 0;) {
		struct gs_err stays = { 0 };

		bytes += files->v[i].size_bytes;
		if (i + 1 < files->n &&
		    (files->n - i >= GS_RUNS_KEPT || bytes > GS_RUNS_KEPT_BYTES))
			(void)sys->ops->journal->drop(sys, files->v[i].id, &stays);
	}
}

static int check_newest(struct gs_sys *sys, struct gs_err *err)
{
	GS_AUTO(gs_findings_done) struct gs_findings unread = { 0 };
	GS_AUTO(gs_run_done) struct gs_run newest = { 0 };
	bool found = false;

	if (gs_journal_newest(sys, &newest, &found, &unread, err) < 0)
		return err->code;
	if (!found || newest.state != GS_RUN_UNFINISHED)
		return 0;
	gs_err_set(err, ESTALE, "run %u was killed while this run was being planned", newest.id);
	gs_err_cause(err, "RUN_UNFINISHED");
	return gs_err_advise(err, "run the same command again");
}

/* The struct gs_run borrows the plan: it is encoded and never freed. */
static int write_head(struct gs_sys *sys, const struct gs_plan *plan, uint32_t id,
		      struct gs_done *done, struct gs_err *err)
{
	char date[GS_TIME_BYTES];
	gs_autofree char *by = gs_strdup(sys->who->by);
	gs_autostr struct gs_str text = { 0 };
	struct gs_run run = {
		.id = id,
		.time = date,
		.by = by,
		.command = *sys->who->command,
		.plan = *plan,
	};

	sys->ops->clock->date(sys, date);
	gs_record_encode(&run, &text);
	if (sys->ops->journal->begin(sys, id, gs_str_span(&text), err) < 0)
		return err->code;
	done->run = id;
	done->record_bytes = text.len;
	return 0;
}

int gs_journal_begin(struct gs_sys *sys, const struct gs_plan *plan, struct gs_done *done,
		     struct gs_err *err)
{
	struct gs_record_files files = { 0 };
	int r;

	if (sys->offline || !sys->who || !gs_plan_changes(plan))
		return 0;
	if (check_newest(sys, err) < 0)
		return err->code;
	r = sys->ops->journal->list(sys, &files, err);
	if (r == 0)
		r = write_head(sys, plan, files.n ? files.v[files.n - 1].id + 1 : 1, done, err);
	if (r == 0)
		prune(sys, &files);
	free(files.v);
	return r;
}

int gs_journal_end(struct gs_sys *sys, struct gs_done *done, enum gs_run_state state,
		   const struct gs_strs *left, struct gs_err *err)
{
	const struct gs_strs none = { 0 };
	gs_autostr struct gs_str text = { 0 };

	if (!done->run)
		return 0;
	gs_record_encode_end(state, left ? left : &none, &text);
	return sys->ops->journal->end(sys, done->run, done->record_bytes, gs_str_span(&text), err);
}
