/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/verb/doctor.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/call/words.h"
#include "cmd/output/output_doctor.h"
#include "cmd/output/output_explain.h"
#include "cmd/output/output_peer.h"
#include "cmd/verb/doctor_fix.h"
#include "cmd/verb/ids.h"
#include "cmd/verb/peer.h"
#include "core/diagnose/only.h"
#include "core/exports/word.h"
#include "core/follower/leader_word.h"
#include "engine/doctor/bundle.h"
#include "engine/doctor/doctor.h"
#include "sys/proc/privs.h"

/* doctor: what is wrong on this node, or with a leader as it is seen from here. */

struct words {
	char *leader, *path, *export_;
	struct gs_strs only;
};

static void words_done(struct words *words)
{
	free(words->leader);
	free(words->path);
	free(words->export_);
	gs_strs_done(&words->only);
}

static int parse_only(const struct gs_strs *lists, struct gs_strs *ret, struct gs_err *err)
{
	for (size_t i = 0; i < lists->n; i++) {
		struct gs_span rest = gs_span_of(lists->v[i]), id = { 0 };

		do {
			gs_span_cut(&rest, ',', &id);
			if (gs_verb_add_id(id, ret, err) < 0)
				return err->code;
		} while (rest.ptr);
	}
	return 0;
}

/* These two answer by themselves: what else is given would be without effect. */
static int check_alone(const struct gs_call *call, enum gs_opt opt, const char *name,
		       struct gs_err *err)
{
	static const enum gs_opt others[] = { GS_OPT_ONLY, GS_OPT_LIST,	 GS_OPT_AUDIT,
					      GS_OPT_ENV,  GS_OPT_PEER,	 GS_OPT_PEER_REPORT,
					      GS_OPT_FIX,  GS_OPT_BUNDLE };
	bool alone = !call->words.pos.n;

	for (size_t i = 0; i < GS_COUNT(others); i++)
		alone &= others[i] == opt || !gs_words_has(&call->words, others[i]);
	if (alone)
		return 0;
	return gs_err_set(err, GS_E_USAGE,
			  "%s goes with no LEADER or PATH, and no other option of doctor", name);
}

static int report_peer(struct gs_call *call, struct gs_err *err)
{
	GS_AUTO(gs_sys_done) struct gs_sys sys = { 0 };
	GS_AUTO(gs_node_done) struct gs_node node = { 0 };

	if (check_alone(call, GS_OPT_PEER_REPORT, "--peer-report", err) < 0 ||
	    gs_call_begin(call, false, &sys, err) < 0 || gs_doctor_report(&sys, &node, err) < 0)
		return err->code;
	return gs_emit_peer(call, &node, err);
}

static int list_ids(struct gs_call *call, struct gs_err *err)
{
	if (check_alone(call, GS_OPT_LIST, "--list", err) < 0)
		return err->code;
	return gs_emit_doctor_list(call, err);
}

static int check_peer(const struct gs_call *call, const char *file, struct gs_err *err)
{
	return file && strcmp(file, "-") != 0 ? gs_words_absolute(call, "--peer", file, err) : 0;
}

static int parse(const struct gs_call *call, struct words *words, struct gs_err *err)
{
	const struct gs_strs *pos = &call->words.pos;
	const char *word = pos->n && strcmp(pos->v[0], "all") != 0 ? pos->v[0] : NULL;

	const char *env = gs_words_get(&call->words, GS_OPT_ENV);

	if (pos->n > 1)
		return gs_err_set(err, GS_E_USAGE, "'%s' accepts at most one LEADER or PATH",
				  call->name);
	if (env && word && word[0] != '/')
		return gs_err_set(err, GS_E_USAGE, "--env is of this node: it goes with no LEADER");
	if (env && gs_words_absolute(call, "--env", env, err) < 0)
		return err->code;
	if (parse_only(&call->words.opt[GS_OPT_ONLY], &words->only, err) < 0)
		return err->code;
	if (!word)
		return 0;
	if (word[0] != '/' && gs_words_has(&call->words, GS_OPT_AUDIT))
		return gs_err_set(err, GS_E_USAGE,
				  "--audit looks at this node: run it on '%s' itself", word);
	if (word[0] != '/')
		return gs_leader_word_parse(word, &words->leader, &words->export_, err);
	if (gs_words_absolute(call, "PATH", word, err) < 0)
		return err->code;
	words->path = gs_exports_clean_path(word);
	return 0;
}

static int look(struct gs_call *call, struct gs_sys *sys, const struct words *words,
		struct gs_str *text, struct gs_cases *ret, struct gs_err *err)
{
	const char *file = gs_words_get(&call->words, GS_OPT_PEER);
	GS_AUTO(gs_node_done) struct gs_node peer = { 0 };
	const struct gs_doctor_req req = { .leader = words->leader,
					   .export_ = words->export_,
					   .path = words->path,
					   .env = gs_words_get(&call->words, GS_OPT_ENV),
					   .audit = gs_words_has(&call->words, GS_OPT_AUDIT),
					   .peer = file ? &peer : NULL };

	if ((file && gs_verb_read_peer(sys, file, text, &peer, err) < 0) ||
	    gs_doctor_look(sys, &req, ret, err) < 0)
		return err->code;
	if (words->only.n)
		gs_cases_only(ret, &words->only);
	return 0;
}

