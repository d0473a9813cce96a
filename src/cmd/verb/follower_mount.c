/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/verb/follower_mount.h"

#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "cmd/call/install.h"
#include "cmd/call/words.h"
#include "cmd/output/output_plan.h"
#include "core/boot/boot.h"
#include "core/exports/word.h"
#include "core/follower/leader_word.h"
#include "core/follower/plan_mount.h"
#include "core/follower/request.h"
#include "core/fskind/nfs_options.h"
#include "core/plan/install.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/share/select.h"
#include "core/verify/plan_env.h"
#include "engine/observe/common.h"
#include "engine/observe/way.h"
#include "engine/run/mount_fallback.h"
#include "engine/verify/converge.h"

/* A path where the leader's name belongs: the two are exchanged, or the leader is missing. */
static int fix_order(const struct gs_call *call, struct gs_err *err)
{
	const struct gs_strs *pos = &call->words.pos;
	gs_autostr struct gs_str fix = { 0 };

	gs_err_set(err, GS_E_USAGE, "'%s' is a path; the leader's name or address comes first",
		   pos->v[0]);
	if (pos->n < 2 || pos->v[1][0] == '/')
		return gs_err_advise(err, "gshare %s --help", call->name);
	gs_command(&fix, "sudo", "gshare");
	for (size_t i = 0; i < call->typed.n; i++) {
		const char *word = call->typed.v[i];

		gs_command(&fix, !strcmp(word, pos->v[0])   ? pos->v[1]
				 : !strcmp(word, pos->v[1]) ? pos->v[0]
							    : word);
	}
	return gs_err_fix_text(err, &fix);
}

/* The words that the request borrows. */
struct paths {
	char *leader, *target, *export_;
};

/* Cleans a path, as the mount table and exportfs spell it: "/mnt/data/shared/" is taken, too. */
static int take_path(const struct gs_call *call, const char *what, const char *word, char **ret,
		     struct gs_err *err)
{
	if (!word)
		return 0;
	if (gs_words_absolute(call, what, word, err) < 0)
		return err->code;
	*ret = gs_exports_clean_path(word);
	if ((*ret)[1])
		return 0;
	gs_err_set(err, GS_E_USAGE, "%s '%s' is not a directory below /", what, word);
	return gs_err_advise(err, "specify a directory below /mnt or /srv");
}

/* HOST:/PATH, as mount(8) takes it, is HOST with --export /PATH. */
static int take_leader(const struct gs_call *call, struct paths *paths, struct gs_err *err)
{
	const struct gs_words *words = &call->words;
	const char *asked = gs_words_get(words, GS_OPT_EXPORT), *word = words->pos.v[0];
	gs_autofree char *path = NULL, *behind = NULL;

	if (gs_leader_word_parse(word, &paths->leader, &path, err) < 0 ||
	    take_path(call, "--export", asked, &paths->export_, err) < 0 ||
	    take_path(call, "LEADER:", path, &behind, err) < 0)
		return err->code;
	if (behind && asked && strcmp(behind, paths->export_) != 0)
		return gs_err_set(err, GS_E_USAGE, "'%s' and --export '%s' name two exports", word,
				  asked);
	if (behind && !asked)
		paths->export_ = gs_strdup(behind);
	return 0;
}

static void paths_done(struct paths *paths)
{
	free(paths->leader);
	free(paths->target);
	free(paths->export_);
}

static int take_port(const struct gs_words *words, unsigned *ret, struct gs_err *err)
{
	const char *word = gs_words_get(words, GS_OPT_PORT);
	uint64_t port = 0;

	if (!word)
		return 0;
	if (!gs_span_number(gs_span_of(word), UINT16_MAX, &port) || !port)
		return gs_err_set(err, GS_E_USAGE,
				  "--port must be a number from 1 to 65535, not '%s'", word);
	*ret = (unsigned)port;
	return 0;
}

/* Both are checked here, so that nothing is looked at for a word that cannot be right. */
static int take_speed(const struct gs_words *words, struct gs_follower_req *req, struct gs_err *err)
{
	const char *name = gs_words_get(words, GS_OPT_PROFILE);

	if (name)
		req->profile = gs_nfs_profile_find(gs_span_of(name));
	if (name && !req->profile) {
		gs_autostr struct gs_str safe = { 0 };

		gs_str_add_safe(&safe, gs_span_of(name));
		return gs_err_set(err, GS_E_USAGE,
				  "--profile must be default, fast or readonly-dataset, not '%s'",
				  safe.len ? safe.ptr : "");
	}
	req->options = gs_words_get(words, GS_OPT_OPTIONS);
	return req->options ? gs_nfs_options_check(req->options, err) : 0;
}

static int parse(const struct gs_call *call, struct paths *paths, struct gs_follower_req *req,
		 struct gs_err *err)
{
	const struct gs_words *words = &call->words;