/* What the fixes took is not taken from the time of this look. */
static int look_again(struct gs_call *call, const struct words *words, struct gs_str *text,
		      struct gs_cases *cases, struct gs_err *err)
{
	GS_AUTO(gs_sys_done) struct gs_sys sys = { 0 };

	gs_cases_done(cases);
	if (gs_call_again(call, &sys, err) < 0)
		return err->code;
	return look(call, &sys, words, text, cases, err);
}

/* What was found is told first, and at the end what is left of it; JSON has the end alone. */
static int fix(struct gs_call *call, const struct words *words, struct gs_str *text,
	       struct gs_cases *cases, struct gs_err *err)
{
	GS_AUTO(gs_own_fixes_done) struct gs_own_fixes fixes = { 0 };
	int r = 0;

	gs_own_fixes_of(cases, &fixes);
	if (fixes.n && !call->dry_run && gs_privs_need(GS_PHASE_APPLY, err) < 0)
		return err->code;
	if (fixes.n && !call->json)
		r = gs_emit_doctor(call, cases, NULL, err);
	if (r < 0 && r != -GS_E_FOUND)
		return r;
	if (fixes.n && gs_doctor_fix(call, &fixes, err) < 0)
		return err->code;
	if (fixes.n && call->dry_run && !call->json)
		return gs_err_set(err, GS_E_FOUND, "%s", "");
	if (fixes.n && !call->dry_run && look_again(call, words, text, cases, err) < 0)
		return err->code;
	return gs_emit_doctor(call, cases, &(struct gs_doctor_more){ .fixes = &fixes }, err);
}

static int check_dry(const struct gs_call *call, struct gs_err *err)
{
	if (!call->dry_run || gs_words_has(&call->words, GS_OPT_FIX))
		return 0;
	return gs_err_set(err, GS_E_USAGE,
			  "--dry-run goes with --fix: doctor changes nothing "
			  "without it");
}

/* ---- the bundle ------------------------------------------------------------------------------ */

enum { BUNDLE_MS = 8000 }; /* a quarter is for it: doctor keeps its own time */

static int check_bundle(struct gs_call *call, struct gs_err *err)
{
	const char *file = gs_words_get(&call->words, GS_OPT_BUNDLE);

	if (!file)
		return 0;
	if (gs_words_has(&call->words, GS_OPT_FIX))
		return gs_err_set(err, GS_E_USAGE,
				  "--bundle shows a node as it is: it goes with no --fix");
	if (!gs_words_has(&call->words, GS_OPT_TIMEOUT))
		call->timeout_ms = BUNDLE_MS;
	return gs_words_absolute(call, "--bundle", file, err);
}

/* Before anything is looked at: that takes seconds. */
static int begin_bundle(const struct gs_call *call, struct gs_sys *sys, struct gs_err *err)
{
	const char *file = gs_words_get(&call->words, GS_OPT_BUNDLE);

	if (!file)
		return 0;
	if (gs_bundle_try(sys, file, err) < 0)
		return err->code;
	gs_sys_aside(sys, sys->end_ns);
	return 0;
}

static int write_bundle(struct gs_call *call, struct gs_sys *sys, const struct gs_cases *cases,
			struct gs_err *err)
{
	GS_AUTO(gs_bundle_done) struct gs_bundle bundle = { 0 };
	gs_autofree char *findings = gs_doctor_object(call, cases);
	struct gs_doctor_bundle done = { .path = gs_words_get(&call->words, GS_OPT_BUNDLE) };

	gs_bundle_collect(sys, gs_span_of(findings), &bundle);
	if (gs_bundle_write(sys, done.path, &bundle, err) < 0)
		return err->code;
	done.files = bundle.n;
	done.bytes = bundle.tar.len;
	return gs_emit_doctor(call, cases, &(struct gs_doctor_more){ .bundle = &done }, err);
}

int gs_cmd_doctor(struct gs_call *call, struct gs_err *err)
{
	GS_AUTO(words_done) struct words words = { 0 };
	GS_AUTO(gs_sys_done) struct gs_sys sys = { 0 };
	GS_AUTO(gs_cases_done) struct gs_cases cases = { 0 };
	gs_autostr struct gs_str text = { 0 };
	const char *file = gs_words_get(&call->words, GS_OPT_PEER);

	if (check_dry(call, err) < 0)
		return err->code;
	if (gs_words_has(&call->words, GS_OPT_LIST))
		return list_ids(call, err);
	if (gs_words_has(&call->words, GS_OPT_PEER_REPORT))
		return report_peer(call, err);
	if (parse(call, &words, err) < 0 || check_peer(call, file, err) < 0 ||
	    check_bundle(call, err) < 0 || gs_verb_read_input(file, &text, err) < 0 ||
	    gs_call_begin(call, false, &sys, err) < 0 || begin_bundle(call, &sys, err) < 0 ||
	    look(call, &sys, &words, &text, &cases, err) < 0)
		return err->code;
	if (gs_words_has(&call->words, GS_OPT_FIX))
		return fix(call, &words, &text, &cases, err);
	if (gs_words_has(&call->words, GS_OPT_BUNDLE))
		return write_bundle(call, &sys, &cases, err);
	return gs_emit_doctor(call, &cases, NULL, err);
}