	if (words->pos.n < 1 || words->pos.n > 2) {
		gs_err_set(err, GS_E_USAGE, "'%s' needs LEADER and accepts one TARGET", call->name);
		return gs_err_advise(err, "gshare %s --help", call->name);
	}
	if (words->pos.v[0][0] == '/')
		return fix_order(call, err);
	if (take_leader(call, paths, err) < 0 ||
	    take_path(call, "TARGET", words->pos.n > 1 ? words->pos.v[1] : NULL, &paths->target,
		      err) < 0)
		return err->code;
	*req = (struct gs_follower_req){
		.leader = paths->leader,
		.target = paths->target,
		.export_ = paths->export_,
		.id = gs_words_get(words, GS_OPT_ID),
		.ro = gs_words_has(words, GS_OPT_RO),
		.no_persist = gs_words_has(words, GS_OPT_NO_PERSIST),
		.unverified = gs_words_has(words, GS_OPT_UNVERIFIED),
		.allow_user_path = gs_words_has(words, GS_OPT_ALLOW_USER_PATH),
		.again = call->again,
		.root = gs_words_get(words, GS_OPT_ROOT),
	};
	if (take_port(words, &req->port, err) < 0 || take_speed(words, req, err) < 0 ||
	    gs_words_host(call, GS_OPT_POSTGRES, &req->postgres, err) < 0)
		return err->code;
	if (req->id && !gs_share_id_is(gs_span_of(req->id)))
		return gs_err_set(
			err, GS_E_USAGE,
			"--id must be the eight hex digits that the leader printed, not '%s'",
			req->id);
	if (gs_words_has(words, GS_OPT_ROOT) && !req->export_) {
		gs_err_set(err, GS_E_USAGE, "offline, the exports of %s cannot be read",
			   req->leader);
		return gs_err_advise(err, "specify it: --export PATH");
	}
	return 0;
}

static int emit(const struct gs_call *call, const struct gs_sys *sys,
		const struct gs_follower_req *req, const struct gs_follower_facts *facts,
		const struct gs_plan *plan, const struct gs_done *done, struct gs_err *err)
{
	GS_AUTO(gs_local_shares_done) struct gs_local_shares kept = { 0 };
	struct gs_err ignored = { 0 };
	bool found = false;
	struct gs_env env = { .dataset_dir = facts->target, .postgres_host = req->leader };
	const struct gs_change change = {
		.plan = plan,
		.done = done,
		.env = done && plan->n && !sys->offline && !done->unverified && done->verified.n
			       ? &env
			       : NULL,
		.offline = sys->offline,
	};

	if (gs_local_shares_follower(&facts->fstab, &facts->all, facts->target, &kept, &found,
				     &ignored) == 0 &&
	    kept.postgres)
		env.postgres_host = kept.postgres;
	if (req->postgres)
		env.postgres_host = req->postgres;
	return gs_emit_plan(call, facts->target, &change, err);
}

static int take_before(const struct gs_call *call, struct gs_strs *ret, struct gs_err *err)
{
	const struct gs_strs *words = &call->words.opt[GS_OPT_BEFORE];

	if (words->n && gs_words_has(&call->words, GS_OPT_NO_PERSIST))
		return gs_err_set(err, GS_E_USAGE,
				  "--before and --no-persist cannot be used together");
	for (size_t i = 0; i < words->n; i++) {
		gs_autofree char *unit = NULL;

		if (gs_boot_take_unit(words->v[i], &unit, err) < 0)
			return err->code;
		gs_boot_add(ret, unit);
	}
	return 0;
}

/* @timeout_s: of what has to be installed first */
static int look(struct gs_sys *sys, const struct gs_follower_req *req, unsigned timeout_s,
		struct gs_follower_facts *facts, struct gs_plan *plan, struct gs_err *err)
{
	if (gs_observe_follower(sys, req, NULL, facts, err) < 0 ||
	    gs_plan_follower(req, facts, plan, err) < 0)
		return err->code;
	if (facts->installs)
		gs_plan_install(
			plan, &(struct gs_install){ facts->manager, GS_ROLE_FOLLOWER, timeout_s });
	return gs_ways_check(sys, plan, err);
}

/* What it brings is looked at before the rest is planned. */
static int install(struct gs_call *call, struct gs_sys *sys, const struct gs_follower_req *req,
		   struct gs_follower_facts *facts, struct gs_plan *plan, struct gs_err *err)
{
	GS_AUTO(gs_plan_done) struct gs_plan first = *plan;
	const struct gs_step *step = gs_plan_find(&first, GS_STEP_INSTALL);

	*plan = (struct gs_plan){ 0 };
	if (gs_call_run_install(call, &first, sys, err) < 0)
		return err->code;
	gs_follower_facts_done(facts);
	if (look(sys, req, step->install.timeout_s, facts, plan, err) < 0)
		return err->code;
	gs_plan_install(plan, &step->install);
	return 0;
}

int gs_cmd_follower_mount(struct gs_call *call, struct gs_err *err)
{
	struct gs_follower_req req = { 0 };
	GS_AUTO(paths_done) struct paths paths = { 0 };
	GS_AUTO(gs_strs_done) struct gs_strs before = { 0 };
	GS_AUTO(gs_sys_done) struct gs_sys sys = { 0 };
	GS_AUTO(gs_follower_facts_done) struct gs_follower_facts facts = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	GS_AUTO(gs_done_done) struct gs_done done = { 0 };
	unsigned install_s = 0;

	if (parse(call, &paths, &req, err) < 0 || take_before(call, &before, err) < 0 ||
	    gs_call_install(call, &req.no_install, &install_s, err) < 0 ||
	    gs_call_begin(call, !call->dry_run, &sys, err) < 0)
		return err->code;
	req.caller = call->caller.uid;
	req.before = &before;
	if (look(&sys, &req, install_s, &facts, &plan, err) < 0)
		return err->code;
	if (call->dry_run) {
		gs_plan_tell_anew(&plan);
		return emit(call, &sys, &req, &facts, &plan, NULL, err);
	}
	if (facts.installs && install(call, &sys, &req, &facts, &plan, err) < 0)
		return err->code;
	if (gs_apply_mount(&sys, &req, &facts, &plan, &done, err) < 0 ||
	    gs_verify_follower(&sys, &req, &facts, &plan, &done, err) < 0)
		return err->code;
	return emit(call, &sys, &req, &facts, &plan, &done, err);
}
